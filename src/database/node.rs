//! A node of a cluster, which is connected to without its coordinator.

use std::{
    io, mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sqlx::{Error, PgConnection, postgres::PgConnectOptions};

use super::{
    advice::server_text, connect_options::with_server, server_identity::system_identifier,
    stale_connections::StaleConnections,
};

/// A node of a Citus cluster; shared by all pools that connect to it.
///
/// Its address is the one by which the other nodes reach it. From here, it may lead to another
/// server, or nowhere: a node is used after a check, and each connection to it is verified.
pub(crate) struct Node {
    group: i32,
    host: String,
    port: u16,
    state: Mutex<State>,
    pub(super) stale: StaleConnections,
}

#[derive(Default)]
struct State {
    is_reachable: bool,
    /// `system_identifier` of the node's Postgres, as the coordinator sees it.
    system: Option<i64>,
    /// Why it is not reachable, so that the same reason is logged once.
    reason: Option<String>,
}

impl Node {
    /// The node of a group, which is not reachable before its first check.
    pub fn new(group: i32, host: String, port: u16) -> Self {
        Self { group, host, port, state: Mutex::default(), stale: StaleConnections::default() }
    }

    /// The number of its group, which stays with the node.
    pub fn group(&self) -> i32 {
        self.group
    }

    /// Whether it is the node of this group, at this address.
    pub fn is_at(&self, group: i32, host: &str, port: u16) -> bool {
        (self.group, self.host.as_str(), self.port) == (group, host, port)
    }

    /// Whether it is to be connected to.
    pub fn is_reachable(&self) -> bool {
        self.state().is_reachable
    }

    /// Why it is not, as "host:port (reason)"; `None` if it is reachable or was not checked.
    pub fn failure(&self) -> Option<String> {
        let reason = self.state().reason.clone()?;
        Some(format!("{}:{} ({reason})", self.host, self.port))
    }

    /// The options that lead to this node, where `coordinator` lead to its coordinator.
    pub(super) fn options(&self, coordinator: &PgConnectOptions) -> PgConnectOptions {
        with_server(coordinator, &self.host, self.port)
    }

    /// Which server the node has to be: the `system_identifier` of the one that the coordinator
    /// reaches; `None` if it reaches none.
    pub(super) fn set_system(&self, system: Option<i64>) {
        self.state().system = system;
    }

    /// Verifies that a connection leads to the node.
    ///
    /// # Errors
    /// [`Error::Io`] if it does not
    pub(super) async fn verify(&self, connection: &mut PgConnection) -> Result<(), Error> {
        let system = self.state().system;
        if system.is_none() {
            return Err(failure(
                "the coordinator does not reach it, or its metadata are not synchronised",
            ));
        }
        // Copies of a node have its identifier, but not its group, or are standbys.
        let leads_here = Some(system_identifier(connection).await?) == system
            && group_of_primary(connection).await? == Some(self.group);
        match leads_here {
            true => Ok(()),
            false => {
                Err(failure("it is read-only, or the address leads to another server from here"))
            }
        }
    }

    /// Ends its use until the next check, without a word.
    pub fn suspend(&self) {
        self.state().is_reachable = false;
    }

    /// Starts its use.
    pub(super) fn set_reachable(&self) {
        let was_reachable = {
            let mut state = self.state();
            state.reason = None;
            mem::replace(&mut state.is_reachable, true)
        };
        if !was_reachable {
            let (group, host, port) = (self.group, &self.host, self.port);
            tracing::info!(
                group,
                host,
                port,
                "connected to a worker; its sessions need no coordinator"
            );
        }
    }

    /// Ends the use of the node until its next check.
    pub(super) fn set_unreachable(&self, error: &Error) {
        let reason = match error {
            Error::PoolTimedOut => "no answer".to_owned(),
            other => server_text(other),
        };
        let is_known = {
            let mut state = self.state();
            state.is_reachable = false;
            state.reason.replace(reason.clone()).is_some_and(|known| known == reason)
        };
        if !is_known {
            let (group, host, port) = (self.group, &self.host, self.port);
            tracing::warn!(
                group,
                host,
                port,
                reason,
                "cannot connect to a worker; its sessions go through the coordinator"
            );
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failure(reason: &str) -> Error {
    Error::Io(io::Error::other(reason))
}

/// The group of the connected node; `None` if it is a standby or read-only.
async fn group_of_primary(connection: &mut PgConnection) -> Result<Option<i32>, Error> {
    // Not checked at compile time: the catalog comes with the extension.
    let group = sqlx::query_scalar(
        "SELECT groupid FROM pg_dist_local_group \
         WHERE NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'",
    );
    group.fetch_optional(connection).await
}

/// Has each statement planned once. By itself, Postgres plans calls of functions that Citus
/// distributes at each execution, since Citus makes any other plan look expensive: half the cost of
/// a call. In return Citus refuses joins, CTEs and subqueries of distributed tables with parameters
/// ("could not create distributed plan"), so no statement that goes to a node has them.
///
/// An operator's choice stays: some versions of Citus need `force_custom_plan`.
pub(super) async fn keep_plans(connection: &mut PgConnection) -> Result<(), Error> {
    let set = sqlx::query!(
        r#"
        SELECT set_config('plan_cache_mode', 'force_generic_plan', FALSE) AS mode
        WHERE current_setting('plan_cache_mode') = 'auto'
        "#
    );
    set.fetch_optional(connection).await?;
    Ok(())
}
