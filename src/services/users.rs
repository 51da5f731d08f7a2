//! A user's data: deletion and export.

use std::{collections::VecDeque, mem};

use futures_util::{Stream, stream};
use uuid::Uuid;

use super::{Conversations, history::MAX_PAGE_SIZE};
use crate::{
    domain::{KeysetCursor, Message, SessionId, UnansweredRecordings, Viewer},
    repository::{
        DatabaseService, Deleted, PageSize, RepositoryError, SessionSummary, StoredMemory,
    },
    storage::AudioStore,
};

/// Sessions that an export reads at a time. A session's row has at most some 200 kB, of which most
/// are recordings that wait for an answer.
const EXPORT_PAGE_SIZE: i64 = 4;

/// Counts of what a deletion removed.
pub struct DeletionReceipt {
    /// Sessions.
    pub sessions: u64,
    /// Messages of these sessions.
    pub messages: u64,
    /// Idempotency keys, with their stored responses.
    pub idempotency_keys: u64,
    /// Audio files that had not expired yet.
    pub audio_files: u64,
    /// Whether a memory was deleted.
    pub memory: bool,
    /// Whether an account was deleted.
    pub account: bool,
}

/// Deletes all data of a user: the account, sessions, audio and cached conversations. Other servers
/// drop their cached conversations when a turn or a read finds the session deleted. After an error
/// all rows are deleted, or none; audio expires by itself.
pub async fn erase(
    db: &DatabaseService,
    audio: &AudioStore,
    conversations: &Conversations,
    user: Uuid,
) -> Result<DeletionReceipt, RepositoryError> {
    let deleted = db.delete_user(user).await?;
    Ok(delete_leftovers(deleted, audio, conversations).await)
}

/// Deletes what deleted rows leave behind: cached conversations and audio.
pub(super) async fn delete_leftovers(
    deleted: Deleted,
    audio: &AudioStore,
    conversations: &Conversations,
) -> DeletionReceipt {
    for id in &deleted.session_ids {
        conversations.evict(id);
    }
    DeletionReceipt {
        sessions: deleted.session_ids.len() as u64,
        messages: deleted.messages,
        idempotency_keys: deleted.idempotency_keys,
        audio_files: audio.remove(&deleted.audio_message_ids).await,
        memory: deleted.memory,
        account: deleted.account,
    }
}

/// A part of an export: some messages of a session, in order.
#[derive(Default)]
pub struct ExportPart {
    /// The memory, in a part of its own.
    pub memory: Option<StoredMemory>,
    /// Id of the session.
    pub session_id: String,
    /// The session, with its first messages.
    pub session: Option<SessionSummary>,
    /// Messages, at most a page.
    pub messages: Vec<Message>,
    /// Recordings that wait for an answer, with the last messages.
    pub unanswered_recordings: UnansweredRecordings,
}

/// A session of which a part has been exported.
struct PartlyExported {
    id: SessionId,
    /// Position of the last message that was exported.
    after: i32,
    unanswered_recordings: UnansweredRecordings,
}

/// How far an export is.
struct Export {
    db: DatabaseService,
    user: Uuid,
    /// The memory, until it is exported.
    memory: Option<StoredMemory>,
    /// Sessions that were read, and not exported yet.
    sessions: VecDeque<SessionSummary>,
    /// The last session that was read.
    last: Option<KeysetCursor>,
    partly_exported: Option<PartlyExported>,
}

/// A user's memory, and the sessions with their messages, newest session first, in parts. The first
/// sessions are read before the stream is returned.
pub async fn export(
    db: DatabaseService,
    user: Uuid,
) -> Result<impl Stream<Item = Result<ExportPart, RepositoryError>>, RepositoryError> {
    let memory = db.get_memory(Viewer::User(user), user).await?;
    let mut export = Export {
        db,
        user,
        memory: Some(memory).filter(|memory| *memory != StoredMemory::default()),
        sessions: VecDeque::new(),
        last: None,
        partly_exported: None,
    };
    export.read_sessions().await?;
    Ok(stream::try_unfold(export, async |mut export| {
        Ok(export.next().await?.map(|part| (part, export)))
    }))
}

impl Export {
    async fn read_sessions(&mut self) -> Result<(), RepositoryError> {
        let page = self.db.list_sessions(self.user, self.last, EXPORT_PAGE_SIZE).await?;
        self.last = page.last().map(SessionSummary::cursor);
        self.sessions = page.into();
        Ok(())
    }

    /// The next part; `None` at the end.
    async fn next(&mut self) -> Result<Option<ExportPart>, RepositoryError> {
        if let Some(memory) = self.memory.take() {
            return Ok(Some(ExportPart { memory: Some(memory), ..ExportPart::default() }));
        }
        if let Some(PartlyExported { id, after, unanswered_recordings }) =
            self.partly_exported.take()
        {
            return self.next_messages(id, after, None, unanswered_recordings).await.map(Some);
        }
        if self.sessions.is_empty() && self.last.is_some() {
            self.read_sessions().await?;
        }
        let Some(mut session) = self.sessions.pop_front() else {
            return Ok(None);
        };
        let unanswered_recordings = mem::take(&mut session.unanswered_recordings);
        match SessionId::parse(&session.session_id) {
            Some(id) => {
                self.next_messages(id, 0, Some(session), unanswered_recordings).await.map(Some)
            }
            None => Ok(Some(ExportPart {
                memory: None,
                session_id: session.session_id.clone(),
                session: Some(session),
                messages: Vec::new(),
                unanswered_recordings,
            })),
        }
    }

    /// A part with the messages after position `after`, none if the session was deleted meanwhile.
    async fn next_messages(
        &mut self,
        id: SessionId,
        after: i32,
        session: Option<SessionSummary>,
        unanswered_recordings: UnansweredRecordings,
    ) -> Result<ExportPart, RepositoryError> {
        let size = PageSize::of(MAX_PAGE_SIZE);
        let page = self.db.get_conversation_page(Viewer::User(self.user), &id, after, size).await?;
        let (messages, next) = page.map_or((Vec::new(), None), |page| (page.messages, page.next));
        let mut part = ExportPart {
            memory: None,
            session_id: id.as_str().to_owned(),
            session,
            messages,
            unanswered_recordings: UnansweredRecordings::default(),
        };
        match next {
            Some(after) => {
                self.partly_exported = Some(PartlyExported { id, after, unanswered_recordings });
            }
            None => part.unanswered_recordings = unanswered_recordings,
        }
        Ok(part)
    }
}
