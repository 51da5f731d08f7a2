//! Tests of the wrap-up rules.

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
    assert!(matches!(cooling.next_action("end session", YOUNG), NextAction::SayScripted(..)));
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
    assert_eq!(wrap_up.next_action("and so on", YOUNG), NextAction::Reply { decide: true });
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
        ("young session with few turns", WrapUp::default(), YOUNG, false, None),
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
        ("time is up at thirty minutes", WrapUp::default(), THIRTY, false, Some(Offer::Time)),
        (
            "time is not up a second earlier",
            WrapUp::default(),
            THIRTY - Duration::SECOND,
            false,
            None,
        ),
        ("an extension adds five minutes", state(|s| s.extension_minutes = 5), old, false, None),
        (
            "time is up after the extension",
            state(|s| s.extension_minutes = 5),
            Duration::minutes(35),
            false,
            Some(Offer::Time),
        ),
        ("cooldown suppresses the time limit", state(|s| s.cooldown = 1), THIRTY, false, None),
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
