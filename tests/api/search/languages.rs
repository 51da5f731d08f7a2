use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{all_hits, given_messages, hits, percent_encoded};
use crate::app::TestApp;

#[tokio::test]
async fn highlighter_marks_each_word_that_postgres_finds() {
    let app = TestApp::spawn().await;
    // The rules of the stemmer, one after another, and its exceptions.
    let families = [
        "walk walks walked walking",
        "happy happily happiness",
        "try tries tried trying",
        "hope hoped hoping hopeful hopefully",
        "organize organized organizing organizer organization organizational",
        "relational relation relations relate related",
        "decide decides decided deciding",
        "generous generously generosity",
        "general generally generalize",
        "communism communal commune",
        "early earli",
        "gently gentle",
        "only onli",
        "skis ski",
        "dying die dies",
        "lying lie lies",
        "idly idle",
        "news",
        "howe",
        "inning outing canning",
        "proceed exceed succeed succeeded",
        "stress stressed stressful",
        "running runs",
        "sky skies",
        "feed feeding agreed agreement",
        "café naïve über Élan",
        "x86 covid19 42 007",
    ];
    let families = families.iter();
    let words: Vec<&str> = families.flat_map(|family| family.split(' ')).collect();
    let messages: Vec<String> = words.iter().map(|word| format!("({word}), said i")).collect();
    given_messages(&app, &messages).await;
    let mut found = 0;
    for word in &words {
        for hit in hits(&app, &format!("q={word}&limit=100")).await {
            let marked = hit.text.replace('(', "([").replace(')', "])");
            assert_eq!(hit.excerpt(), marked, "by {word}");
            found += 1;
        }
    }
    assert!(found >= words.len() + 20, "{found} hits");
}

#[tokio::test]
async fn words_of_many_languages_are_found_and_marked() {
    let app = TestApp::spawn().await;
    given_messages(
        &app,
        &[
            "Yesterday I walked—slowly—home; the “boss” didn’t call.",
            "我最近工作压力很大，晚上总是睡不着。",
            "我用Python写代码，心情不好",
            "昨日は日本語のテストでした。ｶﾀｶﾅも",
            "요즘 한국어를 배우고 있어요",
            "A café in Zürich 😀 with cafe\u{301} au lait",
            "<b>Bold</b> & <script>alert('walk')</script>",
            "e-mail me at somebody@example.com about the re-organisation",
            "很好…我很",
        ],
    )
    .await;
    for (query, expected) in [
        ("walking slowly", &["Yesterday I [walked]—[slowly]—home; the “boss” didn’t call."][..]),
        ("BOSS", &["Yesterday I walked—slowly—home; the “[boss]” didn’t call."]),
        (
            "walk",
            &[
                "Yesterday I [walked]—slowly—home; the “boss” didn’t call.",
                "<b>Bold</b> & <script>alert('[walk]')</script>",
            ],
        ),
        ("工作", &["我最近[工作]压力很大，晚上总是睡不着。"]),
        ("压力很大", &["我最近工作[压力很大]，晚上总是睡不着。"]),
        ("着", &["我最近工作压力很大，晚上总是睡不[着]。"]),
        ("晚上 工作", &["我最近[工作]压力很大，[晚上]总是睡不着。"]),
        ("大晚", &[]),
        ("我很好", &[]),
        ("python 心情", &["我用[Python]写代码，[心情]不好"]),
        ("心", &["我用Python写代码，[心]情不好"]),
        ("日本語", &["昨日は[日本語]のテストでした。ｶﾀｶﾅも"]),
        ("カタカナ", &["昨日は日本語のテストでした。[ｶﾀｶﾅ]も"]),
        ("한국어", &["요즘 [한국어]를 배우고 있어요"]),
        ("café", &["A [café] in Zürich 😀 with [cafe\u{301}] au lait"]),
        (
            "somebody@example.com",
            &["e-mail me at [somebody]@[example].[com] about the re-organisation"],
        ),
    ] {
        let parameters = format!("q={}&sort=newest&sender=user", percent_encoded(query));
        let found = hits(&app, &parameters).await;
        let oldest_first: Vec<String> = found.iter().rev().map(|hit| hit.excerpt()).collect();
        assert_eq!(oldest_first, expected, "{query}");
    }
}

const HAN: &str = "我你他工作压力大小好不睡觉心情家人老板";

/// Messages of English-like words and runs of Chinese characters.
fn random_messages(random: &mut StdRng, latin: &[String], han: &[char]) -> Vec<String> {
    let message = |_| {
        let mut message = String::new();
        for _ in 0..random.random_range(1..8) {
            if random.random_bool(0.5) {
                message.push_str(&latin[random.random_range(0..latin.len())]);
                message.push_str([" ", ", ", "—", "。", "."][random.random_range(0..5)]);
            } else {
                let run = 0..random.random_range(1..6);
                message.extend(run.map(|_| han[random.random_range(0..han.len())]));
                message.push_str(["", " ", "，", "!"][random.random_range(0..4)]);
            }
        }
        message
    };
    (0..300).map(message).collect()
}

