//! Backend of Kuku Coach, a voice coach: sessions, messages and the coach's turns over REST, stored
//! in Postgres.
//!
//! # Layout
//! - [`cli`]: commands of the program (`serve`, `migrate`, `doctor`, `export`, `import`, …).
//! - [`server`]: from settings to running listeners, and to a clean stop.
//! - [`http`]: REST routes, extractors, middleware and responses.
//! - [`jobs`]: periodic background jobs.
//! - [`services`]: use cases, such as turns of a conversation.
//! - [`accounts`]: sign-up, login and refresh, local or by Supabase.
//! - [`auth`]: authentication of requests by access tokens.
//! - [`repository`]: all SQL, one file per aggregate.
//! - [`database`]: connections to Postgres: pool, retry, replica, batches, migrations.
//! - [`embedded_postgres`]: a Postgres for laptops and tests.
//! - [`storage`]: reply audio and uploads.
//! - [`providers`]: speech to text, coach and text to speech.
//! - [`domain`]: types and rules, without I/O.
//! - [`settings`]: settings from file and environment.
//! - [`metrics`], [`telemetry`]: metrics, logs and traces.
//! - [`shares`]: how much of a resource a client, a user or a session may take.
//!
//! docs/architecture.md has walkthroughs, and the table of who may import whom.

pub mod accounts;
pub mod auth;
pub mod cli;
pub mod database;
pub mod domain;
pub mod embedded_postgres;
pub mod http;
pub mod jobs;
pub mod metrics;
pub mod providers;
pub mod repository;
pub mod server;
pub mod services;
pub mod settings;
pub mod shares;
pub mod storage;
pub mod telemetry;
