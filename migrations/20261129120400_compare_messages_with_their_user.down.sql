ALTER POLICY messages_of_their_user ON public.messages
    USING (session_id IN (SELECT s.id FROM public.sessions AS s));
DROP FUNCTION public.named_session();
