-- sessions.id carries the 128 bits of the public id, so that every statement of a request can name
-- the row's key, and with it the shard, without a look-up (docs/decisions/0026).
--
-- The index needs a scan, during which no turn is saved: about a second for 200,000 sessions. Rows
-- that exist are rewritten later, by a job of the server: 12 minutes for 50,000 sessions with a
-- million messages, during which turns of the four sessions at hand wait.
SET LOCAL client_min_messages = warning;

-- Short ids are the prototype's. A key derived from their hash is found by the same rule.
-- SessionId::key in src/domain/id.rs is the same function.
-- Not in the language SQL, whose body Postgres would parse for each statement that inserts.
CREATE FUNCTION public.session_key(session_id text)
    RETURNS uuid
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
    BEGIN
        -- In half the time of a regular expression.
        IF pg_catalog.length(session_id) = 40
            AND pg_catalog.starts_with(session_id, 'session-')
            AND pg_catalog.translate(
                pg_catalog.substr(session_id, 9), '0123456789abcdef', ''
            ) = ''
        THEN
            RETURN pg_catalog.substr(session_id, 9)::uuid;
        END IF;
        -- Not convert_to, which is only stable.
        RETURN pg_catalog.substr(pg_catalog.encode(pg_catalog.sha256(pg_catalog.decode(
            pg_catalog.replace(session_id, '\', '\\'), 'escape'
        )), 'hex'), 1, 32)::uuid;
    END
    $$;

-- Servers of an earlier version, and other writers, insert random keys.
CREATE FUNCTION public.set_session_key()
    RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        NEW.id := public.session_key(NEW.session_id);
        RETURN NEW;
    END
    $$;

REVOKE ALL ON FUNCTION public.session_key(text), public.set_session_key()
    FROM PUBLIC, anon, authenticated;
-- The trigger and the index below evaluate it in the name of whoever writes.
GRANT EXECUTE ON FUNCTION public.session_key(text) TO authenticated, service_role;

CREATE TRIGGER set_session_key
    BEFORE INSERT ON public.sessions
    FOR EACH ROW
    WHEN (NEW.id IS DISTINCT FROM public.session_key(NEW.session_id))
    EXECUTE FUNCTION public.set_session_key();

-- Rows for the job. created_at, since it never changes: turns stay HOT updates.
CREATE INDEX idx_sessions_underived_key ON public.sessions (created_at)
    WHERE id <> public.session_key(session_id);
