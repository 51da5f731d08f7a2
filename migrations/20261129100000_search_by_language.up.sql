-- Search by the stems of German, French, Spanish, Portuguese, Italian and Russian, as by English
-- ones. A message of a session in such a language is found by the lexemes of that language, too:
-- they are in the same vector, as `de/arbeit`, so that what is found in English stays the same.
--
-- The vector is no generated column any more, since it depends on the session's language. A trigger
-- sets it. No row is read or written here: a job of the server indexes the messages that exist, in
-- batches, and those from before the language of their session was known. A server of an earlier
-- version finds what it found before. docs/search.md has the reasons.
SET LOCAL client_min_messages = warning;

-- The language by which all messages of the session are indexed. NULL: not looked at yet.
ALTER TABLE public.sessions ADD COLUMN search_language TEXT;
-- Sessions for the job. created_at, since it never changes: turns stay HOT updates.
CREATE INDEX idx_sessions_search_language ON public.sessions (created_at)
    WHERE search_language IS NULL OR search_language <> language;
-- Which languages occur.
CREATE INDEX idx_sessions_language ON public.sessions (language) WHERE language IS NOT NULL;

CREATE FUNCTION public.search_config(language text)
    RETURNS regconfig
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        SELECT CASE language
            WHEN 'de' THEN 'pg_catalog.german'::regconfig
            WHEN 'fr' THEN 'pg_catalog.french'::regconfig
            WHEN 'es' THEN 'pg_catalog.spanish'::regconfig
            WHEN 'pt' THEN 'pg_catalog.portuguese'::regconfig
            WHEN 'it' THEN 'pg_catalog.italian'::regconfig
            WHEN 'ru' THEN 'pg_catalog.russian'::regconfig
        END
    $$;

-- The words of a text, without punctuation and Chinese, Japanese and Korean characters: the same as
-- in unicode_search_vector.
CREATE FUNCTION public.search_words(line text)
    RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        SELECT pg_catalog.regexp_replace(
            pg_catalog.regexp_replace(
                pg_catalog.left(pg_catalog.normalize(
                    pg_catalog.regexp_replace(
                        pg_catalog.left(line, 60000), '[\u00ad\u034f\u055b-\u055c\u055e\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\U00013430-\U00013438\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e01ef]+', '', 'g'
                    ),
                    'NFKC'
                ), 60000),
                '[!-&(-/:-@[-`{-~]', ' ', 'g'
            ),
            '[\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af\u0080-\u00bf\u00d7\u00f7\u02c2-\u02c5\u02d2-\u02df\u02e5-\u02eb\u02ed\u02ef-\u02ff\u0375\u037e\u0384-\u0385\u0387\u03f6\u0482\u055a-\u055f\u0589-\u058f\u05be\u05c0\u05c3\u05c6\u05f3-\u060f\u061b-\u061f\u066a-\u066d\u06d4\u06dd-\u06de\u06e9\u06fd-\u06fe\u0700-\u070f\u07f6-\u07f9\u07fe-\u07ff\u0830-\u083e\u085e\u0888\u0890-\u0891\u08e2\u0964-\u0965\u0970\u09f2-\u09f3\u09fa-\u09fb\u09fd\u0a76\u0af0-\u0af1\u0b70\u0bf3-\u0bfa\u0c77\u0c7f\u0c84\u0d4f\u0d79\u0df4\u0e2f\u0e3f\u0e46\u0e4f\u0e5a-\u0e5b\u0eaf\u0ec6\u0f01-\u0f17\u0f1a-\u0f1f\u0f34\u0f36\u0f38\u0f3a-\u0f3d\u0f85\u0fbe-\u0fc5\u0fc7-\u0fda\u104a-\u104f\u109e-\u109f\u10fb\u1360-\u1368\u1390-\u1399\u1400\u166d-\u166e\u1680\u169b-\u169c\u16eb-\u16ed\u1735-\u1736\u17d4-\u17d6\u17d8-\u17db\u1800-\u180a\u1940-\u1945\u19de-\u19ff\u1a1e-\u1a1f\u1aa0-\u1aa6\u1aa8-\u1aad\u1b5a-\u1b6a\u1b74-\u1b7e\u1bfc-\u1bff\u1c3b-\u1c3f\u1c7e-\u1c7f\u1cc0-\u1cc7\u1cd3\u1fbd\u1fbf-\u1fc1\u1fcd-\u1fcf\u1fdd-\u1fdf\u1fed-\u1fef\u1ffd-\u2bff\u2ce5-\u2cea\u2cf9-\u2cfc\u2cfe-\u2cff\u2d70\u2e00-\u3004\u3008-\u3030\u3036-\u3037\u303d-\u303f\u30a0\u30fb\u3190-\u3191\u3196-\u319f\u31c0-\u31e3\u3200-\u321e\u322a-\u3247\u3250\u3260-\u327f\u328a-\u32b0\u32c0-\u33ff\u4dc0-\u4dff\ua490-\ua4c6\ua4fe-\ua4ff\ua60d-\ua60f\ua673\ua67e\ua6f2-\ua716\ua720-\ua721\ua789-\ua78a\ua828-\ua82b\ua836-\ua839\ua874-\ua877\ua8ce-\ua8cf\ua8f8-\ua8fa\ua8fc\ua92e-\ua92f\ua95f\ua9c1-\ua9cd\ua9de-\ua9df\uaa5c-\uaa5f\uaa77-\uaa79\uaade-\uaadf\uaaf0-\uaaf1\uab5b\uab6a-\uab6b\uabeb\ufb29\ufbb2-\ufbc2\ufd3e-\ufd4f\ufdcf\ufdfc-\ufe19\ufe30-\ufe6b\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff\U00010100-\U00010102\U00010137-\U0001013f\U00010179-\U00010189\U0001018c-\U000101fc\U0001039f\U000103d0\U0001056f\U00010857\U00010877-\U00010878\U0001091f\U0001093f\U00010a50-\U00010a58\U00010a7f\U00010ac8\U00010af0-\U00010af6\U00010b39-\U00010b3f\U00010b99-\U00010b9c\U00010ead\U00010f55-\U00010f59\U00010f86-\U00010f89\U00011047-\U0001104d\U000110bb-\U000110c1\U000110cd\U00011140-\U00011143\U00011174-\U00011175\U000111c5-\U000111c8\U000111cd\U000111db\U000111dd-\U000111df\U00011238-\U0001123d\U000112a9\U0001144b-\U0001144f\U0001145a-\U0001145d\U000114c6\U000115c1-\U000115d7\U00011641-\U00011643\U00011660-\U0001166c\U000116b9\U0001173c-\U0001173f\U0001183b\U00011944-\U00011946\U000119e2\U00011a3f-\U00011a46\U00011a9a-\U00011a9c\U00011a9e-\U00011aa2\U00011c41-\U00011c45\U00011c70-\U00011c71\U00011ef7-\U00011ef8\U00011fd5-\U00011fff\U00012470-\U00012474\U00012ff1-\U00012ff2\U00016a6e-\U00016a6f\U00016af5\U00016b37-\U00016b3f\U00016b44-\U00016b45\U00016e97-\U00016e9a\U00016fe2\U0001bc9c\U0001bc9f\U0001cf50-\U0001d164\U0001d16a-\U0001d16c\U0001d183-\U0001d184\U0001d18c-\U0001d1a9\U0001d1ae-\U0001d241\U0001d245\U0001d300-\U0001d356\U0001d6c1\U0001d6db\U0001d6fb\U0001d715\U0001d735\U0001d74f\U0001d76f\U0001d789\U0001d7a9\U0001d7c3\U0001d800-\U0001d9ff\U0001da37-\U0001da3a\U0001da6d-\U0001da74\U0001da76-\U0001da83\U0001da85-\U0001da8b\U0001e14f\U0001e2ff\U0001e95e-\U0001e95f\U0001ecac\U0001ecb0\U0001ed2e\U0001eef0-\U0001fbca]+', ' ', 'g'
        )
    $$;

