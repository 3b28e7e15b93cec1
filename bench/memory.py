"""How much memory agents and a controller need. For bench/memory.sh."""

import os
import sys
import tempfile

from agent import Agent, peak_of

ADDRESS = "127.0.0.1"
SUITE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "suites", "overlay.yaml")


def agent(netcheck, kind, targets):
    """An agent's peak in KiB after a share of 20 questions to each of so many targets; at rest if there are none."""
    with Agent(netcheck, "agent", ADDRESS) as one:
        peers = [dict(one.peer(pair), host=f"127.0.{pair // 250}.{pair % 250 + 1}" if kind == "icmp" else ADDRESS) for pair in range(1, targets + 1)]
        if peers:
            one.carry_out(kind, peers, 20, 10_000)
        return one.peak()


def controller(netcheck, nodes):
    """The peak in KiB of the controller of a run in the sandbox, whose agents are processes of their own."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as world:
        world.write(f"netcheck: v1\nworld: memory\nnodes: {nodes}\n")
        world.flush()
        return peak_of([netcheck, "run", SUITE, "--backend", "sandbox", "--isolation", "loopback", "--world", world.name, "-q", "--color", "never"])


def main():
    netcheck = sys.argv[1]
    with open("/proc/sys/net/ipv4/ping_group_range", "w", encoding="ascii") as setting:
        setting.write("0 0")
    ping = peak_of(["ping", "-n", "-q", "-c", "20", "-i", "0.01", ADDRESS])
    rest = agent(netcheck, "icmp", 0)
    print("Memory at its peak, in MB (1 MB is 1,024 KiB). A `ping` is one process for one target.\n")
    print("| | MB | beside at rest | beside one `ping` |")
    print("|---|---|---|---|")
    rows = [("agent, at rest", rest)]
    rows += [(f"agent, {targets} targets by {kind.upper()}", agent(netcheck, kind, targets)) for kind in ("icmp", "udp", "tcp") for targets in (11, 39, 1000)]
    for title, peak in rows:
        print(f"| {title} | {peak / 1024:.1f} | {peak / rest:.2f} | {peak / ping:.1f} |", flush=True)
    print(f"| `ping` | {ping / 1024:.1f} | {ping / rest:.2f} | 1.0 |")
    print("\nThe controller of a whole run of `suites/overlay.yaml` in the sandbox on loopback:\n\n| nodes | MB | beside 3 nodes |\n|---|---|---|")
    first = None
    for nodes in (3, 12, 40):
        peak = controller(netcheck, nodes)
        first = first or peak
        print(f"| {nodes} | {peak / 1024:.1f} | {peak / first:.2f} |", flush=True)


main()
