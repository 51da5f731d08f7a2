use serde_json::json;

use super::hits;
use crate::app::TestApp;

const USER: &str = "7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f";

#[tokio::test]
async fn filters_restrict_the_hits() {
    let app = TestApp::spawn().await;
    let rated = app.given_session().await;
    app.say(&rated, "the garden is wild").await;
    app.end(&rated).await;
    let rating_path = format!("/api/sessions/{rated}/rating");
    app.post(&rating_path, json!({"rating": 4})).await;
    let other = app.given_session().await;
    app.say(&other, "the garden is tidy").await;
    app.database
        .execute(&format!(
            "UPDATE public.messages SET created_at = '2026-03-01T12:00:00Z' WHERE session_id = \
             (SELECT id FROM public.sessions WHERE session_id = '{other}')"
        ))
        .await;
    for (filter, count) in [
        ("", 4),
        ("&sender=user", 2),
        ("&sender=ai", 2),
        (&*format!("&session_id={rated}"), 2),
        ("&session_id=session-unknown", 0),
        ("&rating_min=4", 2),
        ("&rating_min=5", 0),
        ("&from=2026-03-01&to=2026-03-01", 2),
        ("&from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:01Z", 2),
        ("&from=2026-03-01T12:00:01Z", 2),
        ("&to=2026-02-28", 0),
        ("&to=9999-12-31", 4),
        ("&from=0000-01-01&to=9999-12-31&sort=newest", 4),
        ("&to=9999-12-31T23:59:59Z", 4),
        ("&from=0000-01-01T00:00:00Z", 4),
        ("&to=2026-03-01T13:00:00%2B01:00", 0),
        ("&sender=user&rating_min=1&sort=newest", 1),
    ] {
        let found = hits(&app, &format!("q=garden{filter}")).await;
        assert_eq!(found.len(), count, "{filter}");
    }
}

#[tokio::test]
async fn user_id_filter_keeps_only_that_users_sessions() {
    let app = TestApp::spawn().await;
    let (owned, anonymous) = (app.given_session().await, app.given_session().await);
    app.say(&owned, "The garden is wild").await;
    app.say(&anonymous, "The garden is tidy").await;
    app.database
        .execute(&format!(
            "INSERT INTO auth.users (id) VALUES ('{USER}'); \
             UPDATE public.sessions SET user_id = '{USER}' WHERE session_id = '{owned}'"
        ))
        .await;
    assert_eq!(hits(&app, "q=garden").await.len(), 4);
    // Without authentication, the id is enough to read an owned session.
    assert_eq!(app.history(&owned).await.len(), 2);
    let found = hits(&app, &format!("q=garden&user_id={USER}")).await;
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|hit| hit.session_id == owned), "{found:?}");
    let other_user = "q=garden&user_id=00000000-0000-4000-8000-000000000000";
    assert!(hits(&app, other_user).await.is_empty());
}
