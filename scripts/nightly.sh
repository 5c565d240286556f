#!/usr/bin/env bash
# What takes too long for .ci/run: `npm run test:nightly [-- minutes]`, the minutes of the simulation (60 by default).
# The seeds are random and printed. The last line of the output is `N passed, M failed`.
set -uo pipefail
cd "$(dirname "$0")/.."
exec 2>&1
export NO_COLOR=1
source scripts/checks.sh

export FUZZ_SEED=${FUZZ_SEED:-$((RANDOM * 32768 + RANDOM))}
echo "FUZZ_SEED=$FUZZ_SEED"

check npm run --silent build
check npm run --silent build:example
check npm run --silent build:bench
# One at a time: some of them occupy all cores.
FULL=1 tests 90m "$jest" npm run jest -- --selectProjects nightly --testTimeout 600000 --maxWorkers 1 --json --outputFile
# The tests of the mutants run without any mutant. All mutants take more than half an hour: `npm run test:mutation`.
check npm run --silent test:mutation -- --dryRunOnly
# The sizes that `npm test` and `npm run test:e2e` cut down.
FULL=1 tests 30m "$jest" npm test -- test/simulation test/detector test/protocol/fuzz --json --outputFile
FULL=1 tests 30m "$jest" npm run --ignore-scripts test:e2e -- test/package/node test/presence/redis/hostile --json --outputFile
tests 40m "$matrix" npm run test:matrix -- --pairs --json
check npm run --silent --ignore-scripts bench -- --short
check npm run --silent --ignore-scripts bench
check npm run --silent test:simulation -- "${1:-60}"
finish
