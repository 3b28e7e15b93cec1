"""How long `netcheck plan` takes and how much memory, from 50 to 5,000 nodes: see plan.sh.

Each size is planned in turns, ROUNDS times, from an inventory file; medians of the time of the whole command, and the most memory
of any round (the kernel's `ru_maxrss`). Growth stands beside that of pairs x log2(nodes), measured from the first size on.
"""

import json
import math
import os
import re
import statistics
import sys
import tempfile

import command

SIZES = [50, 100, 500, 1_000, 5_000]
SUITE = "suites/overlay.yaml"


def inventory(count):
    """As a cluster's: three zones, two addresses and thirty labels each."""
    def node(number):
        labels = {f"example.com/label-{index}": f"value-{number % (index + 2)}" for index in range(30)}
        addresses = [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", f"fd00::{number:x}"]
        name = f"ip-10-0-{number:05}.eu-central-1.compute.internal"
        return {"name": name, "zone": f"zone-{number % 3}", "labels": labels, "addresses": addresses, "standing": "expected"}

    nodes = [node(number) for number in range(1, count + 1)]
    return {"schema": "netcheck.inventory/v1", "cluster": "bench", "version": "", "nodes": nodes, "limits": []}


def plan(netcheck, file, extra):
    """Seconds, KiB at the peak, pairs of all cases."""
    seconds, memory, text = command.measured([netcheck, "plan", SUITE, "--inventory", file, *extra])
    return seconds, memory, int(re.search(r"· ([\d,]+) pairs", text).group(1).replace(",", ""))


def main():
    netcheck, rounds, extra = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    with tempfile.TemporaryDirectory() as out:
        files = {count: os.path.join(out, f"{count}.json") for count in SIZES}
        for count, file in files.items():
            with open(file, "w", encoding="utf-8") as opened:
                json.dump(inventory(count), opened)
        measured = {count: [] for count in SIZES}
        for _ in range(rounds):
            for count in SIZES:
                measured[count].append(plan(netcheck, files[count], extra))
    print("| nodes | pairs of all cases | ms | MB | time beside the first | pairs x log beside the first |\n|---|---|---|---|---|---|")
    first = None
    for count in SIZES:
        seconds = statistics.median(each[0] for each in measured[count])
        memory = max(each[1] for each in measured[count])
        pairs = measured[count][0][2]
        work = pairs * math.log2(count)
        first = first or (seconds, work)
        print(f"| {count:,} | {pairs:,} | {1000 * seconds:.0f} | {memory / 1024:.0f} | {seconds / first[0]:.1f} | {work / first[1]:.1f} |")


main()
