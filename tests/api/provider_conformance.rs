//! Behaviour of OpenAI-compatible servers, each in a turn of the real server: the response, the
//! number of requests, and whether the circuit breaker lets others through. docs/providers.md says
//! the same in prose.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    app::{TestApp, webm},
    fake_openai::{Catalog, Endpoint, FakeOpenAi, Fault, SUMMARY, Script},
    reply::{ReplyExt, assert_refused, text},
};

const UNREACHABLE: &str = "The coach cannot be reached just now. Please try again in a moment.";
const DECLINED: &str = "I would rather not go into that. What else is on your mind?";
const HEAVY: &str = "That sounds heavy. What would you like to be different?";

/// What a turn gives.
#[derive(Clone, Copy, Debug)]
enum Expected {
    Reply(&'static str),
    Code(&'static str),
}

/// Whether calls go on after five such turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Breaker {
    Closed,
    Open,
}

/// A behaviour of the server: its responses to one turn.
struct Row {
    name: &'static str,
    faults: Vec<Script>,
    expected: Expected,
    requests: usize,
    breaker: Breaker,
}

fn row(name: &'static str, faults: Vec<Script>, expected: Expected, requests: usize) -> Row {
    Row { name, faults, expected, requests, breaker: Breaker::Closed }
}

fn opens(name: &'static str, faults: Vec<Script>) -> Row {
    let requests = faults.len();
    let expected = Expected::Code("COACH_UNAVAILABLE");
    Row { name, faults, expected, requests, breaker: Breaker::Open }
}

async fn given_app(openai: &FakeOpenAi) -> TestApp {
    TestApp::builder()
        .with_openai(openai)
        .with_setting("KUKU_SPEECH_TO_TEXT__TIMEOUT_SECONDS", 2)
        .with_setting("KUKU_COACH__TIMEOUT_SECONDS", 2)
        .with_setting("KUKU_TEXT_TO_SPEECH__PROVIDER", "none")
        .spawn()
        .await
}

/// Takes five such turns, and one with a server that works.
async fn check(row: Row, endpoint: Endpoint) {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let turn = async || {
        let id = app.given_session().await;
        let reply = match endpoint {
            Endpoint::Transcription => app.speak(&id, webm(6_000), "audio/webm").await,
            _ => app.say(&id, "hello there").await,
        };
        (reply, app.history(&id).await.len(), openai.take_calls(endpoint).len())
    };
    for _ in 0..5 {
        openai.queue_faults(endpoint, row.faults.iter().cloned().map(Fault::Respond));
        let (reply, stored, requests) = turn().await;
        match row.expected {
            Expected::Reply(words) => {
                assert_eq!(reply.coach_message()["text"], words, "{}", row.name);
                assert_eq!(stored, 2, "{}", row.name);
            }
            Expected::Code(code) => {
                assert_eq!(reply["code"], code, "{}: {reply}", row.name);
                assert_eq!(stored, 0, "{}", row.name);
            }
        }
        assert_eq!(requests, row.requests, "{}", row.name);
    }
    let (reply, _, requests) = turn().await;
    let is_open = row.breaker == Breaker::Open;
    assert_eq!(reply["success"], !is_open, "{}: {reply}", row.name);
    assert_eq!(requests == 0, is_open, "{}", row.name);
}

async fn check_all(rows: Vec<Row>, endpoint: Endpoint) {
    for row in rows {
        check(row, endpoint).await;
    }
}

/// Refusals of one request, in the shapes of many servers.
fn refusals(statuses: &[u16]) -> Vec<(&'static str, Script)> {
    let status = |at: usize| statuses[at % statuses.len()];
    let json = |at: usize, body: Value| Script::json(status(at), &body);
    let html = Script::new(status(3), "<html>vendor-canary</html>");
    vec![
        ("OpenAI's error", Script::error(status(0), "bad", Some("file"), "vendor-canary")),
        ("error as a text", json(1, json!({ "error": "vendor-canary" }))),
        ("FastAPI's detail", json(2, json!({ "detail": [{ "loc": ["body"], "msg": "canary" }] }))),
        ("HTML", html.header("content-type", "text/html")),
        ("nothing", Script::new(status(4), "")),
        ("integer code", json(5, json!({ "object": "error", "message": "canary", "code": 400 }))),
        ("broken JSON", Script::new(status(6), "{\"error\": {\"mess")),
        ("endless body", Script::new(status(7), "vendor-canary ".repeat(100_000))),
        ("broken body", Script::new(status(8), "{\"error\":").cut()),
        ("JSON that is no object", Script::new(status(9), "[]")),
    ]
}

#[tokio::test]
async fn refused_reply_is_judged_by_its_status() {
    let statuses = [400, 401, 402, 403, 404, 405, 413, 422, 451, 301, 308];
    for (name, script) in refusals(&statuses) {
        let expected = Expected::Code("COACH_UNAVAILABLE");
        check(row(name, vec![script], expected, 1), Endpoint::Reply).await;
    }
}

#[tokio::test]
async fn refused_recording_is_not_transcribable() {
    for (name, script) in refusals(&[400, 413, 415, 422]) {
        let expected = Expected::Code("NOT_TRANSCRIBABLE");
        check(row(name, vec![script], expected, 1), Endpoint::Transcription).await;
    }
    for (name, script) in refusals(&[401, 403, 404]) {
        let expected = Expected::Code("SPEECH_TO_TEXT_UNAVAILABLE");
        check(row(name, vec![script], expected, 1), Endpoint::Transcription).await;
    }
}

#[tokio::test]
async fn failure_that_may_pass_is_retried() {
    let completion = || Script::completion(&json!({ "content": "Go on." }), &json!("stop"));
    let replies = Expected::Reply("Go on.");
    let mut rows = vec![
        row("closed connection", vec![Script::no_head(), completion()], replies, 2),
        row(
            "Retry-After that fits",
            vec![Script::new(429, "").header("retry-after", "0"), completion()],
            replies,
            2,
        ),
    ];
    for status in [408, 409, 429, 500, 502, 503, 529] {
        rows.push(row("a status", vec![Script::new(status, "<html>"), completion()], replies, 2));
    }
    let quota = Script::error(429, "insufficient_quota", None, "vendor-canary");
    rows.push(row("used up quota", vec![quota], Expected::Code("COACH_UNAVAILABLE"), 1));
    check_all(rows, Endpoint::Reply).await;
}

#[tokio::test]
async fn broken_server_opens_the_circuit_breaker() {
    check_all(
        vec![
            opens("garbage", vec![Script::new(200, "<html>vendor-canary</html>")]),
            opens("error with status 200", vec![Script::json(200, &json!({ "error": "canary" }))]),
            opens("broken body", vec![Script::new(200, "{\"choices\": [").cut()]),
            opens(
                "error in a stream",
                vec![Script::events("data: {\"error\": {\"message\": \"canary\"}}\n\n")],
            ),
        ],
        Endpoint::Reply,
    )
    .await;
}

#[tokio::test]
async fn long_retry_after_leaves_the_provider_alone() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    let busy = Script::new(429, "").header("retry-after", "3");
    openai.queue_faults(Endpoint::Reply, [Fault::Respond(busy)]);
    for _ in 0..3 {
        assert_refused(&app.say(&id, "hello there").await, "COACH_UNAVAILABLE", UNREACHABLE);
    }
    assert_eq!(openai.take_calls(Endpoint::Reply).len(), 1);
    // Other stages are other providers.
    assert_eq!(app.speak(&id, webm(6_000), "audio/webm").await["code"], "COACH_UNAVAILABLE");
    assert_eq!(openai.take_calls(Endpoint::Transcription).len(), 1);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(app.say(&id, "hello there").await["success"], true, "the pause is over");
}

