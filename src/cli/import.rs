//! `import`: imports a file of `export`. The whole file is checked before anything is written.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek},
    path::Path,
};

use sha2::{Digest, Sha256};
use time::{OffsetDateTime, UtcOffset};
use tokio::sync::mpsc::{Sender, channel};
use uuid::Uuid;

use super::{
    BoxError,
    export::{FORMAT_NAME, Line, SCHEMA, checksum},
    with_database,
};
use crate::{
    domain::SessionId,
    repository::{
        DatabaseService, ExportedMemory, ExportedMessage, ExportedSession, ImportOutcome,
    },
    settings::Settings,
};

/// Longest line: more than an escaped message of 50,000 characters.
const MAX_LINE_BYTES: u64 = 4 * 1024 * 1024;
/// Sessions that are read ahead of the database.
const READ_AHEAD: usize = 16;

/// What is stored in a transaction of its own.
enum Item {
    Conversation(Box<ExportedSession>, Vec<ExportedMessage>),
    Memory(ExportedMemory),
}

/// Path that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// Numbers of sessions by what became of them, and the same of memories.
#[derive(Default)]
struct Counts {
    imported: u64,
    existing: u64,
    refused: u64,
    memories: MemoryCounts,
}

#[derive(Default)]
struct MemoryCounts {
    imported: u64,
    existing: u64,
    refused: u64,
}

pub async fn run(settings: &Settings, path: &Path) -> Result<(), BoxError> {
    let mut file = open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    check(&file).map_err(|error| format!("{}: {error}. Nothing was imported", path.display()))?;
    file.rewind()?;
    let Counts { imported, existing, refused, memories } =
        with_database(settings, async |db| import_items(db, &file).await).await?;
    eprintln!("{imported} sessions imported, {existing} skipped because they exist");
    if memories.imported + memories.existing > 0 {
        let MemoryCounts { imported, existing, .. } = memories;
        eprintln!("{imported} memories imported, {existing} skipped because they exist");
    }
    match refused {
        0 if memories.refused > 0 => {
            let refused = memories.refused;
            Err(format!("{refused} memories were not imported, for the reasons above").into())
        }
        0 => Ok(()),
        1 => Err("1 session was not imported, for the reason above".into()),
        _ => Err(format!("{refused} sessions were not imported, for the reasons above").into()),
    }
}

/// Opens a file, which is read several times. A pipe is copied into a temporary file, which nobody
/// else can open and which has no name.
fn open(path: &Path) -> io::Result<File> {
    if path.as_os_str() == STANDARD_INPUT {
        return copy_to_temporary_file(io::stdin().lock());
    }
    let file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { copy_to_temporary_file(file) }
}

fn copy_to_temporary_file(mut input: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut input, &mut file)?;
    file.rewind()?;
    Ok(file)
}

/// Calls `handle` with the bytes and the content of each line.
fn for_each_line(
    file: &File,
    mut handle: impl FnMut(&[u8], Line) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = BufReader::new(file);
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let mut limited = Read::take(&mut reader, MAX_LINE_BYTES);
        let read = limited
            .read_until(b'\n', &mut bytes)
            .map_err(|error| format!("line {number}: {error}"))?;
        if read == 0 {
            return Ok(());
        }
        if bytes.last() != Some(&b'\n') {
            return Err(format!("line {number} is cut off, or too long"));
        }
        let line = serde_json::from_slice(&bytes).map_err(|error| {
            format!("line {number} is not of this format (column {})", error.column())
        })?;
        handle(&bytes, line).map_err(|error| format!("line {number}: {error}"))?;
    }
    Ok(())
}

/// Checks that the file is complete, in order, and matches the checksum in its last line.
fn check(file: &File) -> Result<(), String> {
    let mut checker = Checker::default();
    for_each_line(file, |bytes, line| {
        checker.check_line(line)?;
        checker.hasher.update(bytes);
        Ok(())
    })?;
    if checker.ended { Ok(()) } else { Err("the end is missing: the file is cut off".into()) }
}

/// State of a check: what the lines so far contained.
#[derive(Default)]
struct Checker {
    hasher: Sha256,
    sessions: u64,
    messages: u64,
    memories: u64,
    current_session: Option<Uuid>,
    has_header: bool,
    ended: bool,
}

