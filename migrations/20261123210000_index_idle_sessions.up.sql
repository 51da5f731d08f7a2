-- For the sweep that closes sessions which nobody ended. Active sessions are few among all.
CREATE INDEX idx_sessions_active_updated_at ON public.sessions (updated_at) WHERE status = 'active';
