DROP INDEX public.idx_sessions_ended_at;
