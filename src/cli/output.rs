//! Output of commands.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// Prints a line, or several. A reader that has gone, such as `head`, is no error: nobody misses
/// the rest.
pub(super) fn print_line(line: impl Display) -> io::Result<()> {
    // One write: log lines of another thread come before or after the text, not into it.
    let text = format!("{line}\n");
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
