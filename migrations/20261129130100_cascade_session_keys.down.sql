ALTER TABLE public.messages DROP CONSTRAINT IF EXISTS messages_session_id_fkey;
ALTER TABLE public.messages
    ADD CONSTRAINT messages_session_id_fkey
    FOREIGN KEY (session_id) REFERENCES public.sessions (id) ON DELETE CASCADE;
