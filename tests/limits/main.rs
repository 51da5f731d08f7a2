//! Limits: what a hostile or careless client can do to memory, permits, disk and logs, and to the
//! people beside it. The server is real, and so are its clients: slow, silent, greedy and many.
//!
//! A program of its own, because these tests load the machine and would disturb those of `../api`,
//! which has the reasons. `bench/hostile.sh` measures the same attacks.

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each of the three test programs uses a part of it")]
mod support;

mod bodies;
mod client_addresses;
mod disk;
mod logs;
mod open_files;
mod requests;
mod shares;
mod unread_responses;
mod web_pages;

use support::{
    app, fake_openai, fake_s3, fake_supabase, invariants, postgres, proxy, reply, server_process,
};
