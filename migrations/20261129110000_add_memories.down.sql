DROP TRIGGER set_memory_due ON public.sessions;
DROP FUNCTION public.set_memory_due();
DROP INDEX public.idx_sessions_memory_due;
ALTER TABLE public.sessions DROP COLUMN memory_due;
DROP TABLE public.memories;
