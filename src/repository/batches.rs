//! The queues of batched queries.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    DatabaseService,
    distribution::{NodeQuery, OnNode},
    messages::GetMessages,
    ratings::RateSession,
    sessions::{CreateSession, GetSession},
    turn_leases::AcquireTurnLease,
    turns::SaveTurn,
};
use crate::{
    database::{
        DatabaseError,
        batch::{BatchQuery, BatchQueue},
    },
    domain::Viewer,
};

/// One queue for each of the queries that every conversation runs, two for reads.
#[derive(Default)]
pub(super) struct BatchQueues {
    pub create_session: Arc<BatchQueue<CreateSession>>,
    pub get_session: ReadQueues<GetSession>,
    pub rate_session: Arc<BatchQueue<RateSession>>,
    pub get_messages: ReadQueues<GetMessages>,
    pub acquire_lease: Arc<BatchQueue<AcquireTurnLease>>,
    pub save_turn: Arc<BatchQueue<SaveTurn>>,
    /// Those of distributed tables, by the group of the node.
    nodes: Mutex<HashMap<i32, Arc<NodeQueues>>>,
}

/// The queues for the sessions of a node of distributed tables.
#[derive(Default)]
pub(super) struct NodeQueues {
    pub get_session: ReadQueues<OnNode<GetSession>>,
    pub get_messages: ReadQueues<OnNode<GetMessages>>,
    pub acquire_lease: Arc<BatchQueue<OnNode<AcquireTurnLease>>>,
    pub save_turn: Arc<BatchQueue<OnNode<SaveTurn>>>,
}

impl BatchQueues {
    /// The queues of a node, by its group.
    fn of_node(&self, group: i32) -> Arc<NodeQueues> {
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(nodes.entry(group).or_default())
    }
}

impl DatabaseService {
    /// Runs `query` with others of `queue`, or on distributed tables with others of the same node,
    /// in the queue that `of_node` returns.
    pub(super) async fn execute<Q: NodeQuery>(
        &self,
        query: Q,
        queue: &Arc<BatchQueue<Q>>,
        of_node: impl FnOnce(&NodeQueues) -> &Arc<BatchQueue<OnNode<Q>>>,
    ) -> Result<Q::Output, DatabaseError> {
        let Some(node) = self.node_of(query.session()).await? else {
            return queue.execute(&self.database, query).await;
        };
        let queues = self.batches.of_node(node);
        of_node(&queues).execute(&self.database, OnNode(query)).await
    }
}

/// The queues of a read. Reads of users run in another role.
pub(super) struct ReadQueues<Q: BatchQuery> {
    users: Arc<BatchQueue<Q>>,
    others: Arc<BatchQueue<Q>>,
}

impl<Q: BatchQuery> Default for ReadQueues<Q> {
    fn default() -> Self {
        Self { users: Arc::default(), others: Arc::default() }
    }
}

impl<Q: BatchQuery> ReadQueues<Q> {
    /// The queue for reads of `viewer`.
    pub fn of(&self, viewer: Viewer) -> &Arc<BatchQueue<Q>> {
        if viewer.user_id().is_some() { &self.users } else { &self.others }
    }
}
