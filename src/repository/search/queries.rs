//! The two queries of the service's searches: global (all sessions) and scoped (some sessions).
//! Reasons for their shape and their cost: docs/search.md.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::database::PooledConnection;
use crate::domain::{MessageSearch, SearchCursor, Sender, SessionId, Sort};

/// Matches that a global search ranks and counts, newest first. Common words have 100,000 matches
/// in a million messages.
pub const MAX_RANKED_GLOBAL: i64 = 200;
/// Matches that a search within one user's sessions, or one session, ranks and counts.
pub const MAX_RANKED_SCOPED: i64 = 1_000;

/// A hit, with figures about all matches.
pub(super) struct HitRow {
    pub(super) id: Uuid,
    pub(super) message_id: String,
    pub(super) session_id: String,
    pub(super) created_at: OffsetDateTime,
    pub(super) sender: Sender,
    pub(super) text_content: String,
    pub(super) tsquery: String,
    pub(super) rank: f32,
    pub(super) matches: i64,
    pub(super) snapshot_at: OffsetDateTime,
}

/// Parameters that all searches share.
pub(super) struct Parameters {
    pub(super) by_rank: bool,
    /// Inclusive upper bound of the matches, with `max_id` for messages of that microsecond.
    pub(super) max_created_at: Option<OffsetDateTime>,
    pub(super) max_id: Option<Uuid>,
    pub(super) match_limit: i64,
    pub(super) last_rank: Option<f32>,
    pub(super) last_created_at: Option<OffsetDateTime>,
    pub(super) last_id: Option<Uuid>,
    /// One more than the page has room for: whether there is a next page.
    pub(super) hit_limit: i64,
}

impl Parameters {
    pub(super) fn new(search: &MessageSearch, after: Option<&SearchCursor>) -> Self {
        let by_rank = search.sort == Sort::Relevance;
        // Each page by rank ranks all matches again; a page by time starts at the last hit.
        let (max_created_at, max_id) = match after {
            Some(after) if by_rank => (Some(after.snapshot_at), None),
            Some(after) => (Some(after.last.created_at), Some(after.last.id)),
            None => (search.until.map(before), None),
        };
        Self {
            by_rank,
            max_created_at,
            max_id,
            match_limit: match_limit(search, after),
            last_rank: after.map(|after| f32::from_bits(after.rank_bits)),
            last_created_at: after.map(|after| after.last.created_at),
            last_id: after.map(|after| after.last.id),
            hit_limit: i64::from(search.limit) + 1,
        }
    }
}

