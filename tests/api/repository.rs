//! The repository's methods that no route calls.

use std::{collections::BTreeMap, time::Duration};

use kuku_coach::{
    database::connect,
    domain::{
        Fingerprint, IdempotencyKey, IdempotentRequest, MessageId, Sender, SessionId, Viewer,
    },
    repository::{DatabaseService, KeyState, Origin},
    settings::Settings,
};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::app::TestApp;

async fn repository(app: &TestApp) -> DatabaseService {
    let environment = BTreeMap::from([("DATABASE_URL".to_owned(), app.database.url.clone())]);
    let settings = Settings::from_environment(environment).expect("settings");
    let pool = connect(app.database.options(), &settings.database).await;
    DatabaseService::new(pool.expect("a pool"), &settings.database).expect("a repository")
}

/// The server saves both messages of a turn in one statement. `save_message` is for programs that
/// append a single message, such as a note of an operator.
#[tokio::test]
async fn save_message_appends_to_active_sessions_only() {
    let app = TestApp::spawn().await;
    let db = repository(&app).await;
    let id = app.given_session().await;
    let session = SessionId::parse(&id).expect("an id");
    let save = async |session: &SessionId, text: &str| {
        let message = MessageId::generate();
        let saved = db.save_message(session, &message, Sender::User, text).await;
        saved.expect("no error").map(|_| message)
    };

    let saved = save(&session, "a note").await.expect("an active session");
    let history = db.get_conversation_history(Viewer::Anonymous, &session);
    let history = history.await.expect("no error").expect("a session");
    let stored: Vec<_> = history.iter().map(|m| (&m.id, m.text.as_str())).collect();
    assert_eq!(stored, [(&saved, "a note")]);
    assert_eq!(app.session(&id).await["messageCount"], 1);

    app.end(&id).await;
    assert_eq!(save(&session, "too late").await, None, "an ended session");
    let missing = SessionId::generate();
    assert_eq!(save(&missing, "nowhere").await, None, "a missing session");
    assert_eq!(app.session(&id).await["messageCount"], 1);
    db.close().await;
}

/// A save whose caller has given up may still run while the request's lease is released.
#[tokio::test]
async fn lease_that_is_released_during_a_save_is_free_after_it() {
    let app = TestApp::spawn().await;
    let db = repository(&app).await;
    let id = SessionId::parse(&app.given_session().await).expect("an id");
    let request = IdempotentRequest {
        key: IdempotencyKey::parse("a key").expect("a key"),
        fingerprint: Fingerprint::of("a request"),
    };
    let (origin, retention) = (Origin::Session(&id), Duration::from_secs(60));
    let acquired = db.acquire_idempotency_key("turn", &origin, &request, retention).await;
    let KeyState::Acquired(lease) = acquired.expect("no error") else {
        panic!("not acquired");
    };
    let mut saving = app.database.connect().await;
    let save = format!(
        "BEGIN; UPDATE public.idempotency_keys SET answer = '{{}}' WHERE claim = '{}'",
        lease.id()
    );
    saving.execute(AssertSqlSafe(save)).await.expect("saved");
    let commit = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        saving.execute("COMMIT").await.expect("committed");
    };
    let (released, ()) = tokio::join!(db.release_lease(&lease), commit);
    released.expect("no error");
    let state = "SELECT answer IS NOT NULL AND claimed_until < clock_timestamp()
        FROM public.idempotency_keys";
    let is_free: bool = sqlx::query_scalar(state).fetch_one(&mut saving).await.expect("a key");
    assert!(is_free);
    saving.close().await.expect("closed");
    db.close().await;
}
