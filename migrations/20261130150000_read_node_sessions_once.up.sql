-- Fewer statements in functions that read sessions of a node of distributed tables (migration
-- 20261129150000): Citus' executor is most of what each of them costs. Results stay the same, and
-- so do the functions' arguments.

-- A query of memories is parsed and planned at each execution, whatever it returns: none for
-- sessions without an owner.
CREATE OR REPLACE FUNCTION public.remembers(p_user uuid)
    RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
    BEGIN
        IF p_user IS NULL THEN
            RETURN FALSE;
        END IF;
        RETURN COALESCE(
            (SELECT m.enabled FROM public.memories AS m WHERE m.user_id = p_user), TRUE
        );
    END
    $$;

-- One query for the session and its owner, where there were two.
CREATE OR REPLACE FUNCTION public.get_sessions(
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
    BEGIN
        FOR i IN 1..cardinality(p_sessions) LOOP
            id := p_sessions[i];
            bypass_ownership := p_bypass_ownership[i];
            SELECT s.user_id, s.session_id, s.status, s.created_at, s.updated_at,
                extract(epoch FROM now() - s.created_at)::double precision, s.message_count,
                s.summary, s.duration_seconds, s.rating, s.feedback,
                s.awaiting_wrap_up_confirmation, s.wrap_up_cooldown, s.time_extension_minutes,
                s.ignore_content_wrap_up, s.coach_rounds, s.turns_since_question,
                s.running_summary, s.summarized_messages, s.language, s.language_is_guess,
                s.unanswered_recordings
            INTO owner, session_id, status, created_at, updated_at, age_seconds, message_count,
                summary, duration_seconds, rating, feedback, awaiting_wrap_up_confirmation,
                wrap_up_cooldown, time_extension_minutes, ignore_content_wrap_up,
                coach_rounds, turns_since_question, running_summary, summarized_messages,
                language, language_is_guess, unanswered_recordings
            FROM public.sessions AS s
            -- Others see sessions without an owner only.
            WHERE s.id = id AND (bypass_ownership OR s.user_id IS NULL);
            CONTINUE WHEN NOT FOUND;
            number := i;
            -- Not in the query: one on a shard may read no other table.
            remembers := public.remembers(owner);
            RETURN NEXT;
        END LOOP;
    END
    $$;

-- The memory is read for sessions of the viewer only.
CREATE OR REPLACE FUNCTION public.get_own_sessions(
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
        owner uuid;
    BEGIN
        PERFORM set_config('role', 'authenticated', TRUE);
        FOR i IN 1..cardinality(p_sessions) LOOP
            id := p_sessions[i];
            viewer := p_users[i];
            PERFORM set_config('request.jwt.claim.sub', viewer::text, TRUE),
                set_config('kuku_coach.session_id', p_session_ids[i], TRUE);
            SELECT s.user_id, s.session_id, s.status, s.created_at, s.updated_at,
                extract(epoch FROM now() - s.created_at)::double precision, s.message_count,
                s.summary, s.duration_seconds, s.rating, s.feedback,
                s.awaiting_wrap_up_confirmation, s.wrap_up_cooldown, s.time_extension_minutes,
                s.ignore_content_wrap_up, s.coach_rounds, s.turns_since_question,
                s.running_summary, s.summarized_messages, s.language, s.language_is_guess,
                s.unanswered_recordings
            INTO owner, session_id, status, created_at, updated_at, age_seconds, message_count,
                summary, duration_seconds, rating, feedback, awaiting_wrap_up_confirmation,
                wrap_up_cooldown, time_extension_minutes, ignore_content_wrap_up,
                coach_rounds, turns_since_question, running_summary, summarized_messages,
                language, language_is_guess, unanswered_recordings
            FROM public.sessions AS s
            WHERE s.id = id AND (s.user_id IS NULL OR s.user_id = viewer);
            CONTINUE WHEN NOT FOUND;
            number := i;
            remembers := FALSE;
            IF owner IS NOT NULL THEN
                SELECT m.enabled INTO remembers FROM public.memories AS m
                WHERE m.user_id = viewer;
                remembers := COALESCE(remembers, TRUE);
            END IF;
            RETURN NEXT;
        END LOOP;
    END
    $$;

-- Messages have the owner of their session, so a page needs no look at the session, unless it is
-- empty.
CREATE OR REPLACE FUNCTION public.get_message_pages(
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
            number := i;
            count := 0;
            bytes := 0;
            after := p_afters[i];
            row_limit := p_sizes[i] + 1;
            FOR message_id, sender, text_content, created_at, "position" IN
                SELECT m.message_id, m.sender, m.text_content, m.created_at, m.position
                FROM public.messages AS m
                WHERE m.session_id = id AND m.position > after
                  AND (bypass_ownership OR m.user_id IS NULL)
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
                PERFORM FROM public.sessions AS s
                WHERE s.id = id AND (bypass_ownership OR s.user_id IS NULL);
                CONTINUE WHEN NOT FOUND;
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

CREATE OR REPLACE FUNCTION public.get_own_message_pages(
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
            number := i;
            count := 0;
            bytes := 0;
            after := p_afters[i];
            row_limit := p_sizes[i] + 1;
            FOR message_id, sender, text_content, created_at, "position" IN
                SELECT m.message_id, m.sender, m.text_content, m.created_at, m.position
                FROM public.messages AS m
                WHERE m.session_id = id AND m.position > after
                  AND (m.user_id IS NULL OR m.user_id = viewer)
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
                PERFORM FROM public.sessions AS s
                WHERE s.id = id AND (s.user_id IS NULL OR s.user_id = viewer);
                CONTINUE WHEN NOT FOUND;
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
