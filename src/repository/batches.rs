//! The queries that every conversation runs: in batches, or one by one on distributed tables.

use std::sync::Arc;

use super::{
    DatabaseService,
    messages::GetMessages,
    ratings::RateSession,
    sessions::{CreateSession, GetSession},
    turn_leases::AcquireTurnLease,
    turns::SaveTurn,
};
use crate::{
    database::{
        Database, DatabaseError,
        batch::{BatchQuery, BatchQueue},
    },
    domain::Viewer,
};

/// A batched query that can run in a statement of its own, which names one session. A batch touches
/// many nodes, so distributed tables refuse it.
pub(super) trait SingleQuery: BatchQuery<Context = Database> {
    /// Runs the query on distributed tables.
    fn execute_single(
        &self,
        database: &Database,
    ) -> impl Future<Output = Result<Self::Output, DatabaseError>> + Send;
}

impl DatabaseService {
    /// Runs `query`: in a batch, or alone if the tables are distributed.
    pub(super) async fn execute<Q: SingleQuery>(
        &self,
        queue: &Arc<BatchQueue<Q>>,
        query: Q,
    ) -> Result<Q::Output, DatabaseError> {
        if self.is_distributed().await? {
            query.execute_single(&self.database).await
        } else {
            queue.execute(&self.database, query).await
        }
    }
}

/// One queue for each of the queries that every conversation runs, two for reads.
#[derive(Default)]
pub(super) struct BatchQueues {
    pub create_session: Arc<BatchQueue<CreateSession>>,
    pub get_session: ReadQueues<GetSession>,
    pub rate_session: Arc<BatchQueue<RateSession>>,
    pub get_messages: ReadQueues<GetMessages>,
    pub acquire_lease: Arc<BatchQueue<AcquireTurnLease>>,
    pub save_turn: Arc<BatchQueue<SaveTurn>>,
}

/// The queues of a read. Reads of users run on connections with another role.
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
