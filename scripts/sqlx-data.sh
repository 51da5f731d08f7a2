#!/usr/bin/env bash
# Writes sqlx-data.json, the metadata of all checked queries. With --check, fails if the committed
# file is stale.
#
#   scripts/sqlx-data.sh [--check]
#
# The queries are described by the migrated database at DATABASE_URL, or by a throw-away Postgres.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-write}
case $mode in write | --check) ;; *) echo "usage: $0 [--check]" >&2; exit 2 ;; esac
if [ -z "${DATABASE_URL:-}" ]; then
  exec scripts/with-postgres.sh scripts/sqlx-data.sh "$mode"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/queries"
# The macros write a file per query while they expand, so this crate has to be compiled again.
touch src/lib.rs
SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$work/queries" cargo check --quiet --all-targets

python3 - "$work/queries" "$work/sqlx-data.json" <<'PYTHON'
import json, pathlib, sys

folder, target = map(pathlib.Path, sys.argv[1:])
files = sorted(folder.glob("query-*.json"))
merged = {file.name: json.loads(file.read_text()) for file in files}
target.write_text(json.dumps(merged, indent=2, ensure_ascii=False) + "\n")
print(f"{len(merged)} queries")
PYTHON

if [ "$mode" = --check ]; then
  diff -u sqlx-data.json "$work/sqlx-data.json" || {
    echo "sqlx-data.json is stale: run scripts/sqlx-data.sh" >&2
    exit 1
  }
else
  cp "$work/sqlx-data.json" sqlx-data.json
fi
