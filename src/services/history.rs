//! Message history of a session, in pages that are bounded in messages and in bytes: a client that
//! reads slowly holds one page in memory.

use futures_util::{Stream, stream};

use crate::{
    domain::{AudioFormat, Message, SessionId, Viewer},
    repository::{DatabaseService, PageSize, RepositoryError},
    storage::AudioStore,
};

/// Most messages of a page.
pub const MAX_PAGE_SIZE: u16 = 500;

/// Messages of a session, in order.
pub struct HistoryPage {
    /// Messages, and the format of each one's audio, if it has any.
    pub messages: Vec<(Message, Option<AudioFormat>)>,
    /// Position of the last message; `None` on the last page.
    pub next: Option<i32>,
}

/// At most `limit` messages and 256 kB of text after position `after` (0 for the first page).
/// `None` if there is no such session, or if it is not `viewer`'s to read.
pub async fn read_page(
    db: &DatabaseService,
    audio: &AudioStore,
    viewer: Viewer,
    id: &SessionId,
    after: i32,
    limit: u16,
) -> Result<Option<HistoryPage>, RepositoryError> {
    let page = db.get_conversation_page(viewer, id, after, PageSize::of(limit)).await?;
    let Some(page) = page else {
        return Ok(None);
    };
    let audio = audio.existing(&page.messages).await;
    let with_audio = |message: Message| {
        let format = audio.get(&message.id).copied();
        (message, format)
    };
    let messages = page.messages.into_iter().map(with_audio).collect();
    Ok(Some(HistoryPage { messages, next: page.next }))
}

/// All messages after position `after`, page by page, so that a long history takes little memory.
/// The stream ends early if the session is deleted meanwhile. An error is its last item.
pub fn stream_pages(
    db: DatabaseService,
    audio: AudioStore,
    viewer: Viewer,
    id: SessionId,
    after: i32,
) -> impl Stream<Item = Result<Vec<(Message, Option<AudioFormat>)>, RepositoryError>> {
    stream::try_unfold(Some(after), move |after| {
        let (db, audio, id) = (db.clone(), audio.clone(), id.clone());
        async move {
            let Some(after) = after else {
                return Ok(None);
            };
            let page = read_page(&db, &audio, viewer, &id, after, MAX_PAGE_SIZE).await?;
            Ok(page.filter(|page| !page.messages.is_empty()).map(|page| (page.messages, page.next)))
        }
    })
}
