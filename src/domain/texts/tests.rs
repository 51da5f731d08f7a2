//! Rules that hold for the texts of every language.

use std::collections::BTreeMap;

use super::{
    super::detection::{detect, spoken_length},
    *,
};

/// Longest error text, and longest fixed sentence of the coach.
const MAX_LENGTH: usize = 90;
/// Longest offer.
const MAX_OFFER: usize = 60;

/// Names and texts of the errors, with a long number of minutes.
fn errors(errors: &Errors) -> Vec<(&'static str, String)> {
    let too_large = errors.recording_too_large(100);
    let fixed = [
        ("session_not_found", errors.session_not_found),
        ("session_not_active", errors.session_not_active),
        ("invalid_audio_format", errors.invalid_audio_format),
        ("not_transcribable", errors.not_transcribable),
        ("text_too_long", errors.text_too_long),
        ("speech_to_text_not_configured", errors.speech_to_text_not_configured),
        ("speech_to_text_unavailable", errors.speech_to_text_unavailable),
        ("coach_unavailable", errors.coach_unavailable),
        ("recording_unanswered", errors.recording_unanswered),
        ("coach_declined", errors.coach_declined),
        ("session_busy", errors.session_busy),
        ("session_full", errors.session_full),
        ("rating_out_of_range", errors.rating_out_of_range),
        ("session_not_ended", errors.session_not_ended),
    ];
    let mut texts = vec![("recording_too_large", too_large)];
    texts.extend(fixed.map(|(name, text)| (name, text.to_owned())));
    texts
}

fn questions(offline: &Offline) -> Vec<&'static str> {
    let Offline { topic, goal, reality, options, way_forward, .. } = offline;
    [&topic[..], goal, reality, options, way_forward].concat()
}

/// Names and texts of everything but the phrases, which are not shown.
fn all(texts: &Texts) -> Vec<(&'static str, String)> {
    let Texts { go_on, confirm_finish, offer_progress, offer_time, .. } = texts;
    let Summary { earlier, no_points, no_insights, no_decisions, final_note } = &texts.summary;
    let empty = &texts.empty_summary;
    let mut all = errors(&texts.errors);
    let fixed = [
        ("go_on", go_on),
        ("confirm_finish", confirm_finish),
        ("offer_progress", offer_progress),
        ("offer_time", offer_time),
        ("earlier", earlier),
        ("no_points", no_points),
        ("no_insights", no_insights),
        ("no_decisions", no_decisions),
        ("final_note", final_note),
        ("empty points", &empty.points),
        ("empty insights", &empty.insights),
        ("empty plan", &empty.plan),
        ("empty final_note", &empty.final_note),
    ];
    all.extend(fixed.map(|(name, text)| (name, (*text).to_owned())));
    all.extend(questions(&texts.offline).into_iter().map(|text| ("question", text.to_owned())));
    all.push(("reply", texts.offline.reply("", "")));
    all.push(("last_time", texts.offline.last_time("")));
    all
}

/// Question mark, and what stands before it.
fn question_mark(language: Language) -> &'static str {
    match language {
        Language::Chinese | Language::Japanese => "？",
        Language::French => "\u{a0}?",
        _ => "?",
    }
}

#[test]
fn lengths_fit_the_screen() {
    for language in Language::ALL {
        let texts = texts(language);
        for (name, text) in errors(&texts.errors) {
            assert!(text.chars().count() <= MAX_LENGTH, "{language:?} {name}: {text}");
        }
        for text in [texts.go_on, texts.confirm_finish] {
            assert!(text.chars().count() <= MAX_LENGTH, "{language:?}: {text}");
        }
        for text in [texts.offer_progress, texts.offer_time] {
            assert!(text.chars().count() <= MAX_OFFER, "{language:?}: {text}");
        }
        for text in questions(&texts.offline) {
            assert!(text.chars().count() <= 75, "{language:?}: {text}");
        }
    }
}

#[test]
fn questions_end_with_the_question_mark_of_the_language() {
    for language in Language::ALL {
        let texts = texts(language);
        let mut questions = questions(&texts.offline);
        assert_eq!(questions.len(), 30);
        questions.extend([texts.go_on, texts.offer_progress, texts.offer_time]);
        for text in questions {
            assert!(text.ends_with(question_mark(language)), "{language:?}: {text}");
            let marks = text.matches(['?', '？']).count();
            assert_eq!(marks, 1, "one question: {text}");
            let opening = text.matches('¿').count();
            assert_eq!(opening, usize::from(language == Language::Spanish), "{text}");
        }
        assert!(texts.confirm_finish.contains(question_mark(language)), "{language:?}");
    }
}

#[test]
fn other_scripts_have_no_latin_words() {
    for language in [Language::Chinese, Language::Japanese, Language::Korean, Language::Russian] {
        for (name, text) in all(texts(language)) {
            let latin = text.replace("Kuku", "").contains(|c: char| c.is_ascii_alphabetic());
            assert!(!latin, "{language:?} {name}: {text}");
        }
    }
}

