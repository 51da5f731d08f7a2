-- What is known of the language of a session, and how often the job that ends idle sessions failed.
-- Rights and policies are those of the table. A server of an earlier version neither reads nor
-- changes the columns.
ALTER TABLE public.sessions
    -- BCP 47 primary subtag; NULL until known.
    ADD COLUMN language TEXT,
    -- The language is the browser's preference, and was neither chosen nor spoken.
    ADD COLUMN language_is_guess BOOLEAN NOT NULL DEFAULT FALSE,
    -- Closing summaries in a row that failed, and when the next one is due.
    ADD COLUMN closing_failures INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN closing_retry_at TIMESTAMPTZ;

-- NOT VALID: the rows that exist have NULL, and reading them would block turns.
ALTER TABLE public.sessions
    ADD CONSTRAINT sessions_language_check CHECK (language ~ '^[a-z]{2,3}$') NOT VALID;
