//! Wrap-up rules: when the coach offers to close a session, and what the person's reply does.
//!
//! The figures are those of `contract.md`, which the deployed frontend relies on.

use serde::Serialize;
use time::Duration;

use super::ScriptedMessage;

/// Turns without offer after which the next turn makes one, whatever was said.
const TURN_LIMIT: i32 = 25;
/// Coach replies before the first call of the decision model.
const REPLIES_BEFORE_DECISION: i32 = 15;
/// Age at which a session's time is up, without extensions.
const SESSION_MINUTES: i32 = 30;
/// Replies without any offer after the person declined one.
const COOLDOWN: i32 = 5;
/// Minutes that each declined offer adds.
const EXTENSION_MINUTES: i32 = 5;

/// The wrap-up state of one session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct WrapUp {
    /// The coach has offered to close, and the next turn accepts or declines.
    pub awaiting_confirmation: bool,
    /// Replies left before the coach may offer again.
    pub cooldown: i32,
    /// Minutes beyond the first 30 that declined offers have added.
    pub extension_minutes: i32,
    /// The person has declined once: the decision model is not called again.
    pub skip_progress_check: bool,
    /// Coach replies so far.
    pub coach_replies: i32,
    /// Turns since the last offer (or since the creation of the session).
    pub turns_since_offer: i32,
}

/// What the person's text means for the wrap-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Accepts the coach's offer.
    Confirm,
    /// Declines the coach's offer, and says nothing else.
    Decline,
    /// Asks to finish the session.
    Finish,
    /// Says something else. After an offer, it declines it.
    Other,
}

/// What follows from the person's text, before the coach's model is called.
#[derive(Debug, PartialEq, Eq)]
pub enum NextAction {
    /// Close with the summary: the person has confirmed. Holds the last state.
    Close(WrapUp),
    /// The coach says a fixed message, without a model call. Holds the state after it.
    SayScripted(ScriptedMessage, WrapUp),
    /// The coach replies.
    Reply {
        /// Whether the decision model is called at the same time.
        decide: bool,
    },
}

impl WrapUp {
    /// The action that follows a text of this `intent`, in a session of this `age`.
    pub fn next_action(&self, intent: Intent, age: Duration) -> NextAction {
        match (self.awaiting_confirmation, intent) {
            (true, Intent::Confirm | Intent::Finish) => {
                NextAction::Close(Self { awaiting_confirmation: false, ..*self })
            }
            (true, Intent::Decline) => {
                NextAction::SayScripted(ScriptedMessage::GoOn, self.after_decline())
            }
            (false, Intent::Finish) => {
                NextAction::SayScripted(ScriptedMessage::ConfirmFinish, self.after_offer())
            }
            _ => NextAction::Reply { decide: self.decision_is_due(age) },
        }
    }

    /// The state after a coach reply in a session of this `age`, and the offer that takes the place
    /// of its question. `progress` is the decision model's result; it counts only if it was due.
    ///
    /// A reply while a confirmation is awaited is one to a text that declined.
    pub fn after_reply(&self, age: Duration, progress: bool) -> (Self, Option<ScriptedMessage>) {
        let next = Self {
            coach_replies: self.coach_replies + 1,
            turns_since_offer: self.turns_since_offer + 1,
            cooldown: (self.cooldown - 1).max(0),
            ..*self
        };
        if self.awaiting_confirmation {
            return (next.after_decline(), None);
        }
        let offer = if self.cooldown > 0 {
            None
        } else if self.turns_since_offer >= TURN_LIMIT || (progress && self.decision_is_due(age)) {
            Some(ScriptedMessage::OfferProgress)
        } else if self.time_is_up(age) {
            Some(ScriptedMessage::OfferTime)
        } else {
            None
        };
        match offer {
            Some(_) => (next.after_offer(), offer),
            None => (next, None),
        }
    }

    /// Whether the decision model can change the outcome: a call costs money and time.
    fn decision_is_due(&self, age: Duration) -> bool {
        !self.awaiting_confirmation
            && self.cooldown == 0
            && self.turns_since_offer < TURN_LIMIT
            && !self.skip_progress_check
            && self.coach_replies + 1 >= REPLIES_BEFORE_DECISION
            && !self.time_is_up(age)
    }

    fn time_is_up(&self, age: Duration) -> bool {
        age >= Duration::minutes(i64::from(SESSION_MINUTES) + i64::from(self.extension_minutes))
    }

    fn after_offer(&self) -> Self {
        Self { awaiting_confirmation: true, turns_since_offer: 0, ..*self }
    }

    fn after_decline(&self) -> Self {
        Self {
            awaiting_confirmation: false,
            cooldown: COOLDOWN,
            extension_minutes: self.extension_minutes + EXTENSION_MINUTES,
            skip_progress_check: true,
            turns_since_offer: 0,
            ..*self
        }
    }
}

#[cfg(test)]
mod tests;
