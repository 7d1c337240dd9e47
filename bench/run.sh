#!/usr/bin/env bash
# Runs the bench on the Bun that came with `npm ci`. `bench/run.sh --help` lists its options.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
exec "$(ls node_modules/@oven/bun-*/bin/bun | head -n 1)" bench/run.ts "$@"
