# Sourced by the benchmarks: `prepare SIZES...` builds, starts a throw-away Postgres around the calling script, and makes and fills a
# database bench_SIZE for each size. Leaves BENCH_DATA and `address`, what stands behind a database's name in its URL.
prepare() {
  if [ -z "${IN_POSTGRES:-}" ]; then
    cargo build --release --locked
    data=$(mktemp -d)
    trap 'rm -rf "$data"' EXIT
    IN_POSTGRES=1 BENCH_DATA=$data POSTGRES_OPTIONS="-c shared_buffers=2GB -c max_wal_size=8GB -c autovacuum=off -c max_connections=300 ${POSTGRES_OPTIONS:-}" \
      scripts/with-postgres.sh "$0" "$@"
    exit
  fi
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
}
