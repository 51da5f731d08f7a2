//! A fake of S3: the part of its API that the crate object_store calls, with path-style addresses
//! and without signatures.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    body::SizedStream,
    http::{Method, header},
    web::{self, Bytes},
};
use futures_util::{StreamExt, stream};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::sleep;

use super::lock;

/// How the store responds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FaultMode {
    Good,
    /// 403 with a body that names the key, as S3 does.
    Forbidden,
    /// Downloads end in the middle.
    Cut,
}

struct State {
    objects: Mutex<BTreeMap<String, Bytes>>,
    mode: Mutex<FaultMode>,
}

pub struct FakeS3 {
    pub endpoint: String,
    state: Arc<State>,
}

impl FakeS3 {
    pub async fn spawn() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let state =
            Arc::new(State { objects: Mutex::default(), mode: Mutex::new(FaultMode::Good) });
        let data = web::Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            App::new().app_data(data.clone()).default_service(web::to(respond))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listening")
        .run();
        tokio::spawn(server);
        Self { endpoint, state }
    }

    /// Settings of a server that stores its audio here.
    pub fn settings(&self) -> Vec<(&str, &str)> {
        vec![
            ("KUKU_AUDIO_STORE", "s3://coach/replies"),
            ("AWS_ENDPOINT", &self.endpoint),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "canary-secret"),
            ("AWS_REGION", "eu-west-1"),
        ]
    }

    pub fn object_names(&self) -> Vec<String> {
        lock(&self.state.objects).keys().cloned().collect()
    }

    pub fn put(&self, name: &str, content: &'static str) {
        lock(&self.state.objects).insert(name.to_owned(), Bytes::from_static(content.as_bytes()));
    }

    pub fn set_mode(&self, mode: FaultMode) {
        *lock(&self.state.mode) = mode;
    }
}

async fn respond(request: HttpRequest, body: Bytes, state: web::Data<State>) -> HttpResponse {
    let path = request.path().trim_start_matches("/coach");
    let name = path.trim_matches('/').to_owned();
    let mode = *lock(&state.mode);
    if mode == FaultMode::Forbidden {
        return HttpResponse::Forbidden()
            .body(format!("<Error><Code>AccessDenied</Code><Resource>{name}</Resource></Error>"));
    }
    let mut objects = lock(&state.objects);
    match (request.method().clone(), name.is_empty()) {
        (Method::GET, true) => list_objects(&request, &objects),
        // DeleteObjects: many keys in one request.
        (Method::POST, true) => {
            let keys = String::from_utf8(body.to_vec()).expect("XML");
            for key in keys.split("<Key>").skip(1) {
                objects.remove(key.split("</Key>").next().expect("a key"));
            }
            HttpResponse::Ok().body("<DeleteResult></DeleteResult>")
        }
        (Method::PUT, false) => {
            objects.insert(name, body);
            HttpResponse::Ok().insert_header((header::ETAG, "\"x\"")).finish()
        }
        (Method::GET | Method::HEAD, false) => get_object(&request, objects.get(&name), mode),
        _ => HttpResponse::NotImplemented().finish(),
    }
}

/// Lists the objects below a prefix, all of them as old as 1970.
fn list_objects(request: &HttpRequest, objects: &BTreeMap<String, Bytes>) -> HttpResponse {
    let query = web::Query::<BTreeMap<String, String>>::from_query(request.query_string())
        .expect("a query");
    let prefix = query.get("prefix").map_or("", String::as_str);
    let modified = OffsetDateTime::UNIX_EPOCH.format(&Rfc3339).expect("a time");
    let contents: String = objects
        .iter()
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, content)| {
            format!(
                "<Contents><Key>{name}</Key><LastModified>{modified}</LastModified>\
                 <ETag>\"x\"</ETag><Size>{}</Size></Contents>",
                content.len()
            )
        })
        .collect();
    HttpResponse::Ok().body(format!(
        "<ListBucketResult><KeyCount>{}</KeyCount><IsTruncated>false</IsTruncated>\
         {contents}</ListBucketResult>",
        objects.len()
    ))
}

fn get_object(request: &HttpRequest, content: Option<&Bytes>, mode: FaultMode) -> HttpResponse {
    let Some(content) = content else {
        return HttpResponse::NotFound().finish();
    };
    let request_header = |name: header::HeaderName| {
        let value = request.headers().get(name)?;
        Some(value.to_str().expect("text").to_owned())
    };
    if request_header(header::IF_NONE_MATCH).is_some_and(|tag| tag == "\"x\"") {
        return HttpResponse::NotModified().finish();
    }
    let size = content.len();
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, "\"x\""))
        .insert_header((header::LAST_MODIFIED, "Thu, 01 Jan 1970 00:00:00 GMT"));
    let part = match request_header(header::RANGE).map(|range| parse_range(&range, size)) {
        Some(range) if range.start >= size => return HttpResponse::RangeNotSatisfiable().finish(),
        Some(range) => {
            response.status(actix_web::http::StatusCode::PARTIAL_CONTENT);
            response.insert_header((
                header::CONTENT_RANGE,
                format!("bytes {}-{}/{size}", range.start, range.end - 1),
            ));
            content.slice(range)
        }
        None => content.clone(),
    };
    let cut = mode == FaultMode::Cut;
    let length = part.len() as u64;
    let sent = part.slice(..if cut { part.len() / 2 } else { part.len() });
    let end = stream::iter(cut.then_some(())).then(|()| async {
        // The headers and the first half are sent by then.
        sleep(Duration::from_millis(50)).await;
        Err(std::io::Error::other("cut"))
    });
    response.body(SizedStream::new(length, stream::iter([Ok(sent)]).chain(Box::pin(end))))
}

/// The bytes of a `Range` header: `bytes=0-9`, `bytes=10-` or `bytes=-5`.
fn parse_range(range: &str, size: usize) -> Range<usize> {
    let (from, to) = range.trim_start_matches("bytes=").split_once('-').expect("a range");
    match (from.parse::<usize>(), to.parse::<usize>()) {
        (Ok(from), Ok(to)) => from..(to + 1).min(size),
        (Ok(from), Err(_)) => from..size,
        (Err(_), last) => size.saturating_sub(last.expect("a length"))..size,
    }
}
