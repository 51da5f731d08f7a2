//! Full-text search over what was said.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Services,
    envelope::{Envelope, Failure, success},
    error::{ApiError, only},
};
use crate::repository::Hit;

/// Longest query in characters.
const MAX_QUERY_CHARACTERS: usize = 200;
const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/api/search/messages")
            .route(web::get().to(list))
            .default_service(only("GET")),
    );
}

/// The lines that match, best first.
#[derive(Serialize, ToSchema)]
pub struct SearchData {
    query: String,
    messages: Vec<HitData>,
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
    sender: String,
    text: String,
}

/// A search as it may be run.
struct Search {
    query: String,
    user_id: Option<Uuid>,
    limit: i64,
}

impl From<Hit> for HitData {
    fn from(hit: Hit) -> Self {
        Self {
            id: hit.message_id,
            session_id: hit.session_id,
            timestamp: hit.created_at,
            sender: hit.sender,
            text: hit.text,
        }
    }
}

impl Search {
    fn parse(query_string: &str) -> Result<Self, ApiError> {
        let bad = |text: &str| ApiError::BadQuery(text.to_owned());
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query_string)
            .map_err(|_| bad("The query string cannot be read."))?
            .into_inner();
        let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        let query = value("q")
            .filter(|query| !query.is_empty())
            .ok_or_else(|| bad("Say what to search for: q is missing or empty."))?;
        if query.chars().count() > MAX_QUERY_CHARACTERS {
            return Err(ApiError::BadQuery(format!(
                "q may have at most {MAX_QUERY_CHARACTERS} characters."
            )));
        }
        if query.contains('\0') {
            return Err(bad("q holds a NUL character."));
        }
        let user_id = value("user_id")
            .map(|text| Uuid::parse_str(text).map_err(|_| bad("user_id must be a UUID.")))
            .transpose()?;
        let limit = match value("limit") {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or_else(|| ApiError::BadQuery(format!("limit must be a whole number from 1 to {MAX_LIMIT}.")))?,
        };
        Ok(Self {
            query: query.to_owned(),
            user_id,
            limit,
        })
    }
}

/// Find lines by words (English stems) over all sessions, best first.
#[utoipa::path(
    get, path = "/api/search/messages", tag = "search",
    params(
        ("q" = String, Query, description = "Words that all have to occur, at most 200 characters"),
        ("user_id" = Option<Uuid>, Query, description = "Only this user's sessions"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
    ),
    responses(
        (status = 200, body = Envelope<SearchData>),
        (status = 400, description = "BAD_QUERY", body = Failure),
        (status = 503, description = "The database is away, or the search takes too long", body = Failure),
    ),
)]
pub async fn list(request: HttpRequest, services: web::Data<Services>) -> Result<HttpResponse, ApiError> {
    let search = Search::parse(request.query_string())?;
    let hits = services
        .db
        .search_messages_global(&search.query, search.user_id, search.limit)
        .await?;
    Ok(success(SearchData {
        query: search.query,
        messages: hits.into_iter().map(HitData::from).collect(),
    }))
}
