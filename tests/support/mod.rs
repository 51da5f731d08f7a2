//! Helpers of all tests: the server in this process or as a process of its own, databases, a proxy
//! in front of Postgres, and fake vendors whose faults a test can choose.

use std::{
    io::Write,
    sync::{Mutex, MutexGuard},
};

pub mod app;
pub mod distribution;
pub mod drop_database;
pub mod events;
pub mod fake_collector;
pub mod fake_openai;
pub mod fake_realtime;
pub mod fake_s3;
pub mod fake_supabase;
pub mod invariants;
pub mod postgres;
pub mod proxy;
pub mod reply;
pub mod server_process;
pub mod shipped_queries;
pub mod test_role;

/// Says that a test is skipped. Not by `eprintln!`, which is captured, and thrown away for tests
/// that succeed.
pub fn report_skipped(reason: &str) {
    writeln!(std::io::stderr(), "SKIPPED: {reason}").expect("a standard error");
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("not poisoned")
}
