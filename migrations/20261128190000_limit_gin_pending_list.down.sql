ALTER INDEX public.idx_messages_text_search RESET (gin_pending_list_limit);
