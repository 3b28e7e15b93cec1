#!/usr/bin/env bash
# How often a healthy network is found healthy: runs all suites again and again, and says how many runs were green, without a flaky case.
#
#   NETCHECK=target/release/netcheck bench/healthy.sh [RUNS [FLAG…]]
#
# On the cluster of KUBECONFIG; with `--backend sandbox` (as root) on the sandbox. RUNS is 30 if it is not given; further flags go to
# `netcheck run`, such as `--set hosts=true` and `--image REF`. Needs jq. Of runs that were not green the reports are kept, and named.
# Exits with 1 if there was one. Every run is ended after BOUND seconds (300).
set -euo pipefail
cd "$(dirname "$0")/.."
netcheck=${NETCHECK:-netcheck} runs=${1:-30}
[ $# -eq 0 ] || shift
kept=$(mktemp -d)
green=0 times=()
for run in $(seq "$runs"); do
    reports="$kept/$run" exit=0 begun=$EPOCHREALTIME
    mkdir "$reports"
    timeout --kill-after=60 "${BOUND:-300}" "$netcheck" run suites/all.yaml -q --report "json=$reports/results.json" "$@" \
        > "$reports/terminal.txt" 2>&1 || exit=$?
    took=$(jq -n "${EPOCHREALTIME/,/.} - ${begun/,/.} | . * 10 | round / 10")
    times+=("$took")
    flaky=$(jq '[.suites[].cases[] | select(.flaky == true)] | length' "$reports/results.json" 2>/dev/null || echo '?')
    passed=$(jq '[.suites[].cases[] | select(.status == "passed")] | length' "$reports/results.json" 2>/dev/null || echo '?')
    echo "run $run  exit $exit  passed $passed  flaky $flaky  took $took s"
    if [ "$exit" = 0 ] && [ "$flaky" = 0 ] && [ "$passed" != 0 ]; then
        green=$((green + 1))
        rm -r "$reports"
    fi
done
words='map(tonumber) | sort | "each took \(.[0]) to \(.[-1]) s, half of them \(.[length / 2 | floor]) s at most"'
echo "$green of $runs green without a flaky case; $(jq -nr "\$ARGS.positional | $words" --args "${times[@]}")"
if [ "$green" != "$runs" ]; then
    echo "the others' reports: $kept" >&2
    exit 1
fi
rm -r "$kept"