#[test]
fn chinese_and_japanese_have_full_width_punctuation() {
    for language in [Language::Chinese, Language::Japanese] {
        for (name, text) in all(texts(language)) {
            assert!(!text.contains([',', '.', '?', '!', ':', ' ']), "{language:?} {name}: {text}");
        }
    }
}

#[test]
fn no_text_occurs_twice() {
    let mut seen = BTreeMap::new();
    for language in Language::ALL {
        for (name, text) in all(texts(language)) {
            let place = (language.tag(), name);
            let before = seen.insert(text.clone(), place);
            assert!(before.is_none(), "{place:?} and {before:?}: {text}");
        }
    }
}

#[test]
fn errors_name_nothing_that_the_page_does_not_have() {
    const FORBIDDEN: &[&str] = &[
        "kuku_", "openai", " api", " mb", "megabyte", "type", "typing", "tippe", "tapez", "taper",
        "escrib", "teclea", "digit", "scriv", "напечата", "напиши", "введите", "输入", "打字",
        "入力", "입력", "타이핑", "server", "http",
    ];
    for language in Language::ALL {
        for (name, text) in errors(&texts(language).errors) {
            let lower = text.to_lowercase();
            for word in FORBIDDEN {
                assert!(!lower.contains(word), "{language:?} {name}: {word} in {text}");
            }
            assert!(!text.contains("{}"), "{language:?} {name}: {text}");
        }
        assert!(texts(language).errors.recording_too_large(7).contains('7'), "{language:?}");
    }
}

#[test]
fn english_texts_of_the_contract_are_kept() {
    let errors = &texts(Language::English).errors;
    assert_eq!(errors.session_not_found, "Session not found");
    assert_eq!(errors.session_not_active, "Session is not active");
    assert_eq!(
        errors.invalid_audio_format,
        "Invalid audio format. Please use MP3, WAV, or WebM format."
    );
    assert_eq!(errors.not_transcribable, "Could not transcribe audio. Please try again.");
    assert_eq!(errors.rating_out_of_range, "Rating must be between 1 and 5");
    assert_eq!(errors.session_not_ended, "Can only rate completed sessions");
}

#[test]
fn texts_are_in_the_language() {
    for language in Language::ALL {
        for (name, text) in all(texts(language)) {
            // Three words may be of two languages.
            let is_short = spoken_length(&text).words == 3;
            let found = if is_short { None } else { detect(&text) };
            assert!(
                found.is_none_or(|tag| tag == language.tag()),
                "{language:?} {name}: {found:?} {text}"
            );
        }
    }
}

#[test]
fn phrases_are_lower_case_and_found_in_sentences() {
    for language in Language::ALL {
        let Offline { decision_phrases, insight_phrases, .. } = &texts(language).offline;
        assert!(decision_phrases.len() >= 9 && insight_phrases.len() >= 14, "{language:?}");
        for phrase in decision_phrases.iter().chain(*insight_phrases) {
            assert_eq!(phrase.to_lowercase(), **phrase);
            assert!(mentions(&format!("… {phrase}, …"), &[phrase]), "{language:?}: {phrase}");
        }
    }
    for (language, decision, insight) in [
        (Language::English, "So I’ll call her on Monday", "I realised that I never say no"),
        (Language::Chinese, "我决定星期一找老板谈谈", "我发现我从来不会拒绝"),
        (Language::Japanese, "月曜に上司と話すことにします", "断れないことに気づきました"),
        (
            Language::Korean,
            "월요일에 상사와 이야기할 거예요",
            "제가 거절을 못 한다는 걸 깨달았어요",
        ),
        (Language::German, "Am Montag werde ich anrufen", "Mir ist klar, dass ich nie Nein sage"),
        (
            Language::French,
            "Lundi, je vais parler à mon chef",
            "J’ai compris que je dis jamais non",
        ),
        (Language::Spanish, "El lunes voy a hablar con ella", "Me di cuenta de que nunca digo no"),
        (Language::Portuguese, "Na segunda eu vou ligar", "Percebi que nunca digo não"),
        (Language::Italian, "Lunedì parlerò con il capo", "Ho capito che non dico mai no"),
        (Language::Russian, "В понедельник я поговорю с ним", "Я понял, что не умею отказывать"),
    ] {
        let Offline { decision_phrases, insight_phrases, .. } = &texts(language).offline;
        assert!(mentions(decision, decision_phrases), "{decision}");
        assert!(!mentions(decision, insight_phrases), "{decision}");
        assert!(mentions(insight, insight_phrases), "{insight}");
        assert!(!mentions(insight, decision_phrases), "{insight}");
    }
}

#[test]
fn reply_quotes_the_person() {
    for (language, reply) in [
        (Language::English, "You said: \"X\" Y?"),
        (Language::German, "Du hast gesagt: „X“ Y?"),
        (Language::Chinese, "你说：“X”。Y?"),
        (Language::Japanese, "「X」とおっしゃいましたね。Y?"),
        (Language::Korean, "“X”라고 하셨네요. Y?"),
    ] {
        assert_eq!(texts(language).offline.reply("X", "Y?"), reply);
    }
}
