//! The queues of batched queries.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use uuid::Uuid;

use super::{
    DatabaseService,
    distribution::{NodeQuery, OnNode, Place},
    messages::GetMessages,
    ratings::RateSession,
    sessions::{CreateSession, GetSession},
    turn_leases::AcquireTurnLease,
    turns::SaveTurn,
};
use crate::{
    database::{
        Database, DatabaseError, Node,
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
pub(super) struct NodeQueues {
    /// The node, if it is not the coordinator.
    node: Option<Arc<Node>>,
    /// With connections to the node.
    database: Database,
    pub get_session: ReadQueues<OnNode<GetSession>>,
    pub get_messages: ReadQueues<OnNode<GetMessages>>,
    pub acquire_lease: Arc<BatchQueue<OnNode<AcquireTurnLease>>>,
    pub save_turn: Arc<BatchQueue<OnNode<SaveTurn>>>,
}

impl NodeQueues {
    fn new(coordinator: &Database, node: Option<Arc<Node>>) -> Self {
        let database = match &node {
            Some(node) => coordinator.with_node(node),
            None => coordinator.clone(),
        };
        Self {
            node,
            database,
            get_session: ReadQueues::default(),
            get_messages: ReadQueues::default(),
            acquire_lease: Arc::default(),
            save_turn: Arc::default(),
        }
    }
}

impl BatchQueues {
    /// The queues of a node. Those of its former address end with their last query.
    fn of_node(&self, coordinator: &Database, Place { group, node }: Place) -> Arc<NodeQueues> {
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queues) = nodes.get(&group)
            && queues.node.as_ref().map(Arc::as_ptr) == node.as_ref().map(Arc::as_ptr)
        {
            return Arc::clone(queues);
        }
        let queues = Arc::new(NodeQueues::new(coordinator, node));
        nodes.insert(group, Arc::clone(&queues));
        queues
    }
}

impl DatabaseService {
    /// The database with connections to the node of the session with this key, for statements that
    /// name it in each part. The same for all sessions of ordinary tables.
    pub(super) async fn database_of(&self, session: Uuid) -> Result<Database, DatabaseError> {
        Ok(match self.place_of(session).await? {
            Some(place) => self.batches.of_node(&self.database, place).database.clone(),
            None => self.database.clone(),
        })
    }

    /// Runs `query` with others of `queue`, or on distributed tables with others of the same node,
    /// in the queue that `of_node` returns.
    pub(super) async fn execute<Q: NodeQuery>(
        &self,
        query: Q,
        queue: &Arc<BatchQueue<Q>>,
        of_node: impl FnOnce(&NodeQueues) -> &Arc<BatchQueue<OnNode<Q>>>,
    ) -> Result<Q::Output, DatabaseError> {
        let Some(place) = self.place_of(query.session()).await? else {
            return queue.execute(&self.database, query).await;
        };
        let queues = self.batches.of_node(&self.database, place);
        of_node(&queues).execute(&queues.database, OnNode(query)).await
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