impl Checker {
    fn check_line(&mut self, line: Line) -> Result<(), String> {
        if self.ended {
            return Err("there is data behind the end".into());
        }
        match line {
            Line::Header { format, schema } => {
                if self.has_header || format != FORMAT_NAME || schema != SCHEMA {
                    return Err(format!(
                        "only {FORMAT_NAME} exports of schema {SCHEMA} can be imported"
                    ));
                }
                self.has_header = true;
            }
            _ if !self.has_header => return Err("the header is missing".into()),
            Line::Session(session) => {
                check_time(session.created_at)?;
                check_time(session.updated_at)?;
                session.ended_at.map_or(Ok(()), check_time)?;
                self.sessions += 1;
                self.current_session = Some(session.id);
            }
            Line::Message(message) => {
                check_time(message.created_at)?;
                self.messages += 1;
                if self.current_session != Some(message.session) {
                    return Err("a message does not follow its session".into());
                }
            }
            Line::Memory(memory) => {
                memory.updated_at().map_or(Ok(()), check_time)?;
                self.memories += 1;
                self.current_session = None;
            }
            Line::End { sessions, messages, memories, sha256 } => {
                self.ended = true;
                let counted = (self.sessions, self.messages, self.memories);
                if (sessions, messages, memories) != counted || sha256 != checksum(&self.hasher) {
                    return Err("the checksum does not match: the file was changed".into());
                }
            }
        }
        Ok(())
    }
}

/// Times that Postgres takes and a later export can write.
fn check_time(time: OffsetDateTime) -> Result<(), String> {
    match time.checked_to_offset(UtcOffset::UTC) {
        Some(time) if (1..=9999).contains(&time.year()) => Ok(()),
        _ => Err("a time is outside of the years 1 to 9999".into()),
    }
}

/// Stores each session and each memory in a transaction of its own: an interrupted import can be
/// repeated. One that cannot be stored is reported, and does not stop the others.
async fn import_items(db: &DatabaseService, file: &File) -> Result<Counts, BoxError> {
    let (sender, mut receiver) = channel(READ_AHEAD);
    let file = file.try_clone()?;
    let reader = tokio::task::spawn_blocking(move || read_items(&file, &sender));
    let mut counts = Counts::default();
    while let Some(item) = receiver.recv().await {
        let failed = |error| {
            format!(
                "{error}, after {} sessions. The import can be repeated: existing sessions are \
                 skipped",
                counts.imported
            )
        };
        let (session, messages) = match item {
            Item::Conversation(session, messages) => (session, messages),
            Item::Memory(memory) => {
                let outcome = db.import_memory(&memory).await.map_err(failed)?;
                counts.memories.add(&memory, outcome);
                continue;
            }
        };
        let outcome = db.import_session(&session, &messages).await.map_err(failed)?;
        match outcome {
            ImportOutcome::Imported => counts.imported += 1,
            ImportOutcome::Exists => counts.existing += 1,
            ImportOutcome::Conflict | ImportOutcome::UnknownUser | ImportOutcome::Invalid => {
                counts.refused += 1;
                eprintln!("session {} not imported: {}", describe(&session), reason(outcome));
            }
        }
    }
    reader.await??;
    Ok(counts)
}

impl MemoryCounts {
    /// Counts a memory, and reports one that was not stored.
    fn add(&mut self, memory: &ExportedMemory, outcome: ImportOutcome) {
        match outcome {
            ImportOutcome::Imported => self.imported += 1,
            ImportOutcome::Exists => self.existing += 1,
            ImportOutcome::Conflict | ImportOutcome::UnknownUser | ImportOutcome::Invalid => {
                self.refused += 1;
                eprintln!("memory of {} not imported: {}", memory.user(), reason(outcome));
            }
        }
    }
}

/// The session, in words. Not by its whole id or key, which give access to an anonymous session.
fn describe(session: &ExportedSession) -> String {
    let id = SessionId::parse(&session.session_id);
    let id = id.as_ref().map_or("(odd id)", SessionId::short);
    format!("{id}… of {}", session.created_at)
}

fn reason(outcome: ImportOutcome) -> &'static str {
    match outcome {
        ImportOutcome::Imported => "",
        ImportOutcome::Exists => "it exists",
        ImportOutcome::Conflict => "conflict: another session has the id of one of its messages",
        ImportOutcome::UnknownUser => {
            "unknown user: its owner is not in auth.users. Restore the accounts, then repeat the \
             import"
        }
        ImportOutcome::Invalid => "a constraint of the tables refuses a value",
    }
}

/// Sends each memory, and then each session with its messages; stops if the receiver is gone. A
/// server that runs meanwhile merges imported sessions: into the memories of the file, and not in
/// their place.
fn read_items(file: &File, sender: &Sender<Item>) -> Result<(), String> {
    let send = |item: Option<Item>| match item {
        Some(item) => sender.blocking_send(item).map_err(|_| "not stored".to_owned()),
        None => Ok(()),
    };
    for_each_line(file, |_, line| match line {
        Line::Memory(memory) => send(Some(Item::Memory(memory))),
        _ => Ok(()),
    })?;
    let mut file = file;
    file.rewind().map_err(|error| error.to_string())?;
    let mut current: Option<Item> = None;
    for_each_line(file, |_, line| match line {
        Line::Header { .. } | Line::Memory(_) => Ok(()),
        Line::Session(session) => send(current.replace(Item::Conversation(session, Vec::new()))),
        Line::Message(message) => {
            if let Some(Item::Conversation(_, messages)) = &mut current {
                messages.push(message);
            }
            Ok(())
        }
        Line::End { .. } => send(current.take()),
    })
}
