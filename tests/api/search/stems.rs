//! Stems of other languages than English, by the language of the session.

use serde_json::json;

use super::{execute, hits, percent_encoded};
use crate::{
    app::{TestApp, eventually},
    reply::{ReplyExt, RequestExt, text},
};

/// A language, a message, a query in another form of its words, and the excerpt.
const FORMS: [(&str, &str, &str, &str); 6] = [
    (
        "de",
        "Ich arbeite zu viel in den großen Häusern",
        "arbeiten haus",
        "Ich [arbeite] zu viel in den großen [Häusern]",
    ),
    (
        "fr",
        "Je parlais souvent de nos chevaux fatigués",
        "parler fatiguée",
        "Je [parlais] souvent de nos chevaux [fatigués]",
    ),
    (
        "es",
        "Trabajaba demasiado y dormía en las habitaciones",
        "trabajar habitación",
        "[Trabajaba] demasiado y dormía en las [habitaciones]",
    ),
    (
        "pt",
        "Trabalhava demais e as crianças dormiam mal",
        "trabalhar criança",
        "[Trabalhava] demais e as [crianças] dormiam mal",
    ),
    (
        "it",
        "Lavoravo troppo e le decisioni erano difficili",
        "lavorare decisione",
        "[Lavoravo] troppo e le [decisioni] erano difficili",
    ),
    (
        "ru",
        "Я работал слишком много и думал о решениях",
        "работать решение",
        "Я [работал] слишком много и думал о [решениях]",
    ),
];

async fn given_session_in(app: &TestApp, language: &str) -> String {
    app.post("/api/sessions", json!({ "language": language })).await.session_id()
}

/// The excerpts of the user's messages that match.
async fn excerpts(app: &TestApp, query: &str) -> Vec<String> {
    let parameters = format!("q={}&sender=user&sort=newest", percent_encoded(query));
    hits(app, &parameters).await.iter().map(super::Hit::excerpt).collect()
}

#[tokio::test]
async fn messages_are_found_by_the_stems_of_their_language() {
    let app = TestApp::spawn().await;
    for (language, message, query, excerpt) in FORMS {
        assert_eq!(excerpts(&app, query).await, [""; 0], "{query}");
        let id = given_session_in(&app, language).await;
        app.say(&id, message).await.data();
        assert_eq!(excerpts(&app, query).await, [excerpt], "{query}");
    }
}

