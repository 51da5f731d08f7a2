//! Shares: one client, session, user or account does not take what others need.

use std::{future::pending, time::Duration};

use futures_util::future::join_all;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    app::{TestApp, TestAppBuilder, recording_form, start_upload, wait_until, webm},
    fake_openai::{Endpoint, FakeOpenAi},
    reply::{ReplyExt, RequestExt, refusal},
};

const ATTACKER: &str = "203.0.113.7";
const PERSON: &str = "203.0.113.8";

/// A server behind a proxy on this machine, which tells the clients' addresses.
fn behind_proxy() -> TestAppBuilder {
    TestApp::builder().with_settings(&[
        ("KUKU_LIMITS__TRUSTED_PROXIES", "127.0.0.1"),
        ("KUKU_LIMITS__REQUESTS_PER_MINUTE", "0"),
    ])
}

fn from(client: &str, request: RequestBuilder) -> RequestBuilder {
    request.header("X-Forwarded-For", client)
}

async fn say_from(app: &TestApp, client: &str, id: &str) -> Value {
    let request = app.http.post(app.url(&format!("/api/sessions/{id}/messages")));
    from(client, request).json(&json!({"text": "hello there"})).reply().await
}

#[tokio::test]
async fn one_address_gets_a_tenth_of_the_turns() {
    let openai = FakeOpenAi::spawn().await;
    openai.set_delay(Duration::from_secs(1));
    let app = behind_proxy()
        .with_openai(&openai)
        .with_setting("KUKU_LIMITS__CONCURRENT_TURNS", "30")
        .spawn()
        .await;
    let ids = join_all((0..12).map(|_| app.given_session())).await;
    let (attacks, person) = tokio::join!(
        join_all(ids[..11].iter().map(|id| say_from(&app, ATTACKER, id))),
        say_from(&app, PERSON, &ids[11])
    );
    let answered = attacks.iter().filter(|reply| reply["success"] == true).count();
    assert_eq!(answered, 3, "{attacks:?}");
    assert_eq!(attacks.iter().filter(|reply| reply["code"] == "OVERLOADED").count(), 8);
    assert_eq!(person["success"], true, "{person}");
    assert_eq!(say_from(&app, ATTACKER, &ids[0]).await["success"], true, "given back");
    // This machine has no share.
    let own = join_all(ids.iter().map(|id| app.say(id, "hello there"))).await;
    assert!(own.iter().all(|reply| reply["success"] == true), "{own:?}");
}

