//! Long sessions with servers of one's own: models that think aloud, and chat templates that insist
//! on alternating roles.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};

use crate::{
    app::{TestApp, eventually},
    reply::{ReplyExt, text},
};

const TURNS: usize = 40;
const REPLY: &str = "That sounds heavy. What would you like to be different?";
const THOUGHT: &str = "The person is tired. I should ask one open question. Secret canary.";

/// How a server writes its completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// Thoughts in tags, no finish reason, unknown parameters ignored.
    Ollama,
    /// Thoughts without their opening tag, usage in a last chunk without choices, values of
    /// parameters checked.
    Vllm,
}

struct Server {
    dialect: Dialect,
    merges: AtomicUsize,
    violations: AtomicUsize,
}

/// Starts a server, and returns its base URL.
fn spawn(server: &Arc<Server>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
    let data = web::Data::from(Arc::clone(server));
    let server = HttpServer::new(move || {
        App::new().app_data(data.clone()).route("/v1/chat/completions", web::post().to(completions))
    });
    let server = server.workers(1).disable_signals().listen(listener).expect("listening").run();
    tokio::spawn(server);
    base_url
}

/// Whether the roles are: a system message, then user and assistant in turns, the user first and
/// last. Many chat templates raise an error otherwise.
fn alternates(messages: &[Value]) -> bool {
    let roles: Vec<&str> = messages.iter().filter_map(|message| message["role"].as_str()).collect();
    let (system, rest) = roles.split_at(1);
    system == ["system"]
        && rest.len() % 2 == 1
        && rest.chunks(2).all(|pair| matches!(pair, ["user"] | ["user", "assistant"]))
}

async fn completions(request: web::Json<Value>, server: web::Data<Server>) -> HttpResponse {
    let messages = request["messages"].as_array().expect("messages");
    if !alternates(messages) {
        server.violations.fetch_add(1, Ordering::Relaxed);
        let message = "Conversation roles must alternate user/assistant/user/assistant/...";
        return HttpResponse::BadRequest().json(json!({"message": message, "code": 400}));
    }
    if server.dialect == Dialect::Vllm && request["reasoning_effort"] == "none" {
        let detail = json!([{"type": "literal_error", "loc": ["body", "reasoning_effort"]}]);
        return HttpResponse::UnprocessableEntity().json(json!({ "detail": detail }));
    }
    let system = text(&messages[0]["content"]);
    let answer = if system.contains("one word, yes or no") {
        "No."
    } else if system.contains("KEY DISCUSSION POINTS:") {
        crate::fake_openai::SUMMARY
    } else if system.contains("the memory of a coach") {
        server.merges.fetch_add(1, Ordering::Relaxed);
        "The person is worn out by work."
    } else {
        REPLY
    };
    let answer = match server.dialect {
        Dialect::Ollama => format!("<think>\n{THOUGHT}\n</think>\n\n{answer}"),
        Dialect::Vllm => format!("{THOUGHT}\n</think>\n\n{answer}"),
    };
    if request["stream"] != true {
        let message = json!({"role": "assistant", "content": answer, "reasoning_content": null});
        return HttpResponse::Ok().json(json!({ "choices": [{ "message": message }] }));
    }
    let words = answer.split_inclusive(' ').map(|word| {
        let delta = json!({"content": word});
        json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
    });
    let mut chunks: Vec<Value> = words.collect();
    if server.dialect == Dialect::Vllm {
        chunks.push(json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}));
        chunks.push(json!({"choices": [], "usage": {"total_tokens": 7}}));
    }
    let body: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    HttpResponse::Ok().content_type("text/event-stream").body(body + "data: [DONE]\n\n")
}

async fn carries_a_long_session(dialect: Dialect) {
    let server =
        Arc::new(Server { dialect, merges: AtomicUsize::new(0), violations: AtomicUsize::new(0) });
    let base_url = spawn(&server);
    let app = TestApp::builder()
        .with_setting("KUKU_COACH__PROVIDER", "openai")
        .with_setting("KUKU_COACH__BASE_URL", &base_url)
        .with_setting("KUKU_COACH__MODEL", "qwen3")
        .with_setting("KUKU_COACH__MEMORY_TOKENS", 500)
        .spawn()
        .await;
    let id = app.given_session().await;
    for turn in 1..=TURNS {
        let said =
            format!("This is what I want to say in turn {turn}. {}", "I am tired. ".repeat(8));
        let reply = app.say(&id, &said).await;
        let reply = text(&reply.coach_message()["text"]);
        // From turn 26 on an offer to wrap up may follow, which a longer text declines.
        let is_scripted = !reply.starts_with(REPLY);
        assert!(!is_scripted || turn > 20, "{dialect:?}, turn {turn}: {reply}");
        assert!(!reply.contains("canary") && !reply.contains("think"), "{turn}: {reply}");
    }
    eventually("two memory merges", async || server.merges.load(Ordering::Relaxed) >= 2).await;
    assert_eq!(server.violations.load(Ordering::Relaxed), 0, "{dialect:?}");
    assert_eq!(app.history(&id).await.len(), 2 * TURNS);
    let summary = app.end(&id).await;
    assert_eq!(summary.data()["summary"], crate::fake_openai::SUMMARY);
}

#[tokio::test]
async fn ollama_like_server_carries_a_session_of_40_turns() {
    carries_a_long_session(Dialect::Ollama).await;
}

#[tokio::test]
async fn vllm_like_server_carries_a_session_of_40_turns() {
    carries_a_long_session(Dialect::Vllm).await;
}
