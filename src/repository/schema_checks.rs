//! Checks of the schema: objects that a restore may have lost, policies, indexes and grants.

use sqlx::{PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{
    DatabaseService, RepositoryError,
    distribution::{
        citus_version, functions_on_coordinator, is_distributed, logged_statements,
        unreachable_workers,
    },
};
use crate::{
    database::{ConnectError, Pool, unreachable},
    domain::Viewer,
    settings::DatabaseSettings,
};

/// Objects without which requests fail, lose data or show other people's rows. A test compares the
/// list with the migrations.
const REQUIRED: &[&str] = &[
    "table public.sessions",
    "table public.messages",
    "table public.idempotency_keys",
    "table public.refresh_tokens",
    "table public.memories",
    "table public.server_secrets",
    "row level security of public.sessions",
    "row level security of public.messages",
    "row level security of public.idempotency_keys",
    "row level security of public.refresh_tokens",
    "row level security of public.memories",
    "row level security of public.server_secrets",
    "policy sessions_of_their_user of public.sessions",
    "policy messages_of_their_user of public.messages",
    "policy memories_of_their_user of public.memories",
    "foreign key of public.messages (session_id) to public.sessions",
    "foreign key of public.refresh_tokens (user_id) to auth.users",
    "function auth.uid",
    "function public.acquire_idempotency_key",
    "function public.acquire_turn_lease",
    "function public.acquire_turn_leases",
    "function public.cjk_grams",
    "function public.claim_session",
    "function public.create_session",
    "function public.end_session",
    "function public.get_message_pages",
    "function public.get_own_message_pages",
    "function public.get_own_sessions",
    "function public.get_sessions",
    "function public.is_caller",
    "function public.language_search_query",
    "function public.language_search_vector",
    "function public.message_search_query",
    "function public.message_search_vector",
    "function public.named_session",
    "function public.rate_session",
    "function public.remembers",
    "function public.save_message",
    "function public.save_turn",
    "function public.save_turns",
    "function public.search_config",
    "function public.search_words",
    "function public.session_key",
    "function public.set_idempotency_session",
    "function public.set_message_owner",
    "function public.set_session_key",
    "function public.set_text_search",
    "function public.unicode_search_query",
    "function public.unicode_search_vector",
    "right to SELECT, INSERT, UPDATE and DELETE in public.sessions",
    "right to SELECT, INSERT, UPDATE and DELETE in public.messages",
    "right to SELECT, INSERT, UPDATE and DELETE in public.idempotency_keys",
    "right to SELECT, INSERT, UPDATE and DELETE in public.refresh_tokens",
    "right to SELECT, INSERT, UPDATE and DELETE in public.memories",
    "right to SELECT, INSERT, UPDATE and DELETE in public.server_secrets",
];

/// What ordinary tables need besides. Distributed tables can have neither.
const REQUIRED_OF_ORDINARY_TABLES: &[&str] = &[
    "foreign key of public.memories (user_id) to auth.users",
    "foreign key of public.sessions (user_id) to auth.users",
    "trigger set_idempotency_session of public.idempotency_keys",
    "trigger set_message_owner of public.sessions",
    "trigger set_session_key of public.sessions",
    "trigger set_text_search of public.messages",
    "trigger update_text_search of public.messages",
];

/// What reads on behalf of users need besides.
const REQUIRED_FOR_USERS: &[&str] = &[
    "right to SET ROLE authenticated",
    "right of authenticated to SELECT in public.sessions",
    "right of authenticated to SELECT in public.messages",
    "right of authenticated to SELECT in public.memories",
    "right of authenticated to use the schema auth",
    "right of authenticated to use the schema public",
    "right of authenticated to call auth.uid",
    "right of authenticated to call public.is_caller",
    "right of authenticated to call public.language_search_query",
    "right of authenticated to call public.message_search_query",
    "right of authenticated to call public.named_session",
    "right of authenticated to call public.search_config",
    "right of authenticated to call public.search_words",
];

/// Indexes of ordinary tables only, and of distributed tables only.
const INDEXES_OF_ORDINARY_TABLES: &[&str] =
    &["idx_sessions_underived_key", "sessions_session_id_key"];
const INDEXES_OF_DISTRIBUTED_TABLES: &[&str] = &["idx_messages_id", "idx_messages_message_id"];

/// The indexes without which requests become slow.
const INDEXES: &[&str] = &[
    "idx_sessions_user_id_created_at",
    "idx_sessions_active_created_at",
    "idx_sessions_ended_at",
    "idx_sessions_language",
    "idx_sessions_search_language",
    "idx_sessions_memory_due",
    "messages_session_id_position_key",
    "messages_message_id_key",
    "idx_messages_text_search",
    "idx_messages_created_at",
    "idx_messages_user_id_created_at",
    "idx_idempotency_keys_created_at",
    "idx_idempotency_keys_session_id",
];

/// Problems of our tables.
pub struct SchemaDiagnostics {
    /// Missing objects, such as "policy sessions_of_their_user of public.sessions".
    pub missing: Vec<String>,
    /// Tables that `anon` may read or write.
    pub open_to_anon: Vec<String>,
    /// Indexes that a migration has created and that do not exist any more.
    pub missing_indexes: Vec<String>,
    /// Policies that no migration has created, and that let `anon`, `authenticated` or everybody
    /// see or change rows.
    pub foreign_policies: Vec<String>,
    /// Tables whose rows row level security hides from our role.
    pub hidden_tables: Vec<String>,
    /// Whether a user without sessions sees sessions.
    pub users_see_foreign_rows: bool,
    /// Whether a user with sessions sees none.
    pub users_miss_their_rows: bool,
    /// Whether the tables are distributed.
    pub is_distributed: bool,
    /// The version of Citus; `None` without the extension.
    pub citus: Option<String>,
    /// The values of `log_min_error_statement` on the nodes of distributed tables.
    pub logged_statements: Vec<String>,
    /// Functions for nodes of distributed tables that run on the coordinator.
    pub functions_on_coordinator: Vec<String>,
    /// Workers of distributed tables that cannot be connected to, with the reasons.
    pub unreachable_workers: Vec<String>,
}

impl DatabaseService {
    /// The missing objects; empty if the schema is complete. `users_sign_in` adds what only reads
    /// on behalf of users need.
    pub async fn missing_schema_objects(
        &self,
        users_sign_in: bool,
    ) -> Result<Vec<String>, RepositoryError> {
        let check = async |connection: &mut PgConnection| missing(connection, users_sign_in).await;
        Ok(self.database.with_connection(check).await?)
    }
}

/// Checks our tables; `None` if there are none yet. Nothing is changed.
pub async fn diagnose_schema(
    options: &PgConnectOptions,
    settings: &DatabaseSettings,
    users_sign_in: bool,
) -> Result<Option<SchemaDiagnostics>, ConnectError> {
    let pool = Pool::new(options.clone(), settings);
    let result = diagnose(&pool, users_sign_in, settings.connect_to_workers).await;
    pool.close().await;
    result.map_err(|error| unreachable(options, &error))
}

async fn diagnose(
    pool: &Pool,
    users_sign_in: bool,
    connect_to_workers: bool,
) -> Result<Option<SchemaDiagnostics>, sqlx::Error> {
    let missing = pool.with_connection(async |c| missing(c, users_sign_in).await).await?;
    if missing.iter().any(|object| object == "table public.sessions") {
        return Ok(None);
    }
    let can_read_as_user = !missing.iter().any(|object| object.starts_with("right "));
    let is_distributed = pool.with_connection(is_distributed).await?;
    let tables = pool.with_connection(async |c| tables(c, is_distributed).await).await?;
    let (mut users_see_foreign_rows, mut users_miss_their_rows) = (false, false);
    if users_sign_in && can_read_as_user {
        let nobody = Uuid::from_u128(rand::random());
        users_see_foreign_rows = sees_sessions(pool, nobody, is_distributed).await?;
        if let Some(owner) = pool.with_connection(any_owner).await? {
            users_miss_their_rows = !sees_sessions(pool, owner, is_distributed).await?;
        }
    }
    let citus = pool.with_connection(citus_version).await?;
    let mut logged = Vec::new();
    let mut functions = Vec::new();
    let mut unreachable = Vec::new();
    if is_distributed && citus.is_some() {
        logged = pool.with_connection(logged_statements).await?;
        functions = pool.with_connection(functions_on_coordinator).await?;
        if connect_to_workers {
            unreachable = unreachable_workers(pool).await?;
        }
    }
    Ok(Some(SchemaDiagnostics {
        missing,
        open_to_anon: tables.open_to_anon,
        missing_indexes: tables.missing_indexes,
        foreign_policies: tables.foreign_policies,
        hidden_tables: tables.hidden_tables,
        users_see_foreign_rows,
        users_miss_their_rows,
        is_distributed,
        citus,
        logged_statements: logged,
        functions_on_coordinator: functions,
        unreachable_workers: unreachable,
    }))
}

/// The required objects that are not in the catalog. A right is missing with its object.
async fn missing(
    connection: &mut PgConnection,
    users_sign_in: bool,
) -> Result<Vec<String>, sqlx::Error> {
    let mut required = REQUIRED.to_vec();
    if !is_distributed(connection).await? {
        required.extend(REQUIRED_OF_ORDINARY_TABLES);
    }
    if users_sign_in {
        required.extend(REQUIRED_FOR_USERS);
    }
    sqlx::query_scalar!(
        r#"
        WITH tables AS (
            SELECT c.oid, c.relname, c.relrowsecurity
            FROM pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
        ), functions AS (
            SELECT p.oid, n.nspname || '.' || p.proname AS name
            FROM pg_proc AS p
            JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname IN ('public', 'auth')
        ), authenticated AS (
            SELECT r.oid FROM pg_roles AS r WHERE r.rolname = 'authenticated'
        )
        SELECT unnest($1::text[]) AS "object!"
        EXCEPT (
            SELECT 'table public.' || relname FROM tables
            UNION ALL
            SELECT 'row level security of public.' || relname FROM tables WHERE relrowsecurity
            UNION ALL
            SELECT 'policy ' || policyname || ' of ' || schemaname || '.' || tablename
            FROM pg_policies
            WHERE permissive = 'PERMISSIVE' AND cmd IN ('SELECT', 'ALL')
              AND roles && '{authenticated,public}'::name[]
            UNION ALL
            SELECT 'foreign key of ' || n.nspname || '.' || t.relname || ' (' || a.attname
                || ') to ' || rn.nspname || '.' || r.relname
            FROM pg_constraint AS k
            JOIN pg_class AS t ON t.oid = k.conrelid
            JOIN pg_namespace AS n ON n.oid = t.relnamespace
            JOIN pg_attribute AS a ON a.attrelid = t.oid AND k.conkey = ARRAY[a.attnum]
            JOIN pg_class AS r ON r.oid = k.confrelid
            JOIN pg_namespace AS rn ON rn.oid = r.relnamespace
            WHERE k.contype = 'f'
            UNION ALL
            SELECT 'function ' || name FROM functions
            UNION ALL
            SELECT 'trigger ' || g.tgname || ' of public.' || t.relname
            FROM pg_trigger AS g
            JOIN tables AS t ON t.oid = g.tgrelid
            WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
            UNION ALL
            SELECT 'right to SELECT, INSERT, UPDATE and DELETE in public.' || relname
            FROM tables
            WHERE has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
              AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')
            UNION ALL
            SELECT 'right to SET ROLE authenticated'
            FROM authenticated AS r
            WHERE pg_has_role(current_user, r.oid, CASE
                WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET'
                ELSE 'MEMBER'
            END)
            UNION ALL
            SELECT 'right of authenticated to SELECT in public.' || relname
            FROM tables AS t, authenticated AS r
            WHERE has_table_privilege(r.oid, t.oid, 'SELECT')
            UNION ALL
            SELECT 'right of authenticated to use the schema ' || n.nspname
            FROM pg_namespace AS n, authenticated AS r
            WHERE has_schema_privilege(r.oid, n.oid, 'USAGE')
            UNION ALL
            SELECT 'right of authenticated to call ' || f.name
            FROM functions AS f, authenticated AS r
            WHERE has_function_privilege(r.oid, f.oid, 'EXECUTE')
        )
        ORDER BY 1
        "#,
        &required as &[&str],
    )
    .fetch_all(connection)
    .await
}

/// Findings about indexes, grants and policies.
struct TableFindings {
    open_to_anon: Vec<String>,
    missing_indexes: Vec<String>,
    foreign_policies: Vec<String>,
    hidden_tables: Vec<String>,
}

async fn tables(
    connection: &mut PgConnection,
    is_distributed: bool,
) -> Result<TableFindings, sqlx::Error> {
    let more = match is_distributed {
        true => INDEXES_OF_DISTRIBUTED_TABLES,
        false => INDEXES_OF_ORDINARY_TABLES,
    };
    let indexes = [INDEXES, more].concat();
    sqlx::query_as!(
        TableFindings,
        r#"
        WITH tables AS (
            SELECT c.oid, c.relname::text AS name, c.relacl
            FROM pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public'
              AND c.relname IN (
                'sessions', 'messages', 'idempotency_keys', 'refresh_tokens', 'memories',
                'server_secrets'
              )
        ), policies AS (
            SELECT p.*, p.permissive = 'PERMISSIVE' AS is_permissive
            FROM pg_policies AS p
            JOIN tables AS t ON p.schemaname = 'public' AND t.name = p.tablename
        )
        SELECT
            ARRAY(
                SELECT DISTINCT t.name
                FROM tables AS t, aclexplode(t.relacl) AS granted
                LEFT JOIN pg_roles AS r ON r.oid = granted.grantee
                WHERE granted.grantee = 0 OR r.rolname = 'anon'
            ) AS "open_to_anon!",
            ARRAY(
                SELECT name FROM unnest($1::text[]) AS name
                WHERE to_regclass('public.' || name) IS NULL
            ) AS "missing_indexes!",
            ARRAY(
                SELECT '"' || policyname || '" on public.' || tablename FROM policies
                WHERE is_permissive AND roles && '{anon,authenticated,public}'::name[]
                  AND policyname NOT IN (
                    'sessions_of_their_user', 'messages_of_their_user', 'memories_of_their_user'
                  )
            ) AS "foreign_policies!",
            ARRAY(
                SELECT 'public.' || t.name FROM tables AS t
                WHERE row_security_active(t.oid) AND NOT EXISTS (
                    SELECT FROM policies AS p, unnest(p.roles) AS role
                    WHERE p.tablename = t.name AND p.is_permissive AND p.cmd = 'ALL'
                      AND p.qual = 'true' AND (role = 'public' OR role = current_user)
                )
            ) AS "hidden_tables!"
        "#,
        &indexes as &[&str],
    )
    .fetch_one(connection)
    .await
}

/// The owner of some session.
async fn any_owner(connection: &mut PgConnection) -> Result<Option<Uuid>, sqlx::Error> {
    let owner = sqlx::query_scalar!(
        r#"SELECT user_id AS "user_id!" FROM public.sessions WHERE user_id IS NOT NULL LIMIT 1"#
    );
    owner.fetch_optional(connection).await
}

/// Whether row level security shows any session to a user.
async fn sees_sessions(pool: &Pool, user: Uuid, is_distributed: bool) -> Result<bool, sqlx::Error> {
    if is_distributed {
        let any =
            sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM public.sessions) AS "exists!""#);
        let mut connection = pool.acquire_on_all_nodes(user).await?;
        return connection.with_connection(async |c| any.fetch_one(c).await).await;
    }
    let exists = sqlx::query_scalar!(
        r#"
        SELECT session.is_there AS "exists!"
        FROM (SELECT set_config('request.jwt.claim.sub', $1::text, TRUE) AS user_id) AS viewer
        CROSS JOIN LATERAL (
            SELECT viewer.user_id IS NOT NULL AND EXISTS (
                SELECT FROM public.sessions WHERE viewer.user_id IS NOT NULL
            ) AS is_there
            OFFSET 0
        ) AS session
        "#,
        user.to_string(),
    );
    pool.with_connection_as(Viewer::User(user), async |connection| {
        exists.fetch_one(connection).await
    })
    .await
}
