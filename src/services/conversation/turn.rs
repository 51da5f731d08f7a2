//! One turn: from the person's words to the coach's answer, stored and spoken.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempPath;
use time::OffsetDateTime;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::{
    ATTEMPTS, ConversationError, Inner, lock_session, memory, session_cache::CachedSession,
};
use crate::{
    domain::{
        AudioFormat, Close, IdempotentRequest, Message, MessageId, NextAction, Sender, Session,
        SessionId, Viewer, WrapUp,
    },
    metrics::{self, Stage, time_stage},
    providers::{Prompt, ProviderError},
    repository::{Lease, NewTurn, RepositoryError, SavedTurn},
    services::leases::{Execution, LeaseGuard},
};

/// Name of the request among those with an idempotency key.
const ROUTE: &str = "send_message";

/// What a person says in a turn.
pub enum TurnInput {
    /// Typed words.
    Text(String),
    /// A recording; the file goes with this value.
    Recording(TempPath, AudioFormat),
    /// A recording too short to hold speech.
    TooShort,
}

/// What happens in a turn, for who wants to know before it is over.
pub enum TurnEvent {
    /// What the person said. A second one means that the answer is made again from here on.
    Transcript(String),
    /// Words of the coach's reply, as they come.
    Delta(String),
    /// Both lines are stored.
    MessagesStored(Message, Message),
    /// The coach's line can be heard.
    AudioReady(MessageId),
}

/// Where the events of a turn go. Nobody may be listening any more; that changes nothing.
pub type TurnEvents = UnboundedSender<TurnEvent>;

/// A stored turn.
pub struct TurnResult {
    /// The person's line.
    pub user: Message,
    /// The coach's line; the summary if the session has ended.
    pub ai: Message,
    /// Whether the coach's line can be heard.
    pub has_audio: bool,
    /// Whether the coach has asked to wrap up.
    pub awaiting_confirmation: bool,
    /// Whether the session has ended with this turn.
    pub session_ended: bool,
    /// Whether it is the answer to a request that was answered before.
    pub replayed: bool,
    /// How long listening, answering, and saving and speaking took; none for a repeated one.
    pub timing: Option<Timing>,
}

/// How long the parts of a turn took, one after another.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// Speech to text.
    pub transcription: Duration,
    /// The coach's answer.
    pub reply: Duration,
    /// Storing both lines, and beside it speaking.
    pub commit: Duration,
}

/// What is kept of an answered request; the words are in the lines.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Remembered {
    user: String,
    ai: String,
    awaiting_confirmation: bool,
    session_ended: bool,
}

/// Who waits for the turn.
#[derive(Clone, Copy)]
struct Waiting<'a> {
    /// The request, if it has an idempotency key.
    request: Option<&'a LeaseGuard>,
    /// Where what happens is told.
    events: Option<&'a TurnEvents>,
}

/// What the coach answers, before it is stored.
pub(super) struct Answer {
    pub(super) text: String,
    wrap_up: WrapUp,
    pub(super) ends_session: bool,
}

/// The session moved on while the answer was made; not an error of anybody's.
pub(super) enum SaveError {
    MovedOn,
    Failed(RepositoryError),
}

impl Inner {
    pub(super) async fn take_turn(
        self: &Arc<Self>,
        id: &SessionId,
        input: TurnInput,
        idempotency: Option<IdempotentRequest>,
        events: Option<&TurnEvents>,
    ) -> Result<TurnResult, ConversationError> {
        let request = match self
            .requests
            .begin(ROUTE, id.as_str(), idempotency.as_ref())
            .await?
        {
            Execution::Run(request) => request,
            Execution::Replay(answer) => return self.repeat_turn(id, answer).await,
        };
        let waiting = Waiting {
            request: request.as_ref(),
            events,
        };
        let result = self.take_new_turn(id, input, waiting).await;
        metrics::record_turn(result.is_ok());
        if let (Err(_), Some(request)) = (&result, request) {
            request.release().await;
        }
        result
    }

