#!/usr/bin/env bash
# What a plan costs: time and memory of `netcheck plan suites/overlay.yaml` over inventories of 50 to 5,000 nodes, and how they grow.
#
#   NETCHECK=target/release/netcheck bench/plan.sh [ROUNDS [FLAG…]]
#
# Needs python3, and no network, cluster or root: it plans from files. ROUNDS is how often each size is planned (default 5); further
# flags go to `netcheck plan`, such as `--set hosts=true`. Aims at 5,000 nodes: less than 1 s and 300 MB, and from 50 to 5,000 no more
# growth than pairs x log(nodes). It is ended after five minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
[ $# -eq 0 ] || shift
exec timeout --kill-after=10 "${BOUND:-300}" python3 bench/plan.py "${NETCHECK:-netcheck}" "$rounds" "$@"
