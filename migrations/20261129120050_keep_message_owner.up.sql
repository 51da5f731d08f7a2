-- Messages follow when their session is claimed. Claims from before are made up for by the next
-- migration.
CREATE FUNCTION public.set_message_owner()
    RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        UPDATE public.messages AS m SET user_id = NEW.user_id
        WHERE m.session_id = NEW.id AND m.user_id IS DISTINCT FROM NEW.user_id;
        RETURN NULL;
    END
    $$;
REVOKE ALL ON FUNCTION public.set_message_owner() FROM PUBLIC, anon, authenticated;
-- AFTER: its statement sees the messages of turns for which the claim has waited.
CREATE TRIGGER set_message_owner
    AFTER UPDATE OF user_id ON public.sessions
    FOR EACH ROW
    WHEN (OLD.user_id IS DISTINCT FROM NEW.user_id)
    EXECUTE FUNCTION public.set_message_owner();
