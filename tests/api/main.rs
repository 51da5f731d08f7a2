//! Tests of the program over HTTP: a real server on a real port, a real Postgres, real files.
//!
//! Every test has its own database, on the server of `DATABASE_URL` or else on one temporary
//! cluster for the whole run (see `../support/postgres.rs`).
//!
//! Tests of faults (`../faults`) and of limits (`../limits`) are programs of their own, although
//! that links the support code three times: they kill servers and clusters and load the machine,
//! which would disturb the tests of time-outs here. `cargo test` runs one program after the other.

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each of the three test programs uses a part of it")]
mod support;

mod accounts;
mod architecture;
mod audio;
mod backup;
mod bad_input;
mod batches;
mod cli;
mod clock;
mod command_isolation;
mod command_providers;
mod contract;
mod cors;
mod damaged_schema;
mod database_setups;
mod distribute_command;
mod distributed;
mod embedded_postgres;
mod history;
mod http10;
mod idempotency;
mod import;
mod languages;
mod local_models;
mod memory;
mod migrations;
mod openai_providers;
mod process;
mod provider_advice;
mod provider_conformance;
mod ratings;
mod readme;
mod realtime_speech;
mod repository;
mod respond_before_audio;
mod round_trips;
mod search;
mod session_flow;
mod session_keys;
mod silence;
mod speech_route;
mod spoken_replies;
mod sse;
mod turns;
mod unanswered_recordings;
mod web_app;
mod wire_format;
mod worker_connections;
mod wrap_up;
mod written_statements;

use support::{
    app, distribution, events, fake_collector, fake_openai, fake_realtime, fake_s3, fake_supabase,
    invariants, postgres, proxy, reply, server_process, shipped_queries, test_role,
};
