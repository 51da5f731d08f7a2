-- Drops the stand-in for Supabase's auth schema where the up migration made it, and nothing on Supabase itself.
-- The roles stay: they belong to the whole cluster, and other databases may use them.

DO $$
BEGIN
    IF obj_description(to_regnamespace('auth'), 'pg_namespace')
        = 'kuku-coach: stands in for the auth schema of Supabase'
    THEN
        DROP SCHEMA auth CASCADE;
    END IF;
END
$$;
