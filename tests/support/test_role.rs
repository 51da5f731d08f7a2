//! The role of the server under test, as `KUKU_TEST_ROLE` says.

use std::{io::Write, str::FromStr};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions,
};

use super::{distribution::citus_url, postgres::with_database};

/// Of Supabase's shape; databases are copies of it.
const TEMPLATE: &str = "kuku_test_template";
const PASSWORD: &str = "app";

/// Tests sign in with local accounts, which need more than auth.users of Supabase has.
const LOCAL_ACCOUNTS: &str = "ALTER TABLE auth.users ALTER id SET DEFAULT gen_random_uuid();
    CREATE UNIQUE INDEX users_email_key ON auth.users (email)";

/// A role on the server of the tests. Roles and the template stay on a server of `DATABASE_URL`.
pub enum TestRole {
    Superuser,
    /// An ordinary role with CREATEROLE, which owns the database.
    Owner(&'static str),
    /// A role like Supabase's `postgres`, in a database like Supabase's.
    Supabase(&'static str),
}

impl TestRole {
    /// The role of `KUKU_TEST_ROLE` on the server at `admin_url`; created if it is missing.
    pub async fn create(admin_url: &str) -> Self {
        let kind = std::env::var("KUKU_TEST_ROLE").unwrap_or_default();
        match kind.as_str() {
            "" | "superuser" => {
                require_superuser(admin_url).await;
                Self::Superuser
            }
            role if citus_url().is_some() => {
                panic!("KUKU_TEST_ROLE={role}: superuser, since KUKU_TEST_CITUS_URL is set")
            }
            "owner" => Self::create_owner(admin_url).await,
            "supabase" => Self::create_supabase(admin_url).await,
            other => panic!("KUKU_TEST_ROLE={other}: superuser, owner or supabase"),
        }
    }

    async fn create_owner(admin_url: &str) -> Self {
        const OWNER: &str = "kuku_test_owner";
        let mut admin = locked(admin_url).await;
        if !exists(&mut admin, OWNER).await {
            let create = format!("CREATE ROLE {OWNER} LOGIN PASSWORD '{PASSWORD}' CREATEROLE");
            admin.execute(AssertSqlSafe(create)).await.expect("a role");
        }
        // As the first migration does. Where another role has created it, only a superuser can
        // grant it.
        let share = match exists(&mut admin, "authenticated").await {
            true => format!("GRANT authenticated TO {OWNER}"),
            false => format!(
                "SET ROLE {OWNER}; CREATE ROLE anon NOLOGIN NOINHERIT; \
                 CREATE ROLE authenticated NOLOGIN NOINHERIT; \
                 CREATE ROLE service_role NOLOGIN NOINHERIT"
            ),
        };
        admin.execute(AssertSqlSafe(share)).await.expect("the roles of Supabase");
        admin.close().await.expect("closed");
        Self::Owner(OWNER)
    }

    async fn create_supabase(admin_url: &str) -> Self {
        const APP: &str = "kuku_test_app";
        let mut admin = locked(admin_url).await;
        if !exists(&mut admin, APP).await {
            let create = format!("CREATE DATABASE {TEMPLATE}");
            admin.execute(AssertSqlSafe(create)).await.expect("a template");
            let shape = supabase_shape(APP, "kuku_test_auth_admin", "");
            let mut template =
                PgConnection::connect(&with_database(admin_url, TEMPLATE)).await.expect("template");
            template.execute(AssertSqlSafe(shape)).await.expect("the shape");
            template.execute(LOCAL_ACCOUNTS).await.expect("local accounts");
            // A database is copied only while it has no connections.
            template.close().await.expect("closed");
        }
        admin.close().await.expect("closed");
        Self::Supabase(APP)
    }

    /// Options of `CREATE DATABASE`.
    pub fn create_options(&self) -> String {
        match self {
            Self::Superuser => String::new(),
            Self::Owner(role) => format!("OWNER {role}"),
            Self::Supabase(_) => format!("TEMPLATE {TEMPLATE}"),
        }
    }

    /// Options of `CREATE DATABASE` for a copy of a database that was created with the others.
    pub fn copy_options(&self, template: &str) -> String {
        match self {
            Self::Superuser | Self::Supabase(_) => format!("TEMPLATE {template}"),
            Self::Owner(role) => format!("TEMPLATE {template} OWNER {role}"),
        }
    }

    /// The address `admin_url` as this role.
    pub fn url(&self, admin_url: &str) -> String {
        match self {
            Self::Superuser => admin_url.to_owned(),
            Self::Owner(role) | Self::Supabase(role) => {
                let options = PgConnectOptions::from_str(admin_url).expect("an address");
                options.username(role).password(PASSWORD).to_url_lossy().to_string()
            }
        }
    }
}

/// The SQL of a database like Supabase's, whose application role is `app`, with the password `app`.
pub fn supabase_shape(app: &str, owner: &str, old_grants: &str) -> String {
    include_str!("../fixtures/supabase_shape.sql")
        .replace("{old_grants}", old_grants)
        .replace("{app}", app)
        .replace("{owner}", owner)
}

/// Stops the run with one clear message, instead of failing in the tests that need more rights.
async fn require_superuser(admin_url: &str) {
    let mut admin = PgConnection::connect(admin_url).await.expect("the test server");
    let sql = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user";
    let is_superuser: bool = sqlx::query_scalar(sql).fetch_one(&mut admin).await.expect("a role");
    admin.close().await.expect("closed");
    if !is_superuser {
        // Not by `eprintln!`, which is captured.
        writeln!(
            std::io::stderr(),
            "DATABASE_URL: the tests need a superuser, who creates databases and other roles. \
             Unset it, and the tests start a Postgres of their own; KUKU_TEST_ROLE tries other \
             roles."
        )
        .expect("a standard error");
        std::process::exit(1);
    }
}

/// A superuser's connection that no other test program has at the same time.
pub async fn locked(admin_url: &str) -> PgConnection {
    let mut admin = PgConnection::connect(admin_url).await.expect("the test server");
    admin.execute("SELECT pg_advisory_lock(4831)").await.expect("a lock");
    admin
}

async fn exists(admin: &mut PgConnection, role: &str) -> bool {
    let sql = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)";
    sqlx::query_scalar(sql).bind(role).fetch_one(admin).await.expect("roles")
}
