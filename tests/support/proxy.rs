//! A proxy in front of Postgres that counts messages and cuts connections.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use sqlx::postgres::PgConnectOptions;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    task::JoinSet,
    time::{Duration, sleep},
};

use super::lock;

/// Where to cut a connection, in messages from the server to Postgres, counted from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before Postgres receives the n-th message (from 1).
    Before(usize),
    /// After Postgres has executed the n-th message, before the server receives the result.
    After(usize),
}

pub struct Proxy {
    pub address: SocketAddr,
    upstream: PgConnectOptions,
    traffic: Arc<Traffic>,
    /// The listener and its connections.
    tasks: Mutex<JoinSet<()>>,
}

/// What happens to messages to Postgres.
#[derive(Default)]
struct Traffic {
    cut: Mutex<Option<Cut>>,
    queries: AtomicUsize,
    /// The SQL of statements that were prepared.
    statements: Mutex<Vec<String>>,
    is_silent: AtomicBool,
    is_full: AtomicBool,
}

/// The ping of a connection that returns to the pool, which no request waits for: not counted.
const PING: &[u8] = &[b'S', 0, 0, 0, 4];

/// The message by which a client asks for TLS.
const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 4, 210, 22, 47];

impl Proxy {
    pub async fn in_front_of(options: &PgConnectOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxy = Self {
            address: listener.local_addr().expect("an address"),
            upstream: options.clone(),
            traffic: Arc::default(),
            tasks: Mutex::default(),
        };
        proxy.serve(listener);
        proxy
    }

    fn serve(&self, listener: TcpListener) {
        let (upstream, traffic) = (self.upstream.clone(), Arc::clone(&self.traffic));
        let accept = async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (upstream, traffic) = (upstream.clone(), Arc::clone(&traffic));
                connections.spawn(async move { forward(client, &upstream, &traffic).await });
            }
        };
        lock(&self.tasks).spawn(accept);
    }

    /// Closes all connections and refuses new ones for `time`, as a restarting server does.
    pub async fn refuse_for(&self, time: Duration) {
        let mut tasks = std::mem::take(&mut *lock(&self.tasks));
        tasks.shutdown().await;
        sleep(time).await;
        let listener = TcpListener::bind(self.address).await;
        self.serve(listener.expect("the same port"));
    }

    /// The number of messages to Postgres since the last call, without pings.
    pub fn query_count(&self) -> usize {
        self.traffic.queries.swap(0, Ordering::SeqCst)
    }

    /// The SQL of all statements that were prepared.
    pub fn statements(&self) -> Vec<String> {
        lock(&self.traffic.statements).clone()
    }

    /// Accepts messages from now on, and passes none on.
    pub fn stop_answering(&self) {
        self.traffic.is_silent.store(true, Ordering::SeqCst);
    }

    /// Refuses new connections from now on, as a server that has as many as it may.
    pub fn refuse_more_connections(&self) {
        self.traffic.is_full.store(true, Ordering::SeqCst);
    }

    pub fn cut_at(&self, cut: Cut) {
        *lock(&self.traffic.cut) = Some(cut);
    }

    /// Cancels a cut; whether it had happened already.
    pub fn cancel_cut(&self) -> bool {
        lock(&self.traffic.cut).take().is_none()
    }
}

async fn forward(mut client: TcpStream, upstream: &PgConnectOptions, traffic: &Traffic) {
    if traffic.is_full.load(Ordering::SeqCst) {
        return refuse(&mut client).await;
    }
    match upstream.get_socket() {
        Some(folder) => {
            let path = folder.join(format!(".s.PGSQL.{}", upstream.get_port()));
            if let Ok(server) = UnixStream::connect(path).await {
                copy(client, server, traffic).await;
            }
        }
        None => {
            let target = (upstream.get_host().to_owned(), upstream.get_port());
            if let Ok(server) = TcpStream::connect(target).await {
                copy(client, server, traffic).await;
            }
        }
    }
}

/// Answers the start of a connection with the error of a server that is full.
async fn refuse(client: &mut TcpStream) {
    const TOO_MANY_CONNECTIONS: &[u8] =
        b"SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0";
    let mut request = [0; 1024];
    while let Ok(1..) = client.read(&mut request).await {
        if request.starts_with(SSL_REQUEST) {
            client.write_all(b"N").await.ok();
            continue;
        }
        let length = u32::try_from(TOO_MANY_CONNECTIONS.len() + 4).expect("short").to_be_bytes();
        let error = [b"E", &length[..], TOO_MANY_CONNECTIONS].concat();
        client.write_all(&error).await.ok();
        return;
    }
}

/// Copies bytes both ways until one side closes, or the connection is cut.
async fn copy<S: AsyncRead + AsyncWrite + Unpin>(
    mut client: TcpStream,
    mut server: S,
    traffic: &Traffic,
) {
    let (mut request, mut result) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut request) => {
                let Ok(1..) = read else { return };
                let bytes = &request[..read.expect("read")];
                traffic.queries.fetch_add(usize::from(bytes != PING), Ordering::SeqCst);
                lock(&traffic.statements).extend(prepared_statement(bytes));
                if traffic.is_silent.load(Ordering::SeqCst) {
                    continue;
                }
                match count_down(&traffic.cut) {
                    Some(Cut::Before(_)) => return,
                    Some(Cut::After(_)) => {
                        server.write_all(bytes).await.ok();
                        // Time enough to execute the query; the result is never read.
                        sleep(Duration::from_millis(150)).await;
                        return;
                    }
                    None => if server.write_all(bytes).await.is_err() { return },
                }
            }
            read = server.read(&mut result) => {
                let Ok(1..) = read else { return };
                if client.write_all(&result[..read.expect("read")]).await.is_err() { return }
            }
        }
    }
}

/// The SQL of a message that prepares a statement; `None` for others.
fn prepared_statement(message: &[u8]) -> Option<String> {
    // Of the message Parse: its length, the statement's name, and the SQL.
    let (_, text) = message.strip_prefix(b"P")?.split_at_checked(4)?;
    let sql = text.split(|byte| *byte == 0).nth(1)?;
    Some(String::from_utf8_lossy(sql).into_owned())
}

/// Counts one message; returns the cut if it is due at this message.
fn count_down(cut: &Mutex<Option<Cut>>) -> Option<Cut> {
    let mut cut = lock(cut);
    match *cut {
        Some(due @ (Cut::Before(1) | Cut::After(1))) => {
            *cut = None;
            return Some(due);
        }
        Some(Cut::Before(n)) => *cut = Some(Cut::Before(n - 1)),
        Some(Cut::After(n)) => *cut = Some(Cut::After(n - 1)),
        None => {}
    }
    None
}
