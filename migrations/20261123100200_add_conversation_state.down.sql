ALTER TABLE public.messages DROP COLUMN position;

ALTER TABLE public.sessions
    DROP COLUMN awaiting_wrap_up_confirmation,
    DROP COLUMN wrap_up_cooldown,
    DROP COLUMN time_extension_minutes,
    DROP COLUMN ignore_content_wrap_up,
    DROP COLUMN coach_rounds,
    DROP COLUMN turns_since_question,
    DROP COLUMN running_summary,
    DROP COLUMN summarized_messages;
