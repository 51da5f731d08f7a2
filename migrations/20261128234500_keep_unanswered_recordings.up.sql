-- Transcripts of recordings that the coach could not answer, in order: {"fingerprint", "text"}.
-- They go with the next turn, and only then are part of a message. Rights and policies are those
-- of the table: a user reads them with the user's sessions, as messages.
--
-- A server of an earlier version neither reads nor changes the column.
ALTER TABLE public.sessions ADD COLUMN unanswered_recordings JSONB NOT NULL DEFAULT '[]';

-- The server keeps 20,000 characters; the limit here is for other writers, in bytes of JSON, in
-- which a character takes up to six. NOT VALID: the rows that exist have the default, and reading
-- them would block turns for seconds. As it is, neither statement reads or writes rows.
ALTER TABLE public.sessions
    ADD CONSTRAINT sessions_unanswered_recordings_check CHECK (
        jsonb_typeof(unanswered_recordings) = 'array'
        AND octet_length(unanswered_recordings::text) <= 150000
    ) NOT VALID;
