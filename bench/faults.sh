#!/usr/bin/env bash
# The long fault run: 250 kills of the server and its Postgres under load, three servers on one
# database with 50 sessions of 30 turns, and ten stops during fifty turns. Ends with a report. Takes
# about ten minutes.
#
#   bench/faults.sh [KILLS]        FAULT_SEED=<seed> repeats the order of kills of a run
set -euo pipefail
cd "$(dirname "$0")/.."

export FAULT_BLOWS=${1:-250}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo test --test faults -- --nocapture --test-threads 1 load:: 2>&1 | tee "$log" |
  grep --line-buffered -E '^test |panicked|error' || true
echo
echo "== report ($(date -u +%F), $(nproc) cores)"
grep -oE 'seed [0-9]+: .*|test result.*|.*panicked.*' "$log"
grep -q 'test result: ok' "$log"
