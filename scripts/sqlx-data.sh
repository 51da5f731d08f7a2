#!/usr/bin/env bash
# Writes sqlx-data.json, the metadata of every checked query; with --check, fails if the committed one is stale.
#
#   scripts/sqlx-data.sh [--check]
#
# DATABASE_URL, if set, names a migrated database to describe the queries against. Without it a throw-away Postgres serves.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-write}
case $mode in write | --check) ;; *) echo "usage: $0 [--check]" >&2; exit 2 ;; esac
if [ -z "${DATABASE_URL:-}" ]; then exec scripts/with-postgres.sh scripts/sqlx-data.sh "$mode"; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
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
