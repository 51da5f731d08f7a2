//! The repository's methods that no route calls.

use std::collections::BTreeMap;

use kuku_coach::{
    database::connect,
    domain::{MessageId, Sender, SessionId, Viewer},
    repository::DatabaseService,
    settings::Settings,
};

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
