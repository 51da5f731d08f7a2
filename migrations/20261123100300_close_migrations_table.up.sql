-- sqlx keeps its own table in public, where Supabase's Data API would offer it. Its owner (who migrates) still reads
-- and writes it: row level security without a policy shuts everyone else out.

ALTER TABLE IF EXISTS _sqlx_migrations ENABLE ROW LEVEL SECURITY;

DO $$
BEGIN
    IF to_regclass('_sqlx_migrations') IS NOT NULL THEN
        REVOKE ALL ON TABLE _sqlx_migrations FROM PUBLIC, anon, authenticated, service_role;
    END IF;
END
$$;
