//! A turn from the person's words to the coach's answer, and the end of a session.
//!
//! Turns of one session follow each other; sessions do not wait for each other. A turn runs as a task of its own: a
//! client that hangs up changes nothing of what is stored.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tempfile::TempPath;
use tokio::{runtime::Handle, sync::MutexGuard, time::timeout};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::{
    ReplyAudio,
    active_sessions::{ActiveSession, ActiveSessions},
    memory,
};
use crate::{
    domain::{
        AudioFormat, Close, MAX_TEXT_CHARACTERS, Message, MessageId, RunningSummary, Sender, Session, SessionId,
        Status, Step, WrapUp,
    },
    providers::{Coach, ProviderError, Providers, SpeechToText, Talk, TextToSpeech},
    repository::{DatabaseService, EndedSession, RepositoryError, SavedTurn, Turn},
};

/// Longest wait for the turns that were there first; about the length of two slow ones.
const TURN_PATIENCE: Duration = Duration::from_secs(120);
/// A turn whose session moved on meanwhile is made once more, on fresh state.
const ATTEMPTS: usize = 2;

/// The summary of a session in which nothing was said.
const EMPTY_SUMMARY: &str = "KEY DISCUSSION POINTS:\n- We did not get to talk this time.\n\nMAIN BREAKTHROUGHS:\n- None yet.\n\n\
     ACTION PLAN:\n- Come back whenever you like.\n\nFinal Note: You are welcome at any time.";

/// What a person says in a turn.
pub enum Input {
    /// Typed words.
    Typed(String),
    /// A recording; the file goes with this value.
    Spoken(TempPath, AudioFormat),
    /// A recording too short to hold speech.
    Silence,
}

