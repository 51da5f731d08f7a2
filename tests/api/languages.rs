//! The language of a session: how it becomes known, and what is said in it.

use kuku_coach::domain::{Language, LanguageTag, texts};
use reqwest::header::ACCEPT_LANGUAGE;
use serde_json::{Value, json};

use crate::{
    app::{TestApp, webm},
    fake_openai::{Endpoint, FakeOpenAi, Fault, Script},
    reply::{ReplyExt, RequestExt, text},
};

/// Creates a session; returns its id and its language.
async fn create(app: &TestApp, accept: Option<&str>, body: &str) -> (String, Value) {
    let mut request = app.http.post(app.url("/api/sessions"));
    if let Some(accept) = accept {
        request = request.header(ACCEPT_LANGUAGE, accept);
    }
    let request = request.header("content-type", "application/json").body(body.to_owned());
    let session = request.reply().await;
    (session.session_id(), session["data"]["language"].clone())
}

async fn language(app: &TestApp, id: &str) -> Value {
    app.session(id).await["language"].clone()
}

fn coach_text(reply: &Value) -> String {
    text(&reply["data"]["messages"][1]["text"])
}

/// A changed text shows in a review, in each language.
#[test]
fn fixed_texts_match_their_snapshots() {
    for language in Language::ALL {
        insta::assert_debug_snapshot!(format!("texts_{}", language.tag()), texts(language));
    }
}

