DROP FUNCTION public.save_turn(uuid, jsonb);
DROP FUNCTION public.acquire_turn_lease(uuid, uuid, double precision, boolean, uuid);
DROP FUNCTION public.create_session(uuid, text, uuid, text, boolean, uuid, jsonb);
DROP FUNCTION public.save_message(uuid, text, text, text);
DROP FUNCTION public.rate_session(uuid, integer, text, boolean, uuid, uuid);
DROP FUNCTION public.acquire_idempotency_key(
    uuid, text, text, text, bytea, uuid, double precision, double precision
);
DROP FUNCTION public.claim_session(uuid, uuid, boolean);
DROP FUNCTION public.remembers(uuid);
