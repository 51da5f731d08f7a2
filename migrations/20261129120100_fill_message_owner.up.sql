-- no-transaction
-- The owner of messages that exist, where their session has one: about three minutes for a million
-- messages of users. In batches that are committed: a claim, a deletion or the job that indexes
-- languages waits for one at most, and turns, histories and searches wait for nothing. It goes on
-- where it was interrupted. By hand without a transaction around it, as by psql without -1.
DO $$
DECLARE
    batch uuid[];
    -- The first id, and then the last one of the batch before, for which nothing is left to do.
    start uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    LOOP
        batch := ARRAY(
            SELECT s.id FROM public.sessions AS s
            WHERE s.user_id IS NOT NULL AND s.id >= start
            ORDER BY s.id
            LIMIT 50
        );
        UPDATE public.messages AS m SET user_id = s.user_id
        FROM public.sessions AS s
        WHERE s.id = ANY (batch) AND m.session_id = s.id
          AND s.user_id IS NOT NULL AND m.user_id IS DISTINCT FROM s.user_id;
        COMMIT;
        EXIT WHEN pg_catalog.cardinality(batch) < 50;
        start := batch[50];
    END LOOP;
END
$$;