#[tokio::test]
async fn content_of_a_reply_has_many_shapes() {
    let parts = json!([{ "type": "text", "text": "Go " }, { "type": "text", "text": "on." }]);
    let completion = |message: Value| vec![Script::completion(&message, &json!("stop"))];
    let go_on = Expected::Reply("Go on.");
    let declined = Expected::Code("COACH_DECLINED");
    let refusal = json!({ "content": null, "refusal": "vendor-canary" });
    let thoughts = json!({ "content": "Go on.", "reasoning_content": "canary", "refusal": null });
    let filtered = Script::error(400, "content_filter", Some("prompt"), "vendor-canary");
    check_all(
        vec![
            row("text", completion(json!({ "content": "Go on." })), go_on, 1),
            row("array of parts", completion(json!({ "content": parts })), go_on, 1),
            row("thoughts in their own field", completion(thoughts), go_on, 1),
            row("refusal", completion(refusal), declined, 1),
            row("filter of the prompt", vec![filtered], declined, 1),
            row(
                "filter of the reply",
                vec![Script::completion(&json!({ "content": null }), &json!("content_filter"))],
                declined,
                1,
            ),
            row(
                "null",
                completion(json!({ "content": null })),
                Expected::Code("COACH_UNAVAILABLE"),
                1,
            ),
        ],
        Endpoint::Reply,
    )
    .await;
}

