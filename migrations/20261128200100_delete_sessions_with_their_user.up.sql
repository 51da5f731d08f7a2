-- Deleting a user deletes the user's sessions, also when Supabase's dashboard does it. With ON
-- DELETE SET NULL they became anonymous, and everybody who knows its id can read an anonymous
-- session.
--
-- Locks sessions and auth.users while the sessions are checked: about a second for a million.
DO $$
DECLARE
    key_name TEXT;
BEGIN
    -- Under any name: a table that was made by hand or restored may have a key of its own.
    FOR key_name IN
        SELECT c.conname
        FROM pg_catalog.pg_constraint AS c
        WHERE c.conrelid = 'public.sessions'::regclass AND c.contype = 'f'
          AND (c.confrelid = 'auth.users'::regclass OR c.conname = 'sessions_user_id_fkey')
    LOOP
        EXECUTE format('ALTER TABLE public.sessions DROP CONSTRAINT %I', key_name);
    END LOOP;
    ALTER TABLE public.sessions
        ADD CONSTRAINT sessions_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE NOT VALID;
    BEGIN
        ALTER TABLE public.sessions VALIDATE CONSTRAINT sessions_user_id_fkey;
    EXCEPTION
        -- A restore without accounts. The sessions stay private, and new ones are checked.
        WHEN foreign_key_violation THEN
            RAISE WARNING 'some sessions belong to users who are not in auth.users: '
                'restore the accounts, then '
                'run ALTER TABLE public.sessions VALIDATE CONSTRAINT sessions_user_id_fkey';
    END;
END
$$;
