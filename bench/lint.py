"""How long `netcheck lint` takes and how much memory, for 50 and 500 suites: see lint.sh.

The numbers are linted in turns, ROUNDS times; medians of the time of the whole command, and the most memory of any round (the
kernel's `ru_maxrss`).
"""

import os
import statistics
import sys
import tempfile

import command

COUNTS = [50, 500]
SUITE = "suites/overlay.yaml"
PART = """netcheck: v1
part: more
tests:
  - { id: of-a-part, from: pods, to: pods, probe: udp }
"""


def write(directory, count):
    """The paths of so many suites, each with a part."""
    with open(SUITE, encoding="utf-8") as opened:
        text = opened.read()
    paths = []
    for number in range(count):
        with open(os.path.join(directory, f"{number}.part.yaml"), "w", encoding="utf-8") as part:
            part.write(PART)
        paths.append(os.path.join(directory, f"{number}.yaml"))
        named = text.replace("\nsuite: overlay\n", f"\nsuite: overlay-{number}\ninclude: [{number}.part.yaml]\n")
        if named == text:
            sys.exit(f"{SUITE} has no line `suite: overlay`")
        with open(paths[-1], "w", encoding="utf-8") as suite:
            suite.write(named)
    return paths


def main():
    netcheck, rounds = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as out:
        paths = write(out, max(COUNTS))
        measured = {count: [] for count in COUNTS}
        for _ in range(rounds):
            for count in COUNTS:
                measured[count].append(command.measured([netcheck, "lint", *paths[:count]]))
    print("| suites | ms | MB | time beside the first |\n|---|---|---|---|")
    first = None
    for count in COUNTS:
        seconds = statistics.median(each[0] for each in measured[count])
        memory = max(each[1] for each in measured[count])
        first = first or seconds
        print(f"| {count:,} | {1000 * seconds:.0f} | {memory / 1024:.0f} | {seconds / first:.1f} |")


main()
