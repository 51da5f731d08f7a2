//! Conversations: turns, and the end of a session.
//!
//! Turns of one session follow each other; sessions do not wait for each other. A turn runs as a task of its own: a
//! client that hangs up changes nothing of what is stored.

mod ending;
mod memory;
mod session_cache;
mod synthesis;
mod transcription;
mod turn;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::{
    runtime::Handle,
    sync::{MutexGuard, OwnedSemaphorePermit, Semaphore},
    time::{interval, sleep, timeout},
};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::leases::{IdempotencyError, IdempotencyService, LeaseGuard};
use crate::{
    domain::{IdempotentRequest, Message, Session, SessionId, Status, Viewer},
    metrics::{self, CleanupKind},
    providers::{Coach, ProviderError, Providers, SpeechToText, TextToSpeech},
    repository::{DatabaseService, EndedSession, RepositoryError},
    settings::Settings,
    storage::AudioStore,
};

use session_cache::{CachedSession, SessionCache};
pub use turn::{Timing, TurnEvent, TurnEvents, TurnInput, TurnResult};

/// Longest wait for the turns that were there first; about the length of two slow ones.
const TURN_QUEUE_TIMEOUT: Duration = Duration::from_secs(120);
/// How often idle sessions are looked for.
const IDLE_SWEEP_INTERVAL: Duration = Duration::from_secs(600);
/// Most idle sessions that one sweep ends: each may cost a call of the coach.
const IDLE_BATCH_SIZE: i64 = 200;
/// Pauses between looks at a session in which another server is answering, growing from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// Longest wait for a place. At full load some come free in that time, and clients that ask again at once do not take the
/// machine from the turns under way.
const PERMIT_TIMEOUT: Duration = Duration::from_millis(100);
/// A turn whose session moved on meanwhile is made once more, on fresh state.
const ATTEMPTS: usize = 2;

