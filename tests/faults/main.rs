//! Nothing that was said is lost, doubled or half-written: the real program, while it and its Postgres are killed, paused
//! and cut off, or asked for more than they can do. What is promised is in docs/reliability.md.
//!
//! `bench/faults.sh` runs the same for long.

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each of the two test programs uses its part")]
mod support;

mod database;
mod load;
mod replica;

use support::{
    app, fake_openai, fake_s3, fake_supabase, invariants, postgres, proxy, reply, server_process,
};
