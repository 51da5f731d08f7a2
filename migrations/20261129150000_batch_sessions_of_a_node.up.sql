-- Statements for many sessions on one node of distributed tables, as functions. A batch that the
-- server sends to ordinary tables touches many nodes, which Citus refuses. So the server collects
-- requests by node, and calls a function that Citus runs there: one round trip and one commit for
-- all of them (docs/decisions/0029). On ordinary tables it calls none of these.
--
-- `p_route` is the key of a session on that node. Sessions that have moved to another node in the
-- meantime are reached from there, in a transaction over both: right, and slower. Each query names
-- one session by a variable, so that Citus keeps its plan. Arrays have an element for each request;
-- those of functions that take locks are in the order of keys, one for all servers, which prevents
-- deadlocks.

-- Stores turns, see save_turn: the numbers and times of those that were stored.
CREATE FUNCTION public.save_turns(
    p_route uuid, p_numbers bigint[], p_sessions uuid[], p_turns jsonb[], p_lock_timeout text
)
    RETURNS TABLE (number bigint, user_created_at timestamptz, ai_created_at timestamptz)
    LANGUAGE plpgsql
    AS $$
    #variable_conflict use_column
    BEGIN
        PERFORM set_config('lock_timeout', p_lock_timeout, TRUE);
        FOR i IN 1..cardinality(p_sessions) LOOP
            SELECT saved.user_created_at, saved.ai_created_at INTO user_created_at, ai_created_at
            FROM public.save_turn(p_sessions[i], p_turns[i]) AS saved;
            IF ai_created_at IS NOT NULL THEN
                number := p_numbers[i];
                RETURN NEXT;
            END IF;
        END LOOP;
    END
    $$;

-- Acquires leases of turns, see acquire_turn_lease: the numbers and sessions of those acquired.
CREATE FUNCTION public.acquire_turn_leases(
    p_route uuid,
    p_numbers bigint[],
    p_sessions uuid[],
    p_leases uuid[],
    p_bypass_ownership boolean[],
    p_users uuid[],
    p_seconds double precision,
    p_lock_timeout text
)
    RETURNS TABLE (
        number bigint, session_id text, status text, created_at timestamptz,
        updated_at timestamptz, age_seconds double precision, message_count integer, summary text,
        duration_seconds integer, rating integer, feedback text,
        awaiting_wrap_up_confirmation boolean, wrap_up_cooldown integer,
        time_extension_minutes integer, ignore_content_wrap_up boolean, coach_rounds integer,
        turns_since_question integer, running_summary text, summarized_messages integer,
        language text, language_is_guess boolean, unanswered_recordings jsonb, memory jsonb
    )
    LANGUAGE plpgsql
    AS $$
    #variable_conflict use_column
    BEGIN
        PERFORM set_config('lock_timeout', p_lock_timeout, TRUE);
        FOR i IN 1..cardinality(p_sessions) LOOP
            RETURN QUERY SELECT p_numbers[i], acquired.*
            FROM public.acquire_turn_lease(
                p_sessions[i], p_leases[i], p_seconds, p_bypass_ownership[i], p_users[i]
            ) AS acquired;
        END LOOP;
    END
    $$;

-- Reads sessions on behalf of others than users: the numbers and sessions of those found.
CREATE FUNCTION public.get_sessions(
    p_route uuid, p_sessions uuid[], p_bypass_ownership boolean[]
)
    RETURNS TABLE (
        number bigint, session_id text, status text, created_at timestamptz,
        updated_at timestamptz, age_seconds double precision, message_count integer, summary text,
        duration_seconds integer, rating integer, feedback text,
        awaiting_wrap_up_confirmation boolean, wrap_up_cooldown integer,
        time_extension_minutes integer, ignore_content_wrap_up boolean, coach_rounds integer,
        turns_since_question integer, running_summary text, summarized_messages integer,
        language text, language_is_guess boolean, unanswered_recordings jsonb, remembers boolean
    )
    LANGUAGE plpgsql STABLE
    AS $$
    #variable_conflict use_variable
    DECLARE
        id uuid;
        bypass_ownership boolean;
        owner uuid;
        is_enabled boolean;
    BEGIN
        FOR i IN 1..cardinality(p_sessions) LOOP
            id := p_sessions[i];
            bypass_ownership := p_bypass_ownership[i];
            -- Others see sessions without an owner only. Not in the query below: one on a shard may
            -- read no other table.
            IF bypass_ownership THEN
                SELECT s.user_id INTO owner FROM public.sessions AS s WHERE s.id = id;
                is_enabled := public.remembers(owner);
            END IF;
            RETURN QUERY SELECT i::bigint, s.session_id, s.status, s.created_at, s.updated_at,
                extract(epoch FROM now() - s.created_at)::double precision, s.message_count,
                s.summary, s.duration_seconds, s.rating, s.feedback,
                s.awaiting_wrap_up_confirmation, s.wrap_up_cooldown, s.time_extension_minutes,
                s.ignore_content_wrap_up, s.coach_rounds, s.turns_since_question,
                s.running_summary, s.summarized_messages, s.language, s.language_is_guess,
                s.unanswered_recordings, s.user_id IS NOT NULL AND is_enabled
            FROM public.sessions AS s
            WHERE s.id = id AND (bypass_ownership OR s.user_id IS NULL);
        END LOOP;
    END
    $$;

