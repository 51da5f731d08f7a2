#!/usr/bin/env bash
# The long fault run: 250 blows against the server and its Postgres under load, three servers as one with 50 sessions of
# 30 turns, and ten stops in the middle of fifty turns. The report is in the last lines. About ten minutes.
#
#   bench/faults.sh [blows]        FAULT_SEED=<seed> repeats a run's order of blows
set -euo pipefail
cd "$(dirname "$0")/.."

export FAULT_BLOWS=${1:-250}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo test --test faults -- --nocapture --test-threads 1 load:: 2>&1 | tee "$log" | grep --line-buffered -E '^test |panicked|error' || true
echo
echo "== report ($(date -u +%F), $(nproc) cores)"
grep -oE 'seed [0-9]+: .*|test result.*|.*panicked.*' "$log"
grep -q 'test result: ok' "$log"
