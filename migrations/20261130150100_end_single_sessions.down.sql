DROP FUNCTION public.end_session(
    uuid, integer, integer, text, double precision, boolean, boolean, uuid, uuid, jsonb
);
