"""One agent, driven over the wire as a controller does: the program that measures in a run is the one that is measured here.

It must not know what is measured. Every wait has an end, and an agent dies with the process that started it.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import zlib

# The version of src/wire.rs; CI runs this file, which an agent of another one would refuse.
WIRE = 7
RUN = "bench"
libc = ctypes.CDLL(None, use_errno=True)


class Agent:
    """`netcheck agent serve` on loopback addresses, and the conversation with it."""

    def __init__(self, netcheck, name, address):
        self.name, self.address, self.shares, self.process = name, address, 0, None
        self.directory = tempfile.TemporaryDirectory()
        path = os.path.join(self.directory.name, "agent.sock")
        command = [netcheck, "agent", "serve", "--run", RUN, "--node", name, "--addresses", address]
        command += ["--port", "0", "--socket", path, "--ends-with", str(os.getpid())]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.socket = self.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8", newline="\n")
        self.hello = self.hear()
        self.say(kind="hello", wire=WIRE, run=RUN, **{"from": 1})

    def connect(self, path):
        end = time.monotonic() + 10
        while True:
            stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            stream.settimeout(60)
            try:
                stream.connect(path)
                return stream
            except (FileNotFoundError, ConnectionRefusedError):
                stream.close()
                if time.monotonic() > end or self.process.poll() is not None:
                    raise SystemExit(f"the agent {self.name} does not listen; its exit code: {self.process.poll()}")
                time.sleep(0.01)

    def say(self, **message):
        text = json.dumps(message, separators=(",", ":")).encode()
        self.socket.sendall(b"%s %08x\n" % (text, zlib.crc32(text)))

    def hear(self):
        line = self.lines.readline().rstrip("\n")
        text, _, checksum = line.rpartition(" ")
        if not text or int(checksum, 16) != zlib.crc32(text.encode()):
            raise SystemExit(f"the agent {self.name} said {line[:200]!r}")
        return json.loads(text)

    def peer(self, pair):
        """Itself as a target."""
        who = {"name": self.name, "tcp": self.hello["tcp"], "udp": self.hello["udp"]}
        return {"pair": pair, "host": self.address, "who": {"agent": who}}

    def carry_out(self, kind, targets, count, interval_us, packets=8000):
        """A share. Returns its tallies by pair; whatever is not answered ends the bench, since a loss here spoils the figures."""
        self.shares += 1
        burst = {"type": kind, "family": "v4", "count": count, "interval": interval_us, "timeout": 1_000_000}
        pace = {"flows": 2000, "packets": packets, "outstanding": 1024, "apart": 0, "seed": self.shares}
        self.say(kind="assign", share=self.shares, probe=burst, targets=targets, deadline=50_000_000, pace=pace)
        tallies = {}
        while True:
            heard = self.hear()
            if "sequence" in heard:
                self.say(kind="ack", sequence=heard["sequence"])
            if heard["kind"] == "outcome":
                tallies[heard["pair"]] = measured(heard["outcome"], count)
            if heard["kind"] == "end":
                return tallies

    def cpu(self):
        """What it has used so far, user and system, in seconds (clock_getcpuclockid(3))."""
        clock = ctypes.c_int()
        error = libc.clock_getcpuclockid(self.process.pid, ctypes.byref(clock))
        if error:
            raise OSError(error, os.strerror(error))
        return time.clock_gettime(clock.value)

    def peak(self):
        """The most that it had resident, in KiB."""
        return peak(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.socket.close()
        self.directory.cleanup()


def measured(outcome, count):
    tally = next(iter(outcome.values())) if "sent" not in outcome else outcome
    if tally.get("answered") != count:
        raise SystemExit(f"not all of {count} questions were answered: {json.dumps(outcome)[:500]}")
    return tally


def peak(process):
    """The most that a process had resident, in KiB (`VmHWM`, proc_pid_status(5)). `ru_maxrss` would not do: a new program inherits
    what the one that started it had (getrusage(2))."""
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)


def output_of(command):
    """Runs a command to its end, which has to be a good one."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout


def peak_of(command):
    """The same; its peak in KiB, looked at every 5 ms until it ends. A zombie has none."""
    end, most = time.monotonic() + 120, 0
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, peak(process.pid))
            if time.monotonic() > end:
                process.terminate()
            time.sleep(0.005)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return most


def main():
    """That agents and these scripts understand each other: CI runs this, as it runs no benchmark."""
    netcheck = sys.argv[1]
    with Agent(netcheck, "asker", "127.0.0.1") as asker, Agent(netcheck, "answerer", "127.0.0.2") as answerer:
        for kind in ("udp", "tcp"):
            tally = asker.carry_out(kind, [answerer.peer(1)], 3, 1000)[1]
            print(f"{kind}: {tally['answered']} of {tally['sent']} questions answered")


if __name__ == "__main__":
    main()
