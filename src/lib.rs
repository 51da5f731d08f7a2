//! The backend of Kuku Coach, a voice coach: it keeps every session and message in Postgres and serves them, and the
//! coach's turns, over REST to the existing web frontend.
//!
//! `http` takes requests, `services` do what a person asked for, `domain` holds the rules, `repository` the SQL and
//! `providers` the speech and chat services. See docs/architecture.md.

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
pub mod storage;
pub mod telemetry;
