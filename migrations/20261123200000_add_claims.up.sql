-- Any number of servers on one database: who is answering in a session, and which requests were answered already.

-- One turn at a time in a session, on whichever server. A claim that is not renewed lapses: its server is gone.
ALTER TABLE public.sessions
    ADD COLUMN turn_claim UUID,
    ADD COLUMN turn_claimed_until TIMESTAMPTZ;

-- Requests with an Idempotency-Key. While answer is NULL the request is being carried out (until claimed_until, unless
-- renewed); the answer is written by the very statement that carries it out.
CREATE TABLE public.idempotency_keys (
    route TEXT NOT NULL,
    -- Empty where the route has no session.
    session_id TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    claim UUID NOT NULL CONSTRAINT idempotency_keys_claim_key UNIQUE,
    claimed_until TIMESTAMPTZ NOT NULL,
    -- What is needed to give the same answer again; the words themselves are in messages and sessions.
    answer JSONB,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (route, session_id, key)
);
CREATE INDEX idx_idempotency_keys_created_at ON public.idempotency_keys (created_at);

ALTER TABLE public.idempotency_keys ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE public.idempotency_keys FROM PUBLIC, anon, authenticated, service_role;
