#!/usr/bin/env bash
# How long a healthy mesh takes, phase by phase, and how long the same takes the way it is done today: one exec of `ping` for each
# pair, one after the other. Both on the cluster of $KUBECONFIG, in one run, with the ratio.
#
#   NETCHECK=target/x86_64-unknown-linux-musl/dist/netcheck bench/mesh.sh [RUNS]
#
# With many nodes the pairs in turn take very long: PAIRS measures so many of them only, spread over all, and says so.
# Needs kubectl, python3, and an image with `ping` on every node: PING_IMAGE (default busybox) and PING (its command, default `ping`).
# SUITE is another suite than the shipped one: agents that share two cores do not manage all pairs of 40 nodes by TCP.
# SLEEP is how a pod of that image waits (default `sleep 3600`).
set -euo pipefail
runs=${1:-3}
netcheck=${NETCHECK:-netcheck}
image=${PING_IMAGE:-busybox}
ping=${PING:-ping}
sleep=${SLEEP:-sleep 3600}
most=${PAIRS:-1000000}
suite=${SUITE:-suites/overlay.yaml}
out=$(mktemp -d)
space=netcheck-bench-$$
trap 'kubectl delete namespace "$space" --wait=false --ignore-not-found >/dev/null; rm -rf "$out"' EXIT

for run in $(seq "$runs"); do
  python3 - "$netcheck" "$suite" "$out/$run.json" >>"$out/memory" <<'RUN'
import sys
sys.path.insert(0, "bench")
from agent import peak_of
print(peak_of([sys.argv[1], "run", sys.argv[2], "-q", "--report", f"json={sys.argv[3]}"]))
RUN
done

kubectl create namespace "$space" >/dev/null
for node in $(kubectl get nodes -o name | cut -d/ -f2); do
  kubectl -n "$space" apply -f - >/dev/null <<POD
apiVersion: v1
kind: Pod
metadata: {name: ping-$node, labels: {app: ping}}
spec:
  nodeName: $node
  terminationGracePeriodSeconds: 0
  tolerations: [{operator: Exists}]
  securityContext: {sysctls: [{name: net.ipv4.ping_group_range, value: "0 2147483647"}]}
  containers: [{name: ping, image: $image, imagePullPolicy: IfNotPresent, command: [$(printf '"%s",' $sleep | sed 's/,$//')]}]
POD
done
kubectl -n "$space" wait --for=condition=Ready pod -l app=ping --timeout=120s >/dev/null
kubectl -n "$space" get pods -l app=ping -o jsonpath='{range .items[*]}{.metadata.name} {.status.podIP}{"\n"}{end}' >"$out/pods"

awk -v most="$most" '{ name[NR] = $1; address[NR] = $2 }
  END { all = NR * (NR - 1); step = all > most ? all / most : 1
        for (s = 1; s <= NR; s++) for (t = 1; t <= NR; t++) if (s != t && int(++n / step) > int((n - 1) / step))
          print name[s], name[t], address[t] }' "$out/pods" >"$out/pairs"
began=$(date +%s%N)
pairs=0
while read -r source target address; do
  # shellcheck disable=SC2086
  kubectl -n "$space" exec "$source" -- $ping -c 2 "$address" >/dev/null </dev/null || echo "$source cannot reach $target" >&2
  pairs=$((pairs + 1))
done <"$out/pairs"
sequential=$((($(date +%s%N) - began) / 1000000))

python3 - "$out" "$runs" "$sequential" "$pairs" <<'TABLE'
import json, statistics, sys
out, runs, sequential, pairs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
results = [json.load(open(f"{out}/{run}.json")) for run in range(1, runs + 1)]
def median(of): return statistics.median(of(result) for result in results)
def phase(name): return median(lambda result: result["run"]["phases"][name] or 0)
cases = [case for case in results[0]["suites"][0]["cases"] if case["status"] != "skipped"]
probed = sum(case["coverage"]["measured"] for case in cases)
packets = sum(case["metrics"]["sent"] for case in cases)
print(f"nodes {len(results[0]['nodes'])}, cases {len(cases)}, pairs {probed}, packets {packets}; medians of {runs} runs, ms")
for name in ("createMs", "startMs", "attachMs", "probeMs", "judgeMs", "cleanUpMs"):
    print(f"  {name:10} {phase(name):>8.0f}")
total = median(lambda result: result["run"]["durationMs"])
print(f"  {'command to reports':20} {total:>8.0f}   of it beyond pod start {total - phase('startMs'):.0f}")
print(f"  {'hello to verdict':20} {phase('probeMs') + phase('judgeMs'):>8.0f}   a case {(phase('probeMs') + phase('judgeMs')) / len(cases):.0f}")
print(f"one exec of ping a pair, in turn: {pairs} pairs, {sequential} ms, {sequential / pairs:.0f} a pair")
ours = (phase("probeMs") + phase("judgeMs")) / probed
nodes = sum(node["state"] == "tested" for node in results[0]["nodes"])
every = sequential / pairs * nodes * (nodes - 1)
print(f"ratio of time per pair, today's way / netcheck: {sequential / pairs / ours:.0f}")
print(f"ratio of the whole: {nodes * (nodes - 1)} pairs in turn{'' if pairs == nodes * (nodes - 1) else f' (scaled up from {pairs})'} / {probed} by netcheck: {every / total:.1f}")
print(f"controller: {max(int(line) for line in open(f'{out}/memory')) / 1024:.1f} MB resident at most")
TABLE
