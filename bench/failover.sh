#!/usr/bin/env bash
# Restarts of Postgres, twenty of each kind, with every response counted. Takes about five minutes.
#
#   bench/failover.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."

export FAILOVER_ROUNDS=${1:-20}
cargo test --test faults -- --nocapture --test-threads 1 failover:: 2>&1 |
  grep --line-buffered -E 'rounds|^test |panicked|error'
