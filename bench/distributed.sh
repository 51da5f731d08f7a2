#!/usr/bin/env bash
# Benchmark of distributed tables: the release build on a Citus cluster beside the same build on one
# Postgres, both on this machine, so that the ratio is that of equal cores. Needs Python 3 and wrk.
# Takes about 7 minutes.
#
#   bench/distributed.sh URL      an empty database on the coordinator, which knows its workers
#
# For a fair comparison the nodes have fsync on, and the options below.
set -euo pipefail
cd "$(dirname "$0")/.."
url=${1:?the address of a database on the coordinator of a Citus cluster}

if [ -z "${IN_POSTGRES:-}" ]; then
  cargo build --profile dist --locked
  options="-c fsync=on -c shared_buffers=1GB -c max_wal_size=8GB -c max_connections=300"
  data=$(mktemp -d)
  trap 'rm -rf "$data"' EXIT
  IN_POSTGRES=1 BENCH_DATA=$data POSTGRES_OPTIONS=$options scripts/with-postgres.sh "$0" "$url"
  exit
fi
DATABASE_URL=$url KUKU_DATABASE__ALLOW_PLAINTEXT=true target/dist/kuku-coach migrate
DATABASE_URL=$url KUKU_DATABASE__ALLOW_PLAINTEXT=true target/dist/kuku-coach distribute --yes
python3 bench/distributed.py "$BENCH_DATA" "$DATABASE_URL" "$url"
