-- Statements of the server insert the search vector themselves, since a trigger that reads another
-- table is not possible on distributed tables. Servers of an earlier version and other writers
-- leave it NULL, and change texts without it.
DROP TRIGGER set_text_search ON public.messages;
CREATE TRIGGER set_text_search
    BEFORE INSERT ON public.messages
    FOR EACH ROW
    WHEN (NEW.text_search IS NULL)
    EXECUTE FUNCTION public.set_text_search();
CREATE TRIGGER update_text_search
    BEFORE UPDATE OF text_content ON public.messages
    FOR EACH ROW
    EXECUTE FUNCTION public.set_text_search();
