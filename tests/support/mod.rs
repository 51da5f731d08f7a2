//! What all tests share: the server in this process or another, databases, and servers that misbehave when told to.

pub mod app;
pub mod fake_collector;
pub mod fake_openai;
pub mod fake_s3;
pub mod fake_supabase;
pub mod invariants;
pub mod postgres;
pub mod proxy;
pub mod server_process;
