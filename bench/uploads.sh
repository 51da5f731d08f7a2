#!/usr/bin/env bash
# Memory of the release build while 200 recordings of 20 MiB are uploaded at once. Needs 4 GB in the
# temporary folder.
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

cargo build --profile dist --locked
# All recordings have the same transcript: the memory of speech to text is not measured.
env -u DATABASE_URL PORT=0 RUST_LOG=warn KUKU_DATA_DIR="$work/data" \
  KUKU_SPEECH_TO_TEXT__PROVIDER=command \
  KUKU_SPEECH_TO_TEXT__COMMAND='[["echo", "My job wears me out"]]' \
  target/dist/kuku-coach >"$work/out" &
server=$!
until grep -q 'Stop with Ctrl-C' "$work/out"; do kill -0 "$server"; sleep 0.1; done
memory() { awk -v name="$1:" '$1 == name { printf "%.0f MiB", $2 / 1024 }' "/proc/$server/status"; }

echo "idle:  $(memory VmRSS)"
python3 bench/uploads.py "$(sed -n 's/^ *API .*:\([0-9]*\)\/api$/\1/p' "$work/out")"
echo "peak:  $(memory VmHWM)"
