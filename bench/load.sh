# Sourced by the benchmarks. `prepare SIZES...` builds, starts a temporary Postgres around the
# calling script, and creates and fills a database bench_SIZE for each size. Sets BENCH_DATA, and
# `address`: the part of a database's URL after its name.
prepare() {
  if [ -z "${IN_POSTGRES:-}" ]; then
    cargo build --profile dist --locked
    data=$(mktemp -d)
    trap 'rm -rf "$data"' EXIT
    local options="-c shared_buffers=2GB -c max_wal_size=8GB -c autovacuum=off"
    options+=" -c max_connections=300 ${POSTGRES_OPTIONS:-}"
    IN_POSTGRES=1 BENCH_DATA=$data POSTGRES_OPTIONS=$options scripts/with-postgres.sh "$0" "$@"
    exit
  fi
  address=${DATABASE_URL#postgres:///postgres}
  for size in "$@"; do
    python3 bench/generate.py "$size" "$BENCH_DATA/$size"
    psql -q "$DATABASE_URL" -c "CREATE DATABASE bench_$size TEMPLATE postgres"
    load "$BENCH_DATA/$size" "postgres:///bench_$size$address"
  done
}

# load FOLDER URL: copies the generated rows. psql reads the files, since the server may not.
load() {
  local session_columns="id, session_id, user_id, status, created_at, updated_at, ended_at"
  session_columns+=", message_count, summary, duration_seconds, rating"
  psql -q -v ON_ERROR_STOP=1 "$2" <<SQL
\copy auth.users (id) FROM '$1/people.tsv'
\copy public.sessions ($session_columns) FROM '$1/sessions.tsv'
\copy public.messages (session_id, message_id, sender, text_content, created_at, position) \
FROM '$1/messages.tsv'
VACUUM (ANALYZE);
CHECKPOINT;
SQL
}
