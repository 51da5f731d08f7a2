-- For the sweep that lets go of sessions which ended long ago, where that is wanted.
CREATE INDEX idx_sessions_ended_at ON public.sessions (ended_at) WHERE status = 'ended';
