//! Queue of log lines in front of standard error, whose reader may stall.
//!
//! A thread writes the lines. A full queue delays the threads that log, but only once and shortly:
//! until the reader has caught up, lines that find no place are dropped and counted.

use std::{
    io::{self, BufWriter, Write},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

/// Log lines that may wait to be written.
const CAPACITY: usize = 4_096;
/// Size of the write buffer, which is flushed whenever the queue is empty.
const BUFFER_BYTES: usize = 64 * 1024;
/// Longest wait for a place in the queue; enough for a burst on a slow disk.
const MAX_WAIT: Duration = Duration::from_millis(500);
/// Longest wait for the last lines to be written.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Lines that were dropped since the start of the process, which has one log.
static DROPPED: AtomicU64 = AtomicU64::new(0);
/// The part of them that a line of the log has named.
static REPORTED: AtomicU64 = AtomicU64::new(0);
/// Whether a line has waited in vain since the queue was last empty.
static IS_STALLED: AtomicBool = AtomicBool::new(false);

enum Entry {
    Line(Vec<u8>),
    /// Ends the thread.
    Stop,
}

/// Writer of log lines, one per call; a cheap clone.
#[derive(Clone)]
pub(super) struct LogQueue {
    entries: Sender<Entry>,
}

/// Guard that writes the lines in the queue on drop.
pub(super) struct LogGuard {
    entries: Sender<Entry>,
    /// Closed by the thread at its end.
    written: Receiver<()>,
}

impl LogQueue {
    /// Starts the thread that writes to `output`.
    pub(super) fn start(output: impl Write + Send + 'static) -> io::Result<(Self, LogGuard)> {
        let (entries, queue) = bounded(CAPACITY);
        let (open, written) = bounded(0);
        let output = BufWriter::with_capacity(BUFFER_BYTES, output);
        thread::Builder::new().name("log".into()).spawn(move || {
            let _open = open;
            write_lines(&queue, output);
        })?;
        let guard = LogGuard { entries: entries.clone(), written };
        Ok((Self { entries }, guard))
    }

    fn send(&self, line: Vec<u8>) {
        let sent = match self.entries.try_send(Entry::Line(line)) {
            Ok(()) => return,
            Err(TrySendError::Full(entry)) if !IS_STALLED.load(Ordering::Relaxed) => {
                self.entries.send_timeout(entry, MAX_WAIT).is_ok()
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        };
        if !sent {
            IS_STALLED.store(true, Ordering::Relaxed);
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Write for LogQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.send(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        if self.entries.send_timeout(Entry::Stop, FLUSH_TIMEOUT).is_ok() {
            // An error in any case: the thread has ended, or its reader stalls.
            let _ = self.written.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

/// Lines that were dropped since the start of the process.
pub fn dropped_log_lines() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

/// Logs how many lines were dropped since the last call. While the reader stalls, nothing is
/// logged.
pub fn report_dropped_log_lines() {
    if IS_STALLED.load(Ordering::Relaxed) {
        return;
    }
    let dropped = dropped_log_lines();
    let lines = dropped - REPORTED.swap(dropped, Ordering::Relaxed);
    if lines > 0 {
        tracing::warn!(lines, "log lines were dropped: nobody read them in time");
    }
}

/// Writes lines until [`Entry::Stop`]. Lines that cannot be written are dropped: the reader is
/// gone, or the disk is full.
fn write_lines(queue: &Receiver<Entry>, mut output: impl Write) {
    while let Ok(first) = queue.recv() {
        let mut entry = Ok(first);
        while let Ok(Entry::Line(line)) = &entry {
            if output.write_all(line).is_err() {
                DROPPED.fetch_add(1, Ordering::Relaxed);
            }
            entry = queue.try_recv();
        }
        IS_STALLED.store(output.flush().is_err(), Ordering::Relaxed);
        if matches!(entry, Ok(Entry::Stop)) {
            return;
        }
    }
}
