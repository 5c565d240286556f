# Functions that run checks and count them, for .ci/run and scripts/nightly.sh. The last line is `N passed, M failed`.
# No `set -e` in either: a check that fails does not keep the others from running.

passed=0
failed=0

finish() {
  echo "$passed passed, $failed failed"
  exit $((failed > 0))
}

# Runs a command that counts as one check.
check() {
  echo "=== $*"
  local since=$SECONDS
  if "$@"; then
    passed=$((passed + 1))
    echo "--- passed: $* ($((SECONDS - since)) s)"
  else
    failed=$((failed + 1))
    echo "--- FAILED: $* ($((SECONDS - since)) s)"
    return 1
  fi
}

# Runs npm scripts with their arguments, three at a time, as most of them use one core. Each counts as one check.
# `--ignore-scripts`: what they need is built before.
check_scripts() {
  local -a scripts=("$@")
  local logs index
  logs=$(mktemp -d)
  for index in "${!scripts[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge 3 ]; do wait -n; done
    {
      # shellcheck disable=SC2086 -- the arguments are words
      npm run --silent --ignore-scripts ${scripts[index]} >"$logs/$index" 2>&1
      echo $? >"$logs/$index.code"
    } &
  done
  wait
  for index in "${!scripts[@]}"; do
    echo "=== npm run ${scripts[index]}"
    cat "$logs/$index"
    if [ "$(cat "$logs/$index.code")" = 0 ]; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      echo "--- FAILED: npm run ${scripts[index]}"
    fi
  done
  rm -r "$logs"
}

# Runs a command whose tests are counted one by one. Its last argument is the file that it writes the results to.
# `$1` is the time limit. `$2` is a JavaScript expression for the numbers of passed and failed tests; `r` is the file's content.
tests() {
  local limit=$1 count=$2 since=$SECONDS results counts code
  shift 2
  results=$(mktemp)
  echo "=== $*"
  timeout "$limit" "$@" "$results"
  code=$?
  if counts=$(node -p "const r = JSON.parse(fs.readFileSync(process.argv[1], 'utf8')); $count" "$results" 2>/dev/null); then
    passed=$((passed + ${counts% *}))
    failed=$((failed + ${counts#* }))
    # The command failed although no test did: a skipped test, or a process that did not end.
    if [ "$code" -ne 0 ] && [ "${counts#* }" -eq 0 ]; then failed=$((failed + 1)); fi
  else
    echo "$* ended with code $code and wrote no results"
    failed=$((failed + 1))
  fi
  rm -f "$results"
  echo "--- $* ($((SECONDS - since)) s)"
}

# A skipped test counts as failed, and so does a file that does not load.
jest='`${r.numPassedTests} ${r.numFailedTests + r.numPendingTests + r.numTodoTests + r.numRuntimeErrorTestSuites}`'
# scripts/matrix.mjs counts in the same way.
matrix='`${r.passed} ${r.failed}`'
