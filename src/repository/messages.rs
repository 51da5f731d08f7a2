//! The messages table: reading a conversation, and adding a message outside of turns.

use std::{ops::Deref, time::Duration};

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    DatabaseService, RepositoryError, SessionKey,
    distribution::{NodeQuery, OnNode},
};
use crate::database::{Database, DatabaseError, batch::BatchQuery};
use crate::domain::{MAX_PAGE_BYTES, Message, MessageId, Sender, SessionId, Viewer};

/// A page of a conversation.
pub struct ConversationPage {
    /// In the order of the conversation.
    pub messages: Vec<Message>,
    /// Position after which the next page starts; `None` on the last page.
    pub next: Option<i32>,
}

/// Most messages and bytes of text on a page. A page holds at least one message, of any size.
#[derive(Clone, Copy)]
pub struct PageSize {
    messages: i64,
    bytes: i64,
}

impl PageSize {
    /// A whole conversation.
    const ALL: Self = Self { messages: i32::MAX as i64, bytes: i64::MAX };

    /// A page of at most `limit` messages, and of as many bytes as a page has.
    pub fn of(limit: u16) -> Self {
        Self { messages: limit.into(), bytes: MAX_PAGE_BYTES as i64 }
    }
}

/// A page of a conversation to read.
#[derive(Clone)]
pub(super) struct GetMessages {
    viewer: Viewer,
    key: SessionKey,
    session_id: SessionId,
    after: i32,
    size: PageSize,
}

/// A message. All `None` for a session without messages; without a text, the first message of the
/// next page.
struct MessageRow {
    number: i64,
    message_id: Option<MessageId>,
    sender: Option<Sender>,
    text_content: Option<String>,
    created_at: Option<OffsetDateTime>,
    position: Option<i32>,
}

impl DatabaseService {
    /// Appends one message to an active session, outside of turns, and returns its time.
    ///
    /// `None`, with nothing stored, if there is no such session or it has ended;
    /// [`RepositoryError::Unexpected`] if the message id is taken.
    pub async fn save_message(
        &self,
        id: &SessionId,
        message_id: &MessageId,
        sender: Sender,
        text: &str,
    ) -> Result<Option<OffsetDateTime>, RepositoryError> {
        let session = self.session_key(id).await?;
        if self.is_distributed().await? {
            let call = sqlx::query_scalar!(
                "SELECT public.save_message($1, $2, $3, $4)",
                session.uuid(),
                message_id.as_str(),
                sender.as_str(),
                text,
            );
            let call = async |connection: &mut PgConnection| call.fetch_one(connection).await;
            return Ok(self.database.with_connection(call).await?);
        }
        let insert = sqlx::query_scalar!(
            r#"
            WITH session AS (
                UPDATE public.sessions
                SET message_count = message_count + 1, updated_at = now()
                WHERE id = $1 AND status = 'active'
                RETURNING message_count, language, user_id
            )
            INSERT INTO public.messages
                (session_id, user_id, message_id, sender, text_content, position, text_search)
            SELECT $1, user_id, $2::text, $3::text, $4::text, message_count,
                public.language_search_vector($4::text, language)
            FROM session
            RETURNING created_at AS "created_at!"
            "#,
            session.uuid(),
            message_id.as_str(),
            sender.as_str(),
            text,
        );
        let insert = async |connection: &mut PgConnection| insert.fetch_optional(connection).await;
        Ok(self.database.with_connection(insert).await?)
    }

    /// The whole conversation in order, empty if it has no messages; `None` if the viewer may read
    /// no such session.
    pub async fn get_conversation_history(
        &self,
        viewer: Viewer,
        id: &SessionId,
    ) -> Result<Option<Vec<Message>>, RepositoryError> {
        let all = self.get_conversation_page(viewer, id, 0, PageSize::ALL).await?;
        Ok(all.map(|page| page.messages))
    }

    /// The messages after position `after` (from 1; 0 for the first page), in order, as many as a
    /// page may hold; `None` if the viewer may read no such session.
    pub async fn get_conversation_page(
        &self,
        viewer: Viewer,
        id: &SessionId,
        after: i32,
        size: PageSize,
    ) -> Result<Option<ConversationPage>, RepositoryError> {
        let key = self.key_to_read(id).await?;
        let query = GetMessages { viewer, key, session_id: id.clone(), after, size };
        let queue = self.batches.get_messages.of(viewer);
        let read = self.execute(query.clone(), queue, |node| node.get_messages.of(viewer)).await?;
        match viewer.user_id() {
            Some(user) if read.is_none() && self.is_distributed().await? => {
                Ok(query.read_on_any_node(&self.database, user).await?)
            }
            _ => Ok(read),
        }
    }

