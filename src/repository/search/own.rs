//! The search of a user, in their own messages.

use uuid::Uuid;

use super::queries::{HitRow, Parameters};
use crate::{
    database::PooledConnection,
    domain::{MessageSearch, SearchCursor, Sender, SessionId},
};

/// Searches the messages of `user`: finds them by an index over their owner and time, and compares
/// each with the words. That is 1 to 3 us a message, and no person has a hundred thousand. The GIN
/// index is of no use here: row level security is checked before the words, and a common word
/// occurs in a hundred times as many messages of other people.
pub(super) async fn search_own(
    connection: &mut PooledConnection,
    user: Uuid,
    search: &MessageSearch,
    after: Option<&SearchCursor>,
) -> Result<Vec<HitRow>, sqlx::Error> {
    let parameters = Parameters::new(search, after);
    let query = sqlx::query_as!(
        HitRow,
        r#"
        -- For row level security, as in select_own_sessions. The cast is here, since its errors
        -- could leak a value: a condition with it would be no condition of an index. Values from a
        -- CTE are hidden from the planner, so that no custom plan looks cheaper than the generic
        -- one.
        WITH viewer AS MATERIALIZED (
            SELECT set_config('request.jwt.claim.sub', $12::text, TRUE)::uuid AS user_id
        ), params AS MATERIALIZED (
            SELECT tsquery,
                -- For a single term ts_rank orders like ts_rank_cd and is three times faster.
                -- Beyond eight terms, with seven operators, ts_rank_cd takes seconds.
                numnode(tsquery) = 1 AND right(tsquery::text, 2) <> ':*'
                    OR numnode(public.message_search_query($1)) > 15 AS uses_ts_rank
            FROM (
                SELECT public.language_search_query($1, ARRAY(
                    SELECT DISTINCT spoken.language
                    FROM viewer
                    CROSS JOIN LATERAL (
                        SELECT s.language FROM public.sessions AS s
                        WHERE s.user_id = viewer.user_id AND viewer.user_id IS NOT NULL
                          AND ($13::text IS NULL OR s.session_id = $13)
                          AND s.language IN ('de', 'fr', 'es', 'pt', 'it', 'ru')
                        OFFSET 0
                    ) AS spoken
                )) AS tsquery OFFSET 0
            ) AS parsed
        ), matches AS MATERIALIZED (
            SELECT found.id, found.created_at,
                CASE WHEN (SELECT uses_ts_rank FROM params)
                    THEN ts_rank(found.text_search, (SELECT tsquery FROM params))
                    ELSE ts_rank_cd(found.text_search, (SELECT tsquery FROM params))
                END AS rank
            FROM viewer
            CROSS JOIN LATERAL (
                SELECT own.id, own.created_at, own.text_search
                FROM (
                    SELECT m.id, m.created_at, m.sender, m.session_id, m.text_search
                    FROM public.messages AS m
                    WHERE m.user_id = viewer.user_id AND viewer.user_id IS NOT NULL
                      AND m.created_at >= COALESCE($3::timestamptz, '-infinity')
                      AND m.created_at <= COALESCE($4::timestamptz, 'infinity')
                    -- Keeps the planner from the GIN index, also where there is no row level
                    -- security, and from sorting before the words are compared.
                    OFFSET 0
                ) AS own
                WHERE own.text_search @@ (SELECT tsquery FROM params)
                  AND ($2::text IS NULL OR own.sender = $2)
                  AND ($5::uuid IS NULL OR own.created_at < $4 OR own.id <= $5)
                  AND (
                    $13::text IS NULL AND $14::integer IS NULL
                    OR own.session_id IN (
                        SELECT s.id FROM public.sessions AS s
                        WHERE s.user_id = viewer.user_id AND viewer.user_id IS NOT NULL
                          AND ($13 IS NULL OR s.session_id = $13)
                          AND ($14 IS NULL OR s.rating >= $14)
                    )
                  )
                ORDER BY own.created_at DESC, own.id DESC
                LIMIT $6
            ) AS found
        ), total AS MATERIALIZED (
            SELECT count(*) AS matches, max(created_at) AS snapshot_at FROM matches
        ), page AS MATERIALIZED (
            SELECT id, created_at, rank
            FROM matches
            WHERE $9::timestamptz IS NULL
               OR (CASE WHEN $7::boolean THEN rank ELSE 0 END, created_at, id)
                    < (CASE WHEN $7::boolean THEN $8::real ELSE 0 END, $9, $10)
            ORDER BY CASE WHEN $7::boolean THEN rank END DESC, created_at DESC, id DESC
            LIMIT $11
        )
        SELECT
            page.id AS "id!", text.message_id AS "message_id!", text.session_id AS "session_id!",
            page.created_at AS "created_at!", text.sender AS "sender!: Sender",
            text.text_content AS "text_content!",
            (SELECT tsquery::text FROM params) AS "tsquery!", page.rank AS "rank!",
            total.matches AS "matches!", total.snapshot_at AS "snapshot_at!"
        FROM page
        CROSS JOIN total
        CROSS JOIN LATERAL (
            SELECT m.message_id, s.session_id, m.sender, m.text_content
            FROM public.messages AS m
            JOIN public.sessions AS s ON s.id = m.session_id
            WHERE m.id = page.id
            OFFSET 0
        ) AS text
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
        user.to_string(),
        search.session_id.as_ref().map(SessionId::as_str),
        search.rating_min,
    );
    connection.with_connection(async |connection| query.fetch_all(connection).await).await
}

/// Whether the query has no searchable word in the languages of the user's sessions.
pub(super) async fn is_empty_own_query(
    connection: &mut PooledConnection,
    user: Uuid,
    search: &MessageSearch,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"
        SELECT numnode(public.language_search_query($1, ARRAY(
            SELECT DISTINCT spoken.language
            -- For row level security, as in select_own_sessions.
            FROM (
                SELECT set_config('request.jwt.claim.sub', $2::text, TRUE)::uuid AS user_id
            ) AS viewer
            CROSS JOIN LATERAL (
                SELECT s.language FROM public.sessions AS s
                WHERE s.user_id = viewer.user_id AND viewer.user_id IS NOT NULL
                  AND ($3::text IS NULL OR s.session_id = $3)
                  AND s.language IN ('de', 'fr', 'es', 'pt', 'it', 'ru')
                OFFSET 0
            ) AS spoken
        ))) = 0 AS "is_empty!"
        "#,
        search.distinct_words(),
        user.to_string(),
        search.session_id.as_ref().map(SessionId::as_str),
    );
    connection.with_connection(async |connection| query.fetch_one(connection).await).await
}
