-- Reads on behalf of a user run as the role authenticated. Since Postgres 16 membership alone does
-- not allow SET ROLE: who created a role is its member without the SET option. Where the migration
-- add_accounts found a member and granted nothing, the grant is made up for here.
DO $$
DECLARE
    -- Postgres 14 and 15 do not know the privilege SET; membership includes it there.
    privilege CONSTANT text := CASE
        WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER'
    END;
BEGIN
    IF NOT pg_has_role(current_user, 'authenticated', privilege) THEN
        BEGIN
            EXECUTE format('GRANT authenticated TO %I', current_user);
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE WARNING
                    'a superuser has to GRANT authenticated TO % before users can read',
                    current_user;
        END;
    END IF;
END
$$;
