//! Why there is no speech, or no more of it.

use crate::providers::{
    ProviderError,
    openai::{
        client::unavailable,
        refusal::{Refusal, SendError},
    },
};

/// Why there is no speech, or no more of it.
pub(super) enum Failure {
    /// The server has no Realtime API, no default model of it, or refuses every session.
    NotOffered(ProviderError),
    /// The session was refused.
    SessionRefused(Box<Refusal>),
    /// The server closed the connection, and said why.
    Closed(Box<Refusal>),
    /// Another attempt may succeed: the connection broke, or the server has too much to do.
    Transient(ProviderError),
    /// Any other failure.
    Send(SendError),
}

/// Whether a refused WebSocket means that there is none at this address. Frameworks of Python
/// (Starlette) answer 403 without a body for WebSockets that they do not know.
pub(super) fn lacks_realtime_api(refusal: &Refusal) -> bool {
    match refusal.status.as_u16() {
        404 | 405 | 426 | 501 => true,
        403 => refusal.code.is_empty() && refusal.text.is_empty(),
        _ => false,
    }
}

/// A broken connection.
pub(super) fn broken() -> Failure {
    Failure::Transient(unavailable("the connection broke"))
}

/// A server that may speak again soon.
pub(super) fn overloaded() -> Failure {
    Failure::Transient(unavailable("the Realtime API has failed, or has too much to do"))
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        Self::Send(error)
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        Self::Send(SendError::Failed(error))
    }
}

impl From<Failure> for SendError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotOffered(error) | Failure::Transient(error) => Self::Failed(error),
            Failure::SessionRefused(refusal) => Self::Refused(refusal),
            Failure::Closed(_) => Self::Failed(unavailable("the server closed the connection")),
            Failure::Send(error) => error,
        }
    }
}
