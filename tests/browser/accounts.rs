//! Accounts in the browser, from sign-up to erasure, and what belongs to them.

use serde_json::json;

use crate::{
    app::TestApp,
    browser::{Browser, with_browser, with_careless_browser},
    reply::ReplyExt,
};

async fn fill_credentials(browser: &Browser, email: &str, password: &str) {
    browser.fill("E-mail address", email).await;
    browser.fill("Password", password).await;
}

async fn accounts(app: &TestApp) -> i64 {
    let mut connection = app.database.connect().await;
    let count = sqlx::query_scalar("SELECT count(*) FROM auth.users");
    count.fetch_one(&mut connection).await.expect("a count")
}

#[tokio::test]
async fn account_lives_from_sign_up_to_erasure() {
    let app = TestApp::builder().with_auth().spawn().await;
    with_careless_browser("en-US", &app.base, async |browser| {
        // A session from before belongs to the browser, and then to the account.
        browser.press("Begin a session").await;
        browser.say("I sleep badly.").await;
        browser.sees("You said: \"I sleep badly.\"").await;
        browser.press("Account").await;
        fill_credentials(browser, "ada@example.com", "a good password").await;
        browser.press("Sign up").await;
        browser.sees("Signed in as ada@example.com").await;
        browser.press("Look back").await;
        browser.press("Add them to my account").await;
        browser.sees_no("Add them to my account").await;
        browser.sees("2 messages").await;
        browser.reload().await;
        browser.sees("2 messages").await;
        sign_out_and_in(browser).await;
        browser.press("Download my data").await;
        browser.press("Erase").await;
        browser.sees("Erase your account and all data?").await;
        browser.script("document.querySelector('dialog .danger').click()", vec![]).await;
        browser.sees("Erased: 1 conversations, 2 messages").await;
        assert!(browser.has_control("Sign in").await);
        assert_eq!(accounts(&app).await, 0);
        let stored = browser.script("return {...sessionStorage, ...localStorage}", vec![]).await;
        assert!(!stored.to_string().contains("Token"), "{stored}");
        browser.assert_no_complaint(&["/api/auth/login"]).await;
    })
    .await;
}

/// Signs out, in with a wrong and the right password, and changes it.
async fn sign_out_and_in(browser: &Browser) {
    browser.press("Account").await;
    browser.press("Sign out").await;
    fill_credentials(browser, "ada@example.com", "a bad password").await;
    browser.press("Sign in").await;
    browser.sees("E-mail address or password is wrong.").await;
    browser.field("Password").await.clear().await.expect("an empty field");
    browser.fill("Password", "a good password").await;
    browser.press("Sign in").await;
    browser.sees("Signed in as ada@example.com").await;
    browser.fill("New password", "a better password").await;
    browser.press("Save").await;
    browser.sees("The password is changed.").await;
}

#[tokio::test]
async fn memory_is_shown_edited_and_turned_off() {
    let app = TestApp::builder().with_auth().spawn().await;
    let memory = async || {
        let mut connection = app.database.connect().await;
        let sql = "SELECT own_text, merged_text, enabled FROM public.memories";
        let row = sqlx::query_as::<_, (String, String, bool)>(sql).fetch_one(&mut connection).await;
        row.expect("a memory")
    };
    with_browser("en-US", &app.base, async |browser| {
        browser.press("Account").await;
        browser.press("Continue as a guest").await;
        browser.fill("What the coach remembers", "I live in Bern.").await;
        browser.press("Save memory").await;
        browser.sees("The memory is saved.").await;
        assert_eq!(memory().await, ("I live in Bern.".into(), String::new(), true));
        app.database.execute("UPDATE public.memories SET merged_text = 'Goal: sleep'").await;
        browser.reload().await;
        let text = browser.field("What the coach remembers").await;
        let text = text.prop("value").await.expect("a field").expect("a text");
        assert!(text.starts_with("I live in Bern.") && text.contains("Goal: sleep"), "{text}");
        let toggle = "document.querySelector('#memory-enabled').click()";
        browser.script(toggle, vec![]).await;
        browser.press("Save memory").await;
        browser.sees("The memory is saved.").await;
        let kept = ("I live in Bern.".into(), "Goal: sleep".into(), false);
        assert_eq!(memory().await, kept, "what was not changed is not sent");
        browser.script(toggle, vec![]).await;
        browser.press("Save memory").await;
        browser.wait_for("a memory that is on", async || memory().await.2).await;
        browser.press("Forget and turn off").await;
        browser.sees("Turn the memory off?").await;
        browser.script("document.querySelector('dialog .danger').click()", vec![]).await;
        browser.wait_for("an empty memory", async || !memory().await.2).await;
        assert_eq!(memory().await, (String::new(), String::new(), false));
        browser.assert_no_complaint(&[]).await;
    })
    .await;
}

