-- Statements that write one session, as functions. On tables that are distributed by session
-- (`kuku-coach distribute`), a function that is distributed by its first argument runs on the node
-- that has the session: one round trip and one local commit, where a statement with INSERT in a CTE
-- takes a two-phase commit over several nodes (docs/decisions/0028). On ordinary tables the server
-- uses its own statements, which write many sessions at once, and calls none of these.
--
-- Each query names the session, and each INSERT writes one row with values from variables: Citus
-- keeps its plan then. `moment` stands for now(), which Citus refuses in places that may not be
-- evaluated, such as CASE.

-- Stores a turn: see repository/turns.rs for the fields. NULLs, and nothing stored, if the session
-- has changed or the request's lease was lost.
CREATE FUNCTION public.save_turn(
    p_session uuid,
    p_turn jsonb,
    OUT user_created_at timestamptz,
    OUT ai_created_at timestamptz
)
    LANGUAGE plpgsql
    AS $$
    DECLARE
        turn record;
        session record;
        moment CONSTANT timestamptz := now();
        is_due boolean;
        vector tsvector;
        new_id uuid;
    BEGIN
        SELECT * INTO STRICT turn FROM jsonb_to_record(p_turn) AS input (
            message_count integer, user_message_id text, user_text text,
            seconds_since_spoken double precision, ai_message_id text, ai_text text,
            awaiting_confirmation boolean, cooldown integer, extension_minutes integer,
            skip_progress_check boolean, coach_replies integer, turns_since_offer integer,
            ends_session boolean, turn_lease uuid, request_lease uuid, stored_response jsonb,
            user_id uuid, bypass_ownership boolean, awaits_audio boolean,
            unanswered_recordings integer, answers_recordings boolean, language text,
            is_remembered boolean
        );
        IF turn.request_lease IS NOT NULL THEN
            PERFORM FROM public.idempotency_keys AS k
            WHERE k.session_id = p_session AND k.claim = turn.request_lease AND k.answer IS NULL
            FOR UPDATE;
            IF NOT FOUND THEN
                RETURN;
            END IF;
        END IF;
        UPDATE public.sessions AS s
        SET message_count = s.message_count + 2,
            updated_at = moment,
            awaiting_wrap_up_confirmation = turn.awaiting_confirmation,
            wrap_up_cooldown = turn.cooldown,
            time_extension_minutes = turn.extension_minutes,
            ignore_content_wrap_up = turn.skip_progress_check,
            coach_rounds = turn.coach_replies,
            turns_since_question = turn.turns_since_offer,
            turn_claim = NULLIF(s.turn_claim, turn.turn_lease),
            unanswered_recordings = CASE
                WHEN turn.answers_recordings OR turn.ends_session THEN '[]'
                ELSE s.unanswered_recordings
            END,
            language = COALESCE(turn.language, s.language),
            language_is_guess = s.language_is_guess AND turn.language IS NULL,
            status = CASE WHEN turn.ends_session THEN 'ended' ELSE s.status END,
            summary = CASE WHEN turn.ends_session THEN turn.ai_text ELSE s.summary END,
            ended_at = CASE WHEN turn.ends_session THEN moment ELSE s.ended_at END,
            duration_seconds = CASE
                WHEN turn.ends_session
                -- within the column's range, whatever was done to the clock
                THEN least(
                    greatest(floor(extract(epoch FROM moment - s.created_at)), 0), 2147483647
                )::integer
                ELSE s.duration_seconds
            END
        WHERE s.id = p_session AND s.status = 'active'
          AND s.message_count = turn.message_count
          AND jsonb_array_length(s.unanswered_recordings) = turn.unanswered_recordings
          AND (turn.bypass_ownership OR s.user_id IS NULL OR s.user_id = turn.user_id)
        RETURNING s.created_at, s.language, s.user_id INTO session;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        IF turn.ends_session THEN
            is_due := turn.is_remembered AND public.remembers(session.user_id);
            UPDATE public.sessions AS s SET memory_due = is_due WHERE s.id = p_session;
        END IF;
        user_created_at := greatest(
            session.created_at, moment - make_interval(secs => turn.seconds_since_spoken)
        );
        ai_created_at := moment;
        new_id := gen_random_uuid();
        vector := public.language_search_vector(turn.user_text, session.language);
        INSERT INTO public.messages (
            session_id, id, user_id, message_id, sender, text_content, created_at, position,
            text_search
        )
        VALUES (
            p_session, new_id, session.user_id, turn.user_message_id, 'user', turn.user_text,
            user_created_at, turn.message_count + 1, vector
        );
        new_id := gen_random_uuid();
        vector := public.language_search_vector(turn.ai_text, session.language);
        INSERT INTO public.messages (
            session_id, id, user_id, message_id, sender, text_content, created_at, position,
            text_search
        )
        VALUES (
            p_session, new_id, session.user_id, turn.ai_message_id, 'ai', turn.ai_text,
            ai_created_at, turn.message_count + 2, vector
        );
        IF turn.request_lease IS NOT NULL THEN
            UPDATE public.idempotency_keys AS k
            SET answer = turn.stored_response,
                claimed_until = CASE WHEN turn.awaits_audio THEN k.claimed_until ELSE moment END
            WHERE k.session_id = p_session AND k.claim = turn.request_lease;
        END IF;
    END
    $$;