/// A stored turn.
pub struct TurnAnswer {
    /// The person's line.
    pub user: Message,
    /// The coach's line; the summary if the session has ended.
    pub ai: Message,
    /// Whether the coach's line can be heard.
    pub audible: bool,
    /// Whether the coach has asked to wrap up.
    pub awaiting_confirmation: bool,
    /// Whether the session has ended with this turn.
    pub session_ended: bool,
}

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
    /// More words than a line may have.
    #[error("text too long")]
    TooLong,
    /// A recording came, and no speech to text is set up.
    #[error("speech to text is not configured")]
    CannotListen,
    /// Speech to text failed.
    #[error("speech to text: {0}")]
    Listening(#[source] ProviderError),
    /// The coach failed.
    #[error("coach: {0}")]
    Coach(#[source] ProviderError),
    /// Other turns of the session took too long, or kept getting in between.
    #[error("another turn is in progress")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A defect: the task ended without a result.
    #[error("the turn's task failed: {0}")]
    Crashed(String),
}

/// Holds conversations; a cheap clone.
#[derive(Clone)]
pub struct Conversations(Arc<Inner>);

struct Inner {
    db: DatabaseService,
    active: ActiveSessions,
    coach: Arc<dyn Coach>,
    speech_to_text: Option<Arc<dyn SpeechToText>>,
    text_to_speech: Option<Arc<dyn TextToSpeech>>,
    audio: ReplyAudio,
    memory_tokens: usize,
    /// Turns outlive the request and the worker thread that brought them.
    runtime: Handle,
    tasks: TaskTracker,
}

/// What the coach answers, before it is stored.
struct Answer {
    text: String,
    wrap_up: WrapUp,
    ends_session: bool,
}

/// The session moved on while the answer was made; not an error of anybody's.
enum SaveError {
    MovedOn,
    Failed(RepositoryError),
}

impl Conversations {
    /// Conversations kept in `db`, with turns running on `runtime`.
    pub fn new(
        db: DatabaseService,
        providers: &Providers,
        audio: ReplyAudio,
        memory_tokens: usize,
        runtime: Handle,
    ) -> Self {
        Self(Arc::new(Inner {
            db,
            active: ActiveSessions::new(),
            coach: Arc::clone(&providers.coach),
            speech_to_text: providers.speech_to_text.clone(),
            text_to_speech: providers.text_to_speech.clone(),
            audio,
            memory_tokens,
            runtime,
            tasks: TaskTracker::new(),
        }))
    }

    /// Takes one turn: listens, answers, stores both lines, speaks.
    ///
    /// # Errors
    /// [`ConversationError`]; nothing of the turn is stored then.
    pub async fn take_turn(&self, id: SessionId, input: Input) -> Result<TurnAnswer, ConversationError> {
        let inner = Arc::clone(&self.0);
        self.run(async move { inner.take_turn(&id, input).await }).await
    }

    /// Ends a session with a summary; answers with the stored one if it has ended already.
    ///
    /// # Errors
    /// [`ConversationError`]; the session is as it was then.
    pub async fn end(&self, id: SessionId) -> Result<EndedSession, ConversationError> {
        let inner = Arc::clone(&self.0);
        self.run(async move { inner.end(&id).await }).await
    }

    /// Waits until no turn is running; new ones are not expected any more.
    pub async fn finish(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ConversationError>> + Send + 'static,
    ) -> Result<T, ConversationError> {
        self.0
            .tasks
            .spawn_on(work.in_current_span(), &self.0.runtime)
            .await
            // The panic's own message may hold anything; that it was a panic is enough.
            .unwrap_or_else(|error| {
                let kind = if error.is_panic() { "panicked" } else { "was cancelled" };
                Err(ConversationError::Crashed(kind.into()))
            })
    }
}

impl Inner {
    async fn take_turn(self: &Arc<Self>, id: &SessionId, input: Input) -> Result<TurnAnswer, ConversationError> {
        let arrived = Instant::now();
        let place = self.active.of(id);
        let mut lines = wait_for_turn(&place).await?;
        self.open_session(id).await?;
        let said = self.listen(input).await?;
        let heard = arrived.elapsed();
        for _ in 0..ATTEMPTS {
            let session = self.open_session(id).await?;
            self.catch_up(&session, &mut lines).await?;
            let answer = self.answer(&session, &lines, &said).await?;
            let answered = arrived.elapsed();
            let (user_id, ai_id) = (MessageId::generate(), MessageId::generate());
            let turn = Turn {
                message_count: session.message_count,
                user_id: &user_id,
                user_text: &said,
                said_ago: answered,
                ai_id: &ai_id,
                ai_text: &answer.text,
                wrap_up: answer.wrap_up,
                ends_session: answer.ends_session,
            };
            let (saved, draft) = match tokio::try_join!(self.save(id, &turn), self.speak(&answer)) {
                Ok(both) => both,
                Err(SaveError::MovedOn) => continue,
                Err(SaveError::Failed(error)) => return Err(error.into()),
            };
            let audible = draft.is_some_and(|draft| self.publish(draft, &ai_id));
            tracing::info!(
                session = id.short(),
                heard_ms = heard.as_millis(),
                answered_ms = answered.as_millis(),
                done_ms = arrived.elapsed().as_millis(),
                audible,
                ended = answer.ends_session,
                "turn stored"
            );
            let result = TurnAnswer {
                user: Message {
                    id: user_id,
                    sender: Sender::User,
                    text: said,
                    created_at: saved.user_at,
                },
                ai: Message {
                    id: ai_id,
                    sender: Sender::Ai,
                    text: answer.text,
                    created_at: saved.ai_at,
                },
                audible,
                awaiting_confirmation: answer.wrap_up.awaiting,
                session_ended: answer.ends_session,
            };
            lines.extend([result.user.clone(), result.ai.clone()]);
            if result.session_ended {
                self.active.forget(id);
            } else {
                self.merge_memory_if_due(id, &session.running_summary, &lines, &place);
            }
            return Ok(result);
        }
        Err(ConversationError::Busy)
    }

    async fn end(&self, id: &SessionId) -> Result<EndedSession, ConversationError> {
        let place = self.active.of(id);
        let mut lines = wait_for_turn(&place).await?;
        for _ in 0..ATTEMPTS {
            let session = self.db.get_session(id).await?.ok_or(ConversationError::NotFound)?;
            if session.status == Status::Ended {
                self.active.forget(id);
                return Ok(EndedSession {
                    summary: session.summary.unwrap_or_default(),
                    duration_seconds: session.duration_seconds.unwrap_or_default(),
                    message_count: session.message_count,
                });
            }
            self.catch_up(&session, &mut lines).await?;
            let summary = self.sum_up(&session, &lines).await?;
            if let Some(ended) = self.db.end_session(id, session.message_count, &summary).await? {
                tracing::info!(session = id.short(), "session ended");
                self.active.forget(id);
                return Ok(ended);
            }
        }
        Err(ConversationError::Busy)
    }

    async fn open_session(&self, id: &SessionId) -> Result<Session, ConversationError> {
        let session = self.db.get_session(id).await?.ok_or(ConversationError::NotFound)?;
        match session.status {
            Status::Active => Ok(session),
            Status::Ended => Err(ConversationError::NotActive),
        }
    }

    /// Brings the lines at hand up to the session's row.
    async fn catch_up(&self, session: &Session, lines: &mut Vec<Message>) -> Result<(), ConversationError> {
        if usize::try_from(session.message_count) != Ok(lines.len()) {
            let history = self.db.get_conversation_history(&session.id).await?;
            *lines = history.ok_or(ConversationError::NotFound)?;
        }
        Ok(())
    }

    async fn listen(&self, input: Input) -> Result<String, ConversationError> {
        let text = match input {
            Input::Typed(text) => text,
            Input::Silence => return Err(ConversationError::NotTranscribable),
            Input::Spoken(audio, format) => {
                let Some(speech_to_text) = &self.speech_to_text else {
                    return Err(ConversationError::CannotListen);
                };
                match speech_to_text.transcribe(&audio, format).await {
                    Ok(text) => text,
                    // It was reached, and could make nothing of this file.
                    Err(
                        error @ ProviderError::Refused {
                            status: 400 | 413 | 415 | 422,
                            ..
                        },
                    ) => {
                        tracing::info!(%error, "recording not understood");
                        return Err(ConversationError::NotTranscribable);
                    }
                    Err(error) => return Err(ConversationError::Listening(error)),
                }
            }
        };
        let text = text.replace('\0', "").trim().to_owned();
        match text.chars().count() {
            0 => Err(ConversationError::NotTranscribable),
            1..=MAX_TEXT_CHARACTERS => Ok(text),
            _ => Err(ConversationError::TooLong),
        }
    }

    async fn answer(&self, session: &Session, lines: &[Message], said: &str) -> Result<Answer, ConversationError> {
        match session.wrap_up.step(said, session.age) {
            Step::Close(Close(wrap_up)) => Ok(Answer {
                text: self.sum_up(session, lines).await?,
                wrap_up,
                ends_session: true,
            }),
            Step::Say(line, wrap_up) => Ok(Answer {
                text: line.into(),
                wrap_up,
                ends_session: false,
            }),
            Step::Reply { decide } => {
                let talk = Talk {
                    summary: &session.running_summary.text,
                    lines: memory::recent(lines, &session.running_summary, self.memory_tokens),
                    said,
                    round: session.wrap_up.rounds + 1,
                };
                let reply = async { self.coach.reply(talk).await.map_err(ConversationError::Coach) };
                let decision = async { Ok(decide && self.made_progress(talk).await) };
                let (reply, progress) = tokio::try_join!(reply, decision)?;
                let (wrap_up, offer) = session.wrap_up.replied(session.age, progress);
                Ok(Answer {
                    text: match offer {
                        Some(offer) => format!("{reply}\n\n{}", offer.line()),
                        None => reply,
                    },
                    wrap_up,
                    ends_session: false,
                })
            }
        }
    }

    /// A decision that fails is no reason to lose the reply: it is asked again in the next turn.
    async fn made_progress(&self, talk: Talk<'_>) -> bool {
        self.coach.made_progress(talk).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "no wrap-up decision in this turn");
            false
        })
    }

    async fn sum_up(&self, session: &Session, lines: &[Message]) -> Result<String, ConversationError> {
        if lines.is_empty() {
            return Ok(EMPTY_SUMMARY.into());
        }
        let talk = |summary, lines| Talk {
            summary,
            lines,
            said: "",
            round: session.wrap_up.rounds,
        };
        let talk = match memory::whole(lines, memory::CLOSING_TOKENS) {
            Some(all) => talk("", all),
            None => talk(
                &session.running_summary.text,
                memory::recent(lines, &session.running_summary, self.memory_tokens),
            ),
        };
        self.coach.sum_up(talk).await.map_err(ConversationError::Coach)
    }

    async fn save(&self, id: &SessionId, turn: &Turn<'_>) -> Result<SavedTurn, SaveError> {
        match self.db.save_turn(id, turn).await {
            Ok(Some(saved)) => Ok(saved),
            Ok(None) => Err(SaveError::MovedOn),
            Err(error) => Err(SaveError::Failed(error)),
        }
    }

    /// Speaks the answer into a draft. Speech that fails costs the sound, never the turn; a summary is read, not heard.
    async fn speak(&self, answer: &Answer) -> Result<Option<TempPath>, SaveError> {
        let Some(text_to_speech) = self.text_to_speech.as_ref().filter(|_| !answer.ends_session) else {
            return Ok(None);
        };
        let draft = match self.audio.draft() {
            Ok(draft) => draft,
            Err(error) => {
                tracing::warn!(%error, "no file for the reply's audio");
                return Ok(None);
            }
        };
        match text_to_speech.speak(&answer.text, &draft).await {
            Ok(()) => Ok(Some(draft)),
            Err(error) => {
                tracing::warn!(%error, "the reply goes without audio");
                Ok(None)
            }
        }
    }

    fn publish(&self, draft: TempPath, id: &MessageId) -> bool {
        match self.audio.publish(draft, id) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "the reply goes without audio");
                false
            }
        }
    }

    /// Merges older lines into the running summary, beside the conversation: nobody waits for it, and if it fails it
    /// is due again after the next turn.
    fn merge_memory_if_due(
        self: &Arc<Self>,
        id: &SessionId,
        summary: &RunningSummary,
        lines: &[Message],
        place: &Arc<ActiveSession>,
    ) {
        let Some(target) = memory::due(lines, summary, self.memory_tokens) else {
            return;
        };
        if !place.begin_merging() {
            return;
        }
        let (this, id, place, before) = (Arc::clone(self), id.clone(), Arc::clone(place), summary.clone());
        let older = lines[before.messages..target].to_vec();
        let merge = async move {
            match this.coach.merge(&before.text, &older).await {
                Ok(text) => {
                    let after = RunningSummary { text, messages: target };
                    match this.db.update_session(&id, before.messages, &after).await {
                        Ok(_) => tracing::debug!(session = id.short(), lines = target, "memory merged"),
                        Err(error) => tracing::warn!(%error, "memory not merged"),
                    }
                }
                Err(error) => tracing::warn!(%error, "memory not merged"),
            }
            place.finish_merging();
        };
        self.tasks.spawn_on(merge.in_current_span(), &self.runtime);
    }
}

async fn wait_for_turn(place: &ActiveSession) -> Result<MutexGuard<'_, Vec<Message>>, ConversationError> {
    timeout(TURN_PATIENCE, place.turn())
        .await
        .map_err(|_| ConversationError::Busy)
}
