//! One program of a pipeline: its environment, its process group, and its end.

use std::{
    ffi::OsString,
    io,
    os::unix::process::ExitStatusExt,
    path::Path,
    pin::pin,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    time::{Instant, timeout, timeout_at},
};

use super::VENDOR;
use crate::providers::ProviderError;

/// Variables that programs need to find their files and to choose a language and an encoding.
const INHERITED: [&str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

/// What is kept of a program's stderr: its end.
const MAX_STDERR_BYTES: usize = 1_000;

/// Longest wait for the end of the stderr of a program that has ended: its children may have it
/// open.
const STDERR_GRACE: Duration = Duration::from_millis(200);

/// Environment of programs. The server's own one holds secrets that no program needs.
pub(super) struct ProgramEnvironment(Vec<(OsString, OsString)>);

impl ProgramEnvironment {
    /// The variables of this process that all programs get, and those named `also`.
    pub(super) fn new(also: &[String]) -> Self {
        let names = INHERITED.into_iter().chain(also.iter().map(String::as_str));
        let variables = names.filter_map(|name| Some((name.into(), std::env::var_os(name)?)));
        Self(variables.collect())
    }
}

/// A program with its arguments.
pub(super) struct Program<'a> {
    /// Name and arguments, in which `{input}` and `{output}` stand for the files.
    pub(super) command: &'a [String],
    pub(super) environment: &'a ProgramEnvironment,
    pub(super) input: &'a Path,
    pub(super) output: &'a Path,
    /// When it has to have ended.
    pub(super) deadline: Instant,
}

/// Why a program did not do its work.
pub(super) struct ProgramFailure {
    pub(super) error: ProviderError,
    /// The end of what it wrote to stderr, which may quote the conversation.
    pub(super) stderr: Vec<u8>,
}

impl Program<'_> {
    /// Runs the program. It ends at the deadline, or when the future is dropped, together with what
    /// it has started.
    pub(super) async fn run(&self) -> Result<(), ProgramFailure> {
        let unavailable = |error: io::Error| self.failure(error.to_string(), Vec::new());
        let mut child =
            self.command().and_then(|mut command| command.spawn()).map_err(unavailable)?;
        let group = ProcessGroup::of(&child);
        let mut tail = Vec::new();
        let ended = timeout_at(self.deadline, wait(&mut child, &mut tail)).await;
        let Ok(status) = ended else {
            return Err(self.failure("it ran into the time-out".into(), tail));
        };
        let status = status.map_err(unavailable)?;
        group.release();
        if status.success() {
            return Ok(());
        }
        let reason = match status.signal() {
            Some(signal) => format!("{} was ended by signal {signal}", self.name()),
            None => format!("{} failed", self.name()),
        };
        let status = status.code().unwrap_or(-1);
        let error = ProviderError::Refused { vendor: VENDOR, status, reason };
        Err(ProgramFailure { error, stderr: tail })
    }

    /// Name of the program, without its folder.
    pub(super) fn name(&self) -> &str {
        program_name(self.command)
    }

    fn command(&self) -> io::Result<Command> {
        let (input, output) = (self.input.to_string_lossy(), self.output.to_string_lossy());
        let fill =
            |argument: &String| argument.replace("{input}", &input).replace("{output}", &output);
        let writes_file = self.command.iter().any(|argument| argument.contains("{output}"));
        let stdout = match writes_file {
            true => Stdio::null(),
            false => std::fs::File::create(self.output)?.into(),
        };
        let mut command = Command::new(fill(&self.command[0]));
        command
            .args(self.command[1..].iter().map(fill))
            .env_clear()
            .envs(self.environment.0.iter().map(|(name, value)| (name, value)))
            // A terminal sends the signal of Ctrl-C to the whole group of the server, which lets
            // running turns finish.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Ok(command)
    }

    fn failure(&self, reason: String, stderr: Vec<u8>) -> ProgramFailure {
        let reason = format!("{}: {reason}", self.name());
        ProgramFailure { error: ProviderError::Unavailable { vendor: VENDOR, reason }, stderr }
    }
}

/// Name of the program of a command, without its folder.
pub(super) fn program_name(command: &[String]) -> &str {
    let name = command.first().map_or("", String::as_str);
    Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or(name)
}

/// Waits for the end of a program, and appends the end of its stderr to `tail`.
async fn wait(child: &mut Child, tail: &mut Vec<u8>) -> io::Result<ExitStatus> {
    let Some(stderr) = child.stderr.take() else {
        return child.wait().await;
    };
    let mut reading = pin!(read_tail(stderr, tail));
    tokio::select! {
        status = child.wait() => {
            // After the time, what was read until then has to do.
            timeout(STDERR_GRACE, reading.as_mut()).await.ok();
            status
        }
        () = reading.as_mut() => child.wait().await,
    }
}

/// Reads to the end, and keeps the last bytes.
async fn read_tail(mut stderr: impl AsyncRead + Unpin, tail: &mut Vec<u8>) {
    let mut buffer = [0; 4_096];
    // An error ends the output as well.
    while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
        tail.extend_from_slice(&buffer[..length]);
        tail.drain(..tail.len().saturating_sub(MAX_STDERR_BYTES));
    }
}

/// The process group of a program, which is killed on drop.
struct ProcessGroup(Option<Pid>);

impl ProcessGroup {
    fn of(leader: &Child) -> Self {
        Self(leader.id().and_then(|id| id.try_into().ok()).map(Pid::from_raw))
    }

    /// Leaves what a program has started running: the program has ended by itself.
    fn release(mut self) {
        self.0 = None;
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Fails if all its processes have ended.
            killpg(group, Signal::SIGKILL).ok();
        }
    }
}
