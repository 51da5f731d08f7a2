-- What the coach remembers of a user across sessions. A server of an earlier version neither reads
-- nor changes the table. The sessions that it ends are merged all the same.
CREATE TABLE public.memories (
    user_id UUID CONSTRAINT memories_pkey PRIMARY KEY
        CONSTRAINT memories_user_id_fkey REFERENCES auth.users (id) ON DELETE CASCADE,
    enabled BOOLEAN NOT NULL DEFAULT TRUE,
    -- What the user wrote, which no merge changes.
    own_text TEXT NOT NULL DEFAULT '',
    -- What was made of the sessions.
    merged_text TEXT NOT NULL DEFAULT '',
    -- The action plan of the session that was merged last.
    last_plan TEXT NOT NULL DEFAULT '',
    -- Number of merged sessions.
    sessions INTEGER NOT NULL DEFAULT 0,
    -- The last change of the text; NULL without one.
    updated_at TIMESTAMPTZ,
    -- Lease of the merge in progress.
    merge_lease UUID,
    merge_lease_until TIMESTAMPTZ,
    -- Merges in a row that failed, since when, and when the next one is due.
    merge_failures INTEGER NOT NULL DEFAULT 0,
    merge_failing_since TIMESTAMPTZ,
    merge_retry_at TIMESTAMPTZ
);

ALTER TABLE public.memories ENABLE ROW LEVEL SECURITY;
CREATE POLICY memories_of_their_user ON public.memories
    FOR SELECT TO authenticated
    USING (user_id = (SELECT auth.uid()));
REVOKE ALL ON TABLE public.memories FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON TABLE public.memories TO authenticated;

-- Whether the session is still to be merged, once it has ended and has a user. NULL: it was not
-- decided yet, or the session ended before this migration. Adding the column does not rewrite the
-- table. The index needs a scan, during which no turn is saved: about a second for a million
-- sessions.
ALTER TABLE public.sessions ADD COLUMN memory_due BOOLEAN;
CREATE INDEX idx_sessions_memory_due ON public.sessions (user_id, ended_at)
    WHERE memory_due AND status = 'ended' AND user_id IS NOT NULL;

-- A server of an earlier version ends sessions without a decision.
CREATE FUNCTION public.set_memory_due()
    RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        NEW.memory_due := TRUE;
        RETURN NEW;
    END
    $$;
REVOKE ALL ON FUNCTION public.set_memory_due() FROM PUBLIC, anon, authenticated;
CREATE TRIGGER set_memory_due
    BEFORE UPDATE OF status ON public.sessions
    FOR EACH ROW
    WHEN (OLD.status = 'active' AND NEW.status = 'ended' AND NEW.memory_due IS NULL)
    EXECUTE FUNCTION public.set_memory_due();
