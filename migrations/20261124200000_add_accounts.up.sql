-- Accounts: each person's sessions are theirs alone. The backend filters by owner in every query; the policies below are the
-- second wall, which a query that forgot its filter still meets, since it reads as the role authenticated with the user's claims.

-- The integration plan's temporary policies.
DROP POLICY IF EXISTS "Allow all operations on sessions" ON public.sessions;
DROP POLICY IF EXISTS "Allow all operations on messages" ON public.messages;

-- One's own; and of sessions that are nobody's, the one that the backend names, whose 128-bit id its caller knew. Who comes by
-- Supabase's Data API cannot set that name.
CREATE POLICY sessions_of_their_user ON public.sessions
    FOR SELECT TO authenticated
    USING (
        user_id = (SELECT auth.uid())
        OR (user_id IS NULL AND session_id = (SELECT current_setting('kuku_coach.session_id', true)))
    );
-- Through their session, whose own policy holds here as well.
CREATE POLICY messages_of_their_user ON public.messages
    FOR SELECT TO authenticated
    USING (session_id IN (SELECT s.id FROM public.sessions AS s));

-- Reading only, and nothing for anon. Everything is said out loud: Supabase's default grants changed in 2026.
REVOKE ALL ON TABLE public.sessions, public.messages FROM PUBLIC, anon, authenticated;
GRANT SELECT ON TABLE public.sessions, public.messages TO authenticated;

-- The policy's column first; then the order of a person's list. Takes the place of the plan's index on user_id alone.
CREATE INDEX idx_sessions_user_id_created_at ON public.sessions (user_id, created_at, id);
DROP INDEX IF EXISTS public.idx_sessions_user_id;

-- A key belongs to a session, or to the person who begins one.
ALTER TABLE public.idempotency_keys RENAME COLUMN session_id TO scope;

-- For accounts without Supabase. A refresh token is used once; the ones that came of one login are a family, which ends as
-- a whole when a used one comes back. Only hashes are kept.
CREATE TABLE public.refresh_tokens (
    token_hash BYTEA CONSTRAINT refresh_tokens_pkey PRIMARY KEY,
    family UUID NOT NULL,
    user_id UUID NOT NULL CONSTRAINT refresh_tokens_user_id_fkey REFERENCES auth.users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    used_at TIMESTAMPTZ
);
CREATE INDEX idx_refresh_tokens_user_id ON public.refresh_tokens (user_id);
CREATE INDEX idx_refresh_tokens_family ON public.refresh_tokens (family);
ALTER TABLE public.refresh_tokens ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.refresh_tokens FROM PUBLIC, anon, authenticated, service_role;

DO $$
BEGIN
    -- Reads become authenticated. On Supabase we are a member already, and may not grant it.
    IF NOT pg_has_role(current_user, 'authenticated', 'MEMBER') THEN
        BEGIN
            EXECUTE format('GRANT authenticated TO %I', current_user);
        EXCEPTION
            -- Nobody needs it where callers are not told apart, and kuku-coach doctor says so where somebody does.
            WHEN insufficient_privilege THEN
                RAISE WARNING 'a superuser has to GRANT authenticated TO % before users can read', current_user;
        END;
    END IF;
    -- The stand-in for Supabase's auth.users learns what local accounts need; Supabase's own has these columns.
    IF obj_description(to_regnamespace('auth'), 'pg_namespace')
        = 'kuku-coach: stands in for the auth schema of Supabase'
    THEN
        ALTER TABLE auth.users
            ADD COLUMN encrypted_password TEXT,
            ADD COLUMN raw_user_meta_data JSONB,
            ADD COLUMN is_anonymous BOOLEAN NOT NULL DEFAULT FALSE,
            ADD COLUMN last_sign_in_at TIMESTAMPTZ;
        -- E-mail addresses are kept in lower case.
        CREATE UNIQUE INDEX users_email_key ON auth.users (email);
    END IF;
END
$$;
