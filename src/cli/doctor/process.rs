//! Checks of what the system allows this program.

use super::Report;
use crate::server::{max_connections, raise_open_file_limit};

/// Fewest open files with which the default limits can be used up: 500 uploads and 1,000 turns
/// beside as many waiting clients.
const ENOUGH_OPEN_FILES: u64 = 4_096;

pub(super) fn check(report: &mut Report) {
    match raise_open_file_limit() {
        Ok(limit) if limit >= ENOUGH_OPEN_FILES => {
            report.ok(&format!("{limit} files may be open, connections included"));
        }
        Ok(limit) => report.warn(
            &format!(
                "only {limit} files may be open: a server accepts {} connections at a time",
                max_connections(limit)
            ),
            "Raise the hard limit: ulimit -Hn, LimitNOFILE of systemd, or ulimits of Docker.",
        ),
        Err(error) => report.fail(
            &format!("the limit of open files cannot be read: {error}"),
            "The server does not start without it.",
        ),
    }
}