fn contains_literally(message: &str, word: &str) -> bool {
    let mut words = message.split(|c: char| !c.is_ascii_alphabetic());
    match word.starts_with('b') {
        true => words.any(|other| other == word),
        false => message.contains(word),
    }
}

#[tokio::test]
async fn search_finds_the_same_as_a_literal_comparison() {
    let app = TestApp::spawn().await;
    let seed: u64 = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let syllables = ["la", "mi", "ro", "zu", "ke"];
    // The stemmer leaves these words as they are.
    let latin: Vec<String> =
        (0..60).map(|n| format!("ba{}dok", syllables[n % 5].repeat(n / 5 + 1))).collect();
    let han: Vec<char> = HAN.chars().collect();
    let messages = random_messages(&mut random, &latin, &han);
    let session = given_messages(&app, &messages).await;
    for _ in 0..120 {
        let words: Vec<String> = (0..random.random_range(1..3))
            .map(|_| match random.random_bool(0.4) {
                true => latin[random.random_range(0..latin.len())].clone(),
                false => (0..random.random_range(1..4))
                    .map(|_| han[random.random_range(0..han.len())])
                    .collect(),
            })
            .collect();
        let matches =
            |message: &&String| words.iter().all(|word| contains_literally(message, word));
        let mut expected: Vec<&String> = messages.iter().filter(matches).collect();
        let query = percent_encoded(&words.join(" "));
        let parameters = format!("q={query}&session_id={session}&sort=newest&limit=100");
        let found = all_hits(&app, &parameters, async || {}).await;
        let mut found: Vec<&String> = found.iter().map(|hit| &hit.text).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "seed {seed}: {words:?}");
    }
}

#[tokio::test]
async fn database_and_highlighter_agree_on_cjk_characters() {
    let app = TestApp::spawn().await;
    let edges = [
        0x3005, 0x3007, 0x3041, 0x309f, 0x30a1, 0x30fa, 0x30fc, 0x30ff, 0x3105, 0x312f, 0x31a0,
        0x31bf, 0x31f0, 0x31ff, 0x3400, 0x4dbf, 0x4e00, 0x9fff, 0xac00, 0xd7a3, 0xf900, 0xfaff,
        0x20000, 0x323af,
    ];
    let near = edges.into_iter().flat_map(|edge| edge - 2..=edge + 2);
    let codes: Vec<i32> = near
        .chain((1..0x33000).step_by(331))
        .filter(|code| !(0xd800..0xe000).contains(code))
        .collect();
    let database: Vec<i32> = sqlx::query_scalar(
        "SELECT c FROM unnest($1::int[]) AS c WHERE EXISTS (SELECT FROM public.cjk_grams(chr(c)))",
    )
    .bind(&codes)
    .fetch_all(&mut app.database.connect().await)
    .await
    .expect("characters");
    let is_cjk = |code: &i32| {
        let character = u32::try_from(*code).ok().and_then(char::from_u32);
        character.is_some_and(kuku_coach::domain::is_cjk)
    };
    let highlighter: Vec<i32> = codes.into_iter().filter(is_cjk).collect();
    assert_eq!(database, highlighter);
}

/// Postgres alone parses "tired.And" as a host, "<sad>" as markup and "a/b" as a file name.
#[tokio::test]
async fn punctuation_but_the_apostrophe_separates_words() {
    let app = TestApp::spawn().await;
    let mut random = StdRng::seed_from_u64(7);
    let pieces = [
        "tired", "don't", "http", "www", "com", "amp", "b", "1e5", "3", "x", "Z", "'", " ", "\t",
        "\n", "\u{1}",
    ];
    let marks: Vec<char> =
        (33..127u8).map(char::from).filter(|c| c.is_ascii_punctuation() && *c != '\'').collect();
    let text = |_| -> String {
        let piece = |_| match random.random_bool(0.5) {
            true => pieces[random.random_range(0..pieces.len())].to_owned(),
            false => marks[random.random_range(0..marks.len())].to_string(),
        };
        (0..12).map(piece).collect()
    };
    let texts: Vec<String> = (0..5_000).map(text).collect();
    let different: Vec<String> = sqlx::query_scalar(
        "SELECT text
         FROM unnest($1::text[]) AS text,
            LATERAL (SELECT translate(text, $2, repeat(' ', length($2))) AS spaced) AS input
         WHERE public.message_search_vector(text)
               IS DISTINCT FROM to_tsvector('english', spaced)
            OR public.message_search_query(text)
               IS DISTINCT FROM plainto_tsquery('english', spaced)",
    )
    .bind(&texts)
    .bind(String::from_iter(&marks))
    .fetch_all(&mut app.database.connect().await)
    .await
    .expect("texts");
    assert_eq!(different, [""; 0]);
}
