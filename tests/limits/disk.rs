//! A disk without free space.

use std::{os::unix::fs::PermissionsExt, process::Command};

use reqwest::StatusCode;

use crate::{
    app::{TestApp, webm},
    fake_openai::FakeOpenAi,
    invariants::assert_invariants,
    reply::refusal,
};

/// More than any disk has.
const ALL_FREE_SPACE: &str = "1000000000";

#[tokio::test]
async fn upload_below_the_minimum_of_free_space_gets_503_after_its_body() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder()
        .with_openai(&openai)
        .with_setting("KUKU_LIMITS__MIN_FREE_DISK_MIB", ALL_FREE_SPACE)
        .spawn()
        .await;
    let id = app.given_session().await;
    // Larger than the buffers of a connection: an answer before the body would be lost.
    for size in [6_000, 20_000_000] {
        let response = app.upload(&id, webm(size), "audio/webm").await;
        assert_eq!(response.headers()["retry-after"], "2", "{size}");
        let disk_full = (StatusCode::SERVICE_UNAVAILABLE, "DISK_FULL".into());
        assert_eq!(refusal(response).await, disk_full, "{size}");
    }
    assert!(app.files("uploads").is_empty());
    assert!(app.history(&id).await.is_empty());
    // What needs no disk goes on.
    assert_eq!(app.say(&id, "hello there").await["success"], true);
    assert_invariants(&app.database).await;
}

#[tokio::test]
async fn disk_that_fills_up_during_an_upload_gets_503_after_its_body() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).expect("a folder");
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
        .arg(&disk)
        .output()
        .expect("mount");
    if !mount.status.success() {
        eprintln!("skipped: a small disk can be mounted by root only");
        return;
    }
    std::fs::set_permissions(&disk, PermissionsExt::from_mode(0o755)).expect("permissions");
    let openai = FakeOpenAi::spawn().await;
    for (name, min_free) in [("leaves the minimum free", "1"), ("takes the last space", "0")] {
        let app = TestApp::builder()
            .with_openai(&openai)
            .with_setting("KUKU_DATA_DIR", disk.join(name).display())
            .with_setting("KUKU_LIMITS__MIN_FREE_DISK_MIB", min_free)
            .spawn()
            .await;
        let id = app.given_session().await;
        let response = app.upload(&id, webm(10_000_000), "audio/webm").await;
        let disk_full = (StatusCode::SERVICE_UNAVAILABLE, "DISK_FULL".into());
        assert_eq!(refusal(response).await, disk_full, "{name}");
        assert!(app.history(&id).await.is_empty(), "{name}");
        let reply = app.speak(&id, webm(6_000), "audio/webm").await;
        assert_eq!(reply["success"], true, "{name}: its file is gone, {reply}");
    }
    let unmounted = Command::new("umount").arg("-l").arg(&disk).status();
    assert!(unmounted.expect("umount").success());
}
