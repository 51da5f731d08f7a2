#!/usr/bin/env bash
# The release build beside the limit, pgbench with the same statements, in one run: reads and writes at two sizes, the curve
# from 8 to 1,024 connections, spoken turns with a local provider, starting and memory. With durable commits. Some fifteen minutes; needs
# Python 3 and wrk.
#
#   bench/requests.sh [LINES]...        sizes other than 40000 1000000
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/load.sh
if [ $# = 0 ]; then set -- 40000 1000000; fi
POSTGRES_OPTIONS="-c fsync=on ${POSTGRES_OPTIONS:-}" prepare "$@"
python3 bench/requests.py "$BENCH_DATA" "$address" "$@"
