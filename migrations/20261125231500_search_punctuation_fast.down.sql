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

CREATE OR REPLACE FUNCTION public.message_search_query(words text)
    RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        SELECT CASE
            WHEN pg_catalog.octet_length(words) = pg_catalog.char_length(words)
            THEN pg_catalog.plainto_tsquery(
                'pg_catalog.english',
                pg_catalog.translate(
                    words, '!"#$%&()*+,-./:;<=>?@[\]^_`{|}~',
                    '                               '
                )
            )
            ELSE public.unicode_search_query(words)
        END
    $$;
