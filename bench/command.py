"""One run of a command: how long it took, how much memory it had at its peak, and what it said."""

import os
import subprocess
import sys
import time


def measured(words):
    """Seconds, KiB at the peak (the kernel's `ru_maxrss`), and what it said; ends this program if the command fails."""
    began = time.monotonic()
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = child.stdout.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(words)[:500]} ended with {child.returncode}: {text[-2000:]}")
    return seconds, usage.ru_maxrss, text
