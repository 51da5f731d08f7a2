//! The queues of batched queries.

use std::sync::Arc;

use super::{
    messages::GetMessages,
    ratings::RateSession,
    sessions::{CreateSession, GetSession},
    turn_leases::AcquireTurnLease,
    turns::SaveTurn,
};
use crate::{
    database::batch::{BatchQuery, BatchQueue},
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
