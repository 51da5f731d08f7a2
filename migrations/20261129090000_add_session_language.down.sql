ALTER TABLE public.sessions
    DROP COLUMN language,
    DROP COLUMN language_is_guess,
    DROP COLUMN closing_failures,
    DROP COLUMN closing_retry_at;
