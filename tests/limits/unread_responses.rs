//! Memory of responses that their clients do not read.

use std::{
    collections::HashSet,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::json;
use socket2::{Domain, Socket, Type};

use crate::{
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt},
    server_process::ServerProcess,
};

/// Most memory that the unread responses of a test may take together.
const MAX_MEBIBYTES: u64 = 100;

/// A server, and a user with sessions.
struct Hoard {
    server: ServerProcess,
    database: TestDatabase,
    _folder: tempfile::TempDir,
    token: String,
    session: String,
}

impl Hoard {
    async fn with_full_sessions(sessions: usize) -> Self {
        let hoard = Self::with_sessions(sessions).await;
        // 40 messages of the greatest length: 2,000,000 characters, of three bytes each.
        hoard
            .database
            .execute(
                "INSERT INTO public.messages \
                     (session_id, message_id, sender, text_content, position) \
                 SELECT s.id, 'msg-' || md5(s.session_id || n), \
                     CASE WHEN n % 2 = 1 THEN 'user' ELSE 'ai' END, \
                     'canary ' || repeat('好', 49993), n \
                 FROM public.sessions AS s, generate_series(1, 40) AS n; \
                 UPDATE public.sessions SET message_count = 40",
            )
            .await;
        hoard
    }

    async fn with_sessions(sessions: usize) -> Self {
        let (database, folder) =
            (TestDatabase::new().await, tempfile::tempdir().expect("a folder"));
        let settings = [
            ("DATABASE_URL", database.url.as_str()),
            ("KUKU_AUTH__MODE", "optional"),
            // For many requests at once on a slow machine.
            ("KUKU_DATABASE__ACQUIRE_TIMEOUT_SECONDS", "60"),
            // Clients that read nothing are disconnected after it.
            ("KUKU_LIMITS__BODY_IDLE_TIMEOUT_SECONDS", "120"),
        ];
        let server = ServerProcess::start(folder.path(), &settings);
        let credentials = json!({ "email": "ada@example.com", "password": "longEnough" });
        let account = server.post("/api/auth/signup", credentials).await;
        let token = account["data"]["accessToken"].as_str();
        let token = token.unwrap_or_else(|| panic!("{account}")).to_owned();
        let mut session = String::new();
        for _ in 0..sessions {
            let request = reqwest::Client::new().post(server.url("/api/sessions"));
            session = request.bearer_auth(&token).reply().await.session_id();
        }
        Self { server, database, _folder: folder, token, session }
    }

    /// Asks for `path` on `count` connections, reads nothing of the responses, and returns by how
    /// many mebibytes the server has grown.
    async fn growth_by_unread(&self, path: &str, count: usize) -> u64 {
        self.growth_by_pipelined(path, count, 1).await
    }

    /// With several requests on each connection: the system's buffers hold the first responses.
    async fn growth_by_pipelined(&self, path: &str, count: usize, requests: usize) -> u64 {
        let idle = self.resident_mebibytes();
        let sockets: Vec<TcpStream> = (0..count).map(|_| self.request(path, requests)).collect();
        let mut largest = 0;
        for _ in 0..40 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            largest = largest.max(self.resident_mebibytes());
        }
        // Others are served meanwhile.
        let answer = reqwest::Client::new().get(self.server.url("/health")).response().await;
        assert_eq!(answer.status(), 200);
        for mut socket in sockets {
            socket.set_nonblocking(false).expect("set");
            let mut head = [0; 15];
            socket.read_exact(&mut head).expect("the head of a response");
            assert_eq!(&head, b"HTTP/1.1 200 OK");
        }
        largest.saturating_sub(idle)
    }

    /// A request whose client has small buffers, so that the response stays at the server.
    fn request(&self, path: &str, requests: usize) -> TcpStream {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.set_recv_buffer_size(4_096).expect("set");
        let address =
            self.server.base.trim_start_matches("http://").replace("localhost", "127.0.0.1");
        let address: SocketAddr = address.parse().expect("an address");
        socket.connect(&address.into()).expect("connected");
        let mut stream: TcpStream = socket.into();
        let token = &self.token;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(head.repeat(requests).as_bytes()).expect("sent");
        stream
    }

    fn resident_mebibytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.pid()));
        let status = status.expect("a process");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a size");
        let kibibytes = line.split_whitespace().nth(1).and_then(|size| size.parse::<u64>().ok());
        kibibytes.expect("a number") / 1_024
    }
}