#[tokio::test]
async fn declined_reply_has_its_own_text() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    let refusal = json!({ "content": null, "refusal": "vendor-canary" });
    let refusal = Script::completion(&refusal, &json!("stop"));
    openai.queue_faults(Endpoint::Reply, [Fault::Respond(refusal)]);
    assert_refused(&app.say(&id, "hello there").await, "COACH_DECLINED", DECLINED);
    assert!(app.history(&id).await.is_empty());
}

#[tokio::test]
async fn cut_answers_are_shortened_or_not_used() {
    let cut = |reason: &str| {
        let content = json!({ "content": "That sounds heavy. What would you" });
        vec![Script::completion(&content, &json!(reason))]
    };
    let unusable = vec![Script::completion(&json!({ "content": "That so" }), &json!("length"))];
    let heavy = Expected::Reply("That sounds heavy.");
    check_all(
        vec![
            row("length", cut("length"), heavy, 1),
            row("content filter", cut("content_filter"), heavy, 1),
            row("no sentence", unusable, Expected::Code("COACH_UNAVAILABLE"), 1),
        ],
        Endpoint::Reply,
    )
    .await;

    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    app.say(&id, "My job wears me out").await;
    let summary = json!({ "content": "KEY DISCUSSION POINTS: work. Main" });
    let summary = Script::completion(&summary, &json!("length"));
    openai.queue_faults(Endpoint::Closing, [Fault::Respond(summary)]);
    let ended = app.end(&id).await;
    assert_eq!(ended.data()["summary"], SUMMARY, "no cut summary is stored");
    assert_eq!(openai.count_calls(Endpoint::Closing), 2);
    let id = app.given_session().await;
    app.say(&id, "My job wears me out").await;
    app.database
        .execute(&format!("UPDATE public.sessions SET coach_rounds = 14 WHERE session_id = '{id}'"))
        .await;
    let yes = Script::completion(&json!({ "content": "Yes" }), &json!("length"));
    openai.queue_faults(Endpoint::Decision, [Fault::Respond(yes)]);
    let reply = app.say(&id, "hello there").await;
    assert!(reply.data().get("awaitingWrapUpConfirmation").is_none(), "no decision: {reply}");
}

#[tokio::test]
async fn thoughts_are_not_part_of_a_reply() {
    let reply =
        |content: &str| vec![Script::completion(&json!({ "content": content }), &json!("stop"))];
    let go_on = Expected::Reply("Go on.");
    let unusable = Expected::Code("COACH_UNAVAILABLE");
    check_all(
        vec![
            row("a block", reply("<think>They are sad.</think>\n\nGo on."), go_on, 1),
            row("closing tag only", reply("They are sad.</think>\n\nGo on."), go_on, 1),
            row("other tags", reply("◁think▷Sad.◁/think▷Go on."), go_on, 1),
            row("only a thought", reply("<think>They are sad.</think>"), unusable, 1),
            row("unclosed", reply("<think>They are sad."), unusable, 1),
            row(
                "tags in the middle",
                reply("A <think> tag?"),
                Expected::Reply("A <think> tag?"),
                1,
            ),
        ],
        Endpoint::Reply,
    )
    .await;
}

/// The texts of the `delta` events of a turn, and the final reply.
async fn streamed_turn(app: &TestApp, id: &str) -> (Vec<String>, Value) {
    let response = app
        .http
        .post(app.url(&format!("/api/sessions/{id}/messages")))
        .header("accept", "text/event-stream")
        .json(&json!({ "text": "hello there" }))
        .send()
        .await
        .expect("a response");
    let body = response.text().await.expect("a body");
    let mut deltas = Vec::new();
    let mut last = Value::Null;
    for frame in body.split("\n\n") {
        let Some((event, data)) = frame.split_once("\ndata: ") else { continue };
        last = serde_json::from_str(data).expect("JSON");
        if event == "event: delta" {
            deltas.push(text(&last["text"]));
        }
    }
    (deltas, last)
}

