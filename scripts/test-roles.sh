#!/usr/bin/env bash
# Runs the tests that touch roles, migrations, reads and search as an ordinary role that owns its
# database, on the oldest and the newest supported version of Postgres; and as Supabase's role, on
# the newest one. Versions that cannot be found or fetched are left out with a message.
set -euo pipefail
cd "$(dirname "$0")/.."

oldest=14 newest=18
tests=(accounts batches migrations search)

find_postgres() {
  if [ -x "/usr/lib/postgresql/$1/bin/initdb" ]; then
    echo "/usr/lib/postgresql/$1/bin"
  elif command -v npm >/dev/null; then
    scripts/fetch-postgres.sh "$1"
  else
    return 1
  fi
}

found=()
for major in "$oldest" "$newest"; do
  if folder=$(find_postgres "$major"); then
    found+=("$folder")
  else
    echo "SKIPPED: Postgres $major is neither installed nor could it be fetched"
  fi
done
# What is installed is better than nothing.
if [ ${#found[@]} = 0 ]; then found=(""); fi

run() {
  printf '\n-- as %s on %s\n' "$1" "${2:-the installed Postgres}"
  env -u DATABASE_URL KUKU_TEST_ROLE="$1" KUKU_TEST_POSTGRES="$2" \
    cargo test --test api -- "${tests[@]}"
}

for folder in "${found[@]}"; do run owner "$folder"; done
run supabase "${found[-1]}"
