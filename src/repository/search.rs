//! Full-text search over what was said. docs/search.md has the reasons for the statements' shape, and what they cost.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{DatabaseService, RepositoryError, connection::Connection, ways::Way};
use crate::domain::{
    Fragment, Highlighter, MessageSearch, Moment, SearchPosition, Sender, SessionId, Sort, Total, Viewer,
};

/// Everywhere, the newest so many matches are ranked and counted: the common words of a million lines have 100,000.
pub const NEWEST_EVERYWHERE: i64 = 200;
/// Within one person's sessions, or one session, more are.
pub const NEWEST_WITHIN: i64 = 1_000;

/// Searches run on at most one of so many connections: they are the dearest statements, and those that wait for Postgres's cores
/// in it hold up turns, and each other.
pub(super) const PART_OF_CONNECTIONS: usize = 2;

/// One line that matches a search.
pub struct Hit {
    /// Public id of the line.
    pub message_id: String,
    /// Public id of its session.
    pub session_id: String,
    /// When it was said.
    pub created_at: OffsetDateTime,
    /// Who said it.
    pub sender: Sender,
    /// The whole line.
    pub text: String,
    /// The text around what was found.
    pub highlight: Vec<Fragment>,
    /// How well it matches; higher is better, comparable within one search only.
    pub rank: f32,
}

/// A page of hits.
pub struct Found {
    /// In the order asked for.
    pub hits: Vec<Hit>,
    /// How many lines match in all.
    pub total: Total,
    /// Where the next page begins; `None` if this was the last one.
    pub next: Option<SearchPosition>,
    /// Whether there is anything to look for in the words at all: stop words and punctuation are no reason to find a line.
    pub nothing_asked: bool,
}

struct HitRow {
    id: Uuid,
    message_id: String,
    session_id: String,
    created_at: OffsetDateTime,
    sender: Sender,
    text_content: String,
    query: String,
    rank: f32,
    matches: i64,
    newest_at: OffsetDateTime,
    /// If a walk through the newest lines found the matches: when the oldest of them was said.
    walked_to: Option<OffsetDateTime>,
}

/// All statements: the newest matches (`id`, `created_at`, `rank`) are found in different ways, and what is made of them is the same.
macro_rules! select_hits {
    ([$($matches:literal)+], $walked_to:literal, $connection:expr, $search:expr, $after:expr $(, $argument:expr)*) => {{
        let (search, after): (&MessageSearch, Option<&SearchPosition>) = ($search, $after);
        let by_rank = search.sort == Sort::Relevance;
        // All matches from the newest on are ranked again for each page; a walk by time goes on from where it was.
        let (upto, id) = match after {
            Some(after) if by_rank => (Some(after.newest_at), None),
            Some(after) => (Some(after.last.at), Some(after.last.id)),
            None => (search.until.map(just_before), None),
        };
        let query = sqlx::query_as!(
            HitRow,
            "WITH " $(+ $matches)+ + r#"
            , total AS MATERIALIZED (
                SELECT count(*) AS matches, max(created_at) AS newest_at, min(created_at) AS oldest_at
                FROM matches
            ), page AS (
                SELECT id, created_at, rank
                FROM matches
                WHERE $9::timestamptz IS NULL
                   OR (CASE WHEN $7::boolean THEN rank ELSE 0 END, created_at, id)
                        < (CASE WHEN $7::boolean THEN $8::real ELSE 0 END, $9, $10)
                ORDER BY CASE WHEN $7::boolean THEN rank END DESC, created_at DESC, id DESC
                -- hidden from the planner, as all that is asked everywhere
                LIMIT (SELECT $11::bigint)
            )
            SELECT
                page.id AS "id!", m.message_id, s.session_id, page.created_at AS "created_at!",
                m.sender AS "sender: Sender", m.text_content,
                (SELECT words::text FROM asked) AS "query!", page.rank AS "rank!",
                total.matches AS "matches!", total.newest_at AS "newest_at!", "# + $walked_to + r#" AS "walked_to?"
            FROM page
            CROSS JOIN total
            JOIN public.messages AS m ON m.id = page.id
            JOIN public.sessions AS s ON s.id = m.session_id
            ORDER BY CASE WHEN $7::boolean THEN page.rank END DESC, page.created_at DESC, page.id DESC
            "#,
            search.words,
            search.sender.map(Sender::as_str),
            search.from,
            // Up to this time, and with it: what a cursor says is earlier than what the search does.
            upto,
            id,
            most_matches(search, after),
            by_rank,
            after.map(|after| f32::from_bits(after.rank_bits)),
            after.map(|after| after.last.at),
            after.map(|after| after.last.id),
            i64::from(search.limit) + 1
            $(, $argument)*
        );
        // Past the connection's own executor, which gathers all rows once more.
        $connection.run(async |connection| query.fetch_all(connection).await).await
    }};
}

