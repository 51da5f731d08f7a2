#!/usr/bin/env bash
# What a search costs in Postgres, with 40,000 and with 1,000,000 lines: the shipped statements, planning included, on one
# backend; what HTTP adds; and what saving a turn pays for the index. Some six minutes; needs Python 3, and wrk for the HTTP part.
#
#   bench/search.sh [LINES]...        sizes other than 40000 1000000
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${IN_POSTGRES:-}" ]; then
  cargo build --release --locked
  data=$(mktemp -d)
  trap 'rm -rf "$data"' EXIT
  IN_POSTGRES=1 BENCH_DATA=$data \
    POSTGRES_OPTIONS="-c shared_buffers=2GB -c max_wal_size=8GB -c autovacuum=off" scripts/with-postgres.sh "$0" "$@"
  exit
fi

if [ $# = 0 ]; then set -- 40000 1000000; fi
address=${DATABASE_URL#postgres:///postgres}
for lines in "$@"; do
  python3 bench/generate.py "$lines" "$BENCH_DATA/$lines"
  psql -q "$DATABASE_URL" -c "CREATE DATABASE bench_$lines TEMPLATE postgres"
  # The folder is ours alone: the client reads it, not the server.
  psql -q -v ON_ERROR_STOP=1 "postgres:///bench_$lines$address" <<SQL
\copy auth.users (id) FROM '$BENCH_DATA/$lines/people.tsv'
\copy public.sessions (id, session_id, user_id, status, created_at, updated_at, ended_at, message_count, summary, duration_seconds, rating) FROM '$BENCH_DATA/$lines/sessions.tsv'
\copy public.messages (session_id, message_id, sender, text_content, created_at, position) FROM '$BENCH_DATA/$lines/messages.tsv'
VACUUM (ANALYZE);
CHECKPOINT;
SQL
done
python3 bench/search.py "$BENCH_DATA" "$address" "$@"
