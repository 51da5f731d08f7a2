#!/usr/bin/env bash
# Runs a command with DATABASE_URL at a throw-away, migrated Postgres on a unix socket. Postgres
# runs as an unprivileged user if this script runs as root. Everything is removed at the end.
#
#   scripts/with-postgres.sh COMMAND [ARGUMENT]...
#
# POSTGRES_OPTIONS holds more options of the server, such as "-c shared_buffers=1GB".
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

work=$(mktemp -d)
bin=
finish() {
  if [ -n "$bin" ]; then
    as_postgres "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT

# Postgres refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    local group
    group=$(id -g "$account")
    (cd "$work" && setpriv --reuid "$account" --regid "$group" --clear-groups -- "$@")
  else
    "$@"
  fi
}

account=nobody
if id postgres >/dev/null 2>&1; then account=postgres; fi
newest=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
bin=${newest:-$(pg_config --bindir)}
if [ "$(id -u)" = 0 ]; then chown "$account" "$work"; fi
as_postgres "$bin/initdb" -D "$work/data" -U postgres --auth=trust -E UTF8 --no-locale --no-sync \
  >/dev/null
as_postgres "$bin/pg_ctl" -D "$work/data" -l "$work/log" -w \
  -o "-c listen_addresses= -c fsync=off -k $work ${POSTGRES_OPTIONS:-}" start >/dev/null
for migration in "$here"/migrations/*.up.sql; do
  # In a transaction, unless the first line says otherwise, as by sqlx.
  transaction=-1
  if [ "$(head -n 1 "$migration")" = "-- no-transaction" ]; then transaction=; fi
  as_postgres "$bin/psql" -q $transaction -v ON_ERROR_STOP=1 -h "$work" -U postgres postgres \
    <"$migration" 2>"$work/psql.log" ||
    { cat "$work/psql.log" >&2; exit 1; }
done
export DATABASE_URL="postgres:///postgres?host=$work&user=postgres" PATH="$bin:$PATH"
"$@"
