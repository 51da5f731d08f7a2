//! The page to talk, look back and search: the files of `web/`, embedded in the program.
//!
//! Browsers ask for each file again with its ETag, so that a new version of the server never meets
//! a part of the old page.

use std::{fmt::Write, sync::LazyLock};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, EntityTag, Header, HeaderName,
        IfNoneMatch, LOCATION, REFERRER_POLICY,
    },
    web,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::http::{
    AppState,
    response::envelope::success,
    response::error::{ApiError, ApiResult},
    routes::{resource, status::may_operate},
};

const GET_AND_HEAD: &str = "GET, HEAD";

/// No script, style, frame or connection but of this server; sound also from the page's memory.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// A file of the page.
struct WebFile {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! web_files {
    ($($name:literal: $content_type:expr,)*) => {
        &[$(WebFile {
            name: $name,
            content_type: $content_type,
            bytes: include_bytes!(concat!("../../../web/", $name)),
        }),*]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const FILES: &[WebFile] = web_files! {
    "index.html": HTML,
    "style.css": CSS,
    "favicon.svg": SVG,
    "account.js": SCRIPT,
    "api.js": SCRIPT,
    "app.js": SCRIPT,
    "composer.js": SCRIPT,
    "conversation.js": SCRIPT,
    "dom.js": SCRIPT,
    "look_back.js": SCRIPT,
    "player.js": SCRIPT,
    "recorder.js": SCRIPT,
    "retry.js": SCRIPT,
    "search.js": SCRIPT,
    "status.js": SCRIPT,
    "store.js": SCRIPT,
    "talk.js": SCRIPT,
    "texts.js": SCRIPT,
};

/// Tags of [`FILES`], in their order.
static TAGS: LazyLock<Vec<EntityTag>> =
    LazyLock::new(|| FILES.iter().map(|file| EntityTag::new_strong(digest(file.bytes))).collect());

/// What the page asks the server about itself.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WebAppConfig {
    /// Whether people can sign up and in here.
    accounts: bool,
    /// Whether callers without a token are refused.
    sign_in_required: bool,
    /// Whether a search needs an account: without accounts it covers everything.
    search_needs_account: bool,
    speech_to_text: bool,
    text_to_speech: bool,
    /// Whether the coach can remember people.
    memory: bool,
    max_upload_bytes: u64,
    /// Whether this caller may see the status without a key.
    operator: bool,
}

/// Adds the page's routes, if it is on.
pub fn routes(is_on: bool, config: &mut web::ServiceConfig) {
    if !is_on {
        return;
    }
    config
        .service(
            resource("/app", GET_AND_HEAD)
                .route(web::get().to(redirect))
                .route(web::head().to(redirect)),
        )
        .service(
            resource("/app/config.json", GET_AND_HEAD)
                .route(web::get().to(show_config))
                .route(web::head().to(show_config)),
        )
        .service(
            resource("/app/{file:.*}", GET_AND_HEAD)
                .route(web::get().to(show))
                .route(web::head().to(show)),
        );
}

async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/app/")).finish()
}

async fn show_config(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let has_accounts = state.auth.is_enabled();
    success(WebAppConfig {
        accounts: state.accounts.is_some(),
        sign_in_required: state.auth.is_required(),
        search_needs_account: has_accounts,
        speech_to_text: state.providers.speech_to_text.is_some(),
        text_to_speech: state.providers.text_to_speech.is_some(),
        memory: state.memories.is_enabled(),
        max_upload_bytes: state.max_upload_bytes,
        operator: !has_accounts && may_operate(&request, &state),
    })
}

async fn show(name: web::Path<String>, request: HttpRequest) -> ApiResult {
    let name = if name.is_empty() { "index.html" } else { name.as_str() };
    let place = FILES.iter().position(|file| file.name == name);
    let (file, tag) = place
        .and_then(|place| Some((&FILES[place], TAGS.get(place)?)))
        .ok_or(ApiError::UnknownRoute)?;
    let is_known = is_known(tag, &request);
    let mut response = match is_known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    response
        .insert_header((ETAG, tag.to_string()))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((PERMISSIONS_POLICY, "microphone=(self), camera=(), geolocation=()"))
        .insert_header((REFERRER_POLICY, "no-referrer"));
    if is_known {
        return Ok(response.finish());
    }
    response.insert_header((CONTENT_TYPE, file.content_type));
    Ok(response.body(web::Bytes::from_static(file.bytes)))
}

/// Whether the browser has the file with this tag.
fn is_known(tag: &EntityTag, request: &HttpRequest) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
        let entries = fs::read_dir(folder).expect("the folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let names: BTreeSet<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        let embedded = FILES.iter().map(|file| file.name.to_owned()).collect();
        assert_eq!(names, embedded);
    }
}