#[tokio::test]
async fn guest_keeps_the_account_where_sign_in_is_required() {
    let app = TestApp::with(&[("KUKU_AUTH__MODE", "required")]).await;
    with_careless_browser("en-US", &app.base, async |browser| {
        browser.press("Begin a session").await;
        browser.sees("Please sign in first.").await;
        browser.press("Sign in").await;
        browser.press("Continue as a guest").await;
        browser.sees("You are a guest.").await;
        browser.press("Talk").await;
        browser.press("Begin a session").await;
        browser.say("I sleep badly.").await;
        browser.sees("You said: \"I sleep badly.\"").await;
        browser.press("Account").await;
        fill_credentials(browser, "bob@example.com", "a good password").await;
        browser.press("Keep my account").await;
        browser.sees("Signed in as bob@example.com").await;
        browser.press("Search").await;
        browser.fill("Words that were said", "badly").await;
        browser.sees("2 found").await;
        browser.press("Account").await;
        browser.press("Sign out").await;
        browser.control("Sign up").await;
        browser.press("Search").await;
        browser.sees("Sign in to search your conversations.").await;
        assert!(!browser.text().await.contains("badly"), "nothing is left on the page");
        browser.assert_no_complaint(&[]).await;
    })
    .await;
}

#[tokio::test]
async fn expired_access_token_is_refreshed_quietly() {
    let app = TestApp::builder().with_auth().spawn().await;
    with_careless_browser("en-US", &app.base, async |browser| {
        browser.press("Account").await;
        browser.press("Continue as a guest").await;
        browser.sees("You are a guest.").await;
        let expire = "const login = JSON.parse(sessionStorage['kuku.login']); \
            sessionStorage['kuku.login'] = JSON.stringify({...login, expiresAt: 1}); \
            return login.refreshToken";
        let before = browser.script(expire, vec![]).await;
        browser.reload().await;
        browser.press("Talk").await;
        browser.press("Begin a session").await;
        browser.say("I sleep badly.").await;
        browser.sees("You said: \"I sleep badly.\"").await;
        let token = "return JSON.parse(sessionStorage['kuku.login']).refreshToken";
        assert_ne!(browser.script(token, vec![]).await, before);
        browser.assert_no_complaint(&[]).await;
    })
    .await;
}

#[tokio::test]
async fn search_finds_filters_pages_and_jumps() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    for number in 1..=12 {
        app.say(&id, &format!("I dream of a mountain, number {number}")).await.data();
    }
    let other = app.given_ended_session().await;
    app.post(&format!("/api/sessions/{other}/rating"), json!({"rating": 5})).await.data();
    with_browser("en-US", &app.base, async |browser| {
        browser.press("Search").await;
        browser.fill("Words that were said", "mountains").await;
        browser.sees("24 found").await;
        let hits = "return document.querySelectorAll('.hits > li').length";
        assert_eq!(browser.script(hits, vec![]).await, json!(20));
        browser.press("Show more").await;
        browser
            .wait_for("all hits", async || browser.script(hits, vec![]).await == json!(24))
            .await;
        let marked = "return document.querySelector('.hits mark').textContent";
        assert_eq!(browser.script(marked, vec![]).await, json!("mountain"));
        browser.choose("Said by", "You").await;
        browser.sees("12 found").await;
        browser.choose("Stars at least", "5 stars").await;
        browser.sees("Nothing was found.").await;
        browser.choose("Stars at least", "Any").await;
        browser.sees("12 found").await;
        browser.open_first("hits").await;
        browser.sees("Download as text").await;
        let shown = "const found = document.querySelector('.message.found'); \
            return found === document.activeElement && found.innerText.includes('mountain')";
        assert_eq!(browser.script(shown, vec![]).await, json!(true));
        browser.script("history.back()", vec![]).await;
        browser.sees("12 found").await;
    })
    .await;
}
