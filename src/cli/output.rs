//! Output of commands.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// Prints a line. A reader that has gone, such as `head`, is no error: nobody misses the rest.
pub(super) fn print_line(line: impl Display) -> io::Result<()> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
