//! A proxy in front of Postgres that cuts connections when told to.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use sqlx::postgres::PgConnectOptions;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    task::JoinSet,
    time::{Duration, sleep},
};

/// When to cut, in messages that the server sends to Postgres from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before the n-th (from 1) gets through.
    Before(usize),
    /// After Postgres got the n-th and carried it out, before its answer gets back.
    After(usize),
}

pub struct Proxy {
    pub address: SocketAddr,
    upstream: PgConnectOptions,
    armed: Arc<Mutex<Option<Cut>>>,
    asked: Arc<AtomicUsize>,
    /// PoolStatus, and the listening for them, which go with it.
    serving: Mutex<JoinSet<()>>,
}

/// What sqlx sends to see whether a connection is alive, once it is given back: nobody waits for it.
const PING: &[u8] = &[b'S', 0, 0, 0, 4];

impl Proxy {
    pub async fn in_front_of(options: &PgConnectOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxy = Self {
            address: listener.local_addr().expect("an address"),
            upstream: options.clone(),
            armed: Arc::default(),
            asked: Arc::default(),
            serving: Mutex::default(),
        };
        proxy.serve(listener);
        proxy
    }

    fn serve(&self, listener: TcpListener) {
        let (upstream, armed, asked) = (
            self.upstream.clone(),
            Arc::clone(&self.armed),
            Arc::clone(&self.asked),
        );
        let serving = async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (upstream, armed, asked) =
                    (upstream.clone(), Arc::clone(&armed), Arc::clone(&asked));
                connections.spawn(async move {
                    match upstream.get_socket() {
                        Some(folder) => {
                            let path = folder.join(format!(".s.PGSQL.{}", upstream.get_port()));
                            if let Ok(server) = UnixStream::connect(path).await {
                                carry(client, server, &armed, &asked).await;
                            }
                        }
                        None => {
                            let target = (upstream.get_host().to_owned(), upstream.get_port());
                            if let Ok(server) = TcpStream::connect(target).await {
                                carry(client, server, &armed, &asked).await;
                            }
                        }
                    }
                });
            }
        };
        self.serving.lock().expect("not poisoned").spawn(serving);
    }

    /// Breaks all connections, and refuses new ones for so long, as a server does that restarts.
    pub async fn refuse_for(&self, time: Duration) {
        let mut serving = std::mem::take(&mut *self.serving.lock().expect("not poisoned"));
        serving.shutdown().await;
        sleep(time).await;
        self.serve(
            TcpListener::bind(self.address)
                .await
                .expect("the same port"),
        );
    }

    /// How often Postgres was asked something since this was last called.
    pub fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    pub fn cut(&self, cut: Cut) {
        *self.armed.lock().expect("not poisoned") = Some(cut);
    }

    /// Takes the order back; tells whether it was carried out.
    pub fn disarm(&self) -> bool {
        self.armed.lock().expect("not poisoned").take().is_none()
    }
}

/// Carries bytes both ways until one side closes or the connection is to be cut.
async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
    mut client: TcpStream,
    mut server: S,
    armed: &Mutex<Option<Cut>>,
    counter: &AtomicUsize,
) {
    let (mut asked, mut answered) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(1..) = read else { return };
                let bytes = &asked[..read.expect("read")];
                counter.fetch_add(usize::from(bytes != PING), Ordering::SeqCst);
                match due(armed) {
                    Some(Cut::Before(_)) => return,
                    Some(Cut::After(_)) => {
                        server.write_all(bytes).await.ok();
                        // Time enough to carry it out; the answer is never fetched.
                        sleep(Duration::from_millis(150)).await;
                        return;
                    }
                    None => if server.write_all(bytes).await.is_err() { return },
                }
            }
            read = server.read(&mut answered) => {
                let Ok(1..) = read else { return };
                if client.write_all(&answered[..read.expect("read")]).await.is_err() { return }
            }
        }
    }
}

/// Counts one message; the cut if this is the one.
fn due(armed: &Mutex<Option<Cut>>) -> Option<Cut> {
    let mut armed = armed.lock().expect("not poisoned");
    match *armed {
        Some(cut @ (Cut::Before(1) | Cut::After(1))) => {
            *armed = None;
            Some(cut)
        }
        Some(Cut::Before(n)) => {
            *armed = Some(Cut::Before(n - 1));
            None
        }
        Some(Cut::After(n)) => {
            *armed = Some(Cut::After(n - 1));
            None
        }
        None => None,
    }
}
