-- The owner of a message: the user of its session, NULL in an anonymous one. With it, the policies
-- need no subquery, and a user's search reads that user's messages only.
--
-- Triggers keep it for every writer, servers of an earlier version among them. Adding the column
-- does not rewrite the table.
ALTER TABLE public.messages ADD COLUMN user_id UUID;

-- The same trigger as before, which read the session already.
CREATE OR REPLACE FUNCTION public.set_text_search()
    RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        spoken text;
    BEGIN
        -- FOR SHARE: a session that is claimed meanwhile is claimed with this message.
        SELECT s.language, s.user_id INTO spoken, NEW.user_id
        FROM public.sessions AS s
        WHERE s.id = NEW.session_id
        FOR SHARE;
        NEW.text_search := public.language_search_vector(NEW.text_content, spoken);
        RETURN NEW;
    END
    $$;

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
