ALTER TABLE public.sessions DROP COLUMN unanswered_recordings;
