//! Checks of the schema: objects, rights, policies and indexes.

use super::Report;
use crate::repository::{LEAKING_CITUS_VERSIONS, SchemaDiagnostics};

/// `is_newer`: the database has migrations of a newer program, which may have replaced objects.
pub(super) fn check(report: &mut Report, role: &str, schema: &SchemaDiagnostics, is_newer: bool) {
    check_objects(report, &schema.missing, is_newer);
    check_distribution(report, schema);
    check_visibility(report, role, &schema.hidden_tables);
    check_policies(report, schema);
    check_grants(report, &schema.open_to_anon);
    check_indexes(report, &schema.missing_indexes);
}

fn check_objects(report: &mut Report, missing: &[String], is_newer: bool) {
    if missing.is_empty() {
        return report.ok("no table, policy, foreign key, function or right is missing");
    }
    let finding = format!("the schema lacks: {}", missing.join("; "));
    if is_newer {
        report.warn(&finding, "A newer version of this program may have replaced them.");
    } else {
        report.fail(
            &finding,
            "See A damaged schema in docs/operations.md. /ready is 503 SCHEMA_DAMAGED.",
        );
    }
}

fn check_distribution(report: &mut Report, schema: &SchemaDiagnostics) {
    if !schema.is_distributed {
        return;
    }
    let version = schema.citus.as_deref().unwrap_or("(not there)");
    report.ok(&format!("the tables are distributed by session with Citus {version}"));
    if LEAKING_CITUS_VERSIONS.contains(&version) {
        report.warn(
            &format!("Citus {version} leaks memory at each prepared statement"),
            "Update it: Versions in docs/citus.md.",
        );
    }
    let functions = &schema.functions_on_coordinator;
    if !functions.is_empty() {
        report.warn(
            &format!("functions run on the coordinator, which is slow: {}", functions.join(", ")),
            "Stop the servers, and run kuku-coach distribute again.",
        );
    }
    let workers = &schema.unreachable_workers;
    if !workers.is_empty() {
        report.warn(
            &format!("the server cannot connect to workers: {}", workers.join(", ")),
            "Their sessions go through the coordinator, more slowly: Connections in docs/citus.md.",
        );
    }
    if schema.logged_statements.iter().any(|value| value != "panic") {
        report.warn(
            "nodes log the statements of errors, in which Citus quotes conversations",
            "Set log_min_error_statement = panic on each: Nodes and roles in docs/citus.md.",
        );
    }
}

fn check_visibility(report: &mut Report, role: &str, hidden_tables: &[String]) {
    if hidden_tables.is_empty() {
        return report.ok(&format!("the role {role} sees all rows"));
    }
    let tables = hidden_tables.join(", ");
    report.fail(
        &format!("row level security applies to the role {role} and hides rows of {tables}"),
        "Use the owner of the tables, or a role with BYPASSRLS; on Supabase that is postgres.",
    );
}

fn check_policies(report: &mut Report, schema: &SchemaDiagnostics) {
    let policies = &schema.foreign_policies;
    if !policies.is_empty() {
        report.fail(
            &format!("policies that no migration has created: {}", policies.join(", ")),
            "They may show or change other people's rows. DROP POLICY … ON …;",
        );
    }
    if schema.users_see_foreign_rows {
        report.fail(
            "row level security shows sessions to a user who has none",
            "Compare the policies of public.sessions with those in migrations/.",
        );
    }
    if schema.users_miss_their_rows {
        report.fail(
            "row level security hides a user's own sessions",
            "Compare the policies of public.sessions with those in migrations/.",
        );
    }
    if policies.is_empty() && !schema.users_see_foreign_rows && !schema.users_miss_their_rows {
        report.ok("the policies show users their own rows only");
    }
}

fn check_grants(report: &mut Report, open_to_anon: &[String]) {
    if open_to_anon.is_empty() {
        return report.ok("anon has no rights on our tables");
    }
    let tables = open_to_anon.join(", ");
    report.fail(
        &format!("anybody with the public key may use {tables}"),
        &format!("REVOKE ALL ON TABLE {tables} FROM PUBLIC, anon;"),
    );
}

fn check_indexes(report: &mut Report, missing: &[String]) {
    if missing.is_empty() {
        return report.ok("no index is missing");
    }
    report.fail(
        &format!("indexes are missing: {}", missing.join(", ")),
        "Create them as in migrations/, with CREATE INDEX CONCURRENTLY.",
    );
}
