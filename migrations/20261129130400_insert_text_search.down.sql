DROP TRIGGER IF EXISTS update_text_search ON public.messages;
DROP TRIGGER IF EXISTS set_text_search ON public.messages;
CREATE TRIGGER set_text_search
    BEFORE INSERT OR UPDATE OF text_content ON public.messages
    FOR EACH ROW EXECUTE FUNCTION public.set_text_search();
