CREATE INDEX idx_messages_text_content ON public.messages USING gin (to_tsvector('english', text_content));

DROP INDEX public.idx_messages_created_at;
DROP INDEX public.idx_messages_text_search;
ALTER TABLE public.messages DROP COLUMN text_search;
DROP FUNCTION public.message_headline(text, text, text, text);
DROP FUNCTION public.message_search_query(text);
DROP FUNCTION public.message_search_vector(text);
DROP FUNCTION public.unicode_search_vector(text);
DROP FUNCTION public.cjk_grams(text);
