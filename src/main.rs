//! `kuku-coach`: backend of Kuku Coach, a voice coach. Without a command it serves the API.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// mimalloc takes a tenth less CPU time than glibc's allocator, and less memory for many concurrent
/// turns: docs/benchmarks.md. Huge pages are off, because a server of 25 MB would not fill them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    kuku_coach::cli::main()
}
