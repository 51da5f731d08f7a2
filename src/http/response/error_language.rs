//! Language of error texts: those with status 200 are read by people.

use std::time::Duration;

use actix_web::{ResponseError, http::StatusCode};
use tokio::time::timeout;

use super::error::ApiError;
use crate::{
    domain::{Language, LanguageTag, SessionId, Viewer},
    repository::DatabaseService,
};

/// Longest wait for the language of a session, after something has failed already.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(1);

/// `error` in the language of the session, if a person reads it. If that language is not known, or
/// the session is not the viewer's, it is the one that the browser prefers.
pub async fn in_session_language(
    error: ApiError,
    db: &DatabaseService,
    viewer: Viewer,
    id: Option<&SessionId>,
    preferred: Option<LanguageTag>,
) -> ApiError {
    if error.status_code() != StatusCode::OK || matches!(error, ApiError::InLanguage(..)) {
        return error;
    }
    // A session that was not found is not looked up again.
    let id = id.filter(|_| !matches!(error, ApiError::SessionNotFound(_)));
    let session = match id {
        Some(id) => timeout(LOOKUP_TIMEOUT, db.get_session(viewer, id)).await,
        None => Ok(Ok(None)),
    };
    // An error of the lookup is not the person's concern: the browser's language serves as well.
    let session = session.ok().and_then(Result::ok).flatten();
    let language = session.and_then(|session| session.language.tag).or(preferred);
    ApiError::InLanguage(Box::new(error), Language::of(language))
}
