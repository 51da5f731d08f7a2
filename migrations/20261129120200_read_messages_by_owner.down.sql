ALTER POLICY memories_of_their_user ON public.memories USING (user_id = (SELECT auth.uid()));
ALTER POLICY messages_of_their_user ON public.messages
    USING (session_id IN (SELECT s.id FROM public.sessions AS s));
ALTER POLICY sessions_of_their_user ON public.sessions
    USING (
        user_id = (SELECT auth.uid())
        OR (
            user_id IS NULL
            AND session_id = (SELECT current_setting('kuku_coach.session_id', true))
        )
    );
DROP FUNCTION public.named_session();
DROP INDEX public.idx_messages_user_id_created_at;
