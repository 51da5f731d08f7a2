#!/usr/bin/env bash
# Hostile and careless clients: what people on other addresses notice of them, and the memory of the
# server meanwhile. Fails if a person gets an error, or if the server takes more than 200 MiB; times
# are only printed. Takes about seven minutes; needs Python 3.
#
#   bench/hostile.sh [ATTACK]         only attacks whose names contain this
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/load.sh
# `prepare` runs this script again, with the size of the store.
[ -n "${IN_POSTGRES:-}" ] || export ATTACK=${1:-}
POSTGRES_OPTIONS="-c fsync=on ${POSTGRES_OPTIONS:-}" prepare 40000
python3 bench/hostile.py "$BENCH_DATA" "$address" 40000
