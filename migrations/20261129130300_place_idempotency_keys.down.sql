DROP TABLE IF EXISTS public.server_secrets;
DROP TRIGGER IF EXISTS set_idempotency_session ON public.idempotency_keys;
DROP FUNCTION IF EXISTS public.set_idempotency_session();
ALTER TABLE public.idempotency_keys DROP COLUMN IF EXISTS session_id;
