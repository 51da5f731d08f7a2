-- The server finds the hits of a line itself, by the same stems: Postgres took longer for that than for the search.
DROP FUNCTION public.message_headline(text, text, text, text);