    /// The age of a message; `None` if there is no such message in a session that the viewer may
    /// read.
    pub async fn message_age(
        &self,
        viewer: Viewer,
        id: &MessageId,
    ) -> Result<Option<Duration>, RepositoryError> {
        let seconds = self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    // Not in the user's role, which sees an anonymous session by its own id only.
                    sqlx::query_scalar!(
                        r#"
                    SELECT extract(epoch FROM now() - m.created_at)::double precision AS "age!"
                    FROM public.messages AS m
                    JOIN public.sessions AS s ON s.id = m.session_id
                    WHERE m.message_id = $1 AND ($2 OR s.user_id IS NULL OR s.user_id = $3)
                    "#,
                        id.as_str(),
                        viewer.is_service(),
                        viewer.user_id(),
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?;
        Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
    }
}

impl BatchQuery for GetMessages {
    type Output = Option<ConversationPage>;
    type Context = Database;
    const TAKES_ROW_LOCKS: bool = false;

    async fn execute(
        database: &Database,
        requests: &[Self],
        _is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        // All are of users, or none is.
        let viewer = requests[0].viewer;
        let mut rows = database
            .retry_idempotent(|pool| {
                pool.with_connection_as(viewer, async |connection| match viewer.user_id() {
                    Some(_) => select_own_messages(connection, requests).await,
                    None => select_messages(connection, requests).await,
                })
            })
            .await?;
        // Postgres does not promise an order. Sorting there takes a fifth of a history's time.
        rows.sort_by_key(|row| (row.number, row.position));
        Ok(into_pages(rows, requests.len()))
    }
}

impl NodeQuery for GetMessages {
    fn session(&self) -> Uuid {
        self.key.uuid()
    }

    async fn execute_on_node(
        database: &Database,
        requests: &[OnNode<Self>],
        _is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        // All are of users, or none is.
        let is_own = requests[0].viewer.user_id().is_some();
        let input = Input::new(requests.iter().map(Deref::deref));
        let rows = database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| match is_own {
                    true => call_for_own_pages(connection, &input).await,
                    false => call_for_pages(connection, &input).await,
                })
            })
            .await?;
        Ok(into_pages(rows, requests.len()))
    }
}

impl GetMessages {
    /// Reads a page of distributed tables for a user; see `GetSession::read_on_any_node`.
    async fn read_on_any_node(
        &self,
        database: &Database,
        user: Uuid,
    ) -> Result<Option<ConversationPage>, DatabaseError> {
        let input = Input::new([self].into_iter());
        let read = database.retry_idempotent(|pool| {
            pool.with_connection_naming(user, self.session_id.as_str(), async |connection| {
                call_for_own_pages(connection, &input).await
            })
        });
        Ok(into_pages(read.await?, 1).into_iter().next().flatten())
    }
}

/// The statement that reads pages: `$viewers` has what is asked for, `$is_allowed` is the owner
/// filter.
macro_rules! query_messages {
    ($viewers:literal, $is_allowed:literal, $($parameter:expr),+) => {
        sqlx::query_as!(
            MessageRow,
            r#"
            -- A session without messages gives one row of NULLs, a missing session no row.
            SELECT viewer.number AS "number!", m.message_id AS "message_id?: MessageId",
                m.sender AS "sender?: Sender", m.text_content AS "text_content?",
                m.created_at AS "created_at?", m.position AS "position?"
            -- The arrays are in sub-selects so that their length does not affect the plan's cost,
            -- and a generic plan is used.
            FROM "# + $viewers + r#" AS viewer
            CROSS JOIN LATERAL (
                SELECT s.id
                FROM public.sessions AS s
                WHERE s.id = viewer.key AND "# + $is_allowed + r#"
                -- forces a lookup by id for each viewer
                OFFSET 0
            ) AS session
            LEFT JOIN LATERAL (
                SELECT
                    page.message_id, page.sender, page.created_at, page.position,
                    -- The first message that does not fit has no text, and is the last one.
                    CASE
                        WHEN page.n = 1 OR page.n <= viewer.size AND page.bytes <= viewer.byte_size
                        THEN page.text_content
                    END AS text_content
                FROM (
                    SELECT m.message_id, m.sender, m.text_content, m.created_at, m.position,
                        row_number() OVER conversation AS n,
                        sum(octet_length(m.text_content)) OVER conversation AS bytes
                    FROM public.messages AS m
                    WHERE m.session_id = session.id AND m.position > viewer.after
                    -- not created_at: both messages of a turn may have the same microsecond
                    WINDOW conversation AS (ORDER BY m.position ROWS UNBOUNDED PRECEDING)
                    ORDER BY m.position
                    LIMIT viewer.size + 1
                ) AS page
                WHERE page.n <= 2
                   OR page.bytes - octet_length(page.text_content) <= viewer.byte_size
            ) AS m ON TRUE
            "#,
            $($parameter),+
        )
    };
}

/// What is asked for, as parameters.
struct Input<'a> {
    keys: Vec<Uuid>,
    ids: Vec<&'a str>,
    afters: Vec<i32>,
    sizes: Vec<i64>,
    byte_sizes: Vec<i64>,
    bypass_ownership: Vec<bool>,
    users: Vec<Option<Uuid>>,
}

