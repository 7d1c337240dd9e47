#!/usr/bin/env bash
# Installs what the tests need and runs them all: types, lint, then every test. Ends with `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

# npm's own record of what is installed must be as new as the lock file and hold the tools for development.
if [ ! -x node_modules/.bin/biome ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "test.sh: installing (once)..." >&2
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || exit 1
fi
# A test makes a certificate of its own; every Debian has the package.
if ! command -v openssl >/dev/null; then
  echo "test.sh: installing openssl (once)..." >&2
  apt-get install -y -qq openssl >&2 || echo "test.sh: openssl is missing: the tests of certificates will fail" >&2
fi
bun=$(ls node_modules/@oven/bun-*/bin/bun | head -n 1)

passed=0
failed=0
check() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "(pass) $name"
  else
    failed=$((failed + 1))
    echo "(fail) $name"
  fi
}

check "types" node_modules/.bin/tsc --noEmit
check "lint and format" node_modules/.bin/biome check .

report=$(mktemp)
trap 'rm -f "$report"' EXIT
"$bun" test --timeout 60000 tests 2>&1 | tee "$report"
ran=${PIPESTATUS[0]}
count() { sed -nE "s/^ *([0-9]+) $1$/\1/p" "$report" | tail -n 1; }
tests_passed=$(count pass)
tests_failed=$(count fail)
passed=$((passed + ${tests_passed:-0}))
failed=$((failed + ${tests_failed:-0}))
# A runner that ended badly without counting a failure (it crashed, or a file could not be loaded) is one.
if [ "$ran" -ne 0 ] && [ "${tests_failed:-0}" -eq 0 ]; then failed=$((failed + 1)); fi
if [ "${tests_passed:-0}" -eq 0 ]; then failed=$((failed + 1)); fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
