//! Tests of the wrap-up rules.

use super::*;
use crate::domain::ScriptedMessage::{ConfirmFinish, GoOn, OfferProgress, OfferTime};

const YOUNG: Duration = Duration::minutes(10);
const THIRTY: Duration = Duration::minutes(30);

const NEW: WrapUp = WrapUp {
    awaiting_confirmation: false,
    cooldown: 0,
    extension_minutes: 0,
    skip_progress_check: false,
    coach_replies: 0,
    turns_since_offer: 0,
};

fn after_replies_without_offer(mut wrap_up: WrapUp, replies: usize, age: Duration) -> WrapUp {
    for reply in 1..=replies {
        let (next, offer) = wrap_up.after_reply(age, false);
        assert_eq!(offer, None, "reply {reply}");
        wrap_up = next;
    }
    wrap_up
}

#[test]
fn confirmed_offer_closes_the_session() {
    let awaiting = WrapUp { awaiting_confirmation: true, ..NEW };
    for intent in [Intent::Confirm, Intent::Finish] {
        assert_eq!(awaiting.next_action(intent, YOUNG), NextAction::Close(NEW));
    }
    // A yes to nothing.
    assert_eq!(NEW.next_action(Intent::Confirm, YOUNG), NextAction::Reply { decide: false });
}

#[test]
fn declined_offer_sets_cooldown_extension_and_turn_limit() {
    let awaiting = WrapUp {
        awaiting_confirmation: true,
        coach_replies: 15,
        turns_since_offer: 3,
        extension_minutes: 5,
        ..NEW
    };
    let after = WrapUp {
        coach_replies: 15,
        cooldown: 5,
        extension_minutes: 10,
        skip_progress_check: true,
        ..NEW
    };
    let bare_no = awaiting.next_action(Intent::Decline, YOUNG);
    assert_eq!(bare_no, NextAction::SayScripted(GoOn, after));
    // Something else is answered, whatever the turn.
    let asking = awaiting.next_action(Intent::Other, YOUNG);
    assert_eq!(asking, NextAction::Reply { decide: false });
    let after_reply = WrapUp { coach_replies: 16, ..after };
    assert_eq!(awaiting.after_reply(Duration::minutes(90), true), (after_reply, None));
}

#[test]
fn end_request_must_be_confirmed() {
    let after = WrapUp { awaiting_confirmation: true, ..NEW };
    assert_eq!(
        NEW.next_action(Intent::Finish, YOUNG),
        NextAction::SayScripted(ConfirmFinish, after)
    );
}

#[test]
fn end_request_counts_during_cooldown() {
    let cooling = WrapUp { cooldown: 3, ..NEW };
    assert!(matches!(cooling.next_action(Intent::Finish, YOUNG), NextAction::SayScripted(..)));
}

#[test]
fn decision_model_is_first_called_in_turn_fifteen() {
    let mut wrap_up = NEW;
    for turn in 1..=14 {
        let action = wrap_up.next_action(Intent::Other, YOUNG);
        assert_eq!(action, NextAction::Reply { decide: false }, "turn {turn}");
        (wrap_up, _) = wrap_up.after_reply(YOUNG, false);
    }
    assert_eq!(wrap_up.next_action(Intent::Other, YOUNG), NextAction::Reply { decide: true });
    let (after, offer) = wrap_up.after_reply(YOUNG, true);
    assert_eq!(offer, Some(OfferProgress));
    assert!(after.awaiting_confirmation);
    assert_eq!(after.coach_replies, 15);
}

#[test]
fn turn_limit_makes_an_offer_in_turn_twenty_six() {
    let wrap_up = after_replies_without_offer(NEW, 25, YOUNG);
    let action = wrap_up.next_action(Intent::Other, YOUNG);
    assert_eq!(action, NextAction::Reply { decide: false }, "the turn limit decides");
    assert_eq!(wrap_up.after_reply(YOUNG, false).1, Some(OfferProgress));
}

#[test]
fn turn_limit_restarts_after_a_declined_offer() {
    let NextAction::SayScripted(_, declined) =
        WrapUp { awaiting_confirmation: true, coach_replies: 26, ..NEW }
            .next_action(Intent::Decline, YOUNG)
    else {
        panic!("declined")
    };
    let wrap_up = after_replies_without_offer(declined, 25, YOUNG);
    assert_eq!(wrap_up.after_reply(YOUNG, false).1, Some(OfferProgress));
}

#[test]
fn offers_follow_from_state_age_and_progress() {
    let after = |coach_replies| WrapUp { coach_replies, ..NEW };
    let declined = WrapUp { skip_progress_check: true, ..after(20) };
    let extended = WrapUp { extension_minutes: 5, ..NEW };
    let cooling = |state| WrapUp { cooldown: 1, ..state };
    let many_turns = WrapUp { turns_since_offer: 30, ..NEW };
    let (second, old) = (Duration::SECOND, Duration::minutes(35));
    let cases = [
        ("young session with few turns", NEW, YOUNG, false, None),
        ("progress before reply fifteen does not count", after(13), YOUNG, true, None),
        ("progress in reply fifteen", after(14), YOUNG, true, Some(OfferProgress)),
        ("progress after a decline does not count", declined, YOUNG, true, None),
        ("time is up at thirty minutes", NEW, THIRTY, false, Some(OfferTime)),
        ("time is not up a second earlier", NEW, THIRTY - second, false, None),
        ("an extension adds five minutes", extended, Duration::minutes(34), false, None),
        ("time is up after the extension", extended, old, false, Some(OfferTime)),
        ("cooldown suppresses the time limit", cooling(NEW), THIRTY, false, None),
        ("cooldown suppresses the turn limit", cooling(many_turns), YOUNG, false, None),
        ("cooldown suppresses progress", cooling(after(20)), YOUNG, true, None),
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
    let cooling = WrapUp { cooldown: COOLDOWN, ..NEW };
    let wrap_up = after_replies_without_offer(cooling, 5, THIRTY);
    assert_eq!(wrap_up.after_reply(THIRTY, false).1, Some(OfferTime));
}

#[test]
fn decision_model_is_not_called_without_effect() {
    for (name, before, age) in [
        ("cooldown", WrapUp { coach_replies: 20, cooldown: 2, ..NEW }, YOUNG),
        ("declined before", WrapUp { coach_replies: 20, skip_progress_check: true, ..NEW }, YOUNG),
        ("count", WrapUp { coach_replies: 30, turns_since_offer: 25, ..NEW }, YOUNG),
        ("time", WrapUp { coach_replies: 20, ..NEW }, THIRTY),
    ] {
        let action = before.next_action(Intent::Other, age);
        assert_eq!(action, NextAction::Reply { decide: false }, "{name}");
    }
}
