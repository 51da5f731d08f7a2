//! `kuku-coach`: the backend of Kuku Coach, a voice coach. Without a command it serves the API.

use std::process::ExitCode;

fn main() -> ExitCode {
    kuku_coach::cli::main()
}