-- Whether ended sessions of a user are merged into the memory; false without a user.
CREATE FUNCTION public.remembers(p_user uuid)
    RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
    BEGIN
        RETURN p_user IS NOT NULL AND COALESCE(
            (SELECT m.enabled FROM public.memories AS m WHERE m.user_id = p_user), TRUE
        );
    END
    $$;

-- Acquires the lease of a turn in an active session, and returns the session, with the memory of
-- its user; no row if there is no such session or another server holds the lease.
CREATE FUNCTION public.acquire_turn_lease(
    p_session uuid,
    p_lease uuid,
    p_seconds double precision,
    p_bypass_ownership boolean,
    p_user uuid
)
    RETURNS TABLE (
        session_id text, status text, created_at timestamptz, updated_at timestamptz,
        age_seconds double precision, message_count integer, summary text,
        duration_seconds integer, rating integer, feedback text,
        awaiting_wrap_up_confirmation boolean, wrap_up_cooldown integer,
        time_extension_minutes integer, ignore_content_wrap_up boolean, coach_rounds integer,
        turns_since_question integer, running_summary text, summarized_messages integer,
        language text, language_is_guess boolean, unanswered_recordings jsonb, memory jsonb
    )
    LANGUAGE plpgsql
    AS $$
    #variable_conflict use_column
    DECLARE
        owner uuid;
        moment CONSTANT timestamptz := now();
        lease_end CONSTANT timestamptz := moment + make_interval(secs => p_seconds);
    BEGIN
        -- What is saved under the lease is flushed, and follows it in the WAL.
        PERFORM set_config('synchronous_commit', 'off', TRUE);
        UPDATE public.sessions AS s
        SET turn_claim = p_lease, turn_claimed_until = lease_end
        WHERE s.id = p_session AND s.status = 'active'
          AND (
            s.turn_claim IS NULL OR s.turn_claimed_until < moment
            -- acquired by an earlier attempt whose result was lost
            OR s.turn_claim = p_lease
          )
          -- A turn may have waited while the session was claimed.
          AND (p_bypass_ownership OR s.user_id IS NULL OR s.user_id = p_user)
        RETURNING s.user_id, s.session_id, s.status, s.created_at, s.updated_at, s.message_count,
            s.summary, s.duration_seconds, s.rating, s.feedback, s.awaiting_wrap_up_confirmation,
            s.wrap_up_cooldown, s.time_extension_minutes, s.ignore_content_wrap_up,
            s.coach_rounds, s.turns_since_question, s.running_summary, s.summarized_messages,
            s.language, s.language_is_guess, s.unanswered_recordings
        INTO owner, session_id, status, created_at, updated_at, message_count,
            summary, duration_seconds, rating, feedback, awaiting_wrap_up_confirmation,
            wrap_up_cooldown, time_extension_minutes, ignore_content_wrap_up,
            coach_rounds, turns_since_question, running_summary, summarized_messages,
            language, language_is_guess, unanswered_recordings;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        age_seconds := extract(epoch FROM moment - created_at);
        IF owner IS NOT NULL THEN
            SELECT jsonb_object(
                ARRAY['own_text', 'merged_text', 'last_plan'],
                ARRAY[m.own_text, m.merged_text, m.last_plan]
            )
            INTO memory
            FROM public.memories AS m
            WHERE m.user_id = owner AND m.enabled AND m.updated_at IS NOT NULL;
        END IF;
        RETURN NEXT;
    END
    $$;

