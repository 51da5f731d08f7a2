//! The queues of batched queries.

use std::sync::Arc;

use super::{
    messages::GetMessages,
    ratings::RateSession,
    sessions::{CreateSession, GetSession},
    turn_leases::AcquireTurnLease,
    turns::NewTurn,
};
use crate::database::batch::BatchQueue;

/// One queue for each of the queries that every conversation runs.
#[derive(Default)]
pub(super) struct BatchQueues {
    pub create_session: Arc<BatchQueue<CreateSession>>,
    pub get_session: Arc<BatchQueue<GetSession>>,
    pub rate_session: Arc<BatchQueue<RateSession>>,
    pub get_messages: Arc<BatchQueue<GetMessages>>,
    pub acquire_lease: Arc<BatchQueue<AcquireTurnLease>>,
    pub save_turn: Arc<BatchQueue<NewTurn>>,
}
