-- A generated column again, which rewrites the table.
DROP TRIGGER set_text_search ON public.messages;
DROP FUNCTION public.set_text_search();
ALTER TABLE public.messages DROP COLUMN text_search;
ALTER TABLE public.messages
    ADD COLUMN text_search tsvector
        GENERATED ALWAYS AS (public.message_search_vector(text_content)) STORED;
CREATE INDEX idx_messages_text_search ON public.messages USING gin (text_search)
    WITH (gin_pending_list_limit = 64);
DROP FUNCTION public.language_search_query(text, text[]);
DROP FUNCTION public.language_search_vector(text, text);
DROP FUNCTION public.search_words(text);
DROP FUNCTION public.search_config(text);
DROP INDEX public.idx_sessions_language;
ALTER TABLE public.sessions DROP COLUMN search_language;