-- Stores a new session, and the response if the request has a lease. Without `created_at`, nothing
-- is stored: the lease is lost, or a session from before has the id.
CREATE FUNCTION public.create_session(
    p_session uuid,
    p_session_id text,
    p_user uuid,
    p_language text,
    p_is_guess boolean,
    p_request_lease uuid,
    p_response jsonb,
    OUT created_at timestamptz,
    OUT remembers boolean,
    OUT lease_is_lost boolean
)
    LANGUAGE plpgsql
    AS $$
    DECLARE
        -- With a response, an earlier attempt was committed.
        is_completed boolean := TRUE;
        moment CONSTANT timestamptz := now();
        search_language text := CASE WHEN NOT p_is_guess THEN p_language END;
    BEGIN
        lease_is_lost := FALSE;
        IF p_request_lease IS NOT NULL THEN
            SELECT k.answer IS NOT NULL INTO is_completed
            FROM public.idempotency_keys AS k
            WHERE k.session_id = p_session AND k.claim = p_request_lease
            FOR UPDATE;
            IF NOT FOUND THEN
                lease_is_lost := TRUE;
                RETURN;
            END IF;
        END IF;
        INSERT INTO public.sessions AS s
            (id, session_id, user_id, language, language_is_guess, search_language)
        VALUES (p_session, p_session_id, p_user, p_language, p_is_guess, search_language)
        ON CONFLICT DO NOTHING
        RETURNING s.created_at INTO create_session.created_at;
        IF NOT FOUND THEN
            IF NOT is_completed THEN
                RETURN;
            END IF;
            SELECT s.created_at INTO create_session.created_at
            FROM public.sessions AS s
            WHERE s.id = p_session AND s.session_id = p_session_id;
        END IF;
        create_session.remembers := public.remembers(p_user);
        IF p_request_lease IS NOT NULL THEN
            UPDATE public.idempotency_keys AS k
            SET answer = p_response, claimed_until = moment
            WHERE k.session_id = p_session AND k.claim = p_request_lease;
        END IF;
    END
    $$;

-- Appends a message to an active session, and returns its time; NULL if there is no such session.
CREATE FUNCTION public.save_message(
    p_session uuid, p_message_id text, p_sender text, p_text text
)
    RETURNS timestamptz
    LANGUAGE plpgsql
    AS $$
    DECLARE
        session record;
        moment CONSTANT timestamptz := now();
        new_id CONSTANT uuid := gen_random_uuid();
        vector tsvector;
    BEGIN
        UPDATE public.sessions AS s
        SET message_count = s.message_count + 1, updated_at = moment
        WHERE s.id = p_session AND s.status = 'active'
        RETURNING s.message_count, s.language, s.user_id INTO session;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        vector := public.language_search_vector(p_text, session.language);
        INSERT INTO public.messages (
            session_id, id, user_id, message_id, sender, text_content, created_at, position,
            text_search
        )
        VALUES (
            p_session, new_id, session.user_id, p_message_id, p_sender, p_text, moment,
            session.message_count, vector
        );
        RETURN moment;
    END
    $$;

