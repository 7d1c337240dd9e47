#!/usr/bin/env bash
# Times a large ledger on the Bun that came with `npm ci`: `bench/ledger-queries.sh [REQUESTS]`, a million by default.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
exec "$(ls node_modules/@oven/bun-*/bin/bun | head -n 1)" bench/ledger-queries.ts "$@"