#[tokio::test]
async fn odd_streams_are_understood() {
    let chunk = |delta: &str, rest: &str| {
        format!("data: {{\"choices\": [{{\"delta\": {delta}{rest}}}]}}\n\n")
    };
    let heavy = chunk("{\"content\": \"That sounds heavy. \"}", "");
    let what = chunk("{\"content\": \"What would you like to be different?\"}", "");
    let text = format!("{heavy}{what}");
    let stop = chunk("{}", ", \"finish_reason\": \"stop\"");
    let done = "data: [DONE]\n\n";
    let usual = format!("{text}{stop}{done}");
    let plain = Script::completion(&json!({ "content": HEAVY }), &json!("stop"));
    let rows: Vec<(&str, Script)> = vec![
        ("as OpenAI", Script::events(usual.clone())),
        ("byte by byte", Script::events(usual.clone()).byte_by_byte()),
        ("no finish reason", Script::events(format!("{text}{done}"))),
        ("no [DONE]", Script::events(format!("{text}{stop}"))),
        (
            "empty finish reasons",
            Script::events(format!(
                "{}{what}{done}",
                chunk("{\"content\": \"That sounds heavy. \"}", ", \"finish_reason\": \"\""),
            )),
        ),
        (
            "chunks without choices",
            Script::events(format!(
                "data: {{\"usage\": {{}}}}\n\n{text}data: {{\"choices\": null}}\n\n{stop}\
                 data: {{\"choices\": [], \"usage\": null}}\n\n{done}"
            )),
        ),
        (
            "null delta and content",
            Script::events(format!(
                "{}{}{usual}",
                chunk("null", ""),
                chunk("{\"role\": \"assistant\", \"content\": null}", ", \"finish_reason\": null"),
            )),
        ),
        ("empty contents", Script::events(format!("{}{usual}", chunk("{\"content\": \"\"}", "")))),
        ("byte order mark", Script::events(format!("\u{feff}{usual}"))),
        (
            "pings, comments and empty data",
            Script::events(format!(
                ": hello\n\nevent: ping\ndata: {{\"type\": \"ping\"}}\n\nevent: ping\n\ndata:\n\n\
                 {usual}"
            )),
        ),
        ("CRLF", Script::events(usual.replace('\n', "\r\n"))),
        ("CRLF byte by byte", Script::events(usual.replace('\n', "\r\n")).byte_by_byte()),
        ("no space after data", Script::events(usual.replace("data: ", "data:"))),
        ("no empty line at the end", Script::events(usual.trim_end().to_owned())),
        ("plain JSON", plain.clone()),
        ("plain JSON byte by byte", plain.byte_by_byte()),
        (
            "plain JSON with a mark, as a stream",
            Script::events(format!(
                "\u{feff} {{\"choices\": [{{\"message\": {{\"content\": \"{HEAVY}\"}}}}]}}"
            )),
        ),
        ("open connection after the end", Script::events(format!("{text}{stop}")).open_end()),
        ("broken connection after the end", Script::events(format!("{text}{stop}")).cut()),
        (
            "pauses",
            Script::events(heavy.clone())
                .then(Duration::from_millis(200), what.clone())
                .then(Duration::from_millis(200), format!("{stop}{done}")),
        ),
        (
            "a thought",
            Script::events(format!(
                "{}{}{usual}",
                chunk("{\"content\": \"<thi\"}", ""),
                chunk("{\"content\": \"nk>Sad.</think>\"}", ""),
            )),
        ),
    ];
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    for (name, script) in rows {
        let id = app.given_session().await;
        openai.queue_faults(Endpoint::Reply, [Fault::Respond(script)]);
        let (deltas, done) = streamed_turn(&app, &id).await;
        assert_eq!(done["messages"][1]["text"], HEAVY, "{name}: {done}");
        assert_eq!(deltas.concat(), HEAVY, "{name}");
        assert!(deltas.iter().all(|delta| !delta.is_empty()), "{name}: {deltas:?}");
        assert_eq!(openai.take_calls(Endpoint::Reply).len(), 1, "{name}");
    }
}

