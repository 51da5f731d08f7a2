-- A user's search, and nothing else. No turn is saved while the index is made: a second for a
-- million messages, twice that under load.
CREATE INDEX idx_messages_user_id_created_at ON public.messages (user_id, created_at, id)
    WHERE user_id IS NOT NULL;
