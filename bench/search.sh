#!/usr/bin/env bash
# Measures searches with 40,000 and 1,000,000 messages: the shipped queries in Postgres on one
# backend, the share of HTTP, and the cost of the search index when a turn is saved. Takes six
# minutes; needs Python 3, and wrk for the HTTP part.
#
#   bench/search.sh [MESSAGES]...        sizes other than 40000 1000000
set -euo pipefail
cd "$(dirname "$0")/.."

. bench/load.sh
if [ $# = 0 ]; then set -- 40000 1000000; fi
prepare "$@"
python3 bench/search.py "$BENCH_DATA" "$address" "$@"
