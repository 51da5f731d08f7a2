DROP INDEX IF EXISTS public.idx_sessions_underived_key;
DROP TRIGGER IF EXISTS set_session_key ON public.sessions;
DROP FUNCTION IF EXISTS public.set_session_key();
DROP FUNCTION IF EXISTS public.session_key(text);
