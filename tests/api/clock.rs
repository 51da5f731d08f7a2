//! Sessions of a clock that was set back, and times at the edges of the calendar.

use serde_json::json;

use crate::{
    app::TestApp,
    cli::{export, failed, run},
    server_process::open_folder,
};

/// Moves the creation of a session.
async fn set_created_at(app: &TestApp, id: &str, created_at: &str) {
    let sql = format!(
        "UPDATE public.sessions SET created_at = {created_at} WHERE session_id = '{id}'; \
         UPDATE public.messages AS m SET created_at = s.created_at \
         FROM public.sessions AS s WHERE s.id = m.session_id AND s.session_id = '{id}'"
    );
    app.database.execute(&sql).await;
}

async fn stored_duration(app: &TestApp, id: &str) -> i32 {
    let duration = "SELECT duration_seconds FROM public.sessions WHERE session_id = $1";
    let duration = sqlx::query_scalar(duration).bind(id);
    duration.fetch_one(&mut app.database.connect().await).await.expect("a duration")
}

#[tokio::test]
async fn durations_are_not_negative_after_clock_was_set_back() {
    let app = TestApp::spawn().await;
    for created_at in ["now() + interval '1 hour'", "'9999-12-31 23:59:59+00'"] {
        let id = app.given_session().await;
        app.say(&id, "I am tired").await;
        set_created_at(&app, &id, created_at).await;
        let turn = app.say(&id, "Very tired").await;
        assert_eq!(turn["success"], true, "{created_at}: {turn}");
        let ended = app.end(&id).await;
        assert_eq!(ended["data"]["duration"], 0, "{created_at}: {ended}");
        assert_eq!(stored_duration(&app, &id).await, 0, "{created_at}");
        let rated = app.post(&format!("/api/sessions/{id}/rating"), json!({"rating": 5})).await;
        assert_eq!(rated["success"], true, "{created_at}: {rated}");

        // An end that the person asks for is stored with its turn.
        let id = app.given_session().await;
        app.say(&id, "Let's wrap up.").await;
        set_created_at(&app, &id, created_at).await;
        let turn = app.say(&id, "Yes, please.").await;
        assert_eq!(turn["data"]["sessionEnded"], true, "{created_at}: {turn}");
        assert_eq!(stored_duration(&app, &id).await, 0, "{created_at}");
        assert_eq!(app.history(&id).await.len(), 4, "{created_at}");
    }
}

#[tokio::test]
async fn session_of_year_one_is_ended_with_largest_duration() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    app.say(&id, "Let's wrap up.").await;
    set_created_at(&app, &id, "'0001-01-01 00:00:00+00'").await;
    let turn = app.say(&id, "Yes, please.").await;
    assert_eq!(turn["data"]["sessionEnded"], true, "{turn}");
    assert_eq!(stored_duration(&app, &id).await, i32::MAX);
    let id = app.given_session().await;
    app.say(&id, "I am tired").await;
    set_created_at(&app, &id, "'0001-01-01 00:00:00+00'").await;
    assert_eq!(app.end(&id).await["data"]["duration"], i32::MAX);
}

#[tokio::test]
async fn export_takes_all_years_and_refuses_other_times() {
    let app = TestApp::spawn().await;
    app.given_session().await;
    let all = export(&app.database, &["--since", "0000-01-01", "--until", "9999-12-31"]);
    assert_eq!(all.lines().count(), 3, "{all}");
    let folder = open_folder();
    for time in ["9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59", "-4714-01-01"] {
        for option in ["--since", "--until"] {
            let argument = format!("{option}={time}");
            let output = run(folder.path(), &app.database, &[], &["export", &argument]);
            failed(&output, "write 2026-11-24");
        }
    }
}
