//! Coaching sessions.

use time::OffsetDateTime;

use super::{
    Language, LanguageTag, Memory, Message, Sender, SessionId, UnansweredRecordings, WrapUp,
    detection::{detect, spoken_length},
};

/// The status of a session; `Ended` is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Accepts turns.
    Active,
    /// Has its summary, can be rated.
    Ended,
}

impl Status {
    /// The name in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }

    /// The status of that name; `None` for any other name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Ended].into_iter().find(|status| status.as_str() == text)
    }
}

/// The running summary: older messages summarised, so that prompts stay within a token budget.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RunningSummary {
    /// The summary; empty while it covers no messages.
    pub text: String,
    /// How many messages, counted from the first, `text` covers.
    pub messages: usize,
}

/// What is known of the language of a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionLanguage {
    /// The language; `None` until known.
    pub tag: Option<LanguageTag>,
    /// Whether it is only the browser's preference, and was neither chosen nor spoken.
    pub is_guess: bool,
}

impl SessionLanguage {
    /// The language if it was chosen or spoken.
    pub fn certain(self) -> Option<LanguageTag> {
        self.tag.filter(|_| !self.is_guess)
    }

    /// What is known after a turn of the user: the language of a long text, or of two turns in a
    /// row. `heard` is what speech to text takes for the language of `text`, if it tells,
    /// `heard_before` the same for the turn before, and `messages` are those before.
    pub fn after(
        self,
        text: &str,
        heard: Option<LanguageTag>,
        heard_before: Option<LanguageTag>,
        messages: &[Message],
    ) -> Self {
        let Some(tag) = heard.or_else(|| detect(text)) else { return self };
        let is_said_again = || {
            let previous = messages.iter().rfind(|message| message.sender == Sender::User);
            heard_before.or_else(|| detect(&previous?.text)) == Some(tag)
        };
        let is_settled = self == Self::known(tag);
        if !is_settled && (spoken_length(text).is_long() || is_said_again()) {
            return Self::known(tag);
        }
        self
    }

    /// What is known after all of `messages`.
    pub fn after_all(self, messages: &[Message]) -> Self {
        let turns = messages.iter().enumerate().filter(|(_, one)| one.sender == Sender::User);
        turns.fold(self, |known, (index, message)| {
            known.after(&message.text, None, None, &messages[..index])
        })
    }

    /// A language that was chosen or spoken.
    pub fn known(tag: LanguageTag) -> Self {
        Self { tag: Some(tag), is_guess: false }
    }

    /// A language that the browser prefers.
    pub fn guess(tag: Option<LanguageTag>) -> Self {
        Self { tag, is_guess: tag.is_some() }
    }
}

/// A session without its messages.
#[derive(Clone)]
pub struct Session {
    /// Public id.
    pub id: SessionId,
    /// Active or ended.
    pub status: Status,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// Age at the time of reading, by the database's clock.
    pub age: time::Duration,
    /// Stored messages. Each turn adds two, so a changed count reveals a concurrent turn.
    pub message_count: i32,
    /// Closing summary; present if and only if the session has ended.
    pub summary: Option<String>,
    /// Whole seconds from creation to end, once ended.
    pub duration_seconds: Option<i32>,
    /// 1 to 5 stars, if rated.
    pub rating: Option<i32>,
    /// Feedback beside the stars.
    pub feedback: Option<String>,
    /// State of the wrap-up rules.
    pub wrap_up: WrapUp,
    /// Summary of older messages.
    pub running_summary: RunningSummary,
    /// What is known of the person's language.
    pub language: SessionLanguage,
    /// Recordings that go with the next turn. Changed under the turn's lease only.
    pub unanswered_recordings: UnansweredRecordings,
    /// Whether it belongs to a user whose memory is on.
    pub remembers: bool,
    /// The memory of its user, if it is on. Read with the lease of a turn only.
    pub memory: Option<Memory>,
}

impl Session {
    /// A new session without messages.
    pub fn new(
        id: SessionId,
        created_at: OffsetDateTime,
        language: SessionLanguage,
        remembers: bool,
    ) -> Self {
        Self {
            id,
            status: Status::Active,
            created_at,
            updated_at: created_at,
            age: time::Duration::ZERO,
            message_count: 0,
            summary: None,
            duration_seconds: None,
            rating: None,
            feedback: None,
            wrap_up: WrapUp::default(),
            running_summary: RunningSummary::default(),
            language,
            unanswered_recordings: UnansweredRecordings::default(),
            remembers,
            memory: None,
        }
    }

    /// The language of fixed texts.
    pub fn spoken_language(&self) -> Language {
        Language::of(self.language.tag)
    }

    /// Time without activity, at the time of reading; zero if the clock was set back.
    pub fn idle_time(&self) -> time::Duration {
        let read_at = self.created_at.saturating_add(self.age);
        (read_at - self.updated_at).max(time::Duration::ZERO)
    }
}
