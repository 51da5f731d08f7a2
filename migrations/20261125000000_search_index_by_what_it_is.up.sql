-- add_message_search made its index only where none had its name. Where another one had it, such as one over
-- to_tsvector('english', text_content), no search could use it, and a rare word was looked for in all lines.
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT
        FROM pg_index AS i
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indexrelid = to_regclass('public.idx_messages_text_search')
          AND i.indrelid = 'public.messages'::regclass AND i.indisvalid AND a.attname = 'text_search'
    ) THEN
        DROP INDEX IF EXISTS public.idx_messages_text_search;
        CREATE INDEX idx_messages_text_search ON public.messages USING gin (text_search);
    END IF;
END
$$;
