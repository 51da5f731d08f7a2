use super::*;

/// The languages that are tested, each with its table.
const TABLES: &[(&str, &str)] = &[
    ("english", include_str!("english.txt")),
    ("german", include_str!("german.txt")),
    ("french", include_str!("french.txt")),
    ("spanish", include_str!("spanish.txt")),
    ("chinese", include_str!("chinese.txt")),
    ("japanese", include_str!("japanese.txt")),
    ("korean", include_str!("korean.txt")),
    ("portuguese", include_str!("portuguese.txt")),
    ("italian", include_str!("italian.txt")),
    ("russian", include_str!("russian.txt")),
];

/// What the coach tells people to say.
const TAUGHT: &[&str] = &[
    "yes, wrap up and summarize",
    "ja, fass zusammen",
    "oui, fais le résumé",
    "sí, haz el resumen",
    "是的",
    "结束并总结",
    "はい",
    "まとめてください",
    "네",
    "정리해 주세요",
    "sim",
    "pode resumir",
    "sì",
    "fai il riassunto",
    "да",
    "подвести итоги",
];

/// The lines of `table` below the heading `section`.
fn lines<'a>(table: &'a str, section: &str) -> Vec<&'a str> {
    let mut is_in = false;
    let mut lines = vec![];
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix("# ") {
            Some(heading) => is_in = heading == section,
            None if is_in => lines.push(line),
            None => {}
        }
    }
    assert!(!lines.is_empty(), "no section {section}");
    lines
}

/// What is wrong if fewer than 95 % of a section pass.
fn check(language: &str, section: &str, table: &str, passes: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = lines(table, section);
    let failed: Vec<&str> = lines.iter().copied().filter(|line| !passes(line)).collect();
    let is_good = failed.len() * 20 <= lines.len();
    let message = format!("{language} {section}, {} of {}: {failed:#?}", failed.len(), lines.len());
    if is_good { vec![] } else { vec![message] }
}

#[test]
fn tables() {
    let mut wrong = vec![];
    for (language, table) in TABLES {
        let answers = [("confirm", Answer::Confirm), ("decline", Answer::Decline)];
        for (section, answer) in answers {
            wrong.extend(check(language, section, table, |line| answer_to_offer(line) == answer));
        }
        wrong.extend(check(language, "finish", table, |line| wish_to_finish(line) == Wish::Finish));
        wrong.extend(check(language, "decoy", table, |line| wish_to_finish(line) != Wish::Unsure));
        for line in [lines(table, "decoy"), lines(table, "content")].concat() {
            let (answer, wish) = (answer_to_offer(line), wish_to_finish(line));
            if answer == Answer::Confirm || wish == Wish::Finish {
                wrong.push(format!("{language}, ends: {line}: {answer:?} {wish:?}"));
            }
        }
        for line in lines(table, "content") {
            if answer_to_offer(line) == Answer::Decline {
                wrong.push(format!("{language}, a bare no: {line}"));
            }
        }
        for line in lines(table, "decline") {
            if wish_to_finish(line) == Wish::Finish {
                wrong.push(format!("{language}, ends: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn taught_phrases() {
    for text in TAUGHT {
        assert_eq!(answer_to_offer(text), Answer::Confirm, "{text}");
    }
    for text in [
        "go on", "mach weiter", "on continue", "sigamos", "继续", "続けて", "계속해요",
        "vamos continuar", "andiamo avanti", "продолжим",
    ] {
        assert_ne!(answer_to_offer(text), Answer::Confirm, "{text}");
        assert_eq!(wish_to_finish(text), Wish::Other, "{text}");
    }
}

#[test]
fn answers() {
    for text in [
        "Yes.",
        "Okay, let's do that.",
        "Sure, sounds good",
        "Yes, I would like to wrap up now with a summary and an action plan",
        "I think so",
        "Um, yes",
        "Right.",
        "That sounds good, yes",
        "Yes please, give me the summary",
    ] {
        assert_eq!(answer_to_offer(text), Answer::Confirm, "{text}");
    }
    for text in [
        "",
        "...",
        "I'm okay",
        "I am fine",
        "What do you mean?",
        "wait",
        "I have to wrap up a project at work",
        "Yes and no",
        "maybe",
        "not sure",
        "I don't know",
        "yes, but first I want to talk about my mother",
        "OK so my brother called me",
    ] {
        assert_ne!(answer_to_offer(text), Answer::Confirm, "{text}");
    }
    // Despair is neither a yes nor a no.
    for text in ["I want to end it all", "I can't go on", "No, I'm done with everything"] {
        assert_eq!(answer_to_offer(text), Answer::Other, "{text}");
        assert_eq!(wish_to_finish(text), Wish::Other, "{text}");
    }
}

#[test]
fn wishes() {
    for text in [
        "wrap up",
        "I'd like to wrap up now, please",
        "end session",
        "finish conversation",
        "summarize and end",
        "Let's conclude",
        "That was very helpful for me and my family. Let's wrap up!",
        "Okay, could you wrap it up and summarize?",
        "I think we can finish here.",
    ] {
        assert_eq!(wish_to_finish(text), Wish::Finish, "{text}");
    }
    for text in [
        "no, please do not end the session yet",
        "I don't want to finish the conversation",
        "the end of the session with my therapist was odd",
        "I never finish up what I start",
        "Let's conclude the deal with the bank",
        "We should wrap up the presents",
    ] {
        assert_ne!(wish_to_finish(text), Wish::Finish, "{text}");
    }
}

#[test]
fn other_sentences() {
    for text in [
        "I need to wrap up the project by Friday",
        "My boss said yes",
        "I want to stop smoking",
        "How do I finish the conversation with my father?",
        "I don't want to stop yet",
        "It's fine at home",
        "I said goodbye to her",
        "I have to go to work every day at six",
        "we stopped talking",
        "yesterday was hard",
        "I must wrap up a project at work",
        "Yes, my boss said the same thing",
        "Should I end my marriage?",
    ] {
        assert_ne!(answer_to_offer(text), Answer::Confirm, "{text}");
        assert_ne!(wish_to_finish(text), Wish::Finish, "{text}");
    }
}

#[test]
fn any_text_has_an_answer() {
    let pieces: Vec<char> =
        "yes no wrapup stop,.?!…'\"-–()\n\t ñßœé\u{301}ア゙ーっ한\u{1112}\u{1161}\
        \u{11ab}好嗎吗。？１İ🙂\u{0}ﬁはいда\u{ac00}\u{11a8}\u{3099}"
            .chars()
            .collect();
    let mut state: usize = 1;
    for length in 0..2_000 {
        let text: String = iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            pieces[(state >> 33) % pieces.len()]
        })
        .take(length % 60)
        .collect();
        answer_to_offer(&text);
        wish_to_finish(&text);
    }
}

#[test]
fn long_texts_end() {
    for piece in ["yes ", "a", "no, ", "let's stop here. ", "はい", ". ", "weiter "] {
        let text: String = piece.chars().cycle().take(200_000).collect();
        answer_to_offer(&text);
        wish_to_finish(&text);
    }
}