    async fn take_new_turn(
        self: &Arc<Self>,
        id: &SessionId,
        input: TurnInput,
        waiting: Waiting<'_>,
    ) -> Result<TurnResult, ConversationError> {
        let place = self.active.of(id);
        let mut lines = lock_session(&place).await?;
        let (turn, session) = self
            .acquire_lease(id)
            .await?
            .ok_or(ConversationError::NotActive)?;
        let result = self
            .exchange(session, input, waiting, turn.lease(), &place, &mut lines)
            .await;
        if result.is_err() {
            turn.release().await;
        }
        result
    }

    /// The answer to a request that was answered before.
    async fn repeat_turn(
        &self,
        id: &SessionId,
        answer: Value,
    ) -> Result<TurnResult, ConversationError> {
        let unreadable =
            || RepositoryError::Unexpected("a remembered answer cannot be read".into());
        let known: Remembered = serde_json::from_value(answer).map_err(|_| unreadable())?;
        let history = self
            .db
            .get_conversation_history(Viewer::Service, id)
            .await?
            .ok_or(ConversationError::NotFound)?;
        let line = |id: &str| {
            history
                .iter()
                .find(|line| line.id.as_str() == id)
                .cloned()
                .ok_or_else(unreadable)
        };
        let (user, ai) = (line(&known.user)?, line(&known.ai)?);
        Ok(TurnResult {
            has_audio: self
                .audio
                .existing(std::slice::from_ref(&ai))
                .await
                .contains(&ai.id),
            user,
            ai,
            awaiting_confirmation: known.awaiting_confirmation,
            session_ended: known.session_ended,
            replayed: true,
            timing: None,
        })
    }

