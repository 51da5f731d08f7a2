//! Conversations: turns, and the ending of sessions.
//!
//! Turns of one session run one after another; sessions do not wait for each other. A turn runs as
//! its own task: a client that disconnects changes nothing of what is stored.

mod ending;
mod intent;
mod memory;
mod reply;
mod reply_output;
mod reply_writer;
mod session_cache;
mod session_lease;
mod speech;
mod stored_turn;
mod transcription;
mod turn;
mod turn_result;
mod unanswered;
mod user_text;

use std::{net::IpAddr, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::{runtime::Handle, sync::Semaphore, time::sleep};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::idempotency::{IdempotencyError, IdempotencyService};
use crate::{
    domain::{IdempotentRequest, SessionId, Viewer},
    providers::{Coach, ProviderError, Providers, SpeechToText, TextToSpeech},
    repository::{DatabaseService, EndedSession, IdleSession, RepositoryError},
    settings::Settings,
    shares::{ClientPermit, ClientPermits, Shares},
    storage::AudioStore,
};

use session_cache::SessionCache;
pub use turn::TurnInput;
pub use turn_result::{Timing, TurnEvent, TurnEvents, TurnResult};

/// Longest wait for a permit. At full load some are released within it, and clients that retry at
/// once do not take the CPU from turns in progress.
const PERMIT_TIMEOUT: Duration = Duration::from_millis(100);
/// A turn whose session changed meanwhile is made once more, on fresh state.
const MAX_ATTEMPTS: usize = 2;
/// Most turns and endings of a session that wait for the one in progress: a person has one or two.
const MAX_QUEUED_TURNS: usize = 8;
/// Most conversations that are read at a time. A usual one takes a millisecond.
const MAX_CONVERSATION_READS: usize = 8;
/// Most turns and endings with a long conversation.
const MAX_LONG_CONVERSATIONS: usize = 4;
/// Most idle sessions that one run of the job ends: each may cost a call of the coach.
const IDLE_BATCH_SIZE: i64 = 200;

/// Wait before the second attempt at the summary of an idle session; it doubles with each failure.
const CLOSING_RETRY_DELAY: Duration = Duration::from_secs(10 * 60);

/// Why a turn was not stored, or a session not ended. Nothing has changed then, with two
/// exceptions: a recording is kept if the coach fails, and after [`RepositoryError::Unavailable`]
/// the result of the last attempt may have been lost.
#[derive(Debug, thiserror::Error)]
pub enum ConversationError {
    /// The session does not exist.
    #[error("session not found")]
    NotFound,
    /// The session has ended.
    #[error("session is not active")]
    NotActive,
    /// The recording holds no recognisable speech.
    #[error("nothing could be transcribed")]
    NotTranscribable,
    /// The input is a recording, and no speech to text is configured.
    #[error("speech to text is not configured")]
    SpeechToTextNotConfigured,
    /// Speech to text failed.
    #[error("speech to text: {0}")]
    SpeechToText(#[source] ProviderError),
    /// The coach failed. While it waits for a yes, a recording may be kept all the same.
    #[error("coach: {0}")]
    Coach(#[source] ProviderError),
    /// The coach failed. The recording is kept and goes with the next turn.
    #[error("coach, with the recording kept: {0}")]
    Unanswered(#[source] ProviderError),
    /// The session holds as many characters as a session may.
    #[error("the session is full")]
    Full,
    /// Other turns of the session took too long, or were stored first.
    #[error("another turn is in progress")]
    Busy,
    /// All permits are taken.
    #[error("too many turns at once")]
    Overloaded,
    /// The request's idempotency key is in use.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The server stops, and its time for turns in progress is over.
    #[error("the turn was cancelled by a shutdown")]
    Cancelled,
    /// A defect: the task ended without a result.
    #[error("the turn's task failed: {0}")]
    TaskFailed(String),
}

/// A permit for one turn or ending, released on drop.
pub struct TurnPermit {
    _permit: ClientPermit,
}

/// Holds conversations; a cheap clone.
#[derive(Clone)]
pub struct Conversations(Arc<Inner>);

struct Inner {
    db: DatabaseService,
    idempotency: IdempotencyService,
    sessions: SessionCache,
    coach: Arc<dyn Coach>,
    speech_to_text: Option<Arc<dyn SpeechToText>>,
    text_to_speech: Option<Arc<dyn TextToSpeech>>,
    audio: AudioStore,
    memory_tokens: usize,
    /// Token budget of a closing summary.
    closing_tokens: usize,
    /// Whether sessions that end are merged into the memory of their user, and memories are used.
    uses_memories: bool,
    /// Whether a response is sent before its audio is ready.
    respond_before_audio: bool,
    /// How long after a message its audio may still be in the making, after the response was sent.
    audio_wait_timeout: Duration,
    /// Permits for turns and endings, including those that wait for other turns of their session.
    permits: ClientPermits,
    /// Reads of whole conversations, each of up to 10 MB.
    conversation_reads: Semaphore,
    /// Turns and endings with long conversations in memory.
    long_conversations: Semaphore,
    /// Turns and endings of each session, in progress and waiting.
    turns_of_sessions: Shares<SessionId>,
    /// The runtime of the turns, which outlive their request and its worker thread.
    runtime: Handle,
    tasks: TaskTracker,
}

impl Conversations {
    /// Conversations stored in `db`, with turns running on `runtime`.
    pub fn new(
        db: DatabaseService,
        idempotency: IdempotencyService,
        providers: &Providers,
        audio: AudioStore,
        settings: &Settings,
        runtime: Handle,
    ) -> Self {
        Self(Arc::new(Inner {
            db,
            idempotency,
            sessions: SessionCache::new(),
            coach: Arc::clone(&providers.coach),
            speech_to_text: providers.speech_to_text.clone(),
            text_to_speech: providers.text_to_speech.clone(),
            audio,
            memory_tokens: settings.coach.memory_tokens,
            closing_tokens: settings.coach.closing_tokens,
            uses_memories: settings.memory.enabled,
            respond_before_audio: settings.respond_before_audio,
            audio_wait_timeout: match (settings.respond_before_audio, &providers.text_to_speech) {
                (true, Some(_)) => Duration::from_secs(settings.text_to_speech.timeout_seconds),
                _ => Duration::ZERO,
            },
            permits: ClientPermits::new(settings.limits.concurrent_turns),
            conversation_reads: Semaphore::new(MAX_CONVERSATION_READS),
            long_conversations: Semaphore::new(MAX_LONG_CONVERSATIONS),
            turns_of_sessions: Shares::default(),
            runtime,
            tasks: TaskTracker::new(),
        }))
    }

    /// A permit for a turn or an ending; [`ConversationError::Overloaded`] if none is released
    /// within 100 ms, or if `client` has a tenth of all permits.
    pub async fn acquire_permit(
        &self,
        client: Option<IpAddr>,
    ) -> Result<TurnPermit, ConversationError> {
        let permit = self.0.permits.acquire(client, PERMIT_TIMEOUT).await;
        permit.map(|permit| TurnPermit { _permit: permit }).ok_or(ConversationError::Overloaded)
    }

    /// Takes one turn: transcribes, decides the reply, stores both messages, synthesizes audio.
    /// `events` gets its progress and is dropped with the turn. The caller has checked that the
    /// session is the viewer's, before any recording is received.
    pub async fn take_turn(
        &self,
        permit: TurnPermit,
        viewer: Viewer,
        id: SessionId,
        input: TurnInput,
        idempotency: Option<IdempotentRequest>,
        events: Option<TurnEvents>,
    ) -> Result<TurnResult, ConversationError> {
        let inner = Arc::clone(&self.0);
        let turn = async move {
            let _permit = permit;
            inner.take_turn(viewer, &id, input, idempotency, events.as_ref()).await
        };
        self.spawn(turn.boxed()).await
    }

    /// Ends a session with a summary; returns the stored one if it has ended already. The second
    /// value is true if the response is replayed.
    pub async fn end(
        &self,
        permit: TurnPermit,
        viewer: Viewer,
        id: SessionId,
        idempotency: Option<IdempotentRequest>,
    ) -> Result<(EndedSession, bool), ConversationError> {
        let inner = Arc::clone(&self.0);
        let ending = async move {
            let _permit = permit;
            inner.end(viewer, &id, idempotency).await
        };
        self.spawn(ending.boxed()).await
    }

    /// Ends sessions without activity for `idle`, at most 200, and returns how many.
    ///
    /// A session whose summary fails is put off, so that it does not keep others from being ended,
    /// and after five failures its summary is put together by rule. Sessions that another server is
    /// ending are skipped. Each ending is a task like a turn, so that a shutdown waits for one at
    /// most.
    pub async fn end_idle(&self, idle: Duration) -> Result<u64, ConversationError> {
        let mut ended = 0;
        for IdleSession { id, closing_failures } in
            self.0.db.list_idle_sessions(idle, IDLE_BATCH_SIZE).await?
        {
            let mut result = self.end_idle_session(&id, idle, closing_failures).await;
            if let Err(ConversationError::Coach(error)) = &result
                && let Some(pause) = error.not_called()
            {
                // Because of other sessions: the coach has not seen this one.
                sleep(pause).await;
                result = self.end_idle_session(&id, idle, closing_failures).await;
            }
            match result {
                Ok(_) => ended += 1,
                Err(ConversationError::Coach(error)) if error.not_called().is_some() => {
                    tracing::warn!(%error, "idle sessions are ended later");
                    break;
                }
                // A turn has arrived meanwhile, or other long conversations are in progress.
                Err(ConversationError::Busy | ConversationError::Overloaded) => {}
                Err(error) => {
                    tracing::warn!(session = id.short(), %error, "idle session not ended");
                    self.0.db.postpone_closing(&id, CLOSING_RETRY_DELAY).await?;
                }
            }
        }
        Ok(ended)
    }

    async fn end_idle_session(
        &self,
        id: &SessionId,
        idle: Duration,
        closing_failures: i32,
    ) -> Result<EndedSession, ConversationError> {
        let (inner, session) = (Arc::clone(&self.0), id.clone());
        let ending = async move { inner.end_idle(&session, idle, closing_failures).await };
        self.spawn(ending.boxed()).await
    }

    /// Removes a deleted session from the cache.
    pub fn evict(&self, id: &SessionId) {
        self.0.sessions.invalidate(id);
    }

    /// The number of cached sessions, and of turns and endings in progress.
    pub fn stats(&self) -> (u64, usize) {
        (self.0.sessions.count(), self.0.tasks.len())
    }

    /// Waits until no turn is in progress. No new turns are expected.
    pub async fn drain(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Runs `work` as a task. Boxed, or each future up to the connection would reserve the size of
    /// a turn.
    async fn spawn<T: Send + 'static>(
        &self,
        work: BoxFuture<'static, Result<T, ConversationError>>,
    ) -> Result<T, ConversationError> {
        self.0
            .tasks
            .spawn_on(work.in_current_span(), &self.0.runtime)
            .await
            // The panic's message is not logged: it may hold user data.
            .unwrap_or_else(|error| {
                Err(match error.is_panic() {
                    true => ConversationError::TaskFailed("panicked".into()),
                    false => ConversationError::Cancelled,
                })
            })
    }
}
