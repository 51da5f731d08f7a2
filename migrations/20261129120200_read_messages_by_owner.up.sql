-- Policies without subqueries. `auth.uid()` stands bare: in the form `(SELECT auth.uid())` it is
-- evaluated once for a statement, and a statement for two users would show the second one the rows
-- of the first.
--
-- The index needs a scan of the messages, during which no turn is saved: about a second for a
-- million messages.
CREATE INDEX idx_messages_user_id_created_at ON public.messages (user_id, created_at, id)
    WHERE user_id IS NOT NULL;

-- The row id of the anonymous session that the server names. As the caller: the policy of sessions
-- applies. plpgsql keeps the plan of its query.
CREATE FUNCTION public.named_session()
    RETURNS uuid
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
    BEGIN
        RETURN (
            SELECT s.id FROM public.sessions AS s
            WHERE s.session_id = pg_catalog.current_setting('kuku_coach.session_id', TRUE)
        );
    END
    $$;
REVOKE ALL ON FUNCTION public.named_session() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.named_session() TO authenticated, service_role;

-- CASE, not OR: the planner takes auth.uid() for NULL while it plans. It would find all rows of the
-- user by the index over user_id, where a query names a single one.
ALTER POLICY sessions_of_their_user ON public.sessions
    USING (
        CASE
            WHEN user_id IS NULL THEN session_id = current_setting('kuku_coach.session_id', TRUE)
            ELSE user_id = auth.uid()
        END
    );
ALTER POLICY messages_of_their_user ON public.messages
    USING (
        CASE
            WHEN user_id IS NULL THEN session_id = public.named_session()
            ELSE user_id = auth.uid()
        END
    );
ALTER POLICY memories_of_their_user ON public.memories USING (user_id = auth.uid());
