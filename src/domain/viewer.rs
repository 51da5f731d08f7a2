//! The viewer: on whose behalf data is read or changed.

use uuid::Uuid;

/// On whose behalf the repository is called. A session has an owner or is anonymous. Anonymous
/// sessions are readable by anyone who knows the id, a signed-in user included; owned ones by the
/// owner. Everything else is reported as not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// A caller without a token.
    Anonymous,
    /// The user of a verified token.
    User(Uuid),
    /// The holder of the service role key, and this server itself; every caller, if authentication
    /// is off.
    Service,
}

impl Viewer {
    /// The id of the user, if the viewer is one.
    pub fn user_id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(id),
            Self::Anonymous | Self::Service => None,
        }
    }

    /// Whether the viewer may access the sessions of all users.
    pub fn is_service(self) -> bool {
        self == Self::Service
    }
}
