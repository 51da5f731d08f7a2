//! `import`: takes in what `export` wrote. The whole file is checked before anything is written.

use std::{
    fs::File,
    io::{BufRead, BufReader, Seek},
    path::Path,
};

use sha2::{Digest, Sha256};

use super::{
    BoxError,
    export::{Line, NAME, SCHEMA, checksum},
};
use crate::{
    database::connect,
    repository::{DatabaseService, ExportedMessage, ExportedSession},
    server::DatabaseSource,
    settings::Settings,
};

/// Longest line: a message of 50,000 characters, escaped, and more.
const MAX_LINE_BYTES: u64 = 4 * 1024 * 1024;

pub async fn run(settings: &Settings, path: &Path) -> Result<(), BoxError> {
    let mut file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    check(&file).map_err(|error| format!("{}: {error}. Nothing was imported", path.display()))?;
    file.rewind()?;
    let database = DatabaseSource::resolve(settings).await?;
    let pool = connect(database.options.clone(), &settings.database).await?;
    let db = DatabaseService::new(pool, &settings.database)?;
    let imported = take_in(&db, &file).await;
    db.close().await;
    database.stop()?;
    let (sessions, skipped) = imported?;
    eprintln!("{sessions} sessions imported, {skipped} skipped that were there already");
    Ok(())
}

/// Reads `file` line by line.
fn lines(
    file: &File,
    mut each: impl FnMut(&[u8], Line) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = BufReader::new(file);
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let mut limited = std::io::Read::take(&mut reader, MAX_LINE_BYTES);
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
            format!(
                "line {number} is not of this format (column {})",
                error.column()
            )
        })?;
        each(&bytes, line).map_err(|error| format!("line {number}: {error}"))?;
    }
    Ok(())
}

/// Whether the file is whole, in order, and what its last line says.
fn check(file: &File) -> Result<(), String> {
    let mut hasher = Sha256::new();
    let (mut sessions, mut messages) = (0u64, 0u64);
    let mut session = None;
    let (mut begun, mut ended) = (false, false);
    lines(file, |bytes, line| {
        if ended {
            return Err("there is something behind the end".into());
        }
        match line {
            Line::Header { format, schema } => {
                if begun || format != NAME || schema != SCHEMA {
                    return Err(format!("this takes {NAME} exports of schema {SCHEMA}"));
                }
                begun = true;
            }
            _ if !begun => return Err("the header is missing".into()),
            Line::Session(found) => {
                sessions += 1;
                session = Some(found.id);
            }
            Line::Message(found) => {
                messages += 1;
                if session != Some(found.session) {
                    return Err("a message is not behind its session".into());
                }
            }
            Line::End {
                sessions: s,
                messages: m,
                sha256,
            } => {
                ended = true;
                if (s, m) != (sessions, messages) || sha256 != checksum(&hasher) {
                    return Err("the checksum is another one: the file was changed".into());
                }
            }
        }
        hasher.update(bytes);
        Ok(())
    })?;
    if ended {
        Ok(())
    } else {
        Err("the end is missing: the file is cut off".into())
    }
}

/// Stores session by session, each whole; who is interrupted can begin again.
async fn take_in(db: &DatabaseService, file: &File) -> Result<(u64, u64), BoxError> {
    let (sender, mut receiver) =
        tokio::sync::mpsc::channel::<(ExportedSession, Vec<ExportedMessage>)>(16);
    let file = file.try_clone()?;
    let reading = tokio::task::spawn_blocking(move || {
        let mut current: Option<(ExportedSession, Vec<ExportedMessage>)> = None;
        // A receiver that is gone has met an error of its own.
        let send = |done: Option<_>| done.is_none_or(|done| sender.blocking_send(done).is_ok());
        lines(&file, |_, line| {
            let going_on = match line {
                Line::Header { .. } => true,
                Line::Session(session) => send(current.replace((*session, Vec::new()))),
                Line::Message(message) => {
                    if let Some((_, lines)) = &mut current {
                        lines.push(message);
                    }
                    true
                }
                Line::End { .. } => send(current.take()),
            };
            if going_on {
                Ok(())
            } else {
                Err("not stored".into())
            }
        })
    });
    let (mut stored, mut skipped) = (0, 0);
    while let Some((session, lines)) = receiver.recv().await {
        match db.import_session(&session, &lines).await {
            Ok(true) => stored += 1,
            Ok(false) => skipped += 1,
            Err(error) => {
                return Err(format!(
                    "{error}, after {stored} sessions. Import can be run again: what is there is skipped"
                )
                .into());
            }
        }
    }
    reading.await??;
    Ok((stored, skipped))
}
