//! Who wants to see or change something.

use uuid::Uuid;

/// On whose behalf the repository is asked.
///
/// Sessions are somebody's or nobody's. Nobody's are reachable by whoever knows their id; somebody's by that user alone.
/// What one may not see is, for them, not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// A caller without a token.
    Anonymous,
    /// The user of a verified token.
    User(Uuid),
    /// The holder of the service role key, and this server itself; everybody, where callers are not told apart.
    Service,
}

impl Viewer {
    /// The user, if it is one.
    pub fn user_id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(id),
            Self::Anonymous | Self::Service => None,
        }
    }

    /// Whether everybody's sessions are theirs to see.
    pub fn is_service(self) -> bool {
        self == Self::Service
    }
}
