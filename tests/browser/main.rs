//! The page of `web/` in a real browser: Debian's chromium with its driver and a microphone that
//! chromium makes up. Skipped with a message where there is none.
//!
//! A program of its own, since browsers load the machine. `KUKU_SCREENSHOTS` names a folder for the
//! screenshots of docs/screenshots.

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each of the test programs uses a part of it")]
mod support;

mod accounts;
mod axe;
mod browser;
mod conversations;
mod failures;
mod sounds;
mod views;

use support::{
    app, fake_openai, fake_s3, fake_supabase, postgres, proxy, reply, report_skipped,
    server_process,
};
