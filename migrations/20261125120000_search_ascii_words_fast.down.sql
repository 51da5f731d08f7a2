DROP FUNCTION public.message_search_query(text);
ALTER FUNCTION public.unicode_search_query(text) RENAME TO message_search_query;