#[tokio::test]
async fn truncated_stream_is_no_reply() {
    let text = "data: {\"choices\": [{\"delta\": {\"content\": \"That sounds heavy.\"}}]}\n\n";
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    for script in [Script::events(text), Script::events(text).cut(), Script::events("")] {
        let id = app.given_session().await;
        openai.queue_faults(Endpoint::Reply, [Fault::Respond(script)]);
        let (_, error) = streamed_turn(&app, &id).await;
        assert_eq!(error["code"], "COACH_UNAVAILABLE", "{error}");
        assert!(app.history(&id).await.is_empty());
    }
}

#[tokio::test]
async fn thought_without_opening_tag_is_held_back_from_then_on() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    let chunk = |content: &str| {
        format!("data: {{\"choices\": [{{\"delta\": {{\"content\": \"{content}\"}}}}]}}\n\n")
    };
    let (sad, tag, go_on) = (chunk("They are sad."), chunk("</think>"), chunk("Go on."));
    let script = Script::events(format!("{sad}{tag}{go_on}data: [DONE]\n\n"));
    openai.queue_faults(Endpoint::Reply, vec![Fault::Respond(script); 2]);
    let (_, done) = streamed_turn(&app, &id).await;
    assert_eq!(done["messages"][1]["text"], "Go on.", "corrected: {done}");
    let (deltas, done) = streamed_turn(&app, &id).await;
    assert_eq!(
        (deltas.concat().as_str(), &done["messages"][1]["text"]),
        ("Go on.", &json!("Go on."))
    );
    let sent = openai.last_call(Endpoint::Reply).to_string();
    assert!(!sent.contains("They are sad"), "no thought is sent back: {sent}");
}

#[tokio::test]
async fn prompt_alternates_after_a_memory_merge() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder()
        .with_openai(&openai)
        .with_setting("KUKU_TEXT_TO_SPEECH__PROVIDER", "none")
        .with_setting("KUKU_COACH__MEMORY_TOKENS", 60)
        .spawn()
        .await;
    let id = app.given_session().await;
    for turn in 0..40 {
        let reply = app.say(&id, &format!("My job wears me out, for reason {turn}")).await;
        assert_eq!(reply["success"], true, "{reply}");
        for call in openai.take_calls(Endpoint::Reply) {
            let request = call.json();
            let messages = request["messages"].as_array().expect("messages");
            for (at, message) in messages.iter().enumerate() {
                let role =
                    ["system", "user", "assistant"][if at == 0 { 0 } else { 1 + (at + 1) % 2 }];
                assert_eq!(message["role"], role, "turn {turn}, message {at}");
            }
            assert_eq!(messages.last().expect("one")["role"], "user");
        }
    }
    assert!(openai.take_calls(Endpoint::Merge).len() >= 2, "merges");
}

#[tokio::test]
async fn openai_of_2027_and_of_today_carry_a_turn() {
    for (catalog, coach, listener) in [
        (Catalog::openai_2027(), "gpt-6-luna", "gpt-transcribe"),
        (Catalog::openai_today(), "gpt-6-luna", "gpt-transcribe"),
        (Catalog::openai_2025(), "gpt-5-mini", "gpt-transcribe"),
    ] {
        let openai = FakeOpenAi::spawn().await;
        openai.set_catalog(catalog);
        let app = given_app(&openai).await;
        let id = app.given_session().await;
        for turn in 0..2 {
            let reply = app.speak(&id, webm(6_000), "audio/webm").await;
            assert_eq!(reply["success"], true, "{coach}: {reply}");
            let calls = openai.take_calls(Endpoint::Reply);
            let last = calls.last().expect("a call").json();
            assert_eq!(last["model"], coach);
            let heard = openai.take_calls(Endpoint::Transcription);
            assert!(heard.last().expect("a call").text().contains(listener));
            if turn == 1 {
                assert_eq!((calls.len(), heard.len()), (1, 1), "what helped is remembered");
            }
        }
    }
}

