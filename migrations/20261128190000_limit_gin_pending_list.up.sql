-- GIN collects new entries in a pending list. The statement that finds the list full merges it, and
-- every search reads it from end to end. At the default of 4 MB a merge held up turns for a quarter
-- of a second with a million messages. 64 kB keeps the merges short and the list cheap to read.
ALTER INDEX public.idx_messages_text_search SET (gin_pending_list_limit = 64);
