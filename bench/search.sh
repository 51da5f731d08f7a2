#!/usr/bin/env bash
# What a search costs in Postgres, with 40,000 and with 1,000,000 lines: the shipped statements, planning included, on one
# backend; what HTTP adds; and what saving a turn pays for the index. Some six minutes; needs Python 3, and wrk for the HTTP part.
#
#   bench/search.sh [LINES]...        sizes other than 40000 1000000
set -euo pipefail
cd "$(dirname "$0")/.."

. bench/load.sh
if [ $# = 0 ]; then set -- 40000 1000000; fi
prepare "$@"
python3 bench/search.py "$BENCH_DATA" "$address" "$@"
