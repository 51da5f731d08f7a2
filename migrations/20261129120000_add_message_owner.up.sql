-- The owner of a message: the user of its session, NULL in an anonymous one. With it, the policies
-- need no subquery, and a user's search reads that user's messages only.
--
-- Triggers keep it for every writer, servers of an earlier version among them. Adding the column
-- does not rewrite the table. This migration and those after it lock one table each: turns lock
-- sessions and then messages, and a migration with both, the other way round, would deadlock.
ALTER TABLE public.messages ADD COLUMN user_id UUID;

-- The same trigger as before, which read the session already.
CREATE OR REPLACE FUNCTION public.set_text_search()
    RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        spoken text;
    BEGIN
        -- Locked: a session that is claimed meanwhile is claimed with this message. As an update
        -- of the session would lock it, so that writers who do that next wait for each other.
        SELECT s.language, s.user_id INTO spoken, NEW.user_id
        FROM public.sessions AS s
        WHERE s.id = NEW.session_id
        FOR NO KEY UPDATE;
        NEW.text_search := public.language_search_vector(NEW.text_content, spoken);
        RETURN NEW;
    END
    $$;