impl<'a> Input<'a> {
    fn new(all: impl Iterator<Item = &'a GetMessages> + Clone) -> Self {
        Self {
            keys: all.clone().map(|one| one.key.uuid()).collect(),
            ids: all.clone().map(|one| one.session_id.as_str()).collect(),
            afters: all.clone().map(|one| one.after).collect(),
            sizes: all.clone().map(|one| one.size.messages).collect(),
            byte_sizes: all.clone().map(|one| one.size.bytes).collect(),
            bypass_ownership: all.clone().map(|one| one.viewer.is_service()).collect(),
            users: all.map(|one| one.viewer.user_id()).collect(),
        }
    }
}

/// Reads pages on behalf of others than users.
async fn select_messages(
    connection: &mut PgConnection,
    requests: &[GetMessages],
) -> Result<Vec<MessageRow>, sqlx::Error> {
    let input = Input::new(requests.iter());
    query_messages!(
        r#"(
            SELECT * FROM unnest(
                (SELECT $1::uuid[]), (SELECT $2::integer[]), (SELECT $3::bigint[]),
                (SELECT $4::bigint[]), (SELECT $5::boolean[])
            ) WITH ORDINALITY AS input (key, after, size, byte_size, bypass_ownership, number)
        )"#,
        r#"(viewer.bypass_ownership OR s.user_id IS NULL)"#,
        &input.keys,
        &input.afters,
        &input.sizes,
        &input.byte_sizes,
        &input.bypass_ownership
    )
    .fetch_all(connection)
    .await
}

/// Reads pages on behalf of users, in their role.
async fn select_own_messages(
    connection: &mut PgConnection,
    requests: &[GetMessages],
) -> Result<Vec<MessageRow>, sqlx::Error> {
    let input = Input::new(requests.iter());
    query_messages!(
        // For row level security, as in select_own_sessions.
        r#"(
            SELECT number, key, user_id, after, size, byte_size,
                set_config('request.jwt.claim.sub', user_id::text, TRUE) AS claim,
                set_config('kuku_coach.session_id', session_id, TRUE) AS name
            FROM unnest(
                (SELECT $1::text[]), (SELECT $2::integer[]), (SELECT $3::bigint[]),
                (SELECT $4::bigint[]), (SELECT $5::uuid[]), (SELECT $6::uuid[])
            ) WITH ORDINALITY AS input (session_id, after, size, byte_size, user_id, key, number)
        )"#,
        r#"viewer.claim IS NOT NULL AND viewer.name IS NOT NULL
                  AND (s.user_id IS NULL OR s.user_id = viewer.user_id)"#,
        &input.ids as &[&str],
        &input.afters,
        &input.sizes,
        &input.byte_sizes,
        &input.users as &[Option<Uuid>],
        &input.keys
    )
    .fetch_all(connection)
    .await
}

/// [`select_messages`] for sessions on one node of distributed tables, in order.
async fn call_for_pages(
    connection: &mut PgConnection,
    input: &Input<'_>,
) -> Result<Vec<MessageRow>, sqlx::Error> {
    sqlx::query_as!(
        MessageRow,
        r#"
        SELECT number AS "number!", message_id AS "message_id: MessageId",
            sender AS "sender: Sender", text_content, created_at, position
        FROM public.get_message_pages($1, $2, $3, $4, $5, $6)
        "#,
        input.keys[0],
        &input.keys,
        &input.bypass_ownership,
        &input.afters,
        &input.sizes,
        &input.byte_sizes,
    )
    .fetch_all(connection)
    .await
}

/// [`select_own_messages`] for sessions on one node of distributed tables, in order. The function
/// takes the role there.
async fn call_for_own_pages(
    connection: &mut PgConnection,
    input: &Input<'_>,
) -> Result<Vec<MessageRow>, sqlx::Error> {
    sqlx::query_as!(
        MessageRow,
        r#"
        SELECT number AS "number!", message_id AS "message_id: MessageId",
            sender AS "sender: Sender", text_content, created_at, position
        FROM public.get_own_message_pages($1, $2, $3, $4, $5, $6, $7)
        "#,
        input.keys[0],
        &input.keys,
        &input.ids as &[&str],
        &input.users as &[Option<Uuid>],
        &input.afters,
        &input.sizes,
        &input.byte_sizes,
    )
    .fetch_all(connection)
    .await
}

/// The pages of `count` requests from ordered rows; `None` for a request without rows.
fn into_pages(rows: Vec<MessageRow>, count: usize) -> Vec<Option<ConversationPage>> {
    let mut pages: Vec<Option<ConversationPage>> = (0..count).map(|_| None).collect();
    let mut last_position = 0;
    for row in rows {
        let index = usize::try_from(row.number - 1).unwrap_or(usize::MAX);
        let Some(page) = pages.get_mut(index) else {
            continue;
        };
        let page =
            page.get_or_insert_with(|| ConversationPage { messages: Vec::new(), next: None });
        match row {
            MessageRow {
                message_id: Some(id),
                sender: Some(sender),
                text_content: Some(text),
                created_at: Some(created_at),
                position: Some(position),
                ..
            } => {
                page.messages.push(Message { id, sender, text, created_at });
                last_position = position;
            }
            MessageRow { position: Some(_), .. } => page.next = Some(last_position),
            _ => {}
        }
    }
    pages
}