-- Reads pages of conversations on behalf of others than users, in order. A session without
-- messages gives one row of NULLs, a missing session no row. The first message that does not fit a
-- page has no text, and is the last one.
CREATE FUNCTION public.get_message_pages(
    p_route uuid,
    p_sessions uuid[],
    p_bypass_ownership boolean[],
    p_afters integer[],
    p_sizes bigint[],
    p_byte_sizes bigint[]
)
    RETURNS TABLE (
        number bigint, message_id text, sender text, text_content text, created_at timestamptz,
        "position" integer
    )
    LANGUAGE plpgsql STABLE
    AS $$
    #variable_conflict use_variable
    DECLARE
        id uuid;
        bypass_ownership boolean;
        after integer;
        row_limit bigint;
        count bigint;
        bytes bigint;
    BEGIN
        FOR i IN 1..cardinality(p_sessions) LOOP
            id := p_sessions[i];
            bypass_ownership := p_bypass_ownership[i];
            PERFORM FROM public.sessions AS s
            WHERE s.id = id AND (bypass_ownership OR s.user_id IS NULL);
            CONTINUE WHEN NOT FOUND;
            number := i;
            count := 0;
            bytes := 0;
            after := p_afters[i];
            row_limit := p_sizes[i] + 1;
            FOR message_id, sender, text_content, created_at, "position" IN
                SELECT m.message_id, m.sender, m.text_content, m.created_at, m.position
                FROM public.messages AS m
                WHERE m.session_id = id AND m.position > after
                -- not created_at: both messages of a turn may have the same microsecond
                ORDER BY m.position
                LIMIT row_limit
            LOOP
                count := count + 1;
                bytes := bytes + octet_length(text_content);
                IF count > 1 AND (count > p_sizes[i] OR bytes > p_byte_sizes[i]) THEN
                    text_content := NULL;
                    RETURN NEXT;
                    EXIT;
                END IF;
                RETURN NEXT;
            END LOOP;
            IF count = 0 THEN
                message_id := NULL;
                sender := NULL;
                text_content := NULL;
                created_at := NULL;
                "position" := NULL;
                RETURN NEXT;
            END IF;
        END LOOP;
    END
    $$;

