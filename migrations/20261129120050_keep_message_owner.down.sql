DROP TRIGGER set_message_owner ON public.sessions;
DROP FUNCTION public.set_message_owner();
