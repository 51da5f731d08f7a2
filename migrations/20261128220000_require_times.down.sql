ALTER TABLE public.sessions
    ALTER COLUMN created_at DROP NOT NULL,
    ALTER COLUMN updated_at DROP NOT NULL,
    ALTER COLUMN message_count DROP NOT NULL,
    DROP CONSTRAINT sessions_created_at_range,
    DROP CONSTRAINT sessions_updated_at_range,
    DROP CONSTRAINT sessions_ended_at_range;
ALTER TABLE public.messages
    ALTER COLUMN created_at DROP NOT NULL,
    DROP CONSTRAINT messages_created_at_range;
