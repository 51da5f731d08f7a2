//! Punctuation of all scripts, and characters that are ignored.

use kuku_coach::domain::{is_ignored, is_separator};
use sqlx::{Executor, Row};

use super::{given_messages, hits, percent_encoded};
use crate::{app::TestApp, postgres::TestDatabase};

/// A text, a query, and the text with its hits in brackets.
const CASES: &[(&str, &str, &str)] = &[
    ("كيف حالك؟", "حالك", "كيف [حالك]؟"),
    ("نعم، شكرا؛ هذا۔", "شكرا", "نعم، [شكرا]؛ هذا۔"),
    ("نعم، شكرا؛ هذا۔", "هذا", "نعم، شكرا؛ [هذا]۔"),
    ("בית־ספר׃ שלום״", "ספר", "בית־[ספר]׃ שלום״"),
    ("בית־ספר׃ שלום״", "שלום", "בית־ספר׃ [שלום]״"),
    ("मैं थक गया।", "गया", "मैं थक [गया]।"),
    ("नमस्ते॥", "नमस्ते", "[नमस्ते]॥"),
    ("Բարեւ։ Ինչպե՞ս", "Բարեւ", "[Բարեւ]։ Ինչպե՞ս"),
    ("Բարեւ։ Ինչպե՞ս", "Ինչպես", "Բարեւ։ [Ինչպե՞ս]"),
    ("สวัสดี๚ ต่างๆ", "สวัสดี", "[สวัสดี]๚ ต่างๆ"),
    ("สวัสดี๚ ต่างๆ", "ต่าง", "สวัสดี๚ [ต่าง]ๆ"),
    ("ሰላም፣ ነው።", "ሰላም", "[ሰላም]፣ ነው።"),
    ("ជំរាប។", "ជំរាប", "[ជំរាប]។"),
    ("so\u{ad}cial co\u{200b}op\u{feff}", "social", "[so\u{ad}cial] co\u{200b}op\u{feff}"),
    ("so\u{ad}cial co\u{200b}op\u{feff}", "coop", "so\u{ad}cial [co\u{200b}op\u{feff}]"),
    ("social", "so\u{ad}ci\u{200d}al", "[social]"),
    ("\u{202a}שקט\u{202c}", "שקט", "\u{202a}[שקט\u{202c}]"),
    ("می\u{200c}خواهم", "میخواهم", "[می\u{200c}خواهم]"),
    ("工\u{200b}作压力", "工作", "[工\u{200b}作]压力"),
    ("Zu\u{308}rich", "Zürich", "[Zu\u{308}rich]"),
    ("Zürich", "Zu\u{308}rich", "[Zürich]"),
];

async fn database_in_c_locale() -> TestDatabase {
    let database = TestDatabase::new().await;
    let mut connection = database.connect().await;
    let sql = "SELECT current_setting('server_version_num')::integer";
    let version: i32 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a version");
    let provider = if version < 150_000 { "" } else { "LOCALE_PROVIDER libc" };
    TestDatabase::created_with(&format!(
        "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' {provider} TEMPLATE template0"
    ))
    .await
}

#[tokio::test]
async fn words_beside_any_punctuation_are_found_and_marked() {
    let default = TestApp::spawn().await;
    // Postgres takes all characters beyond ASCII for letters there.
    let in_c_locale = TestApp::builder().with_database(database_in_c_locale().await).spawn().await;
    for (app, (text, query, expected)) in
        CASES.iter().flat_map(|case| [(&default, case), (&in_c_locale, case)])
    {
        let session = given_messages(app, &[text]).await;
        let parameters = format!("q={}&session_id={session}", percent_encoded(query));
        let found = hits(app, &parameters).await;
        let excerpts: Vec<String> = found.iter().map(|hit| hit.excerpt()).collect();
        assert_eq!(excerpts, [*expected], "{query}");
    }
}

#[tokio::test]
async fn database_and_highlighter_agree_on_separators() {
    let app = TestApp::spawn().await;
    let known = |c: &char| !c.is_ascii() && (is_separator(*c) || is_ignored(*c));
    // Unicode's compatibility forms are other characters to the database.
    let characters = ('\u{80}'..=char::MAX).filter(known).filter(|c| {
        use unicode_normalization::UnicodeNormalization;
        c.nfkc().eq([*c])
    });
    let texts: Vec<String> = characters.map(|c| format!("alpha{c}beta")).collect();
    assert!(texts.len() > 2_000, "{}", texts.len());
    let different: Vec<String> = sqlx::query_scalar(
        "SELECT text
         FROM unnest($1::text[], $2::boolean[]) AS input (text, joined)
         WHERE public.message_search_vector(text) IS DISTINCT FROM
             to_tsvector('english', CASE WHEN joined THEN 'alphabeta' ELSE 'alpha beta' END)
            OR public.message_search_query(text) IS DISTINCT FROM
             plainto_tsquery('english', CASE WHEN joined THEN 'alphabeta' ELSE 'alpha beta' END)",
    )
    .bind(&texts)
    .bind(texts.iter().map(|text| text.contains(is_ignored)).collect::<Vec<_>>())
    .fetch_all(&mut app.database.connect().await)
    .await
    .expect("texts");
    assert_eq!(different, [""; 0]);
}

#[tokio::test]
async fn migration_reindexes_only_messages_whose_words_change() {
    let app = TestApp::builder().with_database(database_in_c_locale().await).spawn().await;
    let texts = [
        "plain",
        "我最近工作，压力很大",
        "“Quoted” – café 😀❤\u{fe0f}",
        "كيف حالك؟",
        "so\u{ad}cial",
    ];
    given_messages(&app, &texts).await;
    let mut connection = app.database.connect().await;
    let read = |file: &str| {
        let path = format!("{}/migrations/{file}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).expect(file)
    };
    let versions = "SELECT text_content, xmin::text FROM public.messages ORDER BY position";
    for file in [
        "20261128230000_search_all_punctuation.down.sql",
        "20261128230000_search_all_punctuation.up.sql",
    ] {
        let before = connection.fetch_all(versions).await.expect("rows");
        let script = format!("BEGIN; {}; COMMIT", read(file));
        connection.execute(sqlx::AssertSqlSafe(script)).await.expect(file);
        let after = connection.fetch_all(versions).await.expect("rows");
        let changed: Vec<String> = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| before.get::<String, _>(1) != after.get::<String, _>(1))
            .map(|(before, _)| before.get(0))
            .collect();
        assert_eq!(changed, texts[3..], "{file}");
    }
}