-- get_sessions on behalf of users, in their role: row level security shows a user's rows, and the
-- session itself if it is anonymous. The role and the settings end with the transaction. They do
-- not reach another node: a session that has moved is not found, unless the transaction names the
-- user. Whoever may call this reads as any user, so only the server may.
CREATE FUNCTION public.get_own_sessions(
    p_route uuid, p_sessions uuid[], p_session_ids text[], p_users uuid[]
)
    RETURNS TABLE (
        number bigint, session_id text, status text, created_at timestamptz,
        updated_at timestamptz, age_seconds double precision, message_count integer, summary text,
        duration_seconds integer, rating integer, feedback text,
        awaiting_wrap_up_confirmation boolean, wrap_up_cooldown integer,
        time_extension_minutes integer, ignore_content_wrap_up boolean, coach_rounds integer,
        turns_since_question integer, running_summary text, summarized_messages integer,
        language text, language_is_guess boolean, unanswered_recordings jsonb, remembers boolean
    )
    LANGUAGE plpgsql STABLE
    AS $$
    #variable_conflict use_variable
    DECLARE
        id uuid;
        viewer uuid;
        is_enabled boolean;
    BEGIN
        PERFORM set_config('role', 'authenticated', TRUE);
        FOR i IN 1..cardinality(p_sessions) LOOP
            id := p_sessions[i];
            viewer := p_users[i];
            PERFORM set_config('request.jwt.claim.sub', viewer::text, TRUE),
                set_config('kuku_coach.session_id', p_session_ids[i], TRUE);
            -- The row of the viewer, who owns the session unless nobody does.
            SELECT m.enabled INTO is_enabled FROM public.memories AS m WHERE m.user_id = viewer;
            is_enabled := COALESCE(is_enabled, TRUE);
            RETURN QUERY SELECT i::bigint, s.session_id, s.status, s.created_at, s.updated_at,
                extract(epoch FROM now() - s.created_at)::double precision, s.message_count,
                s.summary, s.duration_seconds, s.rating, s.feedback,
                s.awaiting_wrap_up_confirmation, s.wrap_up_cooldown, s.time_extension_minutes,
                s.ignore_content_wrap_up, s.coach_rounds, s.turns_since_question,
                s.running_summary, s.summarized_messages, s.language, s.language_is_guess,
                s.unanswered_recordings, s.user_id IS NOT NULL AND is_enabled
            FROM public.sessions AS s
            WHERE s.id = id AND (s.user_id IS NULL OR s.user_id = viewer);
        END LOOP;
    END
    $$;

-- get_message_pages on behalf of users, as get_own_sessions.
CREATE FUNCTION public.get_own_message_pages(
    p_route uuid,
    p_sessions uuid[],
    p_session_ids text[],
    p_users uuid[],
    p_afters integer[],
    p_sizes bigint[],
    p_byte_sizes bigint[]
)
    RETURNS TABLE (
        number bigint, message_id text, sender text, text_content text, created_at timestamptz,
        "position" integer
    )
    LANGUAGE plpgsql STABLE
    AS $$
    #variable_conflict use_variable
    DECLARE
        id uuid;
        viewer uuid;
        after integer;
        row_limit bigint;
        count bigint;
        bytes bigint;
    BEGIN
        PERFORM set_config('role', 'authenticated', TRUE);
        FOR i IN 1..cardinality(p_sessions) LOOP
            id := p_sessions[i];
            viewer := p_users[i];
            PERFORM set_config('request.jwt.claim.sub', viewer::text, TRUE),
                set_config('kuku_coach.session_id', p_session_ids[i], TRUE);
            PERFORM FROM public.sessions AS s
            WHERE s.id = id AND (s.user_id IS NULL OR s.user_id = viewer);
            CONTINUE WHEN NOT FOUND;
            number := i;
            count := 0;
            bytes := 0;
            after := p_afters[i];
            row_limit := p_sizes[i] + 1;
            FOR message_id, sender, text_content, created_at, "position" IN
                SELECT m.message_id, m.sender, m.text_content, m.created_at, m.position
                FROM public.messages AS m
                WHERE m.session_id = id AND m.position > after
                -- not created_at: both messages of a turn may have the same microsecond
                ORDER BY m.position
                LIMIT row_limit
            LOOP
                count := count + 1;
                bytes := bytes + octet_length(text_content);
                IF count > 1 AND (count > p_sizes[i] OR bytes > p_byte_sizes[i]) THEN
                    text_content := NULL;
                    RETURN NEXT;
                    EXIT;
                END IF;
                RETURN NEXT;
            END LOOP;
            IF count = 0 THEN
                message_id := NULL;
                sender := NULL;
                text_content := NULL;
                created_at := NULL;
                "position" := NULL;
                RETURN NEXT;
            END IF;
        END LOOP;
    END
    $$;

REVOKE ALL ON FUNCTION
    public.save_turns(uuid, bigint[], uuid[], jsonb[], text),
    public.acquire_turn_leases(
        uuid, bigint[], uuid[], uuid[], boolean[], uuid[], double precision, text
    ),
    public.get_sessions(uuid, uuid[], boolean[]),
    public.get_message_pages(uuid, uuid[], boolean[], integer[], bigint[], bigint[]),
    public.get_own_sessions(uuid, uuid[], text[], uuid[]),
    public.get_own_message_pages(uuid, uuid[], text[], uuid[], integer[], bigint[], bigint[])
FROM PUBLIC, anon, authenticated, service_role;