-- Stores a rating, and the response if the request has a lease, and returns its time; NULL if there
-- is no such session that has ended, or if the lease is lost.
CREATE FUNCTION public.rate_session(
    p_session uuid,
    p_rating integer,
    p_feedback text,
    p_bypass_ownership boolean,
    p_user uuid,
    p_request_lease uuid
)
    RETURNS timestamptz
    LANGUAGE plpgsql
    AS $$
    DECLARE
        moment CONSTANT timestamptz := now();
        response CONSTANT jsonb := jsonb_build_object('ratedAt', moment);
    BEGIN
        IF p_request_lease IS NOT NULL THEN
            -- With or without a response: an earlier attempt may have been committed.
            PERFORM FROM public.idempotency_keys AS k
            WHERE k.session_id = p_session AND k.claim = p_request_lease
            FOR UPDATE;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
        END IF;
        UPDATE public.sessions AS s
        SET rating = p_rating, feedback = p_feedback, updated_at = moment
        WHERE s.id = p_session AND s.status = 'ended'
          AND (p_bypass_ownership OR s.user_id IS NULL OR s.user_id = p_user);
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        IF p_request_lease IS NOT NULL THEN
            UPDATE public.idempotency_keys AS k SET answer = response, claimed_until = moment
            WHERE k.session_id = p_session AND k.claim = p_request_lease;
        END IF;
        RETURN moment;
    END
    $$;

-- Inserts an idempotency key with a lease, or takes over one whose lease has expired; returns
-- whether it did.
CREATE FUNCTION public.acquire_idempotency_key(
    p_session uuid,
    p_route text,
    p_scope text,
    p_key text,
    p_request_hash bytea,
    p_lease uuid,
    p_lease_seconds double precision,
    p_retention_seconds double precision
)
    RETURNS boolean
    LANGUAGE plpgsql
    AS $$
    DECLARE
        moment CONSTANT timestamptz := now();
        lease_end CONSTANT timestamptz := moment + make_interval(secs => p_lease_seconds);
        oldest CONSTANT timestamptz := moment - make_interval(secs => p_retention_seconds);
    BEGIN
        -- What is saved under the lease is flushed, and follows it in the WAL.
        PERFORM set_config('synchronous_commit', 'off', TRUE);
        INSERT INTO public.idempotency_keys
            (session_id, route, scope, key, request_hash, claim, claimed_until, created_at)
        VALUES (
            p_session, p_route, p_scope, p_key, p_request_hash, p_lease, lease_end, moment
        )
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            RETURN TRUE;
        END IF;
        UPDATE public.idempotency_keys AS k
        SET request_hash = p_request_hash, claim = p_lease, answer = NULL, created_at = moment,
            claimed_until = lease_end
        WHERE k.session_id = p_session AND k.route = p_route AND k.scope = p_scope
          AND k.key = p_key
          AND (
            -- the server that held the lease stopped
            k.answer IS NULL AND k.claimed_until < moment AND k.request_hash = p_request_hash
            -- retention is over
            OR k.created_at < oldest
          );
        RETURN FOUND;
    END
    $$;

-- Makes an anonymous session a user's own, with its messages; returns whether the user owns it. On
-- ordinary tables a trigger changes the messages.
CREATE FUNCTION public.claim_session(p_session uuid, p_user uuid, p_is_remembered boolean)
    RETURNS boolean
    LANGUAGE plpgsql
    AS $$
    DECLARE
        owner uuid;
        is_due CONSTANT boolean := p_is_remembered AND public.remembers(p_user);
    BEGIN
        SELECT s.user_id INTO owner FROM public.sessions AS s WHERE s.id = p_session FOR UPDATE;
        IF NOT FOUND OR owner IS NOT NULL THEN
            RETURN owner IS NOT DISTINCT FROM p_user AND owner IS NOT NULL;
        END IF;
        UPDATE public.sessions AS s
        SET user_id = p_user,
            memory_due = CASE WHEN s.status = 'ended' THEN is_due ELSE s.memory_due END
        WHERE s.id = p_session;
        UPDATE public.messages AS m SET user_id = p_user WHERE m.session_id = p_session;
        RETURN TRUE;
    END
    $$;

REVOKE ALL ON FUNCTION
    public.save_turn(uuid, jsonb),
    public.acquire_turn_lease(uuid, uuid, double precision, boolean, uuid),
    public.remembers(uuid),
    public.create_session(uuid, text, uuid, text, boolean, uuid, jsonb),
    public.save_message(uuid, text, text, text),
    public.rate_session(uuid, integer, text, boolean, uuid, uuid),
    public.acquire_idempotency_key(
        uuid, text, text, text, bytea, uuid, double precision, double precision
    ),
    public.claim_session(uuid, uuid, boolean)
FROM PUBLIC, anon, authenticated, service_role;
