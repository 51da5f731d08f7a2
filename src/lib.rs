//! Backend of Kuku Coach, a voice coach: sessions, messages and the coach's turns over REST, stored
//! in Postgres.
//!
//! docs/architecture.md has the layout, walkthroughs, and the table of who may import whom.

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
