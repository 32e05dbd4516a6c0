#!/usr/bin/env bash
# All tests: the quick tier, the integration tier (etcd, Docker, nftables), and the end-to-end suites.
# The last line is `N passed, N failed`; the exit code is 1 when anything failed, or, with CI set, when anything was skipped.
set -u
cd "$(dirname "$0")/.."
. scripts/set-up.sh
trap stop_started EXIT

passed=0
failed=0
skipped=0
output=$(mktemp)

# run TITLE LIMIT COMMAND…: runs one mocha, shows its output, and adds up its closing lines. One that does not end, perhaps
# because a failed test has left something open, is ended at the limit, as `timeout` reads it, and fails.
run() {
  local title=$1 limit=$2
  shift 2
  echo
  echo "== $title"
  timeout --kill-after=10s "$limit" "$@" 2>&1 | tee "$output"
  local code=${PIPESTATUS[0]} p f s
  if [ "$code" -eq 124 ]; then echo "$title did not end within $limit and was stopped."; fi
  p=$(awk '/^ *[0-9]+ passing/ {n += $1} END {print n + 0}' "$output")
  f=$(awk '/^ *[0-9]+ failing/ {n += $1} END {print n + 0}' "$output")
  s=$(awk '/^ *[0-9]+ pending/ {n += $1} END {print n + 0}' "$output")
  # A run that ends badly without a failing test (a crash, no test found) counts as one failure.
  if [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# CI leaves no dynamic choice: mocha's own files are listed here, so that a new folder of tests is found by its name.
mapfile -t integration < <(git ls-files '*.integration.test.ts')
mapfile -t end_to_end < <(git ls-files 'e2e/*.test.ts')

run "check: format, lint, types" 5m npm run --silent check:static
run "unit" 15m npm run --silent unit
[ ${#integration[@]} -gt 0 ] && run "integration" 15m npx mocha --config .mocharc.slow.json "${integration[@]}"
[ ${#end_to_end[@]} -gt 0 ] && run "end to end" 55m npx mocha --config .mocharc.slow.json "${end_to_end[@]}"

if [ "$skipped" -gt 0 ]; then
  echo "$skipped tests were skipped: the suites above say which part of the machine they miss."
  [ -n "${CI:-}" ] && failed=$((failed + skipped))
fi
rm -f "$output"
echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
