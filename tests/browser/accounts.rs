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

async fn sign_up(browser: &Browser, email: &str) {
    browser.press("Account").await;
    fill_credentials(browser, email, "a good password").await;
    browser.press("Sign up").await;
    browser.sees(&format!("Signed in as {email}")).await;
}

/// Ends all logins: their access tokens have run out, and they are not refreshed.
async fn end_logins(app: &TestApp, browser: &Browser) {
    app.database.execute("DELETE FROM public.refresh_tokens").await;
    let later = "const now = Date.now; Date.now = () => now() + 1e9; window.realNow ??= now";
    browser.script(later, vec![]).await;
}

/// Follows the page's way to sign in, and goes back to talk.
async fn sign_in_again(browser: &Browser, email: &str) {
    browser.sees("Please sign in again.").await;
    browser.press("Sign in").await;
    browser.script("Date.now = window.realNow", vec![]).await;
    fill_credentials(browser, email, "a good password").await;
    browser.press("Sign in").await;
    browser.sees(&format!("Signed in as {email}")).await;
    browser.press("Talk").await;
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
        // The page turns it off first, and then deletes it.
        let empty = (String::new(), String::new(), false);
        browser.wait_for("an empty memory", async || memory().await == empty).await;
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
        browser.sees("Please sign in first.").await;
        assert!(!browser.text().await.contains("badly"), "nothing is left on the page");
        browser.press("Look back").await;
        browser.sees("Please sign in first.").await;
        browser.sees_no("No conversations yet").await;
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

#[tokio::test]
async fn ended_login_is_said_and_makes_nobody_a_stranger() {
    let app = TestApp::builder().with_auth().spawn().await;
    with_careless_browser("en-US", &app.base, async |browser| {
        let sessions = async || {
            let mut connection = app.database.connect().await;
            let sql = "SELECT count(*), count(user_id) FROM public.sessions";
            let counts = sqlx::query_as::<_, (i64, i64)>(sql).fetch_one(&mut connection).await;
            counts.expect("counts")
        };
        sign_up(browser, "ada@example.com").await;
        browser.press("Talk").await;
        end_logins(&app, browser).await;
        browser.press("Begin a session").await;
        browser.sees("Please sign in again.").await;
        assert_eq!(sessions().await, (0, 0), "no session of a stranger");
        sign_in_again(browser, "ada@example.com").await;
        browser.press("Begin a session").await;
        browser.say("I sleep badly.").await;
        browser.sees("You said: \"I sleep badly.\"").await;
        browser.sees_no("The coach is thinking").await;
        end_logins(&app, browser).await;
        browser.say("I go to bed too late.").await;
        browser.sees_no("I sleep badly.").await;
        sign_in_again(browser, "ada@example.com").await;
        browser.press("Begin a session").await;
        let text = browser.field("Type a message").await.prop("value").await.expect("a field");
        assert_eq!(text.as_deref(), Some("I go to bed too late."));
        assert_eq!(sessions().await, (2, 2));
        end_logins(&app, browser).await;
        browser.press("Look back").await;
        browser.sees("Please sign in again.").await;
        browser.assert_no_complaint(&["/api/auth/refresh"]).await;
    })
    .await;
}

#[tokio::test]
async fn next_account_sees_nothing_of_the_search_before() {
    let app = TestApp::builder().with_auth().spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        sign_up(browser, "ada@example.com").await;
        browser.press("Talk").await;
        browser.press("Begin a session").await;
        browser.say("I sleep badly.").await;
        browser.sees("You said: \"I sleep badly.\"").await;
        browser.sees_no("The coach is thinking").await;
        browser.press("Search").await;
        browser.fill("Words that were said", "badly").await;
        browser.sees("2 found").await;
        browser.press("Account").await;
        browser.press("Sign out").await;
        sign_up(browser, "bob@example.com").await;
        browser.press("Search").await;
        let query = browser.field("Words that were said").await.prop("value").await;
        assert_eq!(query.expect("a field").as_deref(), Some(""));
        let shown = browser.script("return document.querySelector('main').innerText", vec![]).await;
        assert!(!shown.to_string().contains("badly"), "{shown}");
        browser.press("Look back").await;
        browser.sees("No conversations yet.").await;
    })
    .await;
}

#[tokio::test]
async fn tick_does_not_change_line_breaks_of_a_memory() {
    let app = TestApp::builder().with_auth().spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        browser.press("Account").await;
        browser.press("Continue as a guest").await;
        let live = "return document.getElementById('live').textContent";
        browser
            .wait_for("an announcement", async || {
                let said = browser.script(live, vec![]).await;
                said.to_string().contains("You are a guest.")
            })
            .await;
        let sql = "INSERT INTO public.memories (user_id, own_text, merged_text, updated_at) \
            SELECT id, E'I live in Bern.\\r\\nI run.', 'Goal: sleep', now() FROM auth.users";
        app.database.execute(sql).await;
        browser.reload().await;
        browser.control("Save memory").await;
        browser.script("document.querySelector('#memory-enabled').click()", vec![]).await;
        browser.press("Save memory").await;
        browser.sees("The memory is saved.").await;
        let mut connection = app.database.connect().await;
        let sql = "SELECT own_text, merged_text, enabled FROM public.memories";
        let row = sqlx::query_as::<_, (String, String, bool)>(sql).fetch_one(&mut connection).await;
        let kept = ("I live in Bern.\r\nI run.".into(), "Goal: sleep".into(), false);
        assert_eq!(row.expect("a memory"), kept);
    })
    .await;
}

#[tokio::test]
async fn server_without_memories_offers_none() {
    let app = TestApp::builder().with_auth().with_setting("KUKU_MEMORY__ENABLED", false);
    let app = app.spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        browser.press("Account").await;
        browser.press("Continue as a guest").await;
        browser.sees("Download my data").await;
        let sql = "INSERT INTO public.memories (user_id, own_text, updated_at) \
            SELECT id, 'I live in Bern.', now() FROM auth.users";
        assert!(!browser.has_control("Save memory").await);
        app.database.execute(sql).await;
        // What is left of one can be seen and deleted.
        browser.reload().await;
        browser.control("Forget and turn off").await;
        assert!(!browser.text().await.contains("from session to session"));
    })
    .await;
}
