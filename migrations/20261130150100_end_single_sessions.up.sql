-- Ends a session of distributed tables in one call on its node, as save_turn stores a turn
-- (migration 20261129140000). The statement of ordinary tables has CTEs, which Citus plans anew at
-- each execution, and not at all with a plan that is kept. On ordinary tables the server does not
-- call this.

-- Ends an active session that has as many messages and unanswered recordings as stated; with
-- `p_idle_seconds`, only if its last activity is longer ago. NULLs, and nothing changed, if there
-- is no such session or the lease of the request was lost.
CREATE FUNCTION public.end_session(
    p_session uuid,
    p_message_count integer,
    p_unanswered_recordings integer,
    p_summary text,
    p_idle_seconds double precision,
    p_is_remembered boolean,
    p_bypass_ownership boolean,
    p_user uuid,
    p_request_lease uuid,
    p_response jsonb,
    OUT summary text,
    OUT duration_seconds integer,
    OUT message_count integer
)
    LANGUAGE plpgsql
    AS $$
    DECLARE
        owner uuid;
        is_due boolean;
        moment CONSTANT timestamptz := now();
        idle_since CONSTANT timestamptz := moment - make_interval(secs => p_idle_seconds);
    BEGIN
        IF p_request_lease IS NOT NULL THEN
            PERFORM FROM public.idempotency_keys AS k
            WHERE k.session_id = p_session AND k.claim = p_request_lease AND k.answer IS NULL
            FOR UPDATE;
            IF NOT FOUND THEN
                RETURN;
            END IF;
        END IF;
        UPDATE public.sessions AS s
        SET status = 'ended',
            summary = p_summary,
            ended_at = moment,
            updated_at = moment,
            awaiting_wrap_up_confirmation = FALSE,
            turn_claim = NULL,
            unanswered_recordings = '[]',
            -- an idle session lasted until its last turn
            -- within the column's range, whatever was done to the clock
            duration_seconds = least(greatest(floor(extract(
                epoch FROM CASE WHEN idle_since IS NULL THEN moment ELSE s.updated_at END
                    - s.created_at
            )), 0), 2147483647)::integer
        WHERE s.id = p_session AND s.status = 'active' AND s.message_count = p_message_count
          AND jsonb_array_length(s.unanswered_recordings) = p_unanswered_recordings
          AND (idle_since IS NULL OR s.updated_at < idle_since)
          AND (p_bypass_ownership OR s.user_id IS NULL OR s.user_id = p_user)
        RETURNING s.user_id, s.summary, s.duration_seconds, s.message_count
        INTO owner, summary, duration_seconds, message_count;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        is_due := p_is_remembered AND public.remembers(owner);
        UPDATE public.sessions AS s SET memory_due = is_due WHERE s.id = p_session;
        IF p_request_lease IS NOT NULL THEN
            UPDATE public.idempotency_keys AS k
            SET answer = p_response, claimed_until = moment
            WHERE k.session_id = p_session AND k.claim = p_request_lease;
        END IF;
    END
    $$;

REVOKE ALL ON FUNCTION public.end_session(
    uuid, integer, integer, text, double precision, boolean, boolean, uuid, uuid, jsonb
)
FROM PUBLIC, anon, authenticated, service_role;
