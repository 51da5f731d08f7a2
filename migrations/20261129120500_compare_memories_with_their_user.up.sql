ALTER POLICY memories_of_their_user ON public.memories USING (public.is_caller(user_id));
