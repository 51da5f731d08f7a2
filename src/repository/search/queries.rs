//! The statements of a search. docs/search.md has the reasons for their shape, and what they cost.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{MAX_RANKED_GLOBAL, MAX_RANKED_SCOPED};
use crate::database::PooledConnection;
use crate::domain::{MessageSearch, SearchCursor, Sender, SessionId, Sort};

/// A hit, and what the statement says of all.
pub(super) struct HitRow {
    pub(super) id: Uuid,
    pub(super) message_id: String,
    pub(super) session_id: String,
    pub(super) created_at: OffsetDateTime,
    pub(super) sender: Sender,
    pub(super) text_content: String,
    pub(super) query: String,
    pub(super) rank: f32,
    pub(super) matches: i64,
    pub(super) snapshot_at: OffsetDateTime,
    /// If a walk through the newest lines found the matches: when the oldest of them was said.
    pub(super) walked_to: Option<OffsetDateTime>,
}

/// All statements: the newest matches (`id`, `created_at`, `rank`) are found in different ways, and what is made of them is the same.
macro_rules! select_hits {
    ([$($matches:literal)+], $walked_to:literal, $connection:expr, $search:expr, $after:expr $(, $argument:expr)*) => {{
        let (search, after): (&MessageSearch, Option<&SearchCursor>) = ($search, $after);
        let by_rank = search.sort == Sort::Relevance;
        // All matches from the newest on are ranked again for each page; a walk by time goes on from where it was.
        let (upto, id) = match after {
            Some(after) if by_rank => (Some(after.snapshot_at), None),
            Some(after) => (Some(after.last.created_at), Some(after.last.id)),
            None => (search.until.map(just_before), None),
        };
        let query = sqlx::query_as!(
            HitRow,
            "WITH " $(+ $matches)+ + r#"
            , total AS MATERIALIZED (
                SELECT count(*) AS matches, max(created_at) AS snapshot_at, min(created_at) AS oldest_at
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
                total.matches AS "matches!", total.snapshot_at AS "snapshot_at!", "# + $walked_to + r#" AS "walked_to?"
            FROM page
            CROSS JOIN total
            JOIN public.messages AS m ON m.id = page.id
            JOIN public.sessions AS s ON s.id = m.session_id
            ORDER BY CASE WHEN $7::boolean THEN page.rank END DESC, page.created_at DESC, page.id DESC
            "#,
            search.query,
            search.sender.map(Sender::as_str),
            search.from,
            // Up to this time, and with it: what a cursor says is earlier than what the search does.
            upto,
            id,
            most_matches(search, after),
            by_rank,
            after.map(|after| f32::from_bits(after.rank_bits)),
            after.map(|after| after.last.created_at),
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
                    SELECT m.id, m.created_at, CASE WHEN (SELECT one_word FROM asked)
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

/// How the matches among all lines are found.
pub(super) enum By {
    /// As the newest lines tell.
    TheNewest,
    /// By a walk through the newest lines, as far back as the search says.
    Walk,
    /// By the index of words.
    Index,
}

/// Among all lines, by a plan for any words.
pub(super) async fn everywhere(
    by: By,
    connection: &mut PooledConnection,
    search: &MessageSearch,
    after: Option<&SearchCursor>,
) -> Result<Vec<HitRow>, sqlx::Error> {
    match by {
        By::TheNewest => select_by!(either, connection, search, after),
        By::Walk => select_by!(walk, connection, search, after),
        By::Index => select_by!(index, connection, search, after),
    }
}

/// Among the lines of some sessions, by a plan for these very words and sessions.
pub(super) async fn with_timeout(
    connection: &mut PooledConnection,
    search: &MessageSearch,
    after: Option<&SearchCursor>,
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

/// How many of the newest matches are ranked and counted.
pub(super) fn cap(search: &MessageSearch) -> i64 {
    if search.user_id.is_some() || search.session_id.is_some() {
        MAX_RANKED_SCOPED
    } else {
        MAX_RANKED_GLOBAL
    }
}

/// How many matches are looked at. One more than the cap tells the first page that there are more; the next ones rank the
/// same.
pub(super) fn most_matches(search: &MessageSearch, after: Option<&SearchCursor>) -> i64 {
    match (search.sort, after) {
        (Sort::Relevance, _) | (Sort::Newest, None) => cap(search) + 1,
        // The last hit itself, a page, and the sign that there is another one.
        (Sort::Newest, Some(_)) => i64::from(search.limit) + 2,
    }
}

/// The last moment before `at` that Postgres tells from it.
fn just_before(at: OffsetDateTime) -> OffsetDateTime {
    at.saturating_sub(Duration::microseconds(1))
}
