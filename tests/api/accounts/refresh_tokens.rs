//! Refresh tokens of local accounts: sent twice, revoked, and cleaned up.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::Connection;

use super::{
    local_accounts::{PASSWORD, given_app, log_in, refresh, use_earlier},
    send, sign_up,
};
use crate::{
    app::{TestApp, eventually},
    reply::{ReplyExt, RequestExt, body, text},
};

/// Rounds of a race. Without the lock of the user's row every second one is lost.
const ROUNDS: usize = 40;

async fn sign_up_anonymously(app: &TestApp) -> (String, String) {
    let account = app.post("/api/auth/anonymous", Value::Null).await;
    let account = account.data();
    (text(&account["accessToken"]), text(&account["refreshToken"]))
}

async fn count(app: &TestApp, table: &str) -> i64 {
    let mut connection = app.database.connect().await;
    let sql = format!("SELECT count(*) FROM {table}");
    let count = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut connection).await;
    connection.close().await.expect("closed");
    count.expect("counted")
}

#[tokio::test]
async fn concurrent_refreshes_of_a_token_get_one_successor() {
    let app = given_app().await;
    let (_, token) = sign_up_anonymously(&app).await;
    let replies = join_all((0..8).map(|_| refresh(&app, &token))).await;
    let successors: Vec<String> =
        replies.iter().map(|(_, reply)| text(&reply.data()["refreshToken"])).collect();
    assert!(successors.iter().all(|other| *other == successors[0]), "{successors:?}");
    let (status, reply) = refresh(&app, &successors[0]).await;
    assert_eq!(status, 200, "{reply}");
}

#[tokio::test]
async fn refresh_token_sent_again_gets_the_valid_token() {
    let app = given_app().await;
    let (_, first) = sign_up_anonymously(&app).await;
    let mut last = first.clone();
    for _ in 0..3 {
        last = text(&refresh(&app, &last).await.1.data()["refreshToken"]);
    }
    let (_, reply) = refresh(&app, &first).await;
    assert_eq!(text(&reply.data()["refreshToken"]), last);

    use_earlier(&app, "11 seconds").await;
    let (status, reused) = refresh(&app, &first).await;
    assert_eq!((status, reused.code()), (400, "refresh_token_already_used"));
    let (_, ended) = refresh(&app, &last).await;
    assert_eq!(ended.code(), "refresh_token_not_found");
}

#[tokio::test]
async fn revocation_beside_a_refresh_leaves_no_token() {
    let app = TestApp::builder()
        .with_auth()
        .with_setting("KUKU_AUTH__LOGIN_ATTEMPTS_PER_MINUTE", 0)
        .spawn()
        .await;
    for round in 0..ROUNDS {
        let (access, first) = sign_up_anonymously(&app).await;
        let second = text(&refresh(&app, &first).await.1.data()["refreshToken"]);
        let log_out = send(&app, Method::POST, "/api/auth/logout", Some(&access), None);
        let refreshes = join_all((0..3).map(|_| refresh(&app, &second)));
        let (logout, _) = tokio::join!(log_out, refreshes);
        assert_eq!(logout.status(), StatusCode::NO_CONTENT);
        assert_eq!(count(&app, "public.refresh_tokens").await, 0, "logout, round {round}");

        let (_, first) = sign_up_anonymously(&app).await;
        let second = text(&refresh(&app, &first).await.1.data()["refreshToken"]);
        use_earlier(&app, "11 seconds").await;
        let ((_, reused), _) = tokio::join!(refresh(&app, &first), refresh(&app, &second));
        assert_eq!(reused.code(), "refresh_token_already_used");
        assert_eq!(count(&app, "public.refresh_tokens").await, 0, "reuse, round {round}");
    }
}

#[tokio::test]
async fn new_password_ends_all_other_logins() {
    let app = given_app().await;
    let first = sign_up(&app, "ada@example.com").await;
    let current = log_in(&app, "ada@example.com").await;
    let token = text(&current["accessToken"]);
    let json = Some(json!({"password": "a better password"}));
    let response = send(&app, Method::PATCH, "/api/users/me", Some(&token), json).await;
    body(response).await.data();
    let (_, ended) = refresh(&app, &text(&first["refreshToken"])).await;
    assert_eq!(ended.code(), "refresh_token_not_found");
    let (status, kept) = refresh(&app, &text(&current["refreshToken"])).await;
    assert_eq!(status, 200, "{kept}");
}

