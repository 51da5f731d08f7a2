//! Full-text search over messages.

use std::{net::IpAddr, time::Duration};

use actix_web::{HttpRequest, web};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use time::OffsetDateTime;
use tokio::{sync::OwnedMutexGuard, time::timeout};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::{
    AppState,
    extract::caller::Caller,
    extract::cursor,
    extract::query_params::{QueryParams, end_time, limit, param, start_time, text},
    response::envelope::{Envelope, ErrorEnvelope, success},
    response::error::{ApiError, ApiResult},
    routes::resource,
};
use crate::{
    domain::{Fragment, MessageSearch, SearchCursor, Sender, SessionId, Sort, Viewer},
    repository::Hit,
};

/// Maximum length of a query.
const MAX_QUERY_CHARACTERS: usize = 200;
const DEFAULT_LIMIT: u16 = 20;
const MAX_LIMIT: u16 = 100;
/// Longest wait for the searches of the same user, and of the same address.
const MAX_SEARCH_WAIT: Duration = Duration::from_secs(5);
/// Hint for a query without searchable words.
const EMPTY_QUERY_HINT: &str = "These words are too common, or only punctuation. \
    Search for a word that carries a meaning.";

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(resource("/api/search/messages", "GET").route(web::get().to(list)));
}

/// Query parameters of a search.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchParams {
    /// 1 to 200 characters
    #[serde(deserialize_with = "query")]
    #[param(min_length = 1, max_length = 200, example = "sleeping")]
    q: String,
    /// Only this user's sessions
    #[serde(deserialize_with = "user_id")]
    user_id: Option<Uuid>,
    /// Only this session
    #[serde(deserialize_with = "session_id")]
    #[param(value_type = Option<String>)]
    session_id: Option<SessionId>,
    /// user or ai
    #[serde(deserialize_with = "sender")]
    #[param(value_type = Option<String>)]
    sender: Option<Sender>,
    /// Said then or later: a date (UTC) or a time (RFC 3339)
    #[serde(deserialize_with = "start_time")]
    #[param(value_type = Option<String>)]
    from: Option<OffsetDateTime>,
    /// Said before this time, or until the end of this day (UTC)
    #[serde(deserialize_with = "end_time")]
    #[param(value_type = Option<String>)]
    to: Option<OffsetDateTime>,
    /// Only sessions with so many stars
    #[serde(deserialize_with = "rating_min")]
    #[param(minimum = 1, maximum = 5)]
    rating_min: Option<i32>,
    /// relevance (if left out) or newest
    #[serde(deserialize_with = "sort")]
    #[param(value_type = Option<String>)]
    sort: Option<Sort>,
    /// 20 if left out; a page has some 256 kB of text at most
    #[serde(deserialize_with = "limit::<MAX_LIMIT, _>")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// nextCursor of the page before
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

fn query<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let query = text(deserializer)?
        .ok_or_else(|| D::Error::custom("Say what to search for: q is missing or empty."))?;
    if query.chars().count() > MAX_QUERY_CHARACTERS {
        return Err(D::Error::custom(format_args!(
            "q may have at most {MAX_QUERY_CHARACTERS} characters."
        )));
    }
    Ok(query)
}

fn user_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
    param(deserializer, "a UUID", |text| Uuid::parse_str(text).ok())
}

fn session_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SessionId>, D::Error> {
    param(deserializer, "a session's id", SessionId::parse)
}

fn sender<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Sender>, D::Error> {
    param(deserializer, "user or ai", Sender::parse)
}

fn rating_min<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    param(deserializer, "a whole number from 1 to 5", |text| {
        text.parse().ok().filter(|stars| (1..=5).contains(stars))
    })
}

fn sort<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Sort>, D::Error> {
    param(deserializer, "relevance or newest", |text| match text {
        "relevance" => Some(Sort::Relevance),
        "newest" => Some(Sort::Newest),
        _ => None,
    })
}

impl SearchParams {
    /// The search, as `viewer` may make it, and the cursor.
    fn into_search(self, viewer: Viewer) -> Result<(MessageSearch, Option<String>), ApiError> {
        if self.from.zip(self.to).is_some_and(|(from, to)| from > to) {
            return Err(ApiError::BadQuery("from must not be after to.".into()));
        }
        let user_id = match viewer {
            Viewer::User(own) if self.user_id.is_none_or(|user| user == own) => Some(own),
            Viewer::User(_) => return Err(ApiError::Forbidden),
            // Search has no anonymous sessions: it would show those of everybody.
            Viewer::Anonymous => return Err(ApiError::MissingToken),
            Viewer::Service => self.user_id,
        };
        let search = MessageSearch {
            query: self.q,
            user_id,
            session_id: self.session_id,
            sender: self.sender,
            from: self.from,
            until: self.to,
            rating_min: self.rating_min,
            sort: self.sort.unwrap_or(Sort::Relevance),
            limit: self.limit.unwrap_or(DEFAULT_LIMIT),
        };
        Ok((search, self.cursor))
    }
}

