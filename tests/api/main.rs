//! The product, tested as a user would: the real server on a real port, a real Postgres, real files.
//!
//! Every test has a database of its own, on the server that `DATABASE_URL` names or else on one throw-away cluster
//! for the whole run (see `postgres.rs`).

mod app;
mod audio;
mod bad_input;
mod command_providers;
mod contract;
mod fake_openai;
mod faults;
mod history;
mod idempotency;
mod limits;
mod load;
mod migrations;
mod openai_providers;
mod postgres;
mod private_postgres;
mod process;
mod proxy;
mod readme;
mod search;
mod session_flow;
mod turns;
