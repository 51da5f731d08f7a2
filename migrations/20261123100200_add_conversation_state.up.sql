-- What the plan's tables lack for a session to go on after a restart: the state of the wrap-up rules, the coach's
-- memory, and the order of the lines within a session.

ALTER TABLE public.sessions
    ADD COLUMN awaiting_wrap_up_confirmation BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN wrap_up_cooldown INTEGER NOT NULL DEFAULT 0
        CONSTRAINT sessions_wrap_up_cooldown_check CHECK (wrap_up_cooldown >= 0),
    ADD COLUMN time_extension_minutes INTEGER NOT NULL DEFAULT 0
        CONSTRAINT sessions_time_extension_minutes_check CHECK (time_extension_minutes >= 0),
    ADD COLUMN ignore_content_wrap_up BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN coach_rounds INTEGER NOT NULL DEFAULT 0
        CONSTRAINT sessions_coach_rounds_check CHECK (coach_rounds >= 0),
    ADD COLUMN turns_since_question INTEGER NOT NULL DEFAULT 0
        CONSTRAINT sessions_turns_since_question_check CHECK (turns_since_question >= 0),
    -- The older lines, told in short; the first summarized_messages lines of the session are in it.
    ADD COLUMN running_summary TEXT,
    ADD COLUMN summarized_messages INTEGER NOT NULL DEFAULT 0
        CONSTRAINT sessions_summarized_messages_check CHECK (summarized_messages >= 0);

-- 1, 2, 3 … within a session: two lines of one turn may share a microsecond.
ALTER TABLE public.messages ADD COLUMN position INTEGER;

-- Lines from before this migration: the user's line of a moment comes before the coach's.
UPDATE public.messages AS m
SET position = numbered.position
FROM (
    SELECT id, row_number() OVER (PARTITION BY session_id ORDER BY created_at, sender DESC, id) AS position
    FROM public.messages
) AS numbered
WHERE m.id = numbered.id;

UPDATE public.sessions AS s
SET message_count = counted.lines
FROM (
    SELECT s2.id, count(m.id)::integer AS lines
    FROM public.sessions AS s2
    LEFT JOIN public.messages AS m ON m.session_id = s2.id
    GROUP BY s2.id
) AS counted
WHERE s.id = counted.id AND s.message_count IS DISTINCT FROM counted.lines;

ALTER TABLE public.messages
    ALTER COLUMN position SET NOT NULL,
    ADD CONSTRAINT messages_position_check CHECK (position > 0),
    ADD CONSTRAINT messages_session_id_position_key UNIQUE (session_id, position);
