ALTER POLICY sessions_of_their_user ON public.sessions
    USING (
        user_id = (SELECT auth.uid())
        OR (
            user_id IS NULL
            AND session_id = (SELECT current_setting('kuku_coach.session_id', true))
        )
    );
DROP FUNCTION public.is_caller(uuid);
