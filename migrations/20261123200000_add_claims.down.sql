DROP TABLE public.idempotency_keys;

ALTER TABLE public.sessions
    DROP COLUMN turn_claim,
    DROP COLUMN turn_claimed_until;
