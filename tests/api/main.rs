//! The product, tested as a user would: the real server on a real port, a real Postgres, real files.
//!
//! Every test has a database of its own, on the server that `DATABASE_URL` names or else on one throw-away cluster
//! for the whole run (see `../support/postgres.rs`). What happens when things break is in `../faults`.

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each of the two test programs uses its part")]
mod support;

mod accounts;
mod architecture;
mod audio;
mod bad_input;
mod batches;
mod cli;
mod command_providers;
mod contract;
mod embedded_postgres;
mod erasure;
mod history;
mod idempotency;
mod limits;
mod migrations;
mod openai_providers;
mod process;
mod readme;
mod respond_before_audio;
mod round_trips;
mod search;
mod session_flow;
mod sse;
mod turns;

use support::{
    app, fake_collector, fake_openai, fake_s3, fake_supabase, invariants, postgres, proxy, reply,
    server_process, shipped_queries,
};
