-- Each turn updates its session's row twice. With an index on updated_at no update could stay in its page (HOT), and each wrote to
-- every index of the table. Sessions that nobody ended are found by their beginning just as well: few are active for a day.
--
-- Neither index says "status" in its condition, as turns and ratings do: to those it would look as cheap as the one by session_id
-- whenever statistics have seen no active (or no ended) session, and they would go through all of them.
DROP INDEX public.idx_sessions_active_updated_at;
CREATE INDEX idx_sessions_active_created_at ON public.sessions (created_at) WHERE ended_at IS NULL;
DROP INDEX public.idx_sessions_ended_at;
CREATE INDEX idx_sessions_ended_at ON public.sessions (ended_at) WHERE ended_at IS NOT NULL;
-- Room in each page for new versions of its rows.
ALTER TABLE public.sessions SET (fillfactor = 80);
