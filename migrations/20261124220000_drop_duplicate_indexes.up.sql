-- Two indexes of the integration plan do what the indexes of unique constraints do anyway: sessions (session_id), and messages
-- (session_id, position). Each cost every new row a write, and no read went faster by it.
DROP INDEX IF EXISTS public.idx_sessions_session_id;
DROP INDEX IF EXISTS public.idx_messages_session_id;