#[tokio::test]
async fn unread_histories_of_full_sessions_take_little_memory() {
    let hoard = Hoard::with_full_sessions(1).await;
    let path = format!("/api/sessions/{}/messages", hoard.session);
    let grown = hoard.growth_by_unread(&path, 200).await;
    assert!(grown <= MAX_MEBIBYTES, "{grown} MiB");
    let grown = hoard.growth_by_unread(&format!("{path}?limit=500"), 200).await;
    assert!(grown <= MAX_MEBIBYTES, "pages: {grown} MiB");
}

#[tokio::test]
async fn unread_exports_and_searches_take_little_memory() {
    let hoard = Hoard::with_full_sessions(4).await;
    let grown = hoard.growth_by_unread("/api/users/me/export", 50).await;
    assert!(grown <= MAX_MEBIBYTES, "exports: {grown} MiB");
    let path = "/api/search/messages?q=canary&limit=100";
    // They run one after another, and wait for each other for 5 s at most.
    let grown = hoard.growth_by_unread(path, 5).await;
    assert!(grown <= MAX_MEBIBYTES, "searches: {grown} MiB");
}

#[tokio::test]
async fn unread_lists_of_sessions_take_little_memory() {
    let hoard = Hoard::with_sessions(100).await;
    let feedback = "UPDATE public.sessions SET rating = 5, feedback = repeat('\u{1}', 10000)";
    hoard.database.execute(feedback).await;
    let grown = hoard.growth_by_unread("/api/sessions?limit=100", 200).await;
    assert!(grown <= MAX_MEBIBYTES, "{grown} MiB");
    let (mut ids, mut cursor) = (HashSet::new(), String::new());
    loop {
        let request = reqwest::Client::new()
            .get(hoard.server.url(&format!("/api/sessions?limit=100{cursor}")))
            .bearer_auth(&hoard.token);
        let page = request.reply().await;
        let sessions = page.data()["sessions"].as_array().expect("sessions");
        assert!(sessions.len() <= 26, "{}", sessions.len());
        ids.extend(sessions.iter().map(|session| session["sessionId"].to_string()));
        let Some(next) = page["data"]["nextCursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(ids.len(), 100);
}

#[tokio::test]
async fn unread_documentation_takes_little_memory() {
    let hoard = Hoard::with_sessions(0).await;
    let path = "/docs/swagger-ui-bundle.js";
    let grown = hoard.growth_by_pipelined(path, 200, 4).await;
    assert!(grown <= MAX_MEBIBYTES, "{grown} MiB");
    let response = reqwest::Client::new().get(hoard.server.url(path)).response().await;
    assert_eq!(response.headers()["content-type"], "text/javascript");
    let length = response.content_length().expect("a length");
    assert_eq!(response.bytes().await.expect("a body").len() as u64, length);
}

/// What is sent in pieces is complete and in order.
#[tokio::test]
async fn full_session_is_read_and_exported_completely() {
    let hoard = Hoard::with_full_sessions(2).await;
    let get = async |path: &str| {
        let request = reqwest::Client::new().get(hoard.server.url(path));
        request.bearer_auth(&hoard.token).response().await.text().await.expect("a body")
    };
    let path = format!("/api/sessions/{}/messages", hoard.session);
    let whole: serde_json::Value = serde_json::from_str(&get(&path).await).expect("JSON");
    let whole = whole["data"]["messages"].as_array().expect("messages").clone();
    assert_eq!(whole.len(), 40);
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(&format!("{path}?limit=500{cursor}")).await;
        assert!(page.len() < 300_000, "{} bytes", page.len());
        let page: serde_json::Value = serde_json::from_str(&page).expect("JSON");
        paged.extend(page["data"]["messages"].as_array().expect("messages").clone());
        let Some(next) = page["data"]["nextCursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert!(paged == whole, "{} messages in pages", paged.len());
    let export = get("/api/users/me/export").await;
    let lines: Vec<serde_json::Value> =
        export.lines().map(|line| serde_json::from_str(line).expect("a line")).collect();
    let kinds: Vec<&str> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
    let expected = [&["session"][..], &["message"; 40]].concat().repeat(2);
    assert_eq!(kinds, expected);
    let of_session = lines.iter().filter(|line| line["sessionId"] == hoard.session.as_str());
    let ids: Vec<_> = of_session.map(|line| &line["id"]).collect();
    assert_eq!(ids, whole.iter().map(|message| &message["id"]).collect::<Vec<_>>());
    drop(hoard.database);
}
