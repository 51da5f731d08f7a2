#!/usr/bin/env bash
# Runs the tests of sessions, messages, memories and searches on tables with the schema that
# distributing gives them, on an ordinary Postgres: a stand-in for Citus is in each database. Tests
# on a real cluster: CONTRIBUTING.md.
set -euo pipefail
cd "$(dirname "$0")/.."

tests=(
  accounts::erasure accounts::row_level_security accounts::session_cache batches:: damaged_schema::
  distributed:: distribute_command:: history:: idempotency:: memory:: ratings:: repository::
  round_trips:: search::paging session_flow:: turns:: unanswered_recordings::
  worker_connections::
)

env -u KUKU_TEST_CITUS_URL KUKU_TEST_STAND_IN_CITUS=1 cargo test --test api -- "${tests[@]}"
