//! API documentation: OpenAPI, generated from the types, and Swagger UI, embedded in the program.

use std::{borrow::Cow, convert::Infallible, sync::Arc};

use actix_web::{HttpResponse, body::SizedStream, web};
use bytes::Bytes;
use futures_util::stream;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        HttpMethod, PathItem,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::{Config, SwaggerFile, SwaggerUi};

use crate::http::response::{
    error::{ApiError, ApiResult},
    pieces::PIECE_BYTES,
};

use super::{
    accounts, audio, health, memories, messages, ratings, search, sessions, status, users,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kuku Coach API",
        version = "1.0.0",
        description = "Coaching sessions by voice. Errors that a person can act on have status \
            200, `success: false`, a text in `error` and a stable `code`. All other errors have a \
            real status, in the same envelope."
    ),
    paths(
        health::info, health::health, health::ready, status::show,
        sessions::create, sessions::show, sessions::end,
        messages::create, messages::list,
        audio::show,
        ratings::create, ratings::show,
        search::list,
        accounts::sign_up, accounts::sign_up_anonymously, accounts::log_in, accounts::refresh,
        accounts::log_out, accounts::show, accounts::update,
        sessions::list, sessions::claim, sessions::remove,
        users::remove, users::export,
        memories::show, memories::update, memories::remove,
    ),
    modifiers(&Bearer, &RateAlias, &UniqueOperationIds),
    security((), ("bearer" = [])),
    tags(
        (name = "sessions", description = "Create, show, end"),
        (name = "messages", description = "Turns and history"),
        (name = "ratings", description = "Stars and feedback"),
        (name = "users", description = "Accounts and the data of a user"),
        (name = "search", description = "Full-text search"),
        (name = "server", description = "Health and information"),
    )
)]
struct Api;

/// Adds bearer tokens as a security scheme. Most routes work without one.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build(),
        );
        api.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

/// Adds `/rate`, which is `/rating` under another name.
struct RateAlias;

impl Modify for RateAlias {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let paths = &mut api.paths.paths;
        let rating = paths.get("/api/sessions/{session_id}/rating");
        if let Some(mut post) = rating.and_then(|path| path.post.clone()) {
            post.operation_id = Some("create_at_rate".into());
            post.summary = Some(
                "Rate a session that has ended: `/rating` under the name of the integration plan."
                    .into(),
            );
            let path = PathItem::new(HttpMethod::Post, post);
            paths.insert("/api/sessions/{session_id}/rate".into(), path);
        }
    }
}

/// Puts an operation's tag before its id, which is the name of the handler: several are `create`,
/// and generators of clients need different ones.
struct UniqueOperationIds;

impl Modify for UniqueOperationIds {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let operations = api.paths.paths.values_mut().flat_map(|path| {
            let PathItem { get, put, post, patch, delete, .. } = path;
            [get, put, post, patch, delete].into_iter().flatten()
        });
        for operation in operations {
            let tag = operation.tags.iter().flatten().next().cloned();
            if let (Some(tag), Some(id)) = (tag, &mut operation.operation_id) {
                *id = format!("{tag}_{id}");
            }
        }
    }
}

/// The OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// A large file of Swagger UI, in pieces: the library copies up to 1.5 MB for each request, which a
/// client that reads slowly would keep in memory.
async fn swagger_file(file: web::Path<String>) -> ApiResult {
    let served = utoipa_swagger_ui::serve(&file, Arc::new(Config::from("/openapi.json")));
    let Ok(Some(SwaggerFile { bytes: Cow::Borrowed(bytes), content_type, .. })) = served else {
        return Err(ApiError::UnknownRoute);
    };
    let pieces =
        bytes.chunks(PIECE_BYTES).map(|piece| Ok::<_, Infallible>(Bytes::from_static(piece)));
    let pieces = stream::iter(pieces);
    Ok(HttpResponse::Ok()
        .content_type(content_type)
        .body(SizedStream::new(bytes.len() as u64, pieces)))
}

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::redirect("/docs", "/docs/"))
        .route("/docs/{file:swagger-ui.*}", web::get().to(swagger_file))
        .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", openapi()));
}