#[tokio::test]
async fn refused_parameters_are_left_out_and_remembered() {
    let refused = |name: &str, message: &str| {
        Fault::Respond(Script::error(400, "unsupported_value", Some(name), message))
    };
    let extra = json!({ "detail": [{ "loc": ["body", "reasoning_effort"], "msg": "Extra" }] });
    for (name, faults, effort, temperature) in [
        ("temperature", vec![refused("temperature", "")], json!("none"), Value::Null),
        (
            "lowest effort",
            vec![refused("reasoning_effort", "Supported values are: 'medium', 'low'.")],
            json!("low"),
            json!(0.7),
        ),
        ("FastAPI", vec![Fault::Respond(Script::json(422, &extra))], Value::Null, json!(0.7)),
        (
            "three",
            vec![
                refused("reasoning_effort", "Supported values are: 'low'."),
                refused("temperature", ""),
                refused("reasoning_effort", ""),
            ],
            Value::Null,
            Value::Null,
        ),
    ] {
        let openai = FakeOpenAi::spawn().await;
        let app = given_app(&openai).await;
        let id = app.given_session().await;
        let requests = faults.len() + 1;
        openai.queue_faults(Endpoint::Reply, faults);
        for requests in [requests, 1] {
            let reply = app.say(&id, "hello there").await;
            assert_eq!(reply["success"], true, "{name}: {reply}");
            let calls = openai.take_calls(Endpoint::Reply);
            assert_eq!(calls.len(), requests, "{name}");
            let last = calls.last().expect("a call").json();
            assert_eq!(last["reasoning_effort"], effort, "{name}");
            assert_eq!(last["temperature"], temperature, "{name}");
        }
    }
}

#[tokio::test]
async fn empty_reasoning_effort_is_not_sent() {
    let openai = FakeOpenAi::spawn().await;
    for (effort, sent) in [("", Value::Null), ("low", json!("low"))] {
        let app = TestApp::builder()
            .with_openai(&openai)
            .with_setting("KUKU_COACH__REASONING_EFFORT", effort)
            .spawn()
            .await;
        let id = app.given_session().await;
        app.say(&id, "hello there").await;
        assert_eq!(openai.last_call(Endpoint::Reply)["reasoning_effort"], sent);
    }
}

#[tokio::test]
async fn default_model_that_is_missing_is_replaced_but_no_named_one() {
    let openai = FakeOpenAi::spawn().await;
    openai.set_catalog(Catalog::openai_2027());
    let app = TestApp::builder()
        .with_openai(&openai)
        .with_setting("KUKU_COACH__MODEL", "gpt-4o-mini")
        .with_setting("KUKU_SPEECH_TO_TEXT__MODEL", "whisper-1")
        .spawn()
        .await;
    let id = app.given_session().await;
    assert_eq!(app.say(&id, "hello there").await.code(), "COACH_UNAVAILABLE");
    assert_eq!(openai.take_calls(Endpoint::Reply).len(), 1);
    let reply = app.speak(&id, webm(6_000), "audio/webm").await;
    assert_eq!(reply.code(), "SPEECH_TO_TEXT_UNAVAILABLE");
    assert_eq!(openai.take_calls(Endpoint::Transcription).len(), 1);
}

#[tokio::test]
async fn small_model_is_the_named_model_by_default() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder()
        .with_openai(&openai)
        .with_setting("KUKU_COACH__MODEL", "x")
        .spawn()
        .await;
    let id = app.given_session().await;
    app.say(&id, "hello there").await;
    app.end(&id).await.data();
    assert_eq!(openai.last_call(Endpoint::Closing)["model"], "x");
}

#[tokio::test]
async fn keys_and_organisation_go_to_their_own_server_only() {
    let (shared, other) = (FakeOpenAi::spawn().await, FakeOpenAi::spawn().await);
    let app = TestApp::builder()
        .with_openai(&shared)
        .with_setting("OPENAI_ORG_ID", "org-1")
        .with_setting("OPENAI_PROJECT_ID", "proj-1")
        .with_setting("KUKU_COACH__BASE_URL", &other.base_url)
        .spawn()
        .await;
    let id = app.given_session().await;
    assert_eq!(app.speak(&id, webm(6_000), "audio/webm").await["success"], true);
    let heard = shared.take_calls(Endpoint::Transcription).pop().expect("a call");
    assert_eq!(heard.authorization, "Bearer sk-canary-key");
    assert_eq!(heard.headers["openai-organization"], "org-1");
    assert_eq!(heard.headers["openai-project"], "proj-1");
    let asked = other.take_calls(Endpoint::Reply).pop().expect("a call");
    assert_eq!(asked.authorization, "");
    assert!(!asked.headers.keys().any(|name| name.starts_with("openai-")), "{:?}", asked.headers);
}
