//! Wrap-up rules: when the coach offers to close a session, and what the person's reply does.
//!
//! The figures are those of `contract.md`, which the deployed frontend relies on.

use serde::Serialize;
use time::Duration;

use super::phrases::{is_confirmation, is_end_request};

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

/// Fixed messages of the coach.
pub mod scripted_messages {
    /// The person asked to finish.
    pub const CONFIRM_FINISH: &str = "It sounds like you would like to finish here. \
         Shall I wrap up and summarize our session? \
         Please say \"yes\" or \"wrap up and summarize\".";
    /// The person declined an offer.
    pub const GO_ON: &str = "Of course, let us go on. What would you like to look at next?";
    /// The offer because of good progress.
    pub const OFFER_PROGRESS: &str = "We have made good progress together. \
         Would you like to wrap up now with a summary and an action plan? \
         You can say \"yes\", or we simply go on.";
    /// The offer because the time is up.
    pub const OFFER_TIME: &str = "Our time together is nearly up. \
         Would you like to wrap up now with a summary and an action plan? \
         You can say \"yes\", or we take a few more minutes.";
}

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

/// What follows from the person's text, before any model is called.
#[derive(Debug, PartialEq, Eq)]
pub enum NextAction {
    /// Close with the summary: the person has confirmed.
    Close(Close),
    /// The coach says a fixed message, without a model call. Holds the state after it.
    SayScripted(&'static str, WrapUp),
    /// The coach replies.
    Reply {
        /// Whether the decision model is called at the same time.
        decide: bool,
    },
}

/// The state in which a confirmed session ends.
#[derive(Debug, PartialEq, Eq)]
pub struct Close(pub WrapUp);

/// The offer that follows a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Good progress was made.
    Progress,
    /// Time is up.
    Time,
}

impl Offer {
    /// The text of the offer.
    pub fn text(self) -> &'static str {
        match self {
            Self::Progress => scripted_messages::OFFER_PROGRESS,
            Self::Time => scripted_messages::OFFER_TIME,
        }
    }
}

impl WrapUp {
    /// The action that follows `text`, in a session of this `age`.
    pub fn next_action(&self, text: &str, age: Duration) -> NextAction {
        if self.awaiting_confirmation {
            if is_confirmation(text) {
                return NextAction::Close(Close(Self {
                    awaiting_confirmation: false,
                    ..*self
                }));
            }
            return NextAction::SayScripted(scripted_messages::GO_ON, self.after_decline());
        }
        if is_end_request(text) {
            return NextAction::SayScripted(scripted_messages::CONFIRM_FINISH, self.after_offer());
        }
        NextAction::Reply {
            decide: self.decision_is_due(age),
        }
    }

