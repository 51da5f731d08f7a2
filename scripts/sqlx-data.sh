#!/usr/bin/env bash
# Writes sqlx-data.json, the metadata of every checked query; with --check, fails if the committed one is stale.
#
#   scripts/sqlx-data.sh [--check]
#
# DATABASE_URL, if set, names a migrated database to describe the queries against. Without it a throw-away Postgres is
# started on a unix socket, as an unprivileged user if we are root, and removed at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-write}
case $mode in write | --check) ;; *) echo "usage: $0 [--check]" >&2; exit 2 ;; esac

work=$(mktemp -d)
postgres=
finish() {
  if [ -n "$postgres" ]; then as_postgres "$postgres/pg_ctl" -D "$work/data" -m immediate stop >/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT

# Postgres refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd "$work" && setpriv --reuid "$account" --regid "$(id -g "$account")" --clear-groups -- "$@")
  else
    "$@"
  fi
}

if [ -z "${DATABASE_URL:-}" ]; then
  account=nobody
  if id postgres >/dev/null 2>&1; then account=postgres; fi
  newest=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  bin=${newest:-$(pg_config --bindir)}
  if [ "$(id -u)" = 0 ]; then chown "$account" "$work"; fi
  as_postgres "$bin/initdb" -D "$work/data" -U postgres --auth=trust -E UTF8 --no-locale --no-sync >/dev/null
  postgres=$bin
  as_postgres "$bin/pg_ctl" -D "$work/data" -l "$work/log" -w -o "-c listen_addresses= -c fsync=off -k $work" start >/dev/null
  for migration in migrations/*.up.sql; do
    as_postgres "$bin/psql" -q -1 -v ON_ERROR_STOP=1 -h "$work" -U postgres postgres <"$migration" 2>"$work/psql.log" ||
      { cat "$work/psql.log" >&2; exit 1; }
  done
  export DATABASE_URL="postgres:///postgres?host=$work&user=postgres"
fi

mkdir "$work/queries"
# The macros write a file per query while they expand: ours must expand anew, the dependencies need not.
touch src/lib.rs
SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$work/queries" cargo check --quiet --all-targets

python3 - "$work/queries" "$work/sqlx-data.json" <<'PYTHON'
import json, pathlib, sys

folder, target = map(pathlib.Path, sys.argv[1:])
merged = {file.name: json.loads(file.read_text()) for file in sorted(folder.glob("query-*.json"))}
target.write_text(json.dumps(merged, indent=2, ensure_ascii=False) + "\n")
print(f"{len(merged)} queries")
PYTHON

if [ "$mode" = --check ]; then
  diff -u sqlx-data.json "$work/sqlx-data.json" || { echo "sqlx-data.json is stale: run scripts/sqlx-data.sh" >&2; exit 1; }
else
  cp "$work/sqlx-data.json" sqlx-data.json
fi