/// Scope of a cursor: all parameters but the size of a page.
fn cursor_scope(search: &MessageSearch) -> String {
    let session = search.session_id.as_ref().map(SessionId::as_str);
    format!(
        "{:?}",
        (
            &search.query, search.user_id, session, search.sender, search.from, search.until,
            search.rating_min, search.sort
        )
    )
}

/// A page of matching messages.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchResponse {
    query: String,
    messages: Vec<HitResponse>,
    total: TotalHitsResponse,
    /// For the next page; null on the last one.
    next_cursor: Option<String>,
    /// Why nothing can be found by these words.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
}

/// Number of matching messages.
#[derive(Serialize, ToSchema)]
pub struct TotalHitsResponse {
    value: i64,
    /// False: there are more.
    exact: bool,
}

/// A matching message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HitResponse {
    id: String,
    session_id: String,
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
    /// `user` or `ai`.
    sender: &'static str,
    text: String,
    /// The text around the hits. These are plain texts, not HTML.
    highlight: Vec<FragmentResponse>,
    /// How well it matches; comparable within one search only.
    rank: f32,
}

/// A part of a message.
#[derive(Serialize, ToSchema)]
pub struct FragmentResponse {
    text: String,
    hit: bool,
}

impl From<Hit> for HitResponse {
    fn from(hit: Hit) -> Self {
        let fragment = |Fragment { text, hit }| FragmentResponse { text, hit };
        Self {
            id: hit.message_id,
            session_id: hit.session_id,
            timestamp: hit.created_at,
            sender: hit.sender.as_str(),
            text: hit.text,
            highlight: hit.highlight.into_iter().map(fragment).collect(),
            rank: hit.rank,
        }
    }
}

/// Search messages by words, all of which have to occur. English words match by their stems,
/// Chinese, Japanese and Korean ones as they stand.
///
/// `relevance` ranks the newest matches only: 200, or 1,000 within a user's sessions or one
/// session. So a better match that is older may be missing. `newest` with the cursor returns every
/// match once.
#[utoipa::path(
    get, path = "/api/search/messages", tag = "search",
    params(SearchParams),
    responses(
        (status = 200, body = Envelope<SearchResponse>),
        (status = 400, description = "BAD_QUERY", body = ErrorEnvelope),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
        (status = 403, description = "FORBIDDEN: another user's user_id", body = ErrorEnvelope),
        (status = 503, body = ErrorEnvelope,
            description = "DATABASE_UNAVAILABLE, or the search takes too long"),
    ),
)]
pub async fn list(
    caller: Caller,
    request: HttpRequest,
    QueryParams(params): QueryParams<SearchParams>,
    state: web::Data<AppState>,
) -> ApiResult {
    let (search, cursor) = params.into_search(caller.viewer())?;
    let scope = cursor_scope(&search);
    let after: Option<SearchCursor> =
        cursor.map(|cursor| cursor::decode(&cursor, &scope)).transpose()?;
    let _turns = search_turns(caller.viewer(), &request, &state).await?;
    let page = state.db.search_messages_global(caller.viewer(), &search, after.as_ref()).await?;
    Ok(success(SearchResponse {
        query: search.query,
        messages: page.hits.into_iter().map(HitResponse::from).collect(),
        total: TotalHitsResponse { value: page.total.value, exact: page.total.exact },
        next_cursor: page.next.map(|next| cursor::encode(&next, &scope)),
        hint: page.is_empty_query.then_some(EMPTY_QUERY_HINT),
    }))
}

/// Whose searches run one after another, so that one person's do not take all permits.
#[derive(PartialEq, Eq, Hash)]
pub enum Searcher {
    /// A user, from any address.
    User(Uuid),
    /// An address.
    Client(IpAddr),
}

/// Waits until no other search of the user and of the client runs.
async fn search_turns(
    viewer: Viewer,
    request: &HttpRequest,
    state: &AppState,
) -> Result<[Option<OwnedMutexGuard<()>>; 2], ApiError> {
    let client = state.rate_limits.client_key(request).map(Searcher::Client);
    let lock = async |searcher: Option<Searcher>| match searcher {
        Some(searcher) => Some(state.searches.lock(searcher).await),
        None => None,
    };
    let locks = async { [lock(client).await, lock(viewer.user_id().map(Searcher::User)).await] };
    timeout(MAX_SEARCH_WAIT, locks).await.map_err(|_| ApiError::Overloaded)
}