    /// The state after a coach reply in a session of this `age`, and the offer to append to it.
    /// `progress` is the decision model's result; it counts only if it was due.
    pub fn after_reply(&self, age: Duration, progress: bool) -> (Self, Option<Offer>) {
        let next = Self {
            coach_replies: self.coach_replies + 1,
            turns_since_offer: self.turns_since_offer + 1,
            cooldown: (self.cooldown - 1).max(0),
            ..*self
        };
        let offer = if self.cooldown > 0 {
            None
        } else if self.turns_since_offer >= TURN_LIMIT || (progress && self.decision_is_due(age)) {
            Some(Offer::Progress)
        } else if self.time_is_up(age) {
            Some(Offer::Time)
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
        self.cooldown == 0
            && self.turns_since_offer < TURN_LIMIT
            && !self.skip_progress_check
            && self.coach_replies + 1 >= REPLIES_BEFORE_DECISION
            && !self.time_is_up(age)
    }

    fn time_is_up(&self, age: Duration) -> bool {
        age >= Duration::minutes(i64::from(SESSION_MINUTES) + i64::from(self.extension_minutes))
    }

    fn after_offer(&self) -> Self {
        Self {
            awaiting_confirmation: true,
            turns_since_offer: 0,
            ..*self
        }
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
mod tests {
    use super::*;

    const YOUNG: Duration = Duration::minutes(10);
    const THIRTY: Duration = Duration::minutes(30);

    fn state(change: impl FnOnce(&mut WrapUp)) -> WrapUp {
        let mut state = WrapUp::default();
        change(&mut state);
        state
    }

    #[test]
    fn confirmed_offer_closes_the_session() {
        let awaiting = state(|s| s.awaiting_confirmation = true);
        assert_eq!(
            awaiting.next_action("Yes, please.", YOUNG),
            NextAction::Close(Close(WrapUp::default()))
        );
    }

    #[test]
    fn declined_offer_sets_cooldown_extension_and_turn_limit() {
        let awaiting = state(|s| {
            s.awaiting_confirmation = true;
            s.coach_replies = 15;
            s.turns_since_offer = 3;
            s.extension_minutes = 5;
        });
        let after = state(|s| {
            s.coach_replies = 15;
            s.cooldown = 5;
            s.extension_minutes = 10;
            s.skip_progress_check = true;
        });
        assert_eq!(
            awaiting.next_action("I would rather talk about my sister", YOUNG),
            NextAction::SayScripted(scripted_messages::GO_ON, after)
        );
    }

    #[test]
    fn end_request_must_be_confirmed() {
        let after = state(|s| s.awaiting_confirmation = true);
        assert_eq!(
            WrapUp::default().next_action("Let's wrap up.", YOUNG),
            NextAction::SayScripted(scripted_messages::CONFIRM_FINISH, after)
        );
    }

    #[test]
    fn end_request_counts_during_cooldown() {
        let cooling = state(|s| s.cooldown = 3);
        assert!(matches!(
            cooling.next_action("end session", YOUNG),
            NextAction::SayScripted(..)
        ));
    }

    #[test]
    fn decision_model_is_first_called_in_turn_fifteen() {
        let mut wrap_up = WrapUp::default();
        for turn in 1..=14 {
            assert_eq!(
                wrap_up.next_action("and so on", YOUNG),
                NextAction::Reply { decide: false },
                "turn {turn}"
            );
            (wrap_up, _) = wrap_up.after_reply(YOUNG, false);
        }
        assert_eq!(
            wrap_up.next_action("and so on", YOUNG),
            NextAction::Reply { decide: true }
        );
        let (after, offer) = wrap_up.after_reply(YOUNG, true);
        assert_eq!(offer, Some(Offer::Progress));
        assert!(after.awaiting_confirmation);
        assert_eq!(after.coach_replies, 15);
    }

    #[test]
    fn turn_limit_makes_an_offer_in_turn_twenty_six() {
        let mut wrap_up = WrapUp::default();
        for turn in 1..=25 {
            let (next, offer) = wrap_up.after_reply(YOUNG, false);
            assert_eq!(offer, None, "turn {turn}");
            wrap_up = next;
        }
        assert_eq!(
            wrap_up.next_action("and so on", YOUNG),
            NextAction::Reply { decide: false },
            "the turn limit decides"
        );
        assert_eq!(wrap_up.after_reply(YOUNG, false).1, Some(Offer::Progress));
    }

    #[test]
    fn turn_limit_restarts_after_a_declined_offer() {
        let NextAction::SayScripted(_, mut wrap_up) = state(|s| {
            s.awaiting_confirmation = true;
            s.coach_replies = 26;
        })
        .next_action("no", YOUNG) else {
            panic!("declined")
        };
        for turn in 1..=25 {
            let (next, offer) = wrap_up.after_reply(YOUNG, false);
            assert_eq!(offer, None, "turn {turn}");
            wrap_up = next;
        }
        assert_eq!(wrap_up.after_reply(YOUNG, false).1, Some(Offer::Progress));
    }

    #[test]
    fn offers_follow_from_state_age_and_progress() {
        let old = Duration::minutes(34);
        let cases = [
            (
                "young session with few turns",
                WrapUp::default(),
                YOUNG,
                false,
                None,
            ),
            (
                "progress before reply fifteen does not count",
                state(|s| s.coach_replies = 13),
                YOUNG,
                true,
                None,
            ),
            (
                "progress in reply fifteen",
                state(|s| s.coach_replies = 14),
                YOUNG,
                true,
                Some(Offer::Progress),
            ),
            (
                "progress after a decline does not count",
                state(|s| {
                    s.coach_replies = 20;
                    s.skip_progress_check = true;
                }),
                YOUNG,
                true,
                None,
            ),
            (
                "time is up at thirty minutes",
                WrapUp::default(),
                THIRTY,
                false,
                Some(Offer::Time),
            ),
            (
                "time is not up a second earlier",
                WrapUp::default(),
                THIRTY - Duration::SECOND,
                false,
                None,
            ),
            (
                "an extension adds five minutes",
                state(|s| s.extension_minutes = 5),
                old,
                false,
                None,
            ),
            (
                "time is up after the extension",
                state(|s| s.extension_minutes = 5),
                Duration::minutes(35),
                false,
                Some(Offer::Time),
            ),
            (
                "cooldown suppresses the time limit",
                state(|s| s.cooldown = 1),
                THIRTY,
                false,
                None,
            ),
            (
                "cooldown suppresses the turn limit",
                state(|s| {
                    s.cooldown = 1;
                    s.turns_since_offer = 30;
                }),
                YOUNG,
                false,
                None,
            ),
            (
                "cooldown suppresses progress",
                state(|s| {
                    s.cooldown = 1;
                    s.coach_replies = 20;
                }),
                YOUNG,
                true,
                None,
            ),
        ];
        for (name, before, age, progress, expected) in cases {
            let (after, offer) = before.after_reply(age, progress);
            assert_eq!(offer, expected, "{name}");
            assert_eq!(after.awaiting_confirmation, expected.is_some(), "{name}");
            assert_eq!(after.coach_replies, before.coach_replies + 1, "{name}");
        }
    }

    #[test]
    fn cooldown_ends_after_five_replies() {
        let mut wrap_up = state(|s| s.cooldown = COOLDOWN);
        for reply in 1..=5 {
            let (next, offer) = wrap_up.after_reply(THIRTY, false);
            assert_eq!(offer, None, "reply {reply}");
            wrap_up = next;
        }
        assert_eq!(wrap_up.after_reply(THIRTY, false).1, Some(Offer::Time));
    }

    #[test]
    fn decision_model_is_not_called_without_effect() {
        for (name, before, age) in [
            (
                "cooldown",
                state(|s| {
                    s.coach_replies = 20;
                    s.cooldown = 2;
                }),
                YOUNG,
            ),
            (
                "declined before",
                state(|s| {
                    s.coach_replies = 20;
                    s.skip_progress_check = true;
                }),
                YOUNG,
            ),
            (
                "count",
                state(|s| {
                    s.coach_replies = 30;
                    s.turns_since_offer = 25;
                }),
                YOUNG,
            ),
            ("time", state(|s| s.coach_replies = 20), THIRTY),
        ] {
            assert_eq!(
                before.next_action("and so on", age),
                NextAction::Reply { decide: false },
                "{name}"
            );
        }
    }
}
