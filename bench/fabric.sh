#!/usr/bin/env bash
# What the sandbox's fabric costs: packets a second that it forwards, what it adds to a round trip, and TCP through it; beside the
# same over a veth pair, in the same run, with the ratios.
#
#   NETCHECK=target/release/netcheck bench/fabric.sh [SECONDS]
#
# Needs root, iproute2, iputils-ping and python3. SECONDS is how long each flood takes (default 3). The world has the least
# latency that there is, 1 µs each way, and no faults. Packets of 64 bytes of UDP payload are sent as fast as one process can, and counted where they arrive.
# It is ended after a minute and twenty times SECONDS.
set -euo pipefail
seconds=${1:-3}
bound=${BOUND:-$((60 + 20 * seconds))}
[ -n "${BOUNDED:-}" ] || BOUNDED=1 exec timeout --kill-after=20 "$bound" "$0" "$@"
netcheck=${NETCHECK:-netcheck}
id=nc$$
out=$(mktemp -d)
export TMPDIR=$out
unset XDG_RUNTIME_DIR
up=
end() {
  [ -z "$up" ] || { kill -INT "$up" 2>/dev/null && wait "$up"; } || true
  ip netns delete "$id-1" 2>/dev/null || true
  ip netns delete "$id-2" 2>/dev/null || true
  rm -rf "$out"
}
trap end EXIT

cat >"$out/world.yaml" <<WORLD
netcheck: v1
world: $id
nodes: 2
latency: 1us
WORLD
"$netcheck" sandbox up --world "$out/world.yaml" >"$out/up" &
up=$!
for _ in $(seq 100); do grep -q 'end it' "$out/up" && break; kill -0 "$up" 2>/dev/null || break; sleep 0.1; done
grep -q 'end it' "$out/up" || { echo "the world is not up" >&2; exit 1; }

ip netns add "$id-1"
ip netns add "$id-2"
ip -n "$id-1" link add veth0 mtu 1450 type veth peer name veth0 mtu 1450 netns "$id-2"
ip -n "$id-1" address add 10.244.0.1/30 dev veth0
ip -n "$id-2" address add 10.244.0.2/30 dev veth0
for side in 1 2; do ip -n "$id-$side" link set lo up; ip -n "$id-$side" link set veth0 up; done

fabric() { local node=$1; shift; "$netcheck" sandbox exec --name "$id" "node$node" -- "$@"; }
veth() { local side=$1; shift; ip netns exec "$id-$side" "$@"; }

cat >"$out/tool.py" <<'TOOL'
import socket, sys, time
what, seconds = sys.argv[1], float(sys.argv[2])
target = "10.244.0.2"
def arrived():
    return sum(int(line.split()[2]) for line in open("/proc/net/dev").readlines()[2:] if not line.strip().startswith("lo:"))
if what == "flood":
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect((target, 9))
    send, data, sent, end = sender.send, bytes(64), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(500):
            send(data)
        sent += 500
    print(sent / seconds)
elif what == "count":
    # Bound, so that nobody answers; never read, so that counting costs nothing.
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind((target, 9))
    before = arrived()
    print("ready", flush=True)
    time.sleep(seconds + 1)
    print((arrived() - before) / seconds)
elif what == "take":
    listener = socket.create_server((target, 9))
    print("ready", flush=True)
    taker, _ = listener.accept()
    began, total = time.monotonic(), 0
    while data := taker.recv(1 << 18):
        total += len(data)
    print(total / (time.monotonic() - began) / 1e6)
elif what == "give":
    giver = socket.create_connection((target, 9))
    for _ in range(200):
        giver.sendall(bytes(1 << 20))
TOOL

measure() { # measure LINK: writes $out/LINK.{offered,forwarded,tcp,rtt}
  local link=$1 far
  "$link" 2 python3 "$out/tool.py" count "$seconds" >"$out/$link.forwarded" &
  far=$!
  for _ in $(seq 100); do grep -q ready "$out/$link.forwarded" && break; sleep 0.1; done
  "$link" 1 python3 "$out/tool.py" flood "$seconds" >"$out/$link.offered"
  wait "$far"
  "$link" 2 python3 "$out/tool.py" take 0 >"$out/$link.tcp" &
  far=$!
  for _ in $(seq 100); do grep -q ready "$out/$link.tcp" && break; sleep 0.1; done
  "$link" 1 python3 "$out/tool.py" give 0
  wait "$far"
  "$link" 1 ping -n -c 2000 -i 0.002 10.244.0.2 >"$out/$link.rtt"
}
measure veth
measure fabric

python3 - "$out" <<'TABLE'
import re, statistics, sys
out = sys.argv[1]
def last(link, what): return float(open(f"{out}/{link}.{what}").read().split()[-1])
def times(link): return sorted(1000 * float(time) for time in re.findall(r"time=([\d.]+)", open(f"{out}/{link}.rtt").read()))
rows = [
    ("packets a second, offered", *(last(link, "offered") for link in ("fabric", "veth"))),
    ("packets a second, forwarded", *(last(link, "forwarded") for link in ("fabric", "veth"))),
    ("TCP, MB/s", *(last(link, "tcp") for link in ("fabric", "veth"))),
    ("round trip, median, µs", *(statistics.median(times(link)) for link in ("fabric", "veth"))),
    ("round trip, 99 %, µs", *(times(link)[int(len(times(link)) * 0.99) - 1] for link in ("fabric", "veth"))),
]
print("| | fabric | veth | ratio |\n|---|---|---|---|")
for name, fabric, veth in rows:
    print(f"| {name} | {fabric:,.0f} | {veth:,.0f} | {fabric / veth:.2f} |")
print(f"added to a round trip (median): {rows[3][1] - rows[3][2]:.0f} µs")
TABLE