-- The vector of a message in a session of this language, which may be NULL. Not by `||`, which
-- would move the positions of the second vector behind those of the first.
CREATE FUNCTION public.language_search_vector(line text, language text)
    RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
    DECLARE
        config CONSTANT regconfig := public.search_config(language);
        vector CONSTANT tsvector := public.message_search_vector(line);
    BEGIN
        IF config IS NULL THEN
            RETURN vector;
        END IF;
        RETURN (vector::text || ' ' || COALESCE((
            SELECT pg_catalog.string_agg(
                pg_catalog.quote_literal(language || '/' || own.lexeme) || ':'
                    || pg_catalog.array_to_string(own.positions, ','),
                ' '
            )
            FROM pg_catalog.unnest(pg_catalog.to_tsvector(config, public.search_words(line))) AS own
        ), ''))::tsvector;
    END
    $$;

-- The query for messages in English and in these languages. Words beside Chinese, Japanese or
-- Korean ones are searched as before.
CREATE FUNCTION public.language_search_query(words text, languages text[])
    RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
    DECLARE
        wanted tsquery := public.message_search_query(words);
        language text;
        own tsquery;
    BEGIN
        IF pg_catalog.cardinality(languages) > 0
            AND pg_catalog.normalize(words, 'NFKC') !~ '[\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]'
        THEN
            FOREACH language IN ARRAY languages LOOP
                own := (
                    SELECT pg_catalog.string_agg(
                        pg_catalog.quote_literal(language || '/' || own_word.lexeme), ' & '
                    )
                    FROM pg_catalog.unnest(pg_catalog.to_tsvector(
                        public.search_config(language), public.search_words(words)
                    )) AS own_word
                )::tsquery;
                wanted := COALESCE(wanted || own, wanted);
            END LOOP;
        END IF;
        RETURN wanted;
    END
    $$;

CREATE FUNCTION public.set_text_search()
    RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        spoken text;
    BEGIN
        SELECT s.language INTO spoken FROM public.sessions AS s WHERE s.id = NEW.session_id;
        NEW.text_search := public.language_search_vector(NEW.text_content, spoken);
        RETURN NEW;
    END
    $$;

REVOKE ALL ON FUNCTION
    public.search_config(text), public.search_words(text),
    public.language_search_vector(text, text), public.language_search_query(text, text[]),
    public.set_text_search()
    FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION
    public.search_config(text), public.search_words(text),
    public.language_search_vector(text, text), public.language_search_query(text, text[])
    TO authenticated, service_role;

-- IF EXISTS: docs/search.md tells how to add the column beforehand, with a trigger of that name.
ALTER TABLE public.messages ALTER COLUMN text_search DROP EXPRESSION IF EXISTS;
DROP TRIGGER IF EXISTS keep_text_search ON public.messages;
DROP FUNCTION IF EXISTS public.keep_text_search();
CREATE TRIGGER set_text_search
    BEFORE INSERT OR UPDATE OF text_content ON public.messages
    FOR EACH ROW EXECUTE FUNCTION public.set_text_search();
