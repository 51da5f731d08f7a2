//! A collector that takes OTLP over HTTP, as far as anyone looks: it keeps the bytes, in which names and values stand as they are.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
};

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, web};

pub struct FakeCollector {
    pub endpoint: String,
    received: Arc<Mutex<Vec<u8>>>,
    server: ServerHandle,
}

impl FakeCollector {
    pub fn spawn() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let received = Arc::new(Mutex::new(Vec::new()));
        let data = web::Data::from(Arc::clone(&received));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/v1/traces", web::post().to(take))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listening")
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            endpoint,
            received,
            server: handle,
        }
    }

    /// All that came, with what is no text left out.
    pub fn received(&self) -> String {
        String::from_utf8_lossy(&self.received.lock().expect("no panic")).into_owned()
    }

    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}

async fn take(body: web::Bytes, received: web::Data<Mutex<Vec<u8>>>) -> HttpResponse {
    received.lock().expect("no panic").extend_from_slice(&body);
    HttpResponse::Ok()
        .content_type("application/x-protobuf")
        .finish()
}
