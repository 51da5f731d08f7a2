-- Full-text search: a stored tsvector beside every line, so that ranking reads it instead of making it anew.
--
-- English is told by its stems. Chinese, Japanese and Korean have no spaces for Postgres to go by: of every run of their
-- characters, each two that stand side by side are a word, and so is the last one. A run of two or more is then found as
-- a phrase of such pairs, a single character by the pairs that begin with it. docs/search.md has reasons and figures.
--
-- The classes of characters are written out in the patterns, since a constant would be a function that is called for every
-- line. CJK: 々〆〇, kana, bopomofo, hangul, and the ideographs of all planes; NFKC has made half-width kana and jamo the
-- usual ones. SPACE: punctuation, symbols and emoji beyond ASCII, which Postgres takes for letters in some locales. ASCII
-- punctuation but the apostrophe goes as well: Postgres would take "tired.And" for a host and "<sad>" for markup, and keep
-- their words from being found.

-- The pairs of a text's runs, and the last character of each; `pos` counts characters from 1.
CREATE OR REPLACE FUNCTION public.cjk_grams(line text)
    RETURNS TABLE (pos bigint, gram text, is_pair boolean)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT c.pos, CASE WHEN c.is_pair THEN c.this || c.next ELSE c.this END, c.is_pair
        FROM (
            SELECT
                t.pos,
                t.this,
                pg_catalog.lead(t.this) OVER in_order AS next,
                COALESCE(pg_catalog.lead(t.this) OVER in_order ~ '[\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]', FALSE) AS is_pair
            FROM pg_catalog.string_to_table(line, NULL) WITH ORDINALITY AS t (this, pos)
            WINDOW in_order AS (ORDER BY t.pos)
        ) AS c
        WHERE c.this ~ '[\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]'
    $$;

-- What a line is found by if it is not all ASCII. In plpgsql, which keeps its plans, as are all that do more than pass on.
CREATE OR REPLACE FUNCTION public.unicode_search_vector(line text)
    RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    DECLARE
        usual text := pg_catalog.translate(
            pg_catalog.left(pg_catalog.normalize(line, 'NFKC'), 60000),
            '!"#$%&()*+,-./:;<=>?@[\]^_`{|}~',
            '                               '
        );
        words tsvector := pg_catalog.to_tsvector(
            'pg_catalog.english', pg_catalog.regexp_replace(usual, '[\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af\u00a0-\u00bf\u00d7\u00f7\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3030\u303d\u30a0\u30fb\ufe00-\ufe0f\ufeff\ufff0-\uffff\U0001f000-\U0001faff]+', ' ', 'g')
        );
    BEGIN
        IF usual !~ '[\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]' THEN
            RETURN words;
        END IF;
        RETURN words || (
            -- A tsvector counts positions up to 16,383.
            SELECT pg_catalog.string_agg(pg_catalog.quote_literal(g.gram) || ':' || LEAST(g.pos, 16383), ' ')
            FROM public.cjk_grams(usual) AS g
        )::tsvector;
    END
    $$;

-- What a line is found by. Its first 60,000 characters count: a tsvector holds 1 MB, and a line must never be refused
-- because it cannot be indexed. Not STRICT, so that it becomes part of the statement: most lines are ASCII.
CREATE OR REPLACE FUNCTION public.message_search_vector(line text)
    RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        SELECT CASE
            WHEN pg_catalog.octet_length(line) = pg_catalog.char_length(line)
            THEN pg_catalog.to_tsvector(
                'pg_catalog.english',
                pg_catalog.translate(
                    pg_catalog.left(line, 60000), '!"#$%&()*+,-./:;<=>?@[\]^_`{|}~',
                    '                               '
                )
            )
            ELSE public.unicode_search_vector(pg_catalog.left(line, 60000))
        END
    $$;

-- What a person asks for: all words have to occur. Empty if there are only stop words or punctuation.
CREATE OR REPLACE FUNCTION public.message_search_query(words text)
    RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    DECLARE
        usual text := pg_catalog.translate(
            pg_catalog.normalize(words, 'NFKC'),
            '!"#$%&()*+,-./:;<=>?@[\]^_`{|}~',
            '                               '
        );
        wanted tsquery := pg_catalog.plainto_tsquery(
            'pg_catalog.english', pg_catalog.regexp_replace(usual, '[\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af\u00a0-\u00bf\u00d7\u00f7\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3030\u303d\u30a0\u30fb\ufe00-\ufe0f\ufeff\ufff0-\uffff\U0001f000-\U0001faff]+', ' ', 'g')
        );
    BEGIN
        IF usual !~ '[\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]' THEN
            RETURN wanted;
        END IF;
        RETURN wanted && (
            SELECT pg_catalog.string_agg('(' || run.phrase || ')', ' & ')
            FROM (
                SELECT COALESCE(
                    pg_catalog.string_agg(pg_catalog.quote_literal(g.gram), ' <-> ' ORDER BY g.pos)
                        FILTER (WHERE g.is_pair),
                    pg_catalog.min(pg_catalog.quote_literal(g.gram)) || ':*'
                ) AS phrase
                FROM (
                    -- The positions of a run follow each other.
                    SELECT c.*, c.pos - pg_catalog.row_number() OVER (ORDER BY c.pos) AS run
                    FROM public.cjk_grams(usual) AS c
                ) AS g
                GROUP BY g.run
            ) AS run
        )::tsquery;
    END
    $$;

-- A line with the words that `words` find in it between `start` and `stop`; spaces stand for punctuation, and runs that Postgres
-- might take for part of a word have U+001F around them. Chinese, Japanese and Korean words are found as they stand, which needs no dictionary and is left
-- to who asks.
CREATE OR REPLACE FUNCTION public.message_headline(line text, words text, start text, stop text)
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

-- Who writes a line makes its vector; who reads lines asks for them. Nobody else has anything to do with these.
REVOKE ALL ON FUNCTION
    public.cjk_grams(text), public.unicode_search_vector(text), public.message_search_vector(text),
    public.message_search_query(text), public.message_headline(text, text, text, text)
    FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION
    public.cjk_grams(text), public.unicode_search_vector(text), public.message_search_vector(text),
    public.message_search_query(text), public.message_headline(text, text, text, text)
    TO authenticated, service_role;

-- Rewrites the table. IF NOT EXISTS: docs/search.md tells how to prepare all this without blocking writers.
SET LOCAL client_min_messages = warning;
ALTER TABLE public.messages
    ADD COLUMN IF NOT EXISTS text_search tsvector GENERATED ALWAYS AS (public.message_search_vector(text_content)) STORED;
CREATE INDEX IF NOT EXISTS idx_messages_text_search ON public.messages USING gin (text_search);
-- Newest first, and pages by keyset.
CREATE INDEX IF NOT EXISTS idx_messages_created_at ON public.messages (created_at, id);

-- A new column has no statistics, and a rewrite is no change that autovacuum would count. Without them the planner takes every
-- word for a common one, and walks through all lines to find a rare one.
ANALYZE public.messages;

-- The integration plan's index: nothing asks for this expression any more.
DROP INDEX IF EXISTS public.idx_messages_text_content;
