#!/usr/bin/env bash
# Runs the tests that touch roles, migrations, reads and search as an ordinary role that owns its
# database, on the oldest and the newest supported version of Postgres; and on the newest one also
# as Supabase's role, and the tests of plans as a superuser. Versions that cannot be found or
# fetched are left out with a message.
set -euo pipefail
cd "$(dirname "$0")/.."

oldest=14 newest=18
tests=(accounts:: batches:: migrations:: search::)

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

# Runs tests with a role and a folder of programs.
run() {
  local role=$1 folder=$2
  shift 2
  printf '\n-- as %s on %s\n' "$role" "${folder:-the installed Postgres}"
  env -u DATABASE_URL KUKU_TEST_ROLE="$role" KUKU_TEST_POSTGRES="$folder" \
    cargo test --test api -- "$@"
}

for folder in "${found[@]}"; do run owner "$folder" "${tests[@]}"; done
run supabase "${found[-1]}" "${tests[@]}"
run superuser "${found[-1]}" search::plans migrations::queries
