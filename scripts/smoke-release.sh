#!/usr/bin/env bash
# Smoke test of the release build: starts it as README.md says, in an empty data folder on a free
# port, takes a typed turn, restarts, and checks that the turn is still there.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
chmod 755 "$work"
server=
finish() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT

cargo build --release --locked

# Starts the server and sets $base to its address.
start() {
  env -u DATABASE_URL PORT=0 KUKU_DATA_DIR="$work/data" \
    target/release/kuku-coach >"$work/out" 2>"$work/err" &
  server=$!
  for _ in $(seq 300); do
    if grep -q 'Stop with Ctrl-C' "$work/out"; then
      base=$(sed -n 's/^ *API *//p' "$work/out")
      return
    fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/out" "$work/err" >&2
  exit 1
}

stop() {
  kill "$server"
  wait "$server"
  server=
}

start
cat "$work/out"
curl -sf "${base%/api}/app/" | grep -q '<title>Kuku Coach</title>'
id=$(curl -sf -X POST "$base/sessions" | sed 's/.*"sessionId":"\([^"]*\)".*/\1/')
curl -sf "$base/sessions/$id/messages" -H 'Content-Type: application/json' \
  -d '{"text": "remember this"}' >/dev/null
echo "resident: $(awk '/VmRSS/ {print $2, $3}' "/proc/$server/status")"
stop
start
curl -sf "$base/sessions/$id/messages" | grep -q 'remember this'
stop
echo "the turn is still there after the restart"
