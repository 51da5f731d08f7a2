//! A fake collector of OTLP over HTTP. It keeps the bytes, in which names and values are readable.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
};

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, web};

use super::lock;

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
            App::new().app_data(data.clone()).route("/v1/traces", web::post().to(receive))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listening")
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { endpoint, received, server: handle }
    }

    /// All received bytes as text; other bytes are replaced.
    pub fn received(&self) -> String {
        String::from_utf8_lossy(&lock(&self.received)).into_owned()
    }

    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}

async fn receive(body: web::Bytes, received: web::Data<Mutex<Vec<u8>>>) -> HttpResponse {
    lock(&received).extend_from_slice(&body);
    HttpResponse::Ok().content_type("application/x-protobuf").finish()
}
