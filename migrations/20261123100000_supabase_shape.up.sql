-- What Supabase brings along and a plain Postgres lacks: the roles anon, authenticated and service_role, and the
-- schema auth with auth.users and auth.uid(). On Supabase all of it exists, belongs to others, and stays untouched.

DO $$
DECLARE
    wanted RECORD;
BEGIN
    FOR wanted IN
        SELECT role_name, attributes
        FROM (VALUES
            ('anon', 'NOLOGIN NOINHERIT'),
            ('authenticated', 'NOLOGIN NOINHERIT'),
            ('service_role', 'NOLOGIN NOINHERIT BYPASSRLS')
        ) AS r (role_name, attributes)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted.role_name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I %s', wanted.role_name, wanted.attributes);
            EXCEPTION
                -- Roles belong to the whole cluster: another database may be migrating at this moment.
                WHEN duplicate_object OR unique_violation THEN NULL;
                -- Only a superuser may give BYPASSRLS (Postgres 14, 15): without it the role works, limited by policies.
                WHEN insufficient_privilege THEN
                    IF wanted.role_name <> 'service_role' THEN RAISE; END IF;
                    EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', wanted.role_name);
            END;
        END IF;
    END LOOP;

    IF to_regnamespace('auth') IS NULL THEN
        CREATE SCHEMA auth;
        -- The down migration drops the schema only where it finds this mark.
        COMMENT ON SCHEMA auth IS 'kuku-coach: stands in for the auth schema of Supabase';
        GRANT USAGE ON SCHEMA auth TO anon, authenticated, service_role;
    END IF;

    IF to_regclass('auth.users') IS NULL THEN
        CREATE TABLE auth.users (
            id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            email TEXT,
            created_at TIMESTAMPTZ DEFAULT NOW(),
            updated_at TIMESTAMPTZ DEFAULT NOW()
        );
        REVOKE ALL ON TABLE auth.users FROM PUBLIC, anon, authenticated;
    END IF;

    IF to_regprocedure('auth.uid()') IS NULL THEN
        -- The same answer as Supabase's: the subject of the verified token, NULL without one.
        CREATE FUNCTION auth.uid() RETURNS UUID
            LANGUAGE sql STABLE
            AS $uid$
                SELECT COALESCE(
                    NULLIF(current_setting('request.jwt.claim.sub', true), ''),
                    NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
                )::uuid
            $uid$;
    END IF;
END
$$;