/// Searches all sessions, by a generic plan: planning takes longer than finding a rare word.
///
/// The newest messages are a sample of how common the query is. A common one is found by scanning
/// recent messages, a rare one by the GIN index.
///
/// Of n messages, a share f matches. The index finds n f of them, at 2.5 us each. A scan reads
/// 201 / f messages for 201 matches, at 0.4 us each. Both cost the same at f = 6 / sqrt(n), where a
/// sample of sqrt(n) / 4 messages has one or two matches. A sample of fewer than 250 messages comes
/// from too few people. The scan is limited to the cost of the index: 6 n f messages.
pub(super) async fn search_globally(
    connection: &mut PooledConnection,
    search: &MessageSearch,
    after: Option<&SearchCursor>,
) -> Result<Vec<HitRow>, sqlx::Error> {
    let parameters = Parameters::new(search, after);
    let query = sqlx::query_as!(
        HitRow,
        r#"
        -- The planner does not see values that come from this CTE, so no custom plan looks cheaper
        -- than the generic one, whatever the size of the table.
        WITH params AS MATERIALIZED (
            SELECT tsquery,
                -- For a single term ts_rank orders like ts_rank_cd and is three times faster.
                -- Beyond eight terms, with seven operators, ts_rank_cd takes seconds.
                numnode(tsquery) = 1 AND right(tsquery::text, 2) <> ':*'
                    OR numnode(public.message_search_query($1)) > 15 AS uses_ts_rank,
                $2::text AS sender,
                COALESCE($3::timestamptz, '-infinity') AS min_created_at,
                COALESCE($4::timestamptz, 'infinity') AS max_created_at,
                COALESCE($5::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS max_id,
                $6::bigint AS match_limit
            FROM (
                -- As in languages_of_search: a query of its own would be another round trip.
                SELECT public.language_search_query($1, ARRAY(
                    SELECT wanted
                    FROM unnest(ARRAY['de', 'fr', 'es', 'pt', 'it', 'ru']) AS wanted
                    WHERE wanted = (
                        SELECT s.language FROM public.sessions AS s
                        WHERE s.language >= wanted
                        ORDER BY s.language
                        LIMIT 1
                    )
                )) AS tsquery OFFSET 0
            ) AS parsed
        ), table_stats AS MATERIALIZED (
            SELECT GREATEST(reltuples, 10000)::bigint AS row_count,
                GREATEST(sqrt(GREATEST(reltuples, 0)) / 4, 250)::bigint AS sample_size
            FROM pg_catalog.pg_class
            WHERE oid = 'public.messages'::regclass
        ), sample AS MATERIALIZED (
            SELECT count(*) FILTER (
                WHERE text_search @@ (SELECT tsquery FROM params)
                  AND sender = COALESCE((SELECT sender FROM params), sender)
            ) AS matches
            FROM (
                SELECT m.text_search, m.sender
                FROM public.messages AS m
                WHERE m.created_at >= (SELECT min_created_at FROM params)
                  AND m.created_at <= (SELECT max_created_at FROM params)
                ORDER BY m.created_at DESC, m.id DESC
                LIMIT (SELECT sample_size FROM table_stats)
            ) AS newest
        ), scan_limit AS MATERIALIZED (
            SELECT CASE
                WHEN matches > 1 THEN 6 * row_count * matches / sample_size
                -- The time range may hold few messages, however rare the query is.
                WHEN min_created_at > '-infinity' THEN 8 * sample_size
                ELSE 0
            END AS messages
            FROM params, table_stats, sample
        ), recent_matches AS MATERIALIZED (
            SELECT m.id, m.created_at,
                CASE WHEN (SELECT uses_ts_rank FROM params)
                    THEN ts_rank(m.text_search, (SELECT tsquery FROM params))
                    ELSE ts_rank_cd(m.text_search, (SELECT tsquery FROM params))
                END AS rank
            FROM (
                SELECT m.id, m.created_at, m.sender, m.text_search
                FROM public.messages AS m
                WHERE m.created_at >= (SELECT min_created_at FROM params)
                  AND m.created_at <= (SELECT max_created_at FROM params)
                ORDER BY m.created_at DESC, m.id DESC
                LIMIT (SELECT messages FROM scan_limit)
            ) AS m
            WHERE m.text_search @@ (SELECT tsquery FROM params)
              AND m.sender = COALESCE((SELECT sender FROM params), m.sender)
              AND (m.created_at < (SELECT max_created_at FROM params)
                OR m.id <= (SELECT max_id FROM params))
            ORDER BY m.created_at DESC, m.id DESC
            LIMIT (SELECT match_limit FROM params)
        ), fallback AS MATERIALIZED (
            -- The index is needed if the scan found too few matches and left messages unread.
            SELECT CASE WHEN count(*) < (SELECT match_limit FROM params) THEN EXISTS (
                SELECT FROM public.messages AS m
                WHERE m.created_at >= (SELECT min_created_at FROM params)
                  AND m.created_at <= (SELECT max_created_at FROM params)
                ORDER BY m.created_at DESC, m.id DESC
                OFFSET (SELECT messages FROM scan_limit)
            ) ELSE FALSE END AS is_needed
            FROM recent_matches
        ), index_matches AS MATERIALIZED (
            SELECT m.id, m.created_at,
                CASE WHEN (SELECT uses_ts_rank FROM params)
                    THEN ts_rank(m.text_search, (SELECT tsquery FROM params))
                    ELSE ts_rank_cd(m.text_search, (SELECT tsquery FROM params))
                END AS rank
            FROM (
                SELECT m.id, m.created_at, m.text_search
                FROM (
                    SELECT m.id, m.created_at, m.sender, m.text_search
                    FROM public.messages AS m
                    WHERE m.text_search @@ (SELECT tsquery FROM params)
                    -- Keeps the planner from scanning by time and filtering by the tsquery.
                    OFFSET 0
                ) AS m
                WHERE (SELECT is_needed FROM fallback)
                  AND m.created_at >= (SELECT min_created_at FROM params)
                  AND m.created_at <= (SELECT max_created_at FROM params)
                  AND m.sender = COALESCE((SELECT sender FROM params), m.sender)
                  AND (m.created_at < (SELECT max_created_at FROM params)
                    OR m.id <= (SELECT max_id FROM params))
                ORDER BY m.created_at DESC, m.id DESC
                LIMIT (SELECT match_limit FROM params)
            ) AS m
        ), matches AS NOT MATERIALIZED (
            SELECT id, created_at, rank FROM recent_matches
            WHERE NOT (SELECT is_needed FROM fallback)
            UNION ALL
            SELECT id, created_at, rank FROM index_matches
        ), total AS MATERIALIZED (
            SELECT count(*) AS matches, max(created_at) AS snapshot_at FROM matches
        ), page AS (
            SELECT id, created_at, rank
            FROM matches
            WHERE $9::timestamptz IS NULL
               OR (CASE WHEN $7::boolean THEN rank ELSE 0 END, created_at, id)
                    < (CASE WHEN $7::boolean THEN $8::real ELSE 0 END, $9, $10)
            ORDER BY CASE WHEN $7::boolean THEN rank END DESC, created_at DESC, id DESC
            -- In a SELECT for the same reason as the CTE params.
            LIMIT (SELECT $11::bigint)
        )
        SELECT
            page.id AS "id!", m.message_id, s.session_id, page.created_at AS "created_at!",
            m.sender AS "sender: Sender", m.text_content,
            (SELECT tsquery::text FROM params) AS "tsquery!", page.rank AS "rank!",
            total.matches AS "matches!", total.snapshot_at AS "snapshot_at!"
        FROM page
        CROSS JOIN total
        JOIN public.messages AS m ON m.id = page.id
        JOIN public.sessions AS s ON s.id = m.session_id
        ORDER BY CASE WHEN $7::boolean THEN page.rank END DESC, page.created_at DESC, page.id DESC
        "#,
        search.distinct_words(),
        search.sender.map(Sender::as_str),
        search.from,
        parameters.max_created_at,
        parameters.max_id,
        parameters.match_limit,
        parameters.by_rank,
        parameters.last_rank,
        parameters.last_created_at,
        parameters.last_id,
        parameters.hit_limit,
    );
    connection.with_connection(async |connection| query.fetch_all(connection).await).await
}

/// Searches the sessions of one user, one session, or sessions with a minimum rating.
///
/// The planner sees all parameters: which of them restricts most differs from search to search.
pub(super) async fn search_scoped(
    connection: &mut PooledConnection,
    search: &MessageSearch,
    after: Option<&SearchCursor>,
    languages: &[String],
) -> Result<Vec<HitRow>, sqlx::Error> {
    let parameters = Parameters::new(search, after);
    let query = sqlx::query_as!(
        HitRow,
        r#"
        WITH params AS MATERIALIZED (
            SELECT tsquery,
                -- For a single term ts_rank orders like ts_rank_cd and is three times faster.
                -- Beyond eight terms, with seven operators, ts_rank_cd takes seconds.
                numnode(tsquery) = 1 AND right(tsquery::text, 2) <> ':*'
                    OR numnode(public.message_search_query($1)) > 15 AS uses_ts_rank
            FROM (
                SELECT public.language_search_query($1, $15) AS tsquery OFFSET 0
            ) AS parsed
        ), matches AS MATERIALIZED (
            SELECT m.id, m.created_at,
                CASE WHEN (SELECT uses_ts_rank FROM params)
                    THEN ts_rank(m.text_search, (SELECT tsquery FROM params))
                    ELSE ts_rank_cd(m.text_search, (SELECT tsquery FROM params))
                END AS rank
            FROM (
                SELECT m.id, m.created_at, m.text_search
                FROM public.messages AS m
                JOIN public.sessions AS s ON s.id = m.session_id
                WHERE m.text_search @@ public.language_search_query($1, $15)
                  AND ($2::text IS NULL OR m.sender = $2)
                  AND ($3::timestamptz IS NULL OR m.created_at >= $3)
                  AND ($4::timestamptz IS NULL OR m.created_at <= $4)
                  AND ($5::uuid IS NULL OR m.created_at < $4 OR m.id <= $5)
                  AND ($12::uuid IS NULL OR s.user_id = $12)
                  AND ($13::text IS NULL OR s.session_id = $13)
                  AND ($14::integer IS NULL OR s.rating >= $14)
                ORDER BY m.created_at DESC, m.id DESC
                LIMIT $6
            ) AS m
        ), total AS MATERIALIZED (
            SELECT count(*) AS matches, max(created_at) AS snapshot_at FROM matches
        ), page AS (
            SELECT id, created_at, rank
            FROM matches
            WHERE $9::timestamptz IS NULL
               OR (CASE WHEN $7::boolean THEN rank ELSE 0 END, created_at, id)
                    < (CASE WHEN $7::boolean THEN $8::real ELSE 0 END, $9, $10)
            ORDER BY CASE WHEN $7::boolean THEN rank END DESC, created_at DESC, id DESC
            LIMIT $11
        )
        SELECT
            page.id AS "id!", m.message_id, s.session_id, page.created_at AS "created_at!",
            m.sender AS "sender: Sender", m.text_content,
            (SELECT tsquery::text FROM params) AS "tsquery!", page.rank AS "rank!",
            total.matches AS "matches!", total.snapshot_at AS "snapshot_at!"
        FROM page
        CROSS JOIN total
        JOIN public.messages AS m ON m.id = page.id
        JOIN public.sessions AS s ON s.id = m.session_id
        ORDER BY CASE WHEN $7::boolean THEN page.rank END DESC, page.created_at DESC, page.id DESC
        "#,
        search.distinct_words(),
        search.sender.map(Sender::as_str),
        search.from,
        parameters.max_created_at,
        parameters.max_id,
        parameters.match_limit,
        parameters.by_rank,
        parameters.last_rank,
        parameters.last_created_at,
        parameters.last_id,
        parameters.hit_limit,
        search.user_id,
        search.session_id.as_ref().map(SessionId::as_str),
        search.rating_min,
        languages,
    );
    connection.with_connection(async |connection| query.fetch_all(connection).await).await
}

/// Number of newest matches that are ranked and counted.
pub(super) fn ranking_limit(search: &MessageSearch) -> i64 {
    if search.user_id.is_some() || search.session_id.is_some() {
        MAX_RANKED_SCOPED
    } else {
        MAX_RANKED_GLOBAL
    }
}

/// Number of matches that the query reads.
fn match_limit(search: &MessageSearch, after: Option<&SearchCursor>) -> i64 {
    match (search.sort, after) {
        // One more than the limit: whether the total is exact. Later pages rank the same matches.
        (Sort::Relevance, _) | (Sort::Newest, None) => ranking_limit(search) + 1,
        // The last hit itself, a page, and one more for whether there is a next page.
        (Sort::Newest, Some(_)) => i64::from(search.limit) + 2,
    }
}

/// The last moment before `at` that Postgres distinguishes from it.
fn before(at: OffsetDateTime) -> OffsetDateTime {
    at.saturating_sub(Duration::microseconds(1))
}
