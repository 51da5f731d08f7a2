ALTER POLICY memories_of_their_user ON public.memories USING (user_id = (SELECT auth.uid()));