/// Why a turn was not stored, or a session not ended. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum ConversationError {
    /// There is no such session.
    #[error("session not found")]
    NotFound,
    /// It has ended.
    #[error("session is not active")]
    NotActive,
    /// Nothing could be heard.
    #[error("nothing could be transcribed")]
    NotTranscribable,
    /// A recording came, and no speech to text is set up.
    #[error("speech to text is not configured")]
    SpeechToTextNotConfigured,
    /// Speech to text failed.
    #[error("speech to text: {0}")]
    SpeechToText(#[source] ProviderError),
    /// The coach failed.
    #[error("coach: {0}")]
    Coach(#[source] ProviderError),
    /// Other turns of the session took too long, or kept getting in between.
    #[error("another turn is in progress")]
    Busy,
    /// More turns are under way than the server takes.
    #[error("too many turns at once")]
    Overloaded,
    /// The request's idempotency key stands in the way.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A defect: the task ended without a result.
    #[error("the turn's task failed: {0}")]
    TaskFailed(String),
}

/// A place among the turns and endings under way; free again when this goes.
pub struct TurnPermit {
    _permit: OwnedSemaphorePermit,
}

/// Holds conversations; a cheap clone.
#[derive(Clone)]
pub struct Conversations(Arc<Inner>);

struct Inner {
    db: DatabaseService,
    requests: IdempotencyService,
    active: SessionCache,
    coach: Arc<dyn Coach>,
    speech_to_text: Option<Arc<dyn SpeechToText>>,
    text_to_speech: Option<Arc<dyn TextToSpeech>>,
    audio: AudioStore,
    memory_tokens: usize,
    /// Whether an answer goes out without waiting for its sound.
    respond_before_audio: bool,
    /// Places for turns and endings, including those that wait for other turns of their session.
    places: Arc<Semaphore>,
    /// Turns outlive the request and the worker thread that brought them.
    runtime: Handle,
    tasks: TaskTracker,
}

impl Conversations {
    /// Conversations kept in `db`, with turns running on `runtime`.
    pub fn new(
        db: DatabaseService,
        requests: IdempotencyService,
        providers: &Providers,
        audio: AudioStore,
        settings: &Settings,
        runtime: Handle,
    ) -> Self {
        Self(Arc::new(Inner {
            db,
            requests,
            active: SessionCache::new(),
            coach: Arc::clone(&providers.coach),
            speech_to_text: providers.speech_to_text.clone(),
            text_to_speech: providers.text_to_speech.clone(),
            audio,
            memory_tokens: settings.coach.memory_tokens,
            respond_before_audio: settings.respond_before_audio,
            places: Arc::new(Semaphore::new(settings.limits.concurrent_turns)),
            runtime,
            tasks: TaskTracker::new(),
        }))
    }

    /// A place for a turn or an ending.
    ///
    /// # Errors
    /// [`ConversationError::Overloaded`] if none comes free within a tenth of a second.
    pub async fn acquire_permit(&self) -> Result<TurnPermit, ConversationError> {
        let places = Arc::clone(&self.0.places);
        match timeout(PERMIT_TIMEOUT, places.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(TurnPermit { _permit: permit }),
            _ => Err(ConversationError::Overloaded),
        }
    }

    /// Takes one turn: listens, answers, stores both lines, speaks. The same request again gets the same answer. That the
    /// session is the caller's has been found out before: nobody listens to a recording for a stranger. What
    /// happens meanwhile is told to `events`; they end with the turn.
    ///
    /// # Errors
    /// [`ConversationError`]; nothing of the turn is stored then.
    pub async fn take_turn(
        &self,
        place: TurnPermit,
        id: SessionId,
        input: TurnInput,
        idempotency: Option<IdempotentRequest>,
        events: Option<TurnEvents>,
    ) -> Result<TurnResult, ConversationError> {
        let inner = Arc::clone(&self.0);
        let turn = async move {
            let _place = place;
            inner
                .take_turn(&id, input, idempotency, events.as_ref())
                .await
        };
        self.run(turn.boxed()).await
    }

    /// Ends a session with a summary; answers with the stored one if it has ended already. The second value tells
    /// whether the same request had been answered before.
    ///
    /// # Errors
    /// [`ConversationError`]; the session is as it was then.
    pub async fn end(
        &self,
        viewer: Viewer,
        id: SessionId,
        idempotency: Option<IdempotentRequest>,
    ) -> Result<(EndedSession, bool), ConversationError> {
        let (inner, place) = (Arc::clone(&self.0), self.acquire_permit().await?);
        let ending = async move {
            let _place = place;
            inner.end(viewer, &id, idempotency).await
        };
        self.run(ending.boxed()).await
    }

    /// Lets go of what is at hand of a session that was erased.
    pub fn evict(&self, id: &SessionId) {
        self.0.active.forget(id);
    }

    /// Conversations at hand, and turns and endings under way.
    pub fn stats(&self) -> (u64, usize) {
        (self.0.active.count(), self.0.tasks.len())
    }

    /// Ends sessions in which nothing has happened for `idle`, now and every ten minutes; never returns.
    pub async fn sweep_idle(self, idle: Duration) {
        let mut ticks = interval(IDLE_SWEEP_INTERVAL);
        loop {
            ticks.tick().await;
            match self.end_idle(idle).await {
                Ok(0) => {}
                Ok(sessions) => {
                    metrics::record_cleanup(CleanupKind::IdleSessions, sessions as u64);
                    tracing::info!(sessions, "ended sessions that nobody ended");
                }
                Err(error) => tracing::warn!(%error, "could not look for idle sessions"),
            }
        }
    }

    /// Those whose summary fails stay active and are tried again next time; those that another server is ending are
    /// left to it. Each is a task like a turn, so that a stop waits for one of them at most.
    async fn end_idle(&self, idle: Duration) -> Result<usize, ConversationError> {
        let mut ended = 0;
        for id in self.0.db.list_idle_sessions(idle, IDLE_BATCH_SIZE).await? {
            let (inner, session) = (Arc::clone(&self.0), id.clone());
            let ending = async move { inner.end_once(&session, Some(idle), None).await };
            match self.run(ending.boxed()).await {
                Ok(_) => ended += 1,
                // The person is back.
                Err(ConversationError::Busy) => {}
                Err(error) => {
                    tracing::warn!(session = id.short(), %error, "idle session not ended")
                }
            }
        }
        Ok(ended)
    }

    /// Waits until no turn is running; new ones are not expected any more.
    pub async fn drain(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Boxed work: each future between here and the connection would hold room for a turn, otherwise.
    async fn run<T: Send + 'static>(
        &self,
        work: BoxFuture<'static, Result<T, ConversationError>>,
    ) -> Result<T, ConversationError> {
        self.0
            .tasks
            .spawn_on(work.in_current_span(), &self.0.runtime)
            .await
            // The panic's own message may hold anything; that it was a panic is enough.
            .unwrap_or_else(|error| {
                let kind = if error.is_panic() {
                    "panicked"
                } else {
                    "was cancelled"
                };
                Err(ConversationError::TaskFailed(kind.into()))
            })
    }
}

impl Inner {
    /// Waits for the turn among all servers on the database, and tells how the session stands then; `None` if it has ended.
    async fn acquire_lease(
        &self,
        id: &SessionId,
    ) -> Result<Option<(LeaseGuard, Session)>, ConversationError> {
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some((claim, session)) = self.db.acquire_turn_lease(id).await? {
                return Ok(Some((LeaseGuard::new(self.db.clone(), claim), session)));
            }
            let session = self
                .db
                .get_session(Viewer::Service, id)
                .await?
                .ok_or(ConversationError::NotFound)?;
            if session.status == Status::Ended {
                return Ok(None);
            }
            if began.elapsed() > TURN_QUEUE_TIMEOUT {
                return Err(ConversationError::Busy);
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn get_active_session(&self, id: &SessionId) -> Result<Session, ConversationError> {
        let session = self
            .db
            .get_session(Viewer::Service, id)
            .await?
            .ok_or(ConversationError::NotFound)?;
        match session.status {
            Status::Active => Ok(session),
            Status::Ended => Err(ConversationError::NotActive),
        }
    }

    /// Brings the lines at hand up to the session's row.
    async fn catch_up(
        &self,
        session: &Session,
        lines: &mut Vec<Message>,
    ) -> Result<(), ConversationError> {
        if usize::try_from(session.message_count) != Ok(lines.len()) {
            let history = self
                .db
                .get_conversation_history(Viewer::Service, &session.id)
                .await?;
            *lines = history.ok_or(ConversationError::NotFound)?;
        }
        Ok(())
    }
}

async fn lock_session(
    place: &CachedSession,
) -> Result<MutexGuard<'_, Vec<Message>>, ConversationError> {
    timeout(TURN_QUEUE_TIMEOUT, place.turn())
        .await
        .map_err(|_| ConversationError::Busy)
}
