ALTER TABLE public.sessions RESET (fillfactor);
DROP INDEX public.idx_sessions_ended_at;
CREATE INDEX idx_sessions_ended_at ON public.sessions (ended_at) WHERE status = 'ended';
DROP INDEX public.idx_sessions_active_created_at;
CREATE INDEX idx_sessions_active_updated_at ON public.sessions (updated_at) WHERE status = 'active';
