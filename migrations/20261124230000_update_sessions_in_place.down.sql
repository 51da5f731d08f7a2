ALTER TABLE public.sessions RESET (fillfactor);
CREATE INDEX idx_sessions_active_updated_at ON public.sessions (updated_at) WHERE status = 'active';
DROP INDEX public.idx_sessions_active_created_at;
