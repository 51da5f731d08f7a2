-- Messages follow when the key of their session is rewritten.
--
-- The rows are not read: NOT VALID, and the next migration validates in a transaction of its own.
-- Both tables are locked for a moment (3 ms with a million messages, once the locks are there).
-- In the order of turns, which would deadlock with the other one.
LOCK TABLE public.sessions, public.messages IN ACCESS EXCLUSIVE MODE;

DO $$
DECLARE
    key_name TEXT;
BEGIN
    -- Under any name: a table that was made by hand or restored may have a key of its own.
    FOR key_name IN
        SELECT c.conname
        FROM pg_catalog.pg_constraint AS c
        WHERE c.conrelid = 'public.messages'::regclass AND c.contype = 'f'
          AND (
            c.confrelid = 'public.sessions'::regclass OR c.conname = 'messages_session_id_fkey'
          )
    LOOP
        EXECUTE format('ALTER TABLE public.messages DROP CONSTRAINT %I', key_name);
    END LOOP;
    ALTER TABLE public.messages
        ADD CONSTRAINT messages_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES public.sessions (id)
        ON DELETE CASCADE ON UPDATE CASCADE NOT VALID;
END
$$;
