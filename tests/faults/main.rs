//! Faults: the program and its Postgres are killed, paused, disconnected and overloaded. No turn
//! may be lost, doubled or stored in part, as docs/reliability.md promises.
//!
//! A program of its own, because these tests would disturb those of `../api`, which see for the
//! reasons. `bench/faults.sh` runs it for longer.

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each of the three test programs uses a part of it")]
mod support;

mod database;
mod failover;
mod load;
mod memory;
mod replica;

use support::{
    app, distribution, fake_openai, fake_s3, fake_supabase, invariants, postgres, proxy, reply,
    server_process,
};
