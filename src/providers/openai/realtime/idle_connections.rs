//! Connections without a sentence, kept for the next one.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::sleep};

use super::connection::Connection;

/// How long a connection waits for a sentence: about as long as a person speaks and listens.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);
/// More of them are closed at once.
const MAX_IDLE: usize = 64;

/// Idle connections. Each is held by a task that answers pings, and closes the connection when the
/// server does, or nobody asks for it in time. The task hands it out when it gets a sender.
#[derive(Clone, Default)]
pub(super) struct IdleConnections(Arc<Mutex<Vec<oneshot::Sender<oneshot::Sender<Connection>>>>>);

impl IdleConnections {
    /// The connection that was used last; `None` if there is none.
    pub(super) async fn take(&self) -> Option<Connection> {
        loop {
            let keeper = self.keepers().pop()?;
            let (sender, receiver) = oneshot::channel();
            // A keeper that is gone has closed its connection.
            if keeper.send(sender).is_ok()
                && let Ok(connection) = receiver.await
                && connection.is_young()
            {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for the next sentence.
    pub(super) fn put(&self, mut connection: Connection) {
        let (keeper, mut requested) = oneshot::channel();
        {
            let mut keepers = self.keepers();
            keepers.retain(|keeper| !keeper.is_closed());
            if keepers.len() < MAX_IDLE {
                keepers.push(keeper);
            }
        }
        tokio::spawn(async move {
            tokio::select! {
                biased;
                () = connection.closed() => {}
                request = &mut requested => match request {
                    // The one who asked may be gone, and the connection with it.
                    Ok(sender) => drop(sender.send(connection)),
                    Err(_) => connection.close().await,
                },
                () = sleep(IDLE_TIMEOUT) => {
                    requested.close();
                    connection.close().await;
                }
            }
        });
    }

    fn keepers(&self) -> MutexGuard<'_, Vec<oneshot::Sender<oneshot::Sender<Connection>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