#[tokio::test]
async fn login_beside_a_new_password_or_an_erasure_is_refused() {
    let app = given_app().await;
    for (email, change) in [
        ("ada@example.com", "UPDATE auth.users SET encrypted_password = 'x'"),
        ("bob@example.com", "DELETE FROM auth.users"),
    ] {
        sign_up(&app, email).await;
        let mut connection = app.database.connect().await;
        let begin = format!("BEGIN; {change} WHERE email = '{email}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(begin)).execute(&mut connection).await.expect("changed");
        // The login has read the old account, and waits for the row.
        let waiting =
            "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let commit = async {
            eventually("the login waits", async || count(&app, waiting).await > 0).await;
            sqlx::raw_sql("COMMIT").execute(&mut connection).await.expect("committed");
        };
        let credentials = json!({"email": email, "password": PASSWORD});
        let (response, ()) = tokio::join!(app.post_raw("/api/auth/login", credentials), commit);
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{change}");
        assert_eq!(body(response).await.code(), "invalid_credentials", "{change}");
        connection.close().await.expect("closed");
    }
}

#[tokio::test]
async fn old_tokens_and_unused_accounts_are_deleted() {
    let app = given_app().await;
    let (_, used) = sign_up_anonymously(&app).await;
    refresh(&app, &used).await.1.data();
    use_earlier(&app, "25 hours").await;
    let (owner, _) = sign_up_anonymously(&app).await;
    send(&app, Method::POST, "/api/sessions", Some(&owner), None).await;
    for _ in 0..2 {
        sign_up_anonymously(&app).await;
    }
    sign_up(&app, "ada@example.com").await;
    // All accounts and tokens but those of the first are old.
    app.database
        .execute(
            "UPDATE auth.users SET last_sign_in_at = last_sign_in_at - interval '31 days'
             WHERE id NOT IN (SELECT user_id FROM public.refresh_tokens WHERE used_at IS NOT NULL);
             UPDATE public.refresh_tokens SET created_at = created_at - interval '31 days'
             WHERE user_id IN (
                 SELECT id FROM auth.users WHERE last_sign_in_at < now() - interval '1 day'
             )",
        )
        .await;
    // Each server cleans up at its start.
    let _other = TestApp::builder().sharing(&app.database).with_auth().spawn().await;
    let tokens = "public.refresh_tokens";
    eventually("old tokens are deleted", async || count(&app, tokens).await == 1).await;
    // The first, the owner of a session, and the one with an e-mail address. Accounts of a Supabase
    // project stay.
    let is_supabase = std::env::var("KUKU_TEST_ROLE").is_ok_and(|role| role == "supabase");
    let left = if is_supabase { 5 } else { 3 };
    eventually("accounts are deleted", async || count(&app, "auth.users").await == left).await;
    assert_eq!(count(&app, "auth.users WHERE is_anonymous").await, left - 1);
}

/// On distributed tables, where no foreign key deletes it.
#[tokio::test]
async fn memory_of_an_unused_account_is_deleted_with_it() {
    let app = given_app().await;
    if !is_own_schema(&app).await {
        return;
    }
    let (unused, _) = sign_up_anonymously(&app).await;
    let (owner, _) = sign_up_anonymously(&app).await;
    send(&app, Method::POST, "/api/sessions", Some(&owner), None).await;
    for token in [&unused, &owner] {
        let request = app.http.put(app.url("/api/users/me/memory")).bearer_auth(token);
        request.json(&json!({"text": "I have two cats"})).reply().await.data();
    }
    app.database
        .execute(
            "UPDATE auth.users SET last_sign_in_at = last_sign_in_at - interval '31 days';
             UPDATE public.refresh_tokens SET created_at = created_at - interval '31 days'",
        )
        .await;
    let _other = TestApp::builder().sharing(&app.database).with_auth().spawn().await;
    eventually("the account is deleted", async || count(&app, "auth.users").await == 1).await;
    assert_eq!(count(&app, "public.memories").await, 1);
}

/// Accounts of a Supabase project are never deleted.
async fn is_own_schema(app: &TestApp) -> bool {
    let is_own = "pg_namespace WHERE nspname = 'auth'
        AND obj_description(oid, 'pg_namespace') LIKE 'kuku-coach:%'";
    count(app, is_own).await == 1
}