/// Sends the head and the start of an upload as a proxy does for a client.
async fn start_upload_from(app: &TestApp, client: &str, id: &str) -> TcpStream {
    let address = app.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let head = format!(
        "POST /api/sessions/{id}/messages HTTP/1.1\r\nHost: localhost\r\n\
         X-Forwarded-For: {client}\r\nContent-Length: 1000000\r\n\
         Content-Type: multipart/form-data; boundary=X\r\n\r\n--X\r\n\
         Content-Disposition: form-data; name=\"audio\"; filename=\"r\"\r\n\
         Content-Type: audio/webm\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream.write_all(&webm(10_000)).await.expect("sent");
    stream
}

#[tokio::test]
async fn one_address_gets_a_tenth_of_the_uploads() {
    let openai = FakeOpenAi::spawn().await;
    let app = behind_proxy()
        .with_openai(&openai)
        .with_setting("KUKU_LIMITS__CONCURRENT_UPLOADS", "30")
        .spawn()
        .await;
    let ids = join_all((0..6).map(|_| app.given_session())).await;
    let mut hanging = Vec::new();
    for id in &ids[..3] {
        hanging.push(start_upload_from(&app, ATTACKER, id).await);
    }
    wait_until(|| app.files("uploads").len() == 3).await;
    let upload = async |client: &str, id: &str| {
        let request = app.http.post(app.url(&format!("/api/sessions/{id}/messages")));
        from(client, request).multipart(recording_form(webm(6_000), "audio/webm")).response().await
    };
    let overloaded = (StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED".to_owned());
    assert_eq!(refusal(upload(ATTACKER, &ids[3]).await).await, overloaded);
    let person = upload(PERSON, &ids[4]).await.json::<Value>().await.expect("JSON");
    assert_eq!(person["success"], true, "{person}");
    drop(hanging);
    wait_until(|| app.files("uploads").is_empty()).await;
    let again = upload(ATTACKER, &ids[5]).await.json::<Value>().await.expect("JSON");
    assert_eq!(again["success"], true, "{again}");
}

/// A client whose connection was lost, and that tries again, waits for five seconds at most.
#[tokio::test]
async fn second_upload_of_a_session_replaces_one_that_stands_still() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let mut lost = start_upload(&app, &id).await;
    wait_until(|| app.files("uploads").len() == 1).await;
    let speak = async || app.speak(&id, webm(6_000), "audio/webm").await;
    let busy = speak().await;
    assert_eq!(busy["code"], "SESSION_BUSY", "{busy}");
    sleep(Duration::from_secs(3)).await;
    // It moves again, so it is not replaced two seconds later.
    lost.write_all(&[0; 1_000]).await.expect("sent");
    sleep(Duration::from_secs(3)).await;
    assert_eq!(speak().await["code"], "SESSION_BUSY");
    sleep(Duration::from_secs(3)).await;
    let replacing = speak().await;
    assert_eq!(replacing["success"], true, "{replacing}");
    let mut answer = String::new();
    timeout(Duration::from_secs(5), lost.read_to_string(&mut answer))
        .await
        .expect("closed")
        .expect("an answer");
    assert!(answer.contains("SESSION_BUSY"), "{answer}");
    assert_eq!(app.history(&id).await.len(), 2);
    assert!(app.files("uploads").is_empty());
}

#[tokio::test]
async fn upload_below_a_kilobyte_a_second_is_cut() {
    let app = TestApp::builder()
        .with_openai(&FakeOpenAi::spawn().await)
        .with_setting("KUKU_LIMITS__BODY_IDLE_TIMEOUT_SECONDS", "120")
        .spawn()
        .await;
    let id = app.given_session().await;
    let mut slow = start_upload_from(&app, "127.0.0.1", &id).await;
    let mut answer = [0; 12];
    for sent in 0..70 {
        // The first bytes are 10 kB, these some 12 kB more: below 30 kB in 30 s.
        if slow.write_all(&[0; 200]).await.is_err() {
            break;
        }
        if timeout(Duration::from_millis(500), slow.read_exact(&mut answer)).await.is_ok() {
            break;
        }
        assert!(sent < 69, "not cut");
    }
    assert_eq!(&answer, b"HTTP/1.1 408");
    wait_until(|| app.files("uploads").is_empty()).await;
}

#[tokio::test]
async fn session_queues_eight_turns() {
    let openai = FakeOpenAi::spawn().await;
    openai.set_delay(Duration::from_millis(300));
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let replies = join_all((0..20).map(|_| app.say(&id, "hello there"))).await;
    let answered = replies.iter().filter(|reply| reply["success"] == true).count();
    assert_eq!(answered, 9, "one, and eight that wait: {replies:?}");
    assert_eq!(replies.iter().filter(|reply| reply["code"] == "SESSION_BUSY").count(), 11);
    assert_eq!(app.session(&id).await["messageCount"], 18);
    assert_eq!(openai.take_calls(Endpoint::Reply).len(), 9, "no call for a refused turn");
    assert_eq!(app.say(&id, "hello there").await["success"], true);
}

async fn sign_up(app: &TestApp, email: &str) -> String {
    let body = json!({ "email": email, "password": "longEnough" });
    let request = app.http.post(app.url("/api/auth/signup"));
    let account = from(PERSON, request).json(&body).reply().await;
    account["data"]["accessToken"].as_str().unwrap_or_else(|| panic!("{account}")).to_owned()
}

/// A thousand messages in which 工作 occurs as often as a position can be stored.
#[tokio::test]
async fn costly_searches_of_one_person_delay_nobody_else() {
    let app = behind_proxy().with_setting("KUKU_AUTH__MODE", "optional").spawn().await;
    let (attacker, person) =
        (sign_up(&app, "eve@example.com").await, sign_up(&app, "ada@example.com").await);
    let session = async |token: &str| {
        let request = app.http.post(app.url("/api/sessions")).bearer_auth(token);
        request.reply().await.session_id()
    };
    let (hoard, own) = (session(&attacker).await, session(&person).await);
    app.database
        .execute(&format!(
            "INSERT INTO public.messages (session_id, message_id, sender, text_content, position) \
             SELECT s.id, 'msg-' || md5(n::text), 'user', repeat('工作', 130), n \
             FROM public.sessions AS s, generate_series(1, 1000) AS n \
             WHERE s.session_id = '{hoard}'; \
             INSERT INTO public.messages (session_id, message_id, sender, text_content, position) \
             SELECT s.id, 'msg-' || md5('own'), 'user', 'the river', 1 \
             FROM public.sessions AS s WHERE s.session_id = '{own}'"
        ))
        .await;
    let search = async |client: &str, token: &str, query: &str| {
        let request = app.http.get(app.url("/api/search/messages")).query(&[("q", query)]);
        let response = from(client, request).bearer_auth(token).response().await;
        let status = response.status();
        (status, response.json::<Value>().await.expect("JSON"))
    };
    for costly in ["工作".repeat(90), "工作 ".repeat(60)] {
        let (status, found) = search(ATTACKER, &attacker, &costly).await;
        assert_eq!(status, StatusCode::OK, "answered, and not cancelled: {found}");
        assert_eq!(found["data"]["total"]["value"], 1_000, "{}", found["data"]["total"]);
        let attacks = join_all((0..40).map(|_| search(ATTACKER, &attacker, &costly)));
        let searches = async {
            for _ in 0..10 {
                let (status, found) = search(PERSON, &person, "river").await;
                assert_eq!(status, StatusCode::OK, "{found}");
                assert_eq!(found["data"]["messages"].as_array().map(Vec::len), Some(1));
            }
        };
        tokio::select! {
            () = searches => {}
            never = async { attacks.await; pending::<()>().await } => never,
        }
        // Those that wait for their turn give up by themselves.
        sleep(Duration::from_secs(6)).await;
    }
}

#[tokio::test]
async fn pages_of_exports_to_one_address_are_read_one_at_a_time() {
    let app = behind_proxy().with_setting("KUKU_AUTH__MODE", "optional").spawn().await;
    let token = sign_up(&app, "ada@example.com").await;
    let request = app.http.post(app.url("/api/sessions")).bearer_auth(&token);
    let session = request.reply().await.session_id();
    app.database
        .execute(&format!(
            "INSERT INTO public.messages (session_id, message_id, sender, text_content, position) \
             SELECT s.id, 'msg-' || md5('own'), 'user', 'the river', 1 \
             FROM public.sessions AS s WHERE s.session_id = '{session}'"
        ))
        .await;
    let export = async |client: &str| {
        let request = app.http.get(app.url("/api/users/me/export")).bearer_auth(&token);
        from(client, request).response().await.text().await.expect("a body")
    };
    let mut holder = app.database.connect().await;
    sqlx::raw_sql("BEGIN; LOCK TABLE public.messages").execute(&mut holder).await.expect("locked");
    let reads = async {
        let mut observer = app.database.connect_as_admin().await;
        let mut waiting = async || {
            let sql = "SELECT count(*) FROM pg_stat_activity \
                WHERE datname = $1 AND wait_event_type = 'Lock'";
            let name = app.database.options();
            let count = sqlx::query_scalar::<_, i64>(sql).bind(name.get_database());
            count.fetch_one(&mut observer).await.expect("a count")
        };
        while waiting().await < 2 {
            sleep(Duration::from_millis(20)).await;
        }
        // Others would have come by now.
        sleep(Duration::from_secs(1)).await;
        assert_eq!(waiting().await, 2, "one of each address");
        sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.expect("unlocked");
    };
    let (exports, other, ()) =
        tokio::join!(join_all((0..6).map(|_| export(ATTACKER))), export(PERSON), reads);
    assert!(other.contains("the river"), "{other}");
    assert!(exports.iter().all(|export| *export == other), "complete");
}

#[tokio::test]
async fn passwords_of_one_account_are_checked_one_at_a_time() {
    let app = behind_proxy()
        .with_settings(&[
            ("KUKU_AUTH__MODE", "optional"),
            ("KUKU_AUTH__LOGIN_ATTEMPTS_PER_MINUTE", "0"),
        ])
        .spawn()
        .await;
    let (token, _) =
        (sign_up(&app, "eve@example.com").await, sign_up(&app, "ada@example.com").await);
    let change = async |n: usize| {
        let request = app.http.patch(app.url("/api/users/me")).bearer_auth(&token);
        let body = json!({ "password": format!("anotherOne{n}") });
        from(ATTACKER, request).json(&body).response().await.status()
    };
    let log_in = async || {
        let body = json!({ "email": "ada@example.com", "password": "longEnough" });
        let request = app.http.post(app.url("/api/auth/login"));
        from(PERSON, request).json(&body).response().await.status()
    };
    let (changes, person) = tokio::join!(join_all((0..100).map(change)), log_in());
    assert_eq!(person, StatusCode::OK);
    let count = |status| changes.iter().filter(|found| **found == status).count();
    assert!(count(StatusCode::OK) >= 1, "{changes:?}");
    assert!(count(StatusCode::SERVICE_UNAVAILABLE) >= 50, "{changes:?}");
    assert_eq!(count(StatusCode::OK) + count(StatusCode::SERVICE_UNAVAILABLE), 100);
}

#[tokio::test]
async fn password_changes_count_as_login_attempts() {
    let app = behind_proxy()
        .with_settings(&[
            ("KUKU_AUTH__MODE", "optional"),
            ("KUKU_AUTH__LOGIN_ATTEMPTS_PER_MINUTE", "1"),
        ])
        .spawn()
        .await;
    let token = sign_up(&app, "eve@example.com").await;
    let change = async |body: Value| {
        let request = app.http.patch(app.url("/api/users/me")).bearer_auth(&token);
        from(ATTACKER, request).json(&body).response().await.status()
    };
    assert_eq!(change(json!({ "password": "anotherOne" })).await, StatusCode::OK);
    let second = change(json!({ "password": "yetAnotherOne" })).await;
    assert_eq!(second, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(change(json!({ "data": { "name": "Eve" } })).await, StatusCode::OK);
}

#[tokio::test]
async fn address_begins_a_limited_number_of_sessions_a_day() {
    let app = behind_proxy().with_setting("KUKU_LIMITS__SESSIONS_PER_DAY", "3").spawn().await;
    let begin =
        async |client: &str| from(client, app.http.post(app.url("/api/sessions"))).response().await;
    for _ in 0..3 {
        assert_eq!(begin(ATTACKER).await.status(), StatusCode::OK);
    }
    let fourth = begin(ATTACKER).await;
    let retry_after = fourth.headers()["retry-after"].to_str().expect("text").parse::<u32>();
    // A third of a day.
    assert!(retry_after.is_ok_and(|seconds| (28_700..=28_801).contains(&seconds)));
    let refused = (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS".to_owned());
    assert_eq!(refusal(fourth).await, refused);
    assert_eq!(begin(PERSON).await.status(), StatusCode::OK);
    for _ in 0..5 {
        app.given_session().await;
    }
}

/// A long conversation takes up to 10 MB as long as its turn lasts.
#[tokio::test]
async fn few_long_conversations_are_in_memory_at_a_time() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let ids = join_all((0..8).map(|_| app.given_session())).await;
    app.database
        .execute(
            "INSERT INTO public.messages (session_id, message_id, sender, text_content, position) \
             SELECT s.id, 'msg-' || md5(s.session_id || n), \
                 CASE WHEN n % 2 = 1 THEN 'user' ELSE 'ai' END, repeat('好', 50000), n \
             FROM public.sessions AS s, generate_series(1, 10) AS n; \
             UPDATE public.sessions SET message_count = 10",
        )
        .await;
    openai.set_delay(Duration::from_secs(3));
    let replies = join_all(ids.iter().map(|id| app.say(id, "hello there"))).await;
    let count = |code: &str| replies.iter().filter(|reply| reply["code"] == code).count();
    assert_eq!(
        count("OVERLOADED"),
        4,
        "{:?}",
        replies.iter().map(|r| &r["code"]).collect::<Vec<_>>()
    );
    assert_eq!(replies.iter().filter(|reply| reply["success"] == true).count(), 4);
    // Short ones go on meanwhile, and the others can be repeated.
    openai.set_delay(Duration::ZERO);
    for (id, reply) in ids.iter().zip(&replies) {
        let expected = if reply["success"] == true { 12 } else { 10 };
        assert_eq!(app.session(id).await["messageCount"], expected);
    }
    assert_eq!(app.say(&app.given_session().await, "hello there").await["success"], true);
    for id in &ids {
        assert_eq!(app.say(id, "and again").await["success"], true);
    }
}