#[tokio::test]
async fn language_of_a_new_session_is_chosen_or_preferred() {
    let app = TestApp::spawn().await;
    for (accept, body, expected) in [
        (None, "", Value::Null),
        (None, "{}", Value::Null),
        (None, r#"{"language":"de"}"#, json!("de")),
        (None, r#"{"language":"pt-BR","more":[1]}"#, json!("pt")),
        (Some("fr-CH, fr;q=0.9, en;q=0.8"), r#"{"language":"ZH-Hans"}"#, json!("zh")),
        (Some("fr-CH, fr;q=0.9, en;q=0.8"), "{}", json!("fr")),
        (Some("fr-CH, fr;q=0.9, en;q=0.8"), "{ not JSON", json!("fr")),
        (Some("ja"), r#"{"language":"no language at all"}"#, json!("ja")),
        (Some("ja"), r#"{"language":7}"#, json!("ja")),
        (Some("*"), "[]", Value::Null),
        (Some(";;q=,"), "{}", Value::Null),
        (Some("pl"), "{}", json!("pl")),
    ] {
        let (id, created) = create(&app, accept, body).await;
        assert_eq!(created, expected, "{accept:?} {body}");
        assert_eq!(language(&app, &id).await, expected, "{accept:?} {body}");
    }
    let long = format!(r#"{{"language":"de","padding":"{}"}}"#, "a".repeat(100_000));
    assert_eq!(create(&app, Some("it"), &long).await.1, "it", "a long body is ignored");
}

#[tokio::test]
async fn spoken_language_is_stored_after_two_turns_or_a_long_one() {
    let app = TestApp::spawn().await;
    let (id, _) = create(&app, Some("en-US"), "{}").await;
    app.say(&id, "Ich schlafe im Moment sehr schlecht").await;
    assert_eq!(language(&app, &id).await, "en", "one short turn may be an exception");
    app.say(&id, "Das liegt vor allem an meiner Arbeit").await;
    assert_eq!(language(&app, &id).await, "de", "two in a row");
    app.say(&id, "I feel tired today").await;
    app.say(&id, "Heute geht es mir nicht gut").await;
    app.say(&id, "I am so tired of it").await;
    assert_eq!(language(&app, &id).await, "de", "not in a row");
    let long = "Je ne dors plus depuis des semaines parce que mon travail me fatigue beaucoup";
    app.say(&id, long).await;
    assert_eq!(language(&app, &id).await, "fr", "one long turn");
    app.say(&id, "我最近工作很累，晚上总是睡不着，不知道该怎么办才好").await;
    assert_eq!(language(&app, &id).await, "zh");
    let polish = "Od kilku tygodni źle śpię, bo w pracy mam bardzo dużo stresu i zmartwień";
    app.say(&id, polish).await;
    assert_eq!(language(&app, &id).await, "pl", "without texts of its own");
}

#[tokio::test]
async fn speech_to_text_gets_a_certain_language() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let hint = async |id: &str, transcript: &str| {
        openai.queue_transcripts(&[transcript]);
        app.speak(id, webm(6_000), "audio/webm").await.data();
        let call = openai.take_calls(Endpoint::Transcription).pop().expect("a call").text();
        let (_, rest) = call.split_once("name=\"language\"")?;
        Some(rest.trim_start()[..2].to_owned())
    };
    let (chosen, _) = create(&app, None, r#"{"language":"it"}"#).await;
    assert_eq!(hint(&chosen, "Sono stanco.").await.as_deref(), Some("it"));
    let (guessed, _) = create(&app, Some("de"), "{}").await;
    assert_eq!(hint(&guessed, "Ich schlafe im Moment sehr schlecht.").await, None);
    assert_eq!(hint(&guessed, "Das liegt vor allem an meiner Arbeit.").await, None);
    assert_eq!(hint(&guessed, "Und an meinem Chef.").await.as_deref(), Some("de"));

    // A server that does not know the language is asked without it.
    openai.queue_faults(Endpoint::Transcription, [Fault::Status(400)]);
    assert_eq!(hint(&guessed, "Ich muss mit ihm reden.").await, None);
}

#[tokio::test]
async fn language_that_speech_to_text_hears_counts() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let (id, _) = create(&app, None, "").await;
    let words = "Tak jest, nie wiem co mam dalej robić z moją pracą i rodziną";
    openai.queue_transcriptions(&[json!({"text": words, "language": "polish"})]);
    app.speak(&id, webm(6_000), "audio/webm").await.data();
    assert_eq!(language(&app, &id).await, "pl");

    // Two turns in a row, too short to be detected by their text.
    let (id, _) = create(&app, Some("en"), "").await;
    for (text, heard, expected) in [
        ("Mein Chef.", "german", "en"),
        ("Nein.", "english", "en"),
        ("Mein Chef.", "de", "en"),
        ("Ich bin müde.", "german", "de"),
    ] {
        openai.queue_transcriptions(&[json!({"text": text, "language": heard})]);
        app.speak(&id, webm(6_000), "audio/webm").await.data();
        assert_eq!(language(&app, &id).await, expected, "{text} {heard}");
    }
}

/// What a person says in a session, in order: two turns in the language, a wish to finish, a bare
/// no, the wish again, and a yes. Then words of the scripted coach that must not occur in others.
const SESSIONS: [(&str, [&str; 6]); 10] = [
    (
        "en",
        [
            "I have not slept well for weeks because of my job and I worry a lot",
            "I want to talk about my boss",
            "I think we can finish here.",
            "No, not yet.",
            "Let's wrap up.",
            "Yes, please.",
        ],
    ),
    (
        "zh",
        [
            "我最近工作压力很大，晚上总是睡不着，不知道该怎么办才好",
            "我想谈谈我的老板",
            "今天就到这里吧。",
            "不，还没有。",
            "我们结束吧。",
            "好的，可以。",
        ],
    ),
    (
        "ja",
        [
            "最近仕事が忙しくて、夜なかなか眠れません。どうしたらいいか分かりません。",
            "上司のことを話したいです",
            "今日はここまでにします。",
            "いいえ、まだです。",
            "もう終わりにしましょう。",
            "はい、お願いします。",
        ],
    ),
    (
        "ko",
        [
            "요즘 회사 일이 너무 많아서 밤에 잠을 못 자고 있어요. 어떻게 해야 할지 모르겠어요.",
            "상사에 대해 이야기하고 싶어요",
            "오늘은 여기까지 할게요.",
            "아니요, 아직요.",
            "이제 마무리해요.",
            "네, 좋아요.",
        ],
    ),
    (
        "de",
        [
            "Ich schlafe seit Wochen schlecht, weil mich meine Arbeit so sehr beschäftigt",
            "Ich möchte über meinen Chef reden",
            "Ich möchte jetzt aufhören.",
            "Nein, noch nicht.",
            "Lass uns hier Schluss machen.",
            "Ja, gerne.",
        ],
    ),
    (
        "fr",
        [
            "Je dors mal depuis des semaines parce que mon travail me préoccupe beaucoup",
            "Je voudrais parler de mon patron",
            "Je voudrais arrêter ici.",
            "Non, pas encore.",
            "On peut terminer la séance.",
            "Oui, volontiers.",
        ],
    ),
    (
        "es",
        [
            "Hace semanas que duermo mal porque mi trabajo me preocupa mucho todos los días",
            "Quiero hablar de mi jefe",
            "Quiero terminar aquí.",
            "No, todavía no.",
            "Terminemos la sesión.",
            "Sí, claro.",
        ],
    ),
    (
        "pt",
        [
            "Há semanas que durmo mal porque o meu trabalho me preocupa muito todos os dias",
            "Quero falar sobre o meu chefe",
            "Quero terminar por aqui.",
            "Não, ainda não.",
            "Vamos encerrar a sessão.",
            "Sim, pode ser.",
        ],
    ),
    (
        "it",
        [
            "Da settimane dormo male perché il mio lavoro mi preoccupa molto ogni giorno",
            "Vorrei parlare del mio capo",
            "Vorrei finire qui.",
            "No, non ancora.",
            "Chiudiamo la sessione.",
            "Sì, va bene.",
        ],
    ),
    (
        "ru",
        [
            "Я уже несколько недель плохо сплю, потому что очень переживаю из-за работы",
            "Я хочу поговорить о начальнике",
            "Давай на этом закончим.",
            "Нет, ещё нет.",
            "Давай завершим разговор.",
            "Да, давай.",
        ],
    ),
];

#[tokio::test]
async fn session_in_each_language_has_no_foreign_sentence() {
    let app = TestApp::spawn().await;
    let mut coach_texts: Vec<(&str, Vec<String>)> = Vec::new();
    for (tag, turns) in SESSIONS {
        let (id, _) = create(&app, None, "{}").await;
        let mut texts = Vec::new();
        for (index, words) in turns.iter().enumerate() {
            let reply = app.say(&id, words).await;
            assert_eq!(reply["success"], true, "{words}: {reply}");
            let awaiting = reply["data"]["awaitingWrapUpConfirmation"] == true;
            assert_eq!(awaiting, matches!(index, 2 | 4), "{tag}, {words}: {reply}");
            assert_eq!(reply["data"]["sessionEnded"] == true, index == 5, "{words}: {reply}");
            texts.push(coach_text(&reply));
        }
        assert_eq!(language(&app, &id).await, tag);
        let refused = app.say(&id, turns[1]).await;
        assert_eq!(refused["code"], "SESSION_NOT_ACTIVE");
        texts.push(text(&refused["error"]));
        coach_texts.push((tag, texts));
    }
    for (tag, texts) in &coach_texts {
        for heading in
            ["KEY DISCUSSION POINTS:", "MAIN BREAKTHROUGHS:", "ACTION PLAN:", "FINAL NOTE:"]
        {
            assert!(texts[5].lines().any(|line| line.starts_with(heading)), "{tag}: {}", texts[5]);
        }
        for (other, others) in &coach_texts {
            let shared = texts.iter().find(|text| others.contains(text));
            assert!(tag == other || shared.is_none(), "{tag} and {other} share {shared:?}");
        }
        let is_latin = |c: char| c.is_ascii_alphabetic();
        if matches!(*tag, "zh" | "ja" | "ko" | "ru") {
            let headings = |line: &&str| !line.contains(": ") && line.ends_with(':');
            let prose: Vec<&str> = texts.iter().flat_map(|text| text.lines()).collect();
            for line in prose.iter().filter(|line| !headings(line)) {
                let line = line.trim_start_matches("FINAL NOTE:");
                assert!(!line.contains(is_latin), "{tag}: {line}");
            }
        }
    }
}

/// A model's reply in each language, in the order of [`SESSIONS`], and a line of its summary.
const MODEL: [(&str, &str); 10] = [
    ("That sounds heavy. What would you like to change?", "Less work"),
    ("听起来很不容易。你希望有什么不同？", "少一点工作"),
    ("大変でしたね。何を変えたいですか？", "仕事を減らす"),
    ("힘드셨겠어요. 무엇을 바꾸고 싶으신가요?", "일을 줄이기"),
    ("Das klingt schwer. Was soll anders werden?", "Weniger Arbeit"),
    ("Cela semble lourd. Que voudrais-tu changer ?", "Moins de travail"),
    ("Suena difícil. ¿Qué te gustaría cambiar?", "Menos trabajo"),
    ("Parece difícil. O que você gostaria de mudar?", "Menos trabalho"),
    ("Sembra pesante. Che cosa vorresti cambiare?", "Meno lavoro"),
    ("Звучит тяжело. Что вы хотели бы изменить?", "Меньше работы"),
];

#[tokio::test]
async fn session_with_a_model_has_no_foreign_sentence() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    for ((tag, turns), (reply, line)) in SESSIONS.into_iter().zip(MODEL) {
        let texts = texts(Language::of(LanguageTag::parse(tag)));
        let (id, _) = create(&app, Some(tag), "{}").await;
        openai.queue_faults(Endpoint::Reply, [0; 3].map(|_| Fault::Reply(reply)));
        // The time is up in the second turn: the offer takes the place of the question.
        let summary = format!(
            "**KEY DISCUSSION POINTS：**\n- {line}\n## MAIN BREAKTHROUGHS\n- {line}\n\
             ACTION PLAN:\n- {line}\nFinal Note: {line}"
        );
        let summary = Script::completion(&json!({ "content": summary }), &json!("stop"));
        openai.queue_faults(Endpoint::Closing, [Fault::Respond(summary)]);
        let mut said = Vec::new();
        for (index, words) in turns.iter().enumerate() {
            if index == 1 {
                let late = format!(
                    "UPDATE public.sessions SET created_at = now() - interval '31 minutes'
                     WHERE session_id = '{id}'"
                );
                app.database.execute(&late).await;
            }
            // An answer to the offer of the second turn.
            let words = if index == 2 { turns[3] } else { words };
            let reply = app.say(&id, words).await;
            assert_eq!(reply["success"], true, "{words}: {reply}");
            said.push(coach_text(&reply));
        }
        let acknowledgement = reply.split_inclusive(['.', '。']).next().expect("a sentence");
        let space = if matches!(tag, "zh" | "ja") { "" } else { " " };
        let summary = format!(
            "KEY DISCUSSION POINTS:\n- {line}\n\nMAIN BREAKTHROUGHS:\n- {line}\n\n\
             ACTION PLAN:\n- {line}\n\nFINAL NOTE: {line}"
        );
        let expected = [
            reply.to_owned(),
            format!("{acknowledgement}{space}{}", texts.offer_time),
            texts.go_on.to_owned(),
            // A no to nothing is an ordinary turn.
            reply.to_owned(),
            texts.confirm_finish.to_owned(),
            summary,
        ];
        assert_eq!(said, expected, "{tag}");
        assert_eq!(app.session(&id).await["status"], "ended", "{tag}");
    }
}

#[tokio::test]
async fn errors_for_people_are_in_the_language_of_the_session() {
    let app = TestApp::spawn().await;
    let (id, _) = create(&app, None, r#"{"language":"de"}"#).await;
    let rating = format!("/api/sessions/{id}/rating");
    let refused = app.post(&rating, json!({"rating": 5})).await;
    assert_eq!(refused["code"], "SESSION_NOT_ENDED");
    let german = text(&refused["error"]);
    assert!(german.contains("Gespräch") || german.contains("Sitzung"), "{german}");
    // No other language than the browser's is known of a session that does not exist.
    let missing = "/api/sessions/session-00000000000000000000000000000000";
    let request = app.http.get(app.url(missing)).header(ACCEPT_LANGUAGE, "es");
    let refused = request.reply().await;
    assert_eq!(refused["code"], "SESSION_NOT_FOUND");
    assert_ne!(refused["error"], "Session not found");
    assert_eq!(app.get(missing).await["error"], "Session not found");
    // English sessions have the contract's words, whatever the browser prefers.
    let (english, _) = create(&app, None, r#"{"language":"en"}"#).await;
    let rating = format!("/api/sessions/{english}/rating");
    let request = app.http.post(app.url(&rating)).header(ACCEPT_LANGUAGE, "de");
    let refused = request.json(&json!({"rating": 5})).reply().await;
    assert_eq!(refused["error"], "Can only rate completed sessions");
    // An event stream ends with the same text.
    app.say(&id, "Ich möchte aufhören.").await;
    app.say(&id, "Ja.").await;
    let path = format!("/api/sessions/{id}/messages");
    let stream = app.http.post(app.url(&path)).header("accept", "text/event-stream");
    let events = stream.json(&json!({"text": "Hallo"})).response().await.text().await;
    let events = events.expect("events");
    let plain = app.say(&id, "Hallo").await;
    assert_eq!(plain["code"], "SESSION_NOT_ACTIVE");
    assert!(events.contains(&text(&plain["error"])), "{events}");
}

#[tokio::test]
async fn small_model_is_asked_about_doubtful_short_texts_only() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    for words in ["My job wears me out", "I said no to my sister", "I want to end it all"] {
        app.say(&id, words).await.data();
    }
    assert_eq!(openai.count_calls(Endpoint::Intent), 0, "ordinary turns are not asked about");
    app.say(&id, "Let's wrap up.").await;
    openai.queue_faults(Endpoint::Intent, [Fault::Reply("Confirm."), Fault::Status(400)]);
    let doubtful = "Yes and no.";
    let ended = app.say(&id, doubtful).await;
    let asked = openai.last_call(Endpoint::Intent);
    let asked = text(&asked["messages"][1]["content"]);
    assert!(asked.contains(doubtful) && asked.contains("Coach: "), "{asked}");
    assert_eq!(ended["data"]["sessionEnded"], true, "{ended}");

    // A model that fails ends nothing.
    let id = app.given_session().await;
    app.say(&id, "Let's wrap up.").await;
    let reply = app.say(&id, doubtful).await;
    assert_eq!(openai.count_calls(Endpoint::Intent), 1);
    assert_eq!(reply["data"].get("sessionEnded"), None, "{reply}");
    assert_eq!(app.session(&id).await["wrapUpCooldown"], 5);
}
