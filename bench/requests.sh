#!/usr/bin/env bash
# Benchmark of requests: the release build beside pgbench with the same statements. Reads and writes
# with two sizes of the store, overload from 8 to 1,024 connections, start and memory. Commits are
# durable. Takes about 12 minutes; needs Python 3 and wrk.
#
#   bench/requests.sh [MESSAGES]...        sizes of the store, 40000 1000000 by default
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/load.sh
if [ $# = 0 ]; then set -- 40000 1000000; fi
POSTGRES_OPTIONS="-c fsync=on ${POSTGRES_OPTIONS:-}" prepare "$@"
python3 bench/requests.py "$BENCH_DATA" "$address" "$@"
