-- Each turn updates its session's row twice. With an index on updated_at no update could stay in its page (HOT), and each wrote to
-- every index of the table. Sessions that nobody ended are found by their beginning just as well: few are active for a day.
CREATE INDEX idx_sessions_active_created_at ON public.sessions (created_at) WHERE status = 'active';
DROP INDEX public.idx_sessions_active_updated_at;
-- Room in each page for new versions of its rows.
ALTER TABLE public.sessions SET (fillfactor = 80);