#[tokio::test]
async fn results_in_english_and_chinese_do_not_change() {
    let app = TestApp::spawn().await;
    let english = given_session_in(&app, "en").await;
    app.say(&english, "Gold was found in the hats of walking men").await.data();
    let chinese = given_session_in(&app, "zh").await;
    app.say(&chinese, "我最近工作压力很大").await.data();
    let queries = ["walk", "hat gold", "die men", "gold 工作", "工作", "the", "hats silver"];
    let mut before = Vec::new();
    for query in queries {
        before.push(excerpts(&app, query).await);
    }
    for (language, message, _, _) in FORMS {
        let id = given_session_in(&app, language).await;
        app.say(&id, message).await.data();
    }
    for (query, expected) in queries.iter().zip(before) {
        assert_eq!(excerpts(&app, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn user_is_searched_in_the_languages_of_own_sessions() {
    let app = TestApp::builder().with_auth().spawn().await;
    let token = async || {
        let account = app.post("/api/auth/anonymous", serde_json::Value::Null).await;
        text(&account.data()["accessToken"])
    };
    let (german, english) = (token().await, token().await);
    for (token, language) in [(&german, "de"), (&english, "en")] {
        let create = app.http.post(app.url("/api/sessions")).bearer_auth(token);
        let id = create.json(&json!({ "language": language })).reply().await.session_id();
        let path = format!("/api/sessions/{id}/messages");
        let turn = app.http.post(app.url(&path)).bearer_auth(token);
        turn.json(&json!({"text": "Ich arbeite zu viel"})).reply().await.data();
    }
    let count = async |token: &str| {
        let search = app.http.get(app.url("/api/search/messages?q=gearbeitet%20arbeiten"));
        let found = search.bearer_auth(token).reply().await;
        found.data()["total"]["value"].clone()
    };
    // Only in the session that is German, since the stem of "gearbeitet" is another one.
    assert_eq!([count(&german).await, count(&english).await], [json!(0), json!(0)]);
    let search = async |token: &str| {
        let search = app.http.get(app.url("/api/search/messages?q=arbeiten&sender=user"));
        search.bearer_auth(token).reply().await.data()["total"]["value"].clone()
    };
    assert_eq!([search(&german).await, search(&english).await], [json!(1), json!(0)]);
}

/// Each server looks for such sessions at its start.
#[tokio::test]
async fn older_messages_are_indexed_once_their_language_is_known() {
    let app = TestApp::spawn().await;
    let (_, message, query, excerpt) = FORMS[0];
    let late = given_session_in(&app, "en").await;
    app.say(&late, message).await.data();
    let legacy = app.given_session().await;
    app.say(&legacy, "Ja.").await.data();
    let words = "Gestern habe ich wieder bis spät in die Nacht in unseren Häusern gearbeitet";
    app.say(&legacy, words).await.data();
    // As a server of an earlier version left it, an hour ago.
    let mut connection = app.database.connect().await;
    let forget = format!(
        "UPDATE public.sessions SET language = NULL, search_language = NULL,
             updated_at = now() - interval '2 hours'
         WHERE session_id = '{legacy}';
         UPDATE public.messages SET text_content = text_content"
    );
    execute(&mut connection, &forget).await;
    assert_eq!(excerpts(&app, query).await, [""; 0]);
    // Two turns make the session German.
    app.say(&late, "Das ist mir alles viel zu viel").await.data();
    assert_eq!(app.session(&late).await["language"], "de");
    let _other = TestApp::builder().sharing(&app.database).spawn().await;
    eventually("both sessions are indexed", async || {
        excerpts(&app, query).await == [excerpt.to_owned()]
            && excerpts(&app, "haus").await.len() == 2
    })
    .await;
    assert_eq!(app.session(&legacy).await["language"], "de");
    let unindexed = "SELECT count(*) FROM public.sessions \
         WHERE search_language IS NULL OR search_language <> language";
    let left: i64 =
        sqlx::query_scalar(unindexed).fetch_one(&mut connection).await.expect("counted");
    assert_eq!(left, 0);
}

/// Postgres makes the stems for the index, and the server those for the highlights.
#[tokio::test]
async fn highlighter_stems_words_as_postgres_does() {
    let app = TestApp::spawn().await;
    let families = [
        ("de", "arbeiten arbeitet arbeitete Häuser Hauses Straße größer schönsten Möglichkeiten"),
        ("de", "Beziehungen glücklich verständlich Traurigkeit übermüdet gelaufen Ängste"),
        ("fr", "parlons parlerait heureuses décisions fatiguée sentiments était vraiment élèves"),
        ("fr", "généralement chevaux impossibles aimerais choisissent déçue œuvres"),
        ("es", "trabajando decisiones felicidad niños canción sentimientos difíciles hablábamos"),
        ("es", "corazones pequeñita rápidamente estábamos dímelo"),
        ("pt", "trabalhando decisões felicidade crianças coração sentimentos difíceis falávamos"),
        ("pt", "irmãos rapidamente estávamos ações"),
        ("it", "lavorando decisioni felicità bambini città sentimenti difficili parlavamo"),
        ("it", "perché rapidamente potrebbero dirglielo"),
        ("ru", "работаю решения счастливые чувствами трудностей говорили ёлка детей важнейший"),
        ("ru", "поговорив начальником усталость бессонница"),
    ];
    for (language, words) in families {
        let id = given_session_in(&app, language).await;
        for word in words.split(' ') {
            app.say(&id, &format!("({word}), foo")).await.data();
            let found = excerpts(&app, word).await;
            assert!(found.contains(&format!("([{word}]), foo")), "{language} {word}: {found:?}");
        }
    }
}
