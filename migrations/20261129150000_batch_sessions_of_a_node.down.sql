DROP FUNCTION public.save_turns(uuid, bigint[], uuid[], jsonb[], text);
DROP FUNCTION public.acquire_turn_leases(
    uuid, bigint[], uuid[], uuid[], boolean[], uuid[], double precision, text
);
DROP FUNCTION public.get_sessions(uuid, uuid[], boolean[]);
DROP FUNCTION public.get_message_pages(uuid, uuid[], boolean[], integer[], bigint[], bigint[]);
DROP FUNCTION public.get_own_sessions(uuid, uuid[], text[], uuid[]);
DROP FUNCTION public.get_own_message_pages(
    uuid, uuid[], text[], uuid[], integer[], bigint[], bigint[]
);
