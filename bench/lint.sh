#!/usr/bin/env bash
# What linting costs: time and memory of `netcheck lint` over 50 and 500 suites, and their ratio.
#
#   NETCHECK=target/release/netcheck bench/lint.sh [ROUNDS]
#
# Needs python3, and no network, cluster or root. Each suite is the shipped overlay under another name, in a file of its own, and
# includes one part of its own. ROUNDS is how often each number is linted (default 5). Aims at 500 suites in less than 1 s, and at a
# ratio of at most 10. It is ended after five minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
exec timeout --kill-after=10 "${BOUND:-300}" python3 bench/lint.py "${NETCHECK:-netcheck}" "${1:-5}"
