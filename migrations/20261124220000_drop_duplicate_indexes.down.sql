CREATE INDEX idx_messages_session_id ON public.messages (session_id);
CREATE INDEX idx_sessions_session_id ON public.sessions (session_id);