/// The statements by the way to their matches. Those for all lines have a plan for any words: making one for these takes longer than
/// finding a rare one. They are three, since what a plan has and does not use costs too: a rare word 0.06 of 0.22 ms, a common one 0.17 of
/// 1.20.
macro_rules! select_by {
    // On the way that the newest lines tell: what the planner would guess from its statistics is seen in them. If a walk finds too few, and
    // there are more lines, it takes the index after all.
    (either [$asked:literal $ranked:literal $indexed:literal] $($arguments:expr),+) => {
        // n lines of which a share f matches: the index finds n f of them, at 2.5 us each; a walk from the newest one finds the 201 that are
        // wanted among 201 / f, at 0.4 us each. Both cost the same where f is 6 / sqrt(n), of which a quarter of that root has one or two
        // matches; fewer than 250 lines are of too few people. A walk may go as far as the index is dear: 6 n f lines.
        select_hits!(
            [
                $asked
                r#"
                , sized AS MATERIALIZED (
                    SELECT GREATEST(reltuples, 10000)::bigint AS n, GREATEST(sqrt(GREATEST(reltuples, 0)) / 4, 250)::bigint AS sample
                    FROM pg_catalog.pg_class
                    WHERE oid = 'public.messages'::regclass
                ), lately AS MATERIALIZED (
                    SELECT count(*) FILTER (
                        WHERE text_search @@ (SELECT words FROM asked) AND sender = COALESCE((SELECT sender FROM asked), sender)
                    ) AS found
                    FROM (
                        SELECT m.text_search, m.sender
                        FROM public.messages AS m
                        WHERE m.created_at >= (SELECT since FROM asked) AND m.created_at <= (SELECT upto FROM asked)
                        ORDER BY m.created_at DESC, m.id DESC
                        LIMIT (SELECT sample FROM sized)
                    ) AS newest
                ), bounded AS MATERIALIZED (
                    -- Few lines may have been said since a time, whatever the words are.
                    SELECT CASE WHEN found > 1 THEN 6 * n * found / sample WHEN since > '-infinity' THEN 8 * sample ELSE 0 END AS lines
                    FROM asked, sized, lately
                ), walked AS MATERIALIZED (
                    SELECT m.id, m.created_at,
                "#
                $ranked
                r#"
                    FROM (
                        SELECT m.id, m.created_at, m.sender, m.text_search
                        FROM public.messages AS m
                        WHERE m.created_at >= (SELECT since FROM asked) AND m.created_at <= (SELECT upto FROM asked)
                        ORDER BY m.created_at DESC, m.id DESC
                        LIMIT (SELECT lines FROM bounded)
                    ) AS m
                    WHERE m.text_search @@ (SELECT words FROM asked)
                      AND m.sender = COALESCE((SELECT sender FROM asked), m.sender)
                      AND (m.created_at < (SELECT upto FROM asked) OR m.id <= (SELECT upto_id FROM asked))
                    ORDER BY m.created_at DESC, m.id DESC
                    LIMIT (SELECT most FROM asked)
                ), counted AS MATERIALIZED (
                    -- Too few, and not because there are no more lines.
                    SELECT CASE WHEN count(*) < (SELECT most FROM asked) THEN EXISTS (
                        SELECT FROM public.messages AS m
                        WHERE m.created_at >= (SELECT since FROM asked) AND m.created_at <= (SELECT upto FROM asked)
                        ORDER BY m.created_at DESC, m.id DESC
                        OFFSET (SELECT lines FROM bounded)
                    ) ELSE FALSE END AS too_few
                    FROM walked
                ), indexed AS MATERIALIZED (
                    SELECT m.id, m.created_at,
                "#
                $ranked
                $indexed
                r#"
                ), matches AS NOT MATERIALIZED (
                    SELECT id, created_at, rank FROM walked WHERE NOT (SELECT too_few FROM counted)
                    UNION ALL
                    SELECT id, created_at, rank FROM indexed
                )
                "#
            ],
            "(SELECT CASE WHEN NOT too_few THEN oldest_at END FROM counted)",
            $($arguments),+
        )
    };
    // Through the newest lines of both sides, from the first page on: no other way is remembered.
    (walk [$asked:literal $ranked:literal $indexed:literal] $($arguments:expr),+) => {
        select_hits!(
            [
                $asked
                r#"
                , matches AS MATERIALIZED (
                    SELECT m.id, m.created_at,
                "#
                $ranked
                r#"
                    FROM public.messages AS m
                    -- COALESCE hides the words from the planner: it would look for them in their index, or expect few lines and sort them.
                    WHERE COALESCE(m.text_search @@ (SELECT words FROM asked), FALSE)
                      AND m.created_at >= (SELECT since FROM asked) AND m.created_at <= (SELECT upto FROM asked)
                    ORDER BY m.created_at DESC, m.id DESC
                    LIMIT (SELECT most FROM asked)
                )
                "#
            ],
            "total.oldest_at",
            $($arguments),+
        )
    };
    (index [$asked:literal $ranked:literal $indexed:literal] $($arguments:expr),+) => {
        select_hits!(
            [
                $asked
                r#"
                , counted AS MATERIALIZED (
                    SELECT TRUE AS too_few
                ), matches AS MATERIALIZED (
                    SELECT m.id, m.created_at,
                "#
                $ranked
                $indexed
                ")"
            ],
            "NULL::timestamptz",
            $($arguments),+
        )
    };
    // Among the lines of some sessions. What is asked is shown to the planner: which of it restricts most differs each time.
    (sessions [$asked:literal $ranked:literal $indexed:literal] $($arguments:expr),+) => {
        select_hits!(
            [
                $asked
                r#"
                , matches AS MATERIALIZED (
                    SELECT m.id, m.created_at,
                "#
                $ranked
                r#"
                    FROM (
                        SELECT m.id, m.created_at, m.text_search
                        FROM public.messages AS m
                        JOIN public.sessions AS within ON within.id = m.session_id
                        WHERE m.text_search @@ public.message_search_query($1)
                          AND ($2::text IS NULL OR m.sender = $2)
                          AND ($3::timestamptz IS NULL OR m.created_at >= $3)
                          AND ($4::timestamptz IS NULL OR m.created_at <= $4)
                          AND ($5::uuid IS NULL OR m.created_at < $4 OR m.id <= $5)
                          AND ($12::uuid IS NULL OR within.user_id = $12)
                          AND ($13::text IS NULL OR within.session_id = $13)
                          AND ($14::integer IS NULL OR within.rating >= $14)
                        ORDER BY m.created_at DESC, m.id DESC
                        LIMIT $6
                    ) AS m
                )
                "#
            ],
            "NULL::timestamptz",
            $($arguments),+
        )
    };
    ($way:ident, $($arguments:expr),+) => {
        select_by!(
            $way [
                r#"
                -- All that is asked is read from here, where the planner does not see it: no search looks cheaper to it than any, at no size.
                -- One word has no distances to others, and lines have the same order by either rank; the plain one takes a third of the time.
                asked AS MATERIALIZED (
                    SELECT words, numnode(words) = 1 AND right(words::text, 2) <> ':*' AS one_word, $2::text AS sender,
                        COALESCE($3::timestamptz, '-infinity') AS since, COALESCE($4::timestamptz, 'infinity') AS upto,
                        COALESCE($5::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS upto_id, $6::bigint AS most
                    FROM (SELECT public.message_search_query($1) AS words OFFSET 0) AS question
                )
                "#
                r#"
                    CASE WHEN (SELECT one_word FROM asked)
                        THEN ts_rank(m.text_search, (SELECT words FROM asked))
                        ELSE ts_rank_cd(m.text_search, (SELECT words FROM asked))
                    END AS rank
                "#
                r#"
                    FROM (
                        SELECT m.id, m.created_at, m.text_search
                        FROM (
                            SELECT m.id, m.created_at, m.sender, m.text_search
                            FROM public.messages AS m
                            WHERE m.text_search @@ (SELECT words FROM asked)
                            -- Otherwise the times could become the way to the lines, and the words what is left out of them.
                            OFFSET 0
                        ) AS m
                        WHERE (SELECT too_few FROM counted)
                          AND m.created_at >= (SELECT since FROM asked) AND m.created_at <= (SELECT upto FROM asked)
                          AND m.sender = COALESCE((SELECT sender FROM asked), m.sender)
                          AND (m.created_at < (SELECT upto FROM asked) OR m.id <= (SELECT upto_id FROM asked))
                        ORDER BY m.created_at DESC, m.id DESC
                        LIMIT (SELECT most FROM asked)
                    ) AS m
                "#
            ]
            $($arguments),+
        )
    };
}

impl DatabaseService {
    /// A page of the lines that match all words of `search`, behind the hit `after` (or from the beginning): English words
    /// by their stems, Chinese, Japanese and Korean ones as they stand.
    ///
    /// [`Sort::Relevance`] ranks the newest [`NEWEST_EVERYWHERE`] or [`NEWEST_WITHIN`] matches only, and its pages end with
    /// them; [`Sort::Newest`] walks through all.
    ///
    /// A user sees their own lines only, whatever `search` says; who is none, all that `search` allows.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached, or needs longer than the statement time-out.
    pub async fn search_messages_global(
        &self,
        viewer: Viewer,
        search: &MessageSearch,
        after: Option<&SearchPosition>,
    ) -> Result<Found, RepositoryError> {
        let place = async { self.searches.acquire().await.map_err(|_| sqlx::Error::PoolClosed) };
        let _place = self.within(place).await?;
        self.read_anywhere(async |pool| {
            let (mut reading, rows);
            if is_within(search) || viewer.user_id().is_some() {
                reading = pool.reading_for_search(viewer).await?;
                rows = within(&mut reading, search, after).await?;
            } else {
                reading = pool.acquire().await?;
                rows = self.everywhere(&mut reading, search, after).await?;
            }
            let nothing_asked = rows.is_empty()
                && sqlx::query_scalar!(
                    r#"SELECT numnode(public.message_search_query($1)) = 0 AS "nothing!""#,
                    search.words
                )
                .fetch_one(&mut reading)
                .await?;
            Ok((rows, nothing_asked))
        })
        .await
        .map(|(rows, nothing_asked)| found(rows, search, after, nothing_asked))
    }

    /// Among all lines, on the way that led to these words a moment ago, or on the one that looks right.
    async fn everywhere(
        &self,
        connection: &mut Connection,
        search: &MessageSearch,
        after: Option<&SearchPosition>,
    ) -> Result<Vec<HitRow>, sqlx::Error> {
        match self.ways.known(search, after) {
            Some(Way::Index) => return select_by!(index, connection, search, after),
            Some(Way::Walk { since }) => {
                // All that are wanted were found since then, and what is older need not be seen.
                let lately = MessageSearch {
                    from: Some(since),
                    ..search.clone()
                };
                let rows = select_by!(walk, connection, &lately, after)?;
                if found_all(&rows, search, after) {
                    return Ok(rows);
                }
                // The page before may have begun at an older line, and lines may be gone.
            }
            None => {}
        }
        let rows = select_by!(either, connection, search, after)?;
        if let Some(row) = rows.first() {
            // Who walked past all lines there are has no need to do so again.
            let walked_to = row.walked_to.filter(|_| found_all(&rows, search, after));
            let way = walked_to.map_or(Way::Index, |since| Way::Walk { since });
            self.ways.learn(search, after, way);
        }
        Ok(rows)
    }
}

/// Among the lines of some sessions, by a plan for these very words and sessions.
async fn within(
    connection: &mut Connection,
    search: &MessageSearch,
    after: Option<&SearchPosition>,
) -> Result<Vec<HitRow>, sqlx::Error> {
    select_by!(
        sessions,
        connection,
        search,
        after,
        search.user_id,
        search.session_id.as_ref().map(SessionId::as_str),
        search.rating_min
    )
}

/// Whether sessions restrict the matches.
fn is_within(search: &MessageSearch) -> bool {
    search.user_id.is_some() || search.session_id.is_some() || search.rating_min.is_some()
}

fn cap(search: &MessageSearch) -> i64 {
    if search.user_id.is_some() || search.session_id.is_some() {
        NEWEST_WITHIN
    } else {
        NEWEST_EVERYWHERE
    }
}

/// How many matches are looked at. One more than the cap tells the first page that there are more; the next ones rank the
/// same.
fn most_matches(search: &MessageSearch, after: Option<&SearchPosition>) -> i64 {
    match (search.sort, after) {
        (Sort::Relevance, _) | (Sort::Newest, None) => cap(search) + 1,
        // The last hit itself, a page, and the sign that there is another one.
        (Sort::Newest, Some(_)) => i64::from(search.limit) + 2,
    }
}

/// Whether the rows are of as many matches as are looked at.
fn found_all(rows: &[HitRow], search: &MessageSearch, after: Option<&SearchPosition>) -> bool {
    rows.first()
        .is_some_and(|row| row.matches == most_matches(search, after))
}

fn found(mut rows: Vec<HitRow>, search: &MessageSearch, after: Option<&SearchPosition>, nothing_asked: bool) -> Found {
    let cap = cap(search);
    let total = match (after, rows.first()) {
        (Some(after), _) => after.total,
        (None, None) => Total { value: 0, exact: true },
        (None, Some(row)) => Total {
            value: row.matches.min(cap),
            exact: row.matches <= cap,
        },
    };
    let more = rows.len() > usize::from(search.limit);
    rows.truncate(usize::from(search.limit));
    let next = rows.last().filter(|_| more).map(|last| SearchPosition {
        newest_at: after.map_or(last.newest_at, |after| after.newest_at),
        rank_bits: last.rank.to_bits(),
        last: Moment {
            at: last.created_at,
            id: last.id,
        },
        total,
    });
    let mut highlighter = Highlighter::new(&search.words, rows.first().map_or("", |row| &row.query));
    let hits = rows
        .into_iter()
        .map(|row| Hit {
            highlight: highlighter.highlight(&row.text_content),
            message_id: row.message_id,
            session_id: row.session_id,
            created_at: row.created_at,
            sender: row.sender,
            text: row.text_content,
            rank: row.rank,
        })
        .collect();
    Found {
        hits,
        total,
        next,
        nothing_asked,
    }
}

/// The last moment before `at` that Postgres tells from it.
fn just_before(at: OffsetDateTime) -> OffsetDateTime {
    at.saturating_sub(Duration::microseconds(1))
}
