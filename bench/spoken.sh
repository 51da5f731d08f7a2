#!/usr/bin/env bash
# Benchmark of spoken turns: the release build with a local provider that streams, for streaming
# clients (server-sent events) and for the deployed frontend (JSON, then the audio), from one person
# to a thousand who never pause, and for two thousand in conversation. Takes about six minutes;
# needs Python 3.
#
#   bench/spoken.sh [MESSAGES]        size of the store, 40000 by default
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/load.sh
if [ $# = 0 ]; then set -- 40000; fi
POSTGRES_OPTIONS="-c fsync=on ${POSTGRES_OPTIONS:-}" prepare "$@"
python3 bench/spoken.py "$BENCH_DATA" "$address" "$@"
