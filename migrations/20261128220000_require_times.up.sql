-- Times that every statement and the export rely on: present, and within the years 1 to 9999,
-- which RFC 3339 can write. The integration plan allowed NULL, and rows written by hand may hold
-- infinity. Only rows that break a constraint below are rewritten. Each table is read twice, under
-- a lock that blocks its readers and writers: 0.8 s for a million messages.
SET LOCAL client_min_messages = warning;

-- A session without a creation time began with its first message.
UPDATE public.sessions AS s
SET created_at = COALESCE(
    (
        SELECT min(m.created_at) FROM public.messages AS m
        WHERE m.session_id = s.id
          AND m.created_at >= '0001-01-01 00:00:00+00' AND m.created_at < '10000-01-01 00:00:00+00'
    ),
    CASE
        WHEN s.updated_at >= '0001-01-01 00:00:00+00' AND s.updated_at < '10000-01-01 00:00:00+00'
        THEN s.updated_at
    END,
    CASE
        WHEN s.ended_at >= '0001-01-01 00:00:00+00' AND s.ended_at < '10000-01-01 00:00:00+00'
        THEN s.ended_at
    END,
    now()
)
WHERE s.created_at IS NULL
   OR s.created_at < '0001-01-01 00:00:00+00' OR s.created_at >= '10000-01-01 00:00:00+00';

-- Messages are ordered by position, not by time.
UPDATE public.messages AS m
SET created_at = COALESCE(
    (SELECT s.created_at FROM public.sessions AS s WHERE s.id = m.session_id), now()
)
WHERE m.created_at IS NULL
   OR m.created_at < '0001-01-01 00:00:00+00' OR m.created_at >= '10000-01-01 00:00:00+00';

-- The last change was the last message, or the end.
UPDATE public.sessions AS s
SET updated_at = COALESCE(
    (SELECT max(m.created_at) FROM public.messages AS m WHERE m.session_id = s.id),
    CASE
        WHEN s.ended_at >= '0001-01-01 00:00:00+00' AND s.ended_at < '10000-01-01 00:00:00+00'
        THEN s.ended_at
    END,
    s.created_at
)
WHERE s.updated_at IS NULL
   OR s.updated_at < '0001-01-01 00:00:00+00' OR s.updated_at >= '10000-01-01 00:00:00+00';

-- NULL stays: a session that has not ended.
UPDATE public.sessions
SET ended_at = CASE WHEN status = 'ended' THEN updated_at END
WHERE ended_at < '0001-01-01 00:00:00+00' OR ended_at >= '10000-01-01 00:00:00+00';

UPDATE public.sessions AS s
SET message_count = (SELECT count(*) FROM public.messages AS m WHERE m.session_id = s.id)
WHERE s.message_count IS NULL;

-- A clock that was set back.
UPDATE public.sessions SET duration_seconds = 0 WHERE duration_seconds < 0;

-- One statement a table: one pass over its rows.
ALTER TABLE public.sessions
    ALTER COLUMN created_at SET NOT NULL,
    ALTER COLUMN updated_at SET NOT NULL,
    ALTER COLUMN message_count SET NOT NULL,
    ADD CONSTRAINT sessions_created_at_range
        CHECK (created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00'),
    ADD CONSTRAINT sessions_updated_at_range
        CHECK (updated_at >= '0001-01-01 00:00:00+00' AND updated_at < '10000-01-01 00:00:00+00'),
    ADD CONSTRAINT sessions_ended_at_range
        CHECK (ended_at >= '0001-01-01 00:00:00+00' AND ended_at < '10000-01-01 00:00:00+00');

ALTER TABLE public.messages
    ALTER COLUMN created_at SET NOT NULL,
    ADD CONSTRAINT messages_created_at_range
        CHECK (created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00');
