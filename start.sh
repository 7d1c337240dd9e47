#!/usr/bin/env bash
# One command to run Gatehouse: installs what is missing, then serves on http://127.0.0.1:8003.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
# npm writes this file when an install has finished; older than the lock file means the lock file moved on.
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "gatehouse: installing (once)..." >&2
  npm ci --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error >&2
fi
exec ./gatehouse serve "$@"
