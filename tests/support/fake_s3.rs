//! An object store that speaks as much of S3's language as object_store asks of it, path style, without signatures.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    sync::{Arc, Mutex, MutexGuard},
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

/// What is answered instead of good answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FaultMode {
    Good,
    /// 403 with a body that names the key, as S3 does.
    Forbids,
    /// What is fetched ends in the middle.
    BreaksOff,
}

struct State {
    objects: Mutex<BTreeMap<String, Bytes>>,
    mood: Mutex<FaultMode>,
}

pub struct FakeS3 {
    pub endpoint: String,
    state: Arc<State>,
}

impl FakeS3 {
    pub async fn spawn() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(State {
            objects: Mutex::default(),
            mood: Mutex::new(FaultMode::Good),
        });
        let data = web::Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(answer))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listening")
        .run();
        tokio::spawn(server);
        Self { endpoint, state }
    }

    /// The environment of a server that keeps its audio here.
    pub fn variables(&self) -> Vec<(&str, &str)> {
        vec![
            ("KUKU_AUDIO_STORE", "s3://coach/replies"),
            ("AWS_ENDPOINT", &self.endpoint),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "canary-secret"),
            ("AWS_REGION", "eu-west-1"),
        ]
    }

    pub fn names(&self) -> Vec<String> {
        lock(&self.state.objects).keys().cloned().collect()
    }

    pub fn put(&self, name: &str, content: &'static str) {
        lock(&self.state.objects).insert(name.to_owned(), Bytes::from_static(content.as_bytes()));
    }

    pub fn is_now(&self, mood: FaultMode) {
        *lock(&self.state.mood) = mood;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("not poisoned")
}

async fn answer(request: HttpRequest, body: Bytes, state: web::Data<State>) -> HttpResponse {
    let name = request
        .path()
        .trim_start_matches("/coach")
        .trim_matches('/')
        .to_owned();
    let mood = *lock(&state.mood);
    if mood == FaultMode::Forbids {
        return HttpResponse::Forbidden().body(format!(
            "<Error><Code>AccessDenied</Code><Resource>{name}</Resource></Error>"
        ));
    }
    let mut objects = lock(&state.objects);
    match (request.method().clone(), name.is_empty()) {
        (Method::GET, true) => {
            let prefix = web::Query::<BTreeMap<String, String>>::from_query(request.query_string())
                .expect("a query")
                .get("prefix")
                .cloned()
                .unwrap_or_default();
            // Whatever is here is as old as can be.
            let long_ago = OffsetDateTime::UNIX_EPOCH.format(&Rfc3339).expect("a time");
            let contents: String = objects
                .iter()
                .filter(|(name, _)| name.starts_with(&prefix))
                .map(|(name, content)| {
                    format!(
                        "<Contents><Key>{name}</Key><LastModified>{long_ago}</LastModified><ETag>\"x\"</ETag><Size>{}</Size></Contents>",
                        content.len()
                    )
                })
                .collect();
            HttpResponse::Ok().body(format!(
                "<ListBucketResult><KeyCount>{}</KeyCount><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>",
                objects.len()
            ))
        }
        // Many at once.
        (Method::POST, true) => {
            let wanted = String::from_utf8(body.to_vec()).expect("XML");
            for key in wanted.split("<Key>").skip(1) {
                objects.remove(key.split("</Key>").next().expect("a key"));
            }
            HttpResponse::Ok().body("<DeleteResult></DeleteResult>")
        }
        (Method::PUT, false) => {
            objects.insert(name, body);
            HttpResponse::Ok()
                .insert_header((header::ETAG, "\"x\""))
                .finish()
        }
        (Method::GET | Method::HEAD, false) => object(&request, objects.get(&name), mood),
        _ => HttpResponse::NotImplemented().finish(),
    }
}

fn object(request: &HttpRequest, content: Option<&Bytes>, mood: FaultMode) -> HttpResponse {
    let Some(content) = content else {
        return HttpResponse::NotFound().finish();
    };
    let asked = |name: header::HeaderName| {
        Some(
            request
                .headers()
                .get(name)?
                .to_str()
                .expect("text")
                .to_owned(),
        )
    };
    if asked(header::IF_NONE_MATCH).is_some_and(|tag| tag == "\"x\"") {
        return HttpResponse::NotModified().finish();
    }
    let size = content.len();
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, "\"x\""))
        .insert_header((header::LAST_MODIFIED, "Thu, 01 Jan 1970 00:00:00 GMT"));
    let range = asked(header::RANGE).map(|range| {
        let (from, to) = range
            .trim_start_matches("bytes=")
            .split_once('-')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .expect("a range");
        match (from.parse::<usize>(), to.parse::<usize>()) {
            (Ok(from), Ok(to)) => from..(to + 1).min(size),
            (Ok(from), Err(_)) => from..size,
            (Err(_), last) => size.saturating_sub(last.expect("a length"))..size,
        }
    });
    let part = match range {
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
    let length = part.len() as u64;
    let breaks_off = mood == FaultMode::BreaksOff;
    let sent = part.slice(
        ..if breaks_off {
            part.len() / 2
        } else {
            part.len()
        },
    );
    let end = stream::iter(breaks_off.then_some(())).then(|()| async {
        // The head and the beginning are on their way by then.
        sleep(Duration::from_millis(50)).await;
        Err(std::io::Error::other("gone"))
    });
    response.body(SizedStream::new(
        length,
        stream::iter([Ok(sent)]).chain(Box::pin(end)),
    ))
}
