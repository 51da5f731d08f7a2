-- A line with the words that `words` find in it between `start` and `stop`; spaces stand for punctuation, and runs that Postgres
-- might take for part of a word have U+001F around them. Chinese, Japanese and Korean words are found as they stand, which needs no dictionary and is left
-- to who asks.
CREATE FUNCTION public.message_headline(line text, words text, start text, stop text)
    RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    DECLARE
        plain text := pg_catalog.translate(
            line,
            '!"#$%&()*+,-./:;<=>?@[\]^_`{|}~',
            '                               '
        );
        plain_words text := pg_catalog.translate(
            words,
            '!"#$%&()*+,-./:;<=>?@[\]^_`{|}~',
            '                               '
        );
    BEGIN
        IF pg_catalog.octet_length(line) <> pg_catalog.char_length(line) THEN
            plain := pg_catalog.regexp_replace(plain, '([\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af\u00a0-\u00bf\u00d7\u00f7\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3030\u303d\u30a0\u30fb\ufe00-\ufe0f\ufeff\ufff0-\uffff\U0001f000-\U0001faff]+)', U&'\001f\\1\001f', 'g');
        END IF;
        RETURN pg_catalog.ts_headline(
            'pg_catalog.english',
            plain,
            pg_catalog.plainto_tsquery('pg_catalog.english', pg_catalog.regexp_replace(plain_words, '[\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af\u00a0-\u00bf\u00d7\u00f7\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3030\u303d\u30a0\u30fb\ufe00-\ufe0f\ufeff\ufff0-\uffff\U0001f000-\U0001faff]+', ' ', 'g')),
            'HighlightAll=true, StartSel=' || start || ', StopSel=' || stop
        );
    END
    $$;

REVOKE ALL ON FUNCTION public.message_headline(text, text, text, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.message_headline(text, text, text, text) TO authenticated, service_role;
