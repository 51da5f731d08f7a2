-- The key of the session to which a request belongs, also for a session that it begins: with it,
-- every statement of a request names one session, and one shard (docs/decisions/0026).
ALTER TABLE public.idempotency_keys ADD COLUMN session_id UUID;

-- At most a day's keys. Those of beginnings have no session id in their scope; any key serves.
UPDATE public.idempotency_keys SET session_id = public.session_key(scope);
ALTER TABLE public.idempotency_keys ALTER COLUMN session_id SET NOT NULL;

-- Servers of an earlier version do not know the column.
CREATE FUNCTION public.set_idempotency_session()
    RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        NEW.session_id := public.session_key(NEW.scope);
        RETURN NEW;
    END
    $$;
REVOKE ALL ON FUNCTION public.set_idempotency_session() FROM PUBLIC, anon, authenticated;
CREATE TRIGGER set_idempotency_session
    BEFORE INSERT ON public.idempotency_keys
    FOR EACH ROW
    WHEN (NEW.session_id IS NULL)
    EXECUTE FUNCTION public.set_idempotency_session();

-- Deletions of sessions.
CREATE INDEX idx_idempotency_keys_session_id ON public.idempotency_keys (session_id);

-- Secrets that all servers share and no client may know. A server creates what is missing.
CREATE TABLE public.server_secrets (
    name TEXT CONSTRAINT server_secrets_pkey PRIMARY KEY,
    secret BYTEA NOT NULL CONSTRAINT server_secrets_length CHECK (octet_length(secret) = 32),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
ALTER TABLE public.server_secrets ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.server_secrets FROM PUBLIC, anon, authenticated, service_role;
