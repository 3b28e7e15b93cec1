#!/usr/bin/env bash
# What asking costs, and how true its times are: the processor time of a packet, and the round trips that netcheck tells, beside
# `ping`, surge-ping and the kernel's own time stamps. On loopback, in turns, in one run, with the ratios.
#
#   cargo build --release --bin netcheck --example surge_ping
#   NETCHECK=target/release/netcheck bench/probe.sh [ROUNDS]
#
# SURGE_PING names the example, if it is not in the folder `examples` beside NETCHECK.
# Needs Linux, util-linux (unshare), iproute2, iputils-ping and python3; no root where user namespaces are open. Everything happens in
# a network namespace of its own, whose loopback nobody else uses, and which goes with the last process in it. 5 rounds (the
# default) take about two minutes; after ten minutes it is ended.
set -euo pipefail
here=$(dirname "$0")
rounds=${1:-5}
netcheck=$(command -v "${NETCHECK:-netcheck}") || { echo "no netcheck: build it, and name it in NETCHECK" >&2; exit 2; }
surge_ping=${SURGE_PING:-$(dirname "$netcheck")/examples/surge_ping}
[ -x "$surge_ping" ] || { echo "no $surge_ping: build it (cargo build --release --example surge_ping), or name it in SURGE_PING" >&2; exit 2; }

apart=(unshare --net)
[ "$(id -u)" = 0 ] || apart=(unshare --user --map-root-user --net)

echo "load of this machine before: $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) processors"
echo
timeout --kill-after=10 600 "${apart[@]}" sh -c 'ip link set lo up && exec python3 -B "$@"' sh "$here/probe.py" "$netcheck" "$rounds" "$surge_ping"
echo
echo "load of this machine after: $(cut -d' ' -f1-3 /proc/loadavg)"
