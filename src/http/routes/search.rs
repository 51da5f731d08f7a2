//! Full-text search over what was said.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    AppState,
    extract::caller::Caller,
    extract::cursor,
    extract::query_params::QueryParams,
    response::envelope::{Envelope, ErrorEnvelope, success},
    response::error::{ApiError, method_not_allowed},
};
use crate::{
    domain::{Fragment, MessageSearch, SearchCursor, Sender, SessionId, Sort, TotalHits, Viewer},
    repository::Hit,
};

/// Longest query in characters.
const MAX_QUERY_CHARACTERS: usize = 200;
const DEFAULT_LIMIT: u16 = 20;
const MAX_LIMIT: u16 = 100;
const PARAMETERS: &[&str] = &[
    "q", "user_id", "session_id", "sender", "from", "to", "rating_min", "sort", "limit", "cursor",
];

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/api/search/messages")
            .route(web::get().to(list))
            .default_service(method_not_allowed("GET")),
    );
}

/// A page of the lines that match.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchData {
    query: String,
    messages: Vec<HitData>,
    total: TotalData,
    /// For the next page; null on the last one.
    next_cursor: Option<String>,
    /// Why nothing can be found by these words.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
}

/// How many lines match.
#[derive(Serialize, ToSchema)]
pub struct TotalData {
    value: i64,
    /// False: there are more.
    exact: bool,
}

/// One line that matches.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HitData {
    id: String,
    session_id: String,
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
    /// `user` or `ai`.
    sender: &'static str,
    text: String,
    /// The text around the hits. These are plain texts, not HTML.
    highlight: Vec<FragmentData>,
    /// How well it matches; comparable within one search only.
    rank: f32,
}

/// A part of a line.
#[derive(Serialize, ToSchema)]
pub struct FragmentData {
    text: String,
    hit: bool,
}

impl From<Hit> for HitData {
    fn from(hit: Hit) -> Self {
        Self {
            id: hit.message_id,
            session_id: hit.session_id,
            timestamp: hit.created_at,
            sender: hit.sender.as_str(),
            text: hit.text,
            highlight: hit
                .highlight
                .into_iter()
                .map(|Fragment { text, hit }| FragmentData { text, hit })
                .collect(),
            rank: hit.rank,
        }
    }
}

impl From<TotalHits> for TotalData {
    fn from(TotalHits { value, exact }: TotalHits) -> Self {
        Self { value, exact }
    }
}

fn parse(query: &QueryParams) -> Result<MessageSearch, ApiError> {
    let words = query.get("q").ok_or_else(|| {
        ApiError::BadQuery("Say what to search for: q is missing or empty.".into())
    })?;
    if words.chars().count() > MAX_QUERY_CHARACTERS {
        return Err(ApiError::BadQuery(format!(
            "q may have at most {MAX_QUERY_CHARACTERS} characters."
        )));
    }
    let (from, until) = (query.time("from", false)?, query.time("to", true)?);
    if from.zip(until).is_some_and(|(from, until)| from > until) {
        return Err(ApiError::BadQuery("from must not be after to.".into()));
    }
    Ok(MessageSearch {
        query: words.to_owned(),
        user_id: query.read("user_id", "a UUID", |text| Uuid::parse_str(text).ok())?,
        session_id: query.read("session_id", "a session's id", SessionId::parse)?,
        sender: query.read("sender", "user or ai", Sender::parse)?,
        from,
        until,
        rating_min: query.read("rating_min", "a whole number from 1 to 5", |text| {
            text.parse().ok().filter(|stars| (1..=5).contains(stars))
        })?,
        sort: query
            .read("sort", "relevance or newest", |text| match text {
                "relevance" => Some(Sort::Relevance),
                "newest" => Some(Sort::Newest),
                _ => None,
            })?
            .unwrap_or(Sort::Relevance),
        limit: query.limit(MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT),
    })
}

/// What a cursor belongs to: everything but the size of a page.
fn question(search: &MessageSearch) -> String {
    let session = search.session_id.as_ref().map(SessionId::as_str);
    format!(
        "{:?}",
        (
            &search.query, search.user_id, session, search.sender, search.from, search.until,
            search.rating_min, search.sort
        )
    )
}

/// Find lines by words: English ones by their stems, Chinese, Japanese and Korean ones as they stand; all have to occur.
///
/// `relevance` ranks the newest matches: 200, or 1,000 within a user's sessions or one session. So a better match that is older
/// may be missing; `newest` with the cursor walks through all, each once.
#[utoipa::path(
    get, path = "/api/search/messages", tag = "search",
    params(
        ("q" = String, Query, description = "1 to 200 characters", min_length = 1, max_length = 200, example = "sleeping"),
        ("user_id" = Option<Uuid>, Query, description = "Only this user's sessions"),
        ("session_id" = Option<String>, Query, description = "Only this session"),
        ("sender" = Option<String>, Query, description = "user or ai"),
        ("from" = Option<String>, Query, description = "Said then or later: a date (UTC) or a time (RFC 3339)"),
        ("to" = Option<String>, Query, description = "Said before this time, or until the end of this day (UTC)"),
        ("rating_min" = Option<i32>, Query, minimum = 1, maximum = 5, description = "Only sessions with so many stars"),
        ("sort" = Option<String>, Query, description = "relevance (if left out) or newest"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "nextCursor of the page before"),
    ),
    responses(
        (status = 200, body = Envelope<SearchData>),
        (status = 400, description = "BAD_QUERY", body = ErrorEnvelope),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
        (status = 403, description = "FORBIDDEN: user_id is somebody else's", body = ErrorEnvelope),
        (status = 503, description = "The database is away, or the search takes too long", body = ErrorEnvelope),
    ),
)]
pub async fn list(
    caller: Caller,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let query = QueryParams::parse(request.query_string(), PARAMETERS)?;
    let mut search = parse(&query)?;
    match caller.viewer() {
        Viewer::User(own) if search.user_id.is_none_or(|user| user == own) => {
            search.user_id = Some(own)
        }
        Viewer::User(_) => return Err(ApiError::Forbidden),
        // What all people said is not for who is nobody.
        Viewer::Anonymous => return Err(ApiError::MissingToken),
        Viewer::Service => {}
    }
    let question = question(&search);
    let after: Option<SearchCursor> = query
        .get("cursor")
        .map(|cursor| cursor::decode(cursor, &question))
        .transpose()?;
    let found = state
        .db
        .search_messages_global(caller.viewer(), &search, after.as_ref())
        .await?;
    Ok(success(SearchData {
        query: search.query,
        messages: found.hits.into_iter().map(HitData::from).collect(),
        total: found.total.into(),
        next_cursor: found.next.map(|next| cursor::encode(&next, &question)),
        hint: found
            .is_empty_query
            .then_some("These words are too common, or only punctuation. Search for a word that carries a meaning."),
    }))
}
