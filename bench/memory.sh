#!/usr/bin/env bash
# How much memory an agent needs, at rest and after a share of many targets, and the controller of a whole run, both at their
# peaks; beside `ping`, in one run, with the ratios.
#
#   NETCHECK=target/release/netcheck bench/memory.sh
#
# Needs what bench/probe.sh needs, and has a network namespace of its own as well. Takes a minute; after five it is ended.
set -euo pipefail
here=$(dirname "$0")
netcheck=$(command -v "${NETCHECK:-netcheck}") || { echo "no netcheck: build it, and name it in NETCHECK" >&2; exit 2; }

apart=(unshare --net)
[ "$(id -u)" = 0 ] || apart=(unshare --user --map-root-user --net)

timeout --kill-after=10 300 "${apart[@]}" sh -c 'ip link set lo up && exec python3 -B "$@"' sh "$here/memory.py" "$netcheck"
