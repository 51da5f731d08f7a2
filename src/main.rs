//! `kuku-coach`: the backend of Kuku Coach, a voice coach. Without a command it serves the API.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A tenth less work than glibc's, and less memory for many turns at once: docs/benchmarks.md. Without huge pages, which a
/// server of 25 MB would mostly leave empty.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    kuku_coach::cli::main()
}
