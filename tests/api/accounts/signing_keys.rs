//! The public keys of a project: rotation, and failures of their endpoint.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Method, StatusCode, header};

use super::{ADA, Project, assert_status_and_code, send};
use crate::{
    app::TestApp,
    fake_supabase::{FaultMode, Key},
    reply::refusal,
};

/// Longer than the keys are cached here.
const CACHE_EXPIRY: Duration = Duration::from_millis(1_100);

#[tokio::test]
async fn signing_keys_rotate_without_failed_requests() {
    let project = Project::spawn(&[("KUKU_AUTH__JWKS_CACHE_SECONDS", "1")]).await;
    let (first, second) = (project.key.clone(), Key::es256("second"));
    let status = async |token: &str| project.get_raw("/api/sessions", Some(token)).await.status();
    assert_eq!(status(&project.ada).await, StatusCode::OK);

    // Both keys are valid while one replaces the other.
    project.supabase.set_keys(vec![first, second.clone()]);
    let with_second = second.sign(&project.supabase.claims(ADA));
    tokio::time::sleep(CACHE_EXPIRY).await;
    let tokens = [&project.ada, &with_second];
    let statuses = join_all((0..40).map(|n| status(tokens[n % 2]))).await;
    assert!(statuses.iter().all(|status| *status == StatusCode::OK), "{statuses:?}");

    // A revoked key is refused once the cache has expired.
    project.supabase.set_keys(vec![second]);
    tokio::time::sleep(CACHE_EXPIRY).await;
    assert_eq!(status(&with_second).await, StatusCode::OK);
    assert_eq!(status(&project.ada).await, StatusCode::UNAUTHORIZED);
    let before = project.supabase.key_fetches();
    join_all((0..30).map(|_| status(&project.ada))).await;
    let fetches = project.supabase.key_fetches() - before;
    assert!(fetches <= 1, "{fetches} fetches for concurrent requests");
}

#[tokio::test]
async fn cached_keys_serve_while_the_jwks_endpoint_fails() {
    let project = Project::spawn(&[("KUKU_AUTH__JWKS_CACHE_SECONDS", "1")]).await;
    let list = async |token: &str| project.get_raw("/api/sessions", Some(token)).await;
    assert_eq!(list(&project.ada).await.status(), StatusCode::OK);
    let unknown_key = Key::es256("second").sign(&project.supabase.claims(ADA));
    for mode in [FaultMode::Down, FaultMode::Garbage, FaultMode::Slow] {
        project.supabase.set_mode(mode);
        tokio::time::sleep(CACHE_EXPIRY).await;
        assert_eq!(list(&project.ada).await.status(), StatusCode::OK, "{mode:?}");
        let response = list(&unknown_key).await;
        let headers = response.headers();
        assert!(headers.contains_key(header::RETRY_AFTER), "{mode:?}");
        assert_eq!(
            refusal(response).await,
            (StatusCode::SERVICE_UNAVAILABLE, "KEYS_UNAVAILABLE".into()),
            "{mode:?}"
        );
        // Only the first request waits for the endpoint.
        let start = Instant::now();
        join_all((0..20).map(|_| list(&project.ada))).await;
        assert!(start.elapsed() < Duration::from_secs(10), "{mode:?}");
    }
}

#[tokio::test]
async fn token_is_503_if_no_keys_were_ever_fetched() {
    let project = Project::spawn(&[]).await;
    let app = TestApp::builder().with_setting("SUPABASE_URL", "http://127.0.0.1:1").spawn().await;
    let token = Some(project.ada.as_str());
    let response = send(&app, Method::GET, "/api/sessions", token, None).await;
    assert_status_and_code(response, StatusCode::SERVICE_UNAVAILABLE, "KEYS_UNAVAILABLE").await;
}
