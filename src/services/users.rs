//! A user's data: deletion and export.

use futures_util::{Stream, stream};
use uuid::Uuid;

use super::Conversations;
use crate::{
    domain::{Message, SessionId, Viewer},
    repository::{DatabaseService, Deleted, RepositoryError, SessionSummary},
    storage::AudioStore,
};

/// Sessions per page of an export.
const EXPORT_PAGE_SIZE: i64 = 20;

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
    /// Whether an account was deleted.
    pub account: bool,
}

/// A session with its messages, in order.
pub type SessionExport = (SessionSummary, Vec<Message>);

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
        account: deleted.account,
    }
}

/// A user's sessions with their messages, newest session first, page by page. The first page is
/// read before the stream is returned.
pub async fn export(
    db: DatabaseService,
    user: Uuid,
) -> Result<impl Stream<Item = Result<Vec<SessionExport>, RepositoryError>>, RepositoryError> {
    let first = db.list_sessions(user, None, EXPORT_PAGE_SIZE).await?;
    Ok(stream::try_unfold(first, move |sessions| {
        let db = db.clone();
        async move {
            let Some(last) = sessions.last().map(SessionSummary::cursor) else {
                return Ok(None);
            };
            let mut page = Vec::with_capacity(sessions.len());
            for session in sessions {
                let messages = match SessionId::parse(&session.session_id) {
                    Some(id) => db.get_conversation_history(Viewer::User(user), &id).await?,
                    None => None,
                };
                page.push((session, messages.unwrap_or_default()));
            }
            let next = db.list_sessions(user, Some(last), EXPORT_PAGE_SIZE).await?;
            Ok(Some((page, next)))
        }
    }))
}