    async fn exchange(
        self: &Arc<Self>,
        mut session: Session,
        input: TurnInput,
        Waiting { request, events }: Waiting<'_>,
        claim: &Lease,
        place: &Arc<CachedSession>,
        lines: &mut Vec<Message>,
    ) -> Result<TurnResult, ConversationError> {
        let arrived = Instant::now();
        let said = self.listen(input).await?;
        let heard = arrived.elapsed();
        let id = &session.id.clone();
        session.age += heard;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                session = self.get_active_session(id).await?;
            }
            self.catch_up(&session, lines).await?;
            tell(events, || TurnEvent::Transcript(said.clone()));
            let answer = self.answer(&session, lines, &said, events).await?;
            let answered = arrived.elapsed();
            let (user_message_id, ai_message_id) = (MessageId::generate(), MessageId::generate());
            let turn = NewTurn {
                session_id: id.clone(),
                message_count: session.message_count,
                user_message_id: user_message_id.clone(),
                user_text: said.clone(),
                seconds_since_spoken: answered.as_secs_f64(),
                ai_message_id: ai_message_id.clone(),
                ai_text: answer.text.clone(),
                wrap_up: answer.wrap_up,
                ends_session: answer.ends_session,
                turn_lease: claim.id(),
                request_lease: request.map(|request| request.lease().id()),
                stored_response: request.map(|_| {
                    json!(Remembered {
                        user: user_message_id.as_str().to_owned(),
                        ai: ai_message_id.as_str().to_owned(),
                        awaiting_confirmation: answer.wrap_up.awaiting_confirmation,
                        session_ended: answer.ends_session,
                    })
                }),
            };
            // Boxed: whoever listens or answers needs no room for it.
            let saving = Box::pin(async {
                let saved = self.save(turn).await?;
                tell(events, || {
                    TurnEvent::MessagesStored(
                        line(&user_message_id, Sender::User, &said, saved.user_created_at),
                        line(
                            &ai_message_id,
                            Sender::Ai,
                            &answer.text,
                            saved.ai_created_at,
                        ),
                    )
                });
                Ok(saved)
            });
            let (saved, has_audio) =
                match self.save_and_speak(saving, &answer, &ai_message_id).await {
                    Ok(both) => both,
                    Err(SaveError::MovedOn) => continue,
                    Err(SaveError::Failed(error)) => return Err(error.into()),
                };
            if has_audio {
                tell(events, || TurnEvent::AudioReady(ai_message_id.clone()));
            }
            tracing::info!(
                session = id.short(),
                heard_ms = heard.as_millis(),
                answered_ms = answered.as_millis(),
                done_ms = arrived.elapsed().as_millis(),
                has_audio,
                ended = answer.ends_session,
                "turn stored"
            );
            let result = TurnResult {
                user: line(&user_message_id, Sender::User, &said, saved.user_created_at),
                ai: line(
                    &ai_message_id,
                    Sender::Ai,
                    &answer.text,
                    saved.ai_created_at,
                ),
                has_audio,
                awaiting_confirmation: answer.wrap_up.awaiting_confirmation,
                session_ended: answer.ends_session,
                replayed: false,
                timing: Some(Timing {
                    transcription: heard,
                    reply: answered - heard,
                    commit: arrived.elapsed() - answered,
                }),
            };
            lines.extend([result.user.clone(), result.ai.clone()]);
            if result.session_ended {
                self.active.forget(id);
            } else {
                self.active.keep(id, place, lines);
                self.merge_memory_if_due(id, &session.running_summary, lines, place);
            }
            return Ok(result);
        }
        Err(ConversationError::Busy)
    }

    async fn answer(
        &self,
        session: &Session,
        lines: &[Message],
        said: &str,
        events: Option<&TurnEvents>,
    ) -> Result<Answer, ConversationError> {
        match session.wrap_up.next_action(said, session.age) {
            NextAction::Close(Close(wrap_up)) => Ok(Answer {
                text: self.closing_summary(session, lines).await?,
                wrap_up,
                ends_session: true,
            }),
            NextAction::SayScripted(line, wrap_up) => Ok(Answer {
                text: line.into(),
                wrap_up,
                ends_session: false,
            }),
            NextAction::Reply { decide } => {
                let prompt = Prompt {
                    summary: &session.running_summary.text,
                    messages: memory::recent(lines, &session.running_summary, self.memory_tokens),
                    user_text: said,
                    reply_number: session.wrap_up.coach_replies + 1,
                };
                let reply = async {
                    time_stage(Stage::Reply, self.reply(prompt, events))
                        .await
                        .map_err(|error| {
                            metrics::record_provider_error(Stage::Reply);
                            ConversationError::Coach(error)
                        })
                };
                let decision = async { Ok(decide && self.should_offer_wrap_up(prompt).await) };
                let (reply, progress) = tokio::try_join!(reply, decision)?;
                let (wrap_up, offer) = session.wrap_up.after_reply(session.age, progress);
                Ok(Answer {
                    text: match offer {
                        Some(offer) => format!("{reply}\n\n{}", offer.text()),
                        None => reply,
                    },
                    wrap_up,
                    ends_session: false,
                })
            }
        }
    }

    /// The coach's reply; its words are told as they come to who listens.
    async fn reply(
        &self,
        prompt: Prompt<'_>,
        events: Option<&TurnEvents>,
    ) -> Result<String, ProviderError> {
        let Some(events) = events else {
            return self.coach.reply(prompt).await;
        };
        let (words, mut coming) = unbounded_channel();
        let passing_on = async {
            while let Some(words) = coming.recv().await {
                tell(Some(events), || TurnEvent::Delta(words));
            }
        };
        // The sender goes with the reply, and ends the passing on.
        let replying = async move { self.coach.reply_streaming(prompt, &words).await };
        let (reply, ()) = tokio::join!(replying, passing_on);
        reply
    }

    /// A decision that fails is no reason to lose the reply: it is asked again in the next turn.
    async fn should_offer_wrap_up(&self, prompt: Prompt<'_>) -> bool {
        time_stage(Stage::Decision, self.coach.should_offer_wrap_up(prompt))
            .await
            .unwrap_or_else(|error| {
                metrics::record_provider_error(Stage::Decision);
                tracing::warn!(%error, "no wrap-up decision in this turn");
                false
            })
    }

    async fn save(&self, turn: NewTurn) -> Result<SavedTurn, SaveError> {
        match time_stage(Stage::Commit, self.db.save_turn(turn)).await {
            Ok(Some(saved)) => Ok(saved),
            Ok(None) => Err(SaveError::MovedOn),
            Err(error) => Err(SaveError::Failed(error)),
        }
    }
}

fn tell(events: Option<&TurnEvents>, event: impl FnOnce() -> TurnEvent) {
    if let Some(events) = events {
        // Whoever wanted to know has hung up: the turn goes on all the same.
        events.send(event()).ok();
    }
}

fn line(id: &MessageId, sender: Sender, text: &str, created_at: OffsetDateTime) -> Message {
    Message {
        id: id.clone(),
        sender,
        text: text.to_owned(),
        created_at,
    }
}
