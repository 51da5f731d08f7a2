-- Distributes sessions, messages and idempotency keys by the key of their session with Citus, and
-- copies memories to all nodes. Runs in one transaction, and can be repeated: what is distributed
-- already is left as it is. docs/citus.md says why each constraint and trigger goes.
--
-- Not a migration: it is an operator's choice, and ordinary Postgres cannot run it.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = 0;
SET LOCAL client_min_messages = warning;
-- A command that was killed keeps its locks no longer than that. Postgres would not notice before
-- the end otherwise.
SET LOCAL client_connection_check_interval = '1s';
-- Several distributed tables with foreign keys are filled in one transaction.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

DO $do$
DECLARE
    name text;
    nodes text;
    count bigint;
BEGIN
    IF to_regclass('pg_dist_node') IS NULL THEN
        RAISE EXCEPTION 'the extension citus is not there: CREATE EXTENSION citus';
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_dist_node WHERE groupid <> 0 AND shouldhaveshards AND isactive
    ) THEN
        RAISE EXCEPTION 'the coordinator knows no worker: SELECT citus_add_node(host, port)';
    END IF;
    FOREACH name IN ARRAY ARRAY['sessions', 'messages', 'idempotency_keys', 'memories'] LOOP
        IF NOT (
            SELECT pg_has_role(current_user, c.relowner, 'USAGE')
            FROM pg_class AS c WHERE c.oid = format('public.%I', name)::regclass
        ) THEN
            RAISE EXCEPTION 'the role % does not own public.%', current_user, name;
        END IF;
    END LOOP;

    -- Nodes reach each other as the role of the statement, and reads of users have this one. Before
    -- the work, since an ordinary role may lack the right.
    IF NOT (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'authenticated') THEN
        BEGIN
            ALTER ROLE authenticated LOGIN;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION 'the role % may not let authenticated log in, which nodes need among '
                'themselves: as a superuser on the coordinator, ALTER ROLE authenticated LOGIN',
                current_user;
        END;
    END IF;

    -- Functions take it on the node of a session.
    SELECT string_agg(format('%s:%s (%s)', nodename, nodeport, result), ', ') INTO nodes
    FROM run_command_on_workers('SET ROLE authenticated') WHERE NOT success;
    IF nodes IS NOT NULL THEN
        RAISE EXCEPTION 'the role % cannot take the role authenticated on %: as a superuser on the '
            'coordinator, GRANT authenticated TO %', current_user, nodes, quote_ident(current_user);
    END IF;

    -- In the order of turns, which would deadlock with another one. All of them now: a lock that is
    -- not granted later would undo the work of minutes.
    LOCK TABLE public.sessions, public.messages, public.idempotency_keys, public.memories
        IN ACCESS EXCLUSIVE MODE;

    -- DROP TRIGGER is an error on a distributed table, with IF EXISTS too.
    IF NOT EXISTS (
        SELECT FROM pg_dist_partition WHERE logicalrelid = 'public.sessions'::regclass
    ) THEN
        SELECT count(*) INTO count FROM public.sessions
        WHERE id IS DISTINCT FROM public.session_key(session_id);
        IF count > 0 THEN
            RAISE EXCEPTION '% sessions have ids of an earlier version, which a server rewrites: '
                'see "Ids of older sessions" in docs/operations.md', count;
        END IF;
        SELECT count(*) INTO count FROM public.messages AS m
        WHERE m.session_id IS NULL
           OR NOT EXISTS (SELECT FROM public.sessions AS s WHERE s.id = m.session_id);
        IF count > 0 THEN
            RAISE EXCEPTION '% messages belong to no session: delete them', count;
        END IF;
        -- Histories are filtered by the owner of messages, which no trigger keeps from now on.
        SELECT count(*) INTO count FROM public.messages AS m
        JOIN public.sessions AS s ON s.id = m.session_id
        WHERE m.user_id IS DISTINCT FROM s.user_id;
        IF count > 0 THEN
            RAISE EXCEPTION '% messages have another owner than their session: set their user_id '
                'to that of the session', count;
        END IF;

        -- Comes back without ON UPDATE CASCADE, which Citus refuses.
        ALTER TABLE public.messages DROP CONSTRAINT messages_session_id_fkey;
        -- auth.users stays on the coordinator.
        ALTER TABLE public.sessions DROP CONSTRAINT IF EXISTS sessions_user_id_fkey;
        ALTER TABLE public.sessions DROP CONSTRAINT sessions_session_id_key;
        DROP TRIGGER IF EXISTS set_memory_due ON public.sessions;
        DROP TRIGGER IF EXISTS set_session_key ON public.sessions;
        DROP TRIGGER IF EXISTS set_message_owner ON public.sessions;
        DROP INDEX IF EXISTS public.idx_sessions_underived_key;
        PERFORM create_distributed_table('public.sessions', 'id');
    END IF;
    -- With the primary key it says what sessions_session_id_key said. By it servers know that the
    -- tables are distributed.
    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = 'public.sessions'::regclass AND conname = 'sessions_id_is_key'
    ) THEN
        ALTER TABLE public.sessions ADD CONSTRAINT sessions_id_is_key
            CHECK (id = public.session_key(session_id));
    END IF;

    IF NOT EXISTS (
        SELECT FROM pg_dist_partition WHERE logicalrelid = 'public.messages'::regclass
    ) THEN
        DROP TRIGGER IF EXISTS set_text_search ON public.messages;
        DROP TRIGGER IF EXISTS update_text_search ON public.messages;
        -- named_session() reads a distributed table, which a query on a shard may not.
        ALTER POLICY messages_of_their_user ON public.messages
            USING (
                CASE
                    WHEN user_id IS NULL THEN session_id
                        = public.session_key(current_setting('kuku_coach.session_id', TRUE))
                    ELSE public.is_caller(user_id)
                END
            );
        ALTER TABLE public.messages ALTER COLUMN session_id SET NOT NULL;
        ALTER TABLE public.messages
            DROP CONSTRAINT messages_pkey,
            DROP CONSTRAINT messages_message_id_key;
        ALTER TABLE public.messages ADD CONSTRAINT messages_pkey PRIMARY KEY (session_id, id);
        ALTER TABLE public.messages ADD CONSTRAINT messages_message_id_key
            UNIQUE (session_id, message_id);
        PERFORM create_distributed_table(
            'public.messages', 'session_id', colocate_with => 'public.sessions'
        );
    END IF;
    -- Searches and /audio/ look for messages without their session.
    CREATE INDEX IF NOT EXISTS idx_messages_id ON public.messages (id);
    CREATE INDEX IF NOT EXISTS idx_messages_message_id ON public.messages (message_id);
    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = 'public.messages'::regclass AND conname = 'messages_session_id_fkey'
    ) THEN
        ALTER TABLE public.messages ADD CONSTRAINT messages_session_id_fkey
            FOREIGN KEY (session_id) REFERENCES public.sessions (id) ON DELETE CASCADE;
    END IF;

    IF NOT EXISTS (
        SELECT FROM pg_dist_partition WHERE logicalrelid = 'public.idempotency_keys'::regclass
    ) THEN
        DROP TRIGGER IF EXISTS set_idempotency_session ON public.idempotency_keys;
        ALTER TABLE public.idempotency_keys
            DROP CONSTRAINT idempotency_keys_pkey,
            DROP CONSTRAINT idempotency_keys_claim_key;
        ALTER TABLE public.idempotency_keys ADD CONSTRAINT idempotency_keys_pkey
            PRIMARY KEY (session_id, route, scope, key);
        ALTER TABLE public.idempotency_keys ADD CONSTRAINT idempotency_keys_claim_key
            UNIQUE (session_id, claim);
        PERFORM create_distributed_table(
            'public.idempotency_keys', 'session_id', colocate_with => 'public.sessions'
        );
    END IF;

    IF NOT EXISTS (
        SELECT FROM pg_dist_partition WHERE logicalrelid = 'public.memories'::regclass
    ) THEN
        ALTER TABLE public.memories DROP CONSTRAINT IF EXISTS memories_user_id_fkey;
        PERFORM create_reference_table('public.memories');
    END IF;

    -- The rows from before are still on the coordinator, hidden, and would outlive an erasure.
    FOREACH name IN ARRAY ARRAY['idempotency_keys', 'messages', 'sessions', 'memories'] LOOP
        PERFORM truncate_local_data_after_distributing_table(
            format('public.%I', name)::regclass
        );
    END LOOP;

    -- Citus sends by itself those that policies, checks and defaults name. In this order, since
    -- workers check the bodies of SQL functions.
    FOREACH name IN ARRAY ARRAY[
        'cjk_grams(text)', 'unicode_search_vector(text)', 'message_search_vector(text)',
        'unicode_search_query(text)', 'message_search_query(text)', 'search_config(text)',
        'search_words(text)', 'language_search_vector(text, text)',
        'language_search_query(text, text[])', 'session_key(text)', 'is_caller(uuid)',
        'remembers(uuid)', 'save_turn(uuid, jsonb)',
        'acquire_turn_lease(uuid, uuid, double precision, boolean, uuid)'
    ] LOOP
        PERFORM create_distributed_function(('public.' || name)::regprocedure);
    END LOOP;
    -- Each runs on the node that has the session of its first argument.
    FOREACH name IN ARRAY ARRAY[
        'create_session(uuid, text, uuid, text, boolean, uuid, jsonb)',
        'save_message(uuid, text, text, text)',
        'rate_session(uuid, integer, text, boolean, uuid, uuid)',
        'acquire_idempotency_key(uuid, text, text, text, bytea, uuid, double precision, '
            'double precision)',
        'claim_session(uuid, uuid, boolean)',
        'end_session(uuid, integer, integer, text, double precision, boolean, boolean, uuid, '
            'uuid, jsonb)'
    ] LOOP
        PERFORM create_distributed_function(
            ('public.' || name)::regprocedure, 'p_session', colocate_with => 'public.sessions'
        );
    END LOOP;
    -- And these for many sessions of a node.
    FOREACH name IN ARRAY ARRAY[
        'save_turns(uuid, bigint[], uuid[], jsonb[], text)',
        'acquire_turn_leases(uuid, bigint[], uuid[], uuid[], boolean[], uuid[], '
            'double precision, text)',
        'get_sessions(uuid, uuid[], boolean[])',
        'get_message_pages(uuid, uuid[], boolean[], integer[], bigint[], bigint[])',
        'get_own_sessions(uuid, uuid[], text[], uuid[])',
        'get_own_message_pages(uuid, uuid[], text[], uuid[], integer[], bigint[], bigint[])'
    ] LOOP
        PERFORM create_distributed_function(
            ('public.' || name)::regprocedure, 'p_route', colocate_with => 'public.sessions'
        );
    END LOOP;
END
$do$;
