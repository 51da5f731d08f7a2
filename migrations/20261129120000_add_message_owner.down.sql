CREATE OR REPLACE FUNCTION public.set_text_search()
    RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        spoken text;
    BEGIN
        SELECT s.language INTO spoken FROM public.sessions AS s WHERE s.id = NEW.session_id;
        NEW.text_search := public.language_search_vector(NEW.text_content, spoken);
        RETURN NEW;
    END
    $$;
ALTER TABLE public.messages DROP COLUMN user_id;
