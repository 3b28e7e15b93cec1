"""What asking costs, and how true its times are: an agent beside `ping` and surge-ping, in turns, on loopback. For bench/probe.sh."""

import re
import resource
import socket
import statistics
import struct
import subprocess
import sys
import time

from agent import Agent, output_of

SIZE = 36  # bytes of payload, as a question of netcheck has
ASKER, ANSWERER = "127.0.0.1", "127.0.0.2"
MANY = 50
COUNT = 100  # netcheck tells up to 256 round trips one by one
NEAR = 20  # µs that a round trip may be from the stamps


def ping(address, count, interval_us, *more):
    command = ["ping", "-n", "-s", str(SIZE), "-c", str(count), "-w", "50", *more]
    return command + (["-f"] if interval_us == 0 else ["-i", f"{interval_us / 1e6:.6f}"]) + [address]


def surge(surge_ping, count, interval_us):
    """What surge-ping says of each packet, in µs."""
    output = output_of([surge_ping, ANSWERER, str(count), str(interval_us), str(SIZE)])
    return [float(line) for line in output.split()]


def times(output):
    """What `ping` says of each packet, in µs; it prints to the nearest one."""
    return [1000 * float(found) for found in re.findall(r"time=([\d.]+) ms", output)]


# --- cost


def asked(asker, answerer, kind, targets, count, interval_us):
    """One share: µs of processor time a packet, of the one who asks and of the one who answers; and packets a second."""
    before, answering, began = asker.cpu(), answerer.cpu(), time.monotonic()
    asker.carry_out(kind, targets, count, interval_us)
    packets = count * len(targets)
    wall = time.monotonic() - began
    return (asker.cpu() - before) / packets * 1e6, (answerer.cpu() - answering) / packets * 1e6, packets / wall


def pinged(addresses, count, interval_us):
    """The same by `ping`, one process for each address, all at once."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    processes = [subprocess.Popen(ping(address, count, interval_us, "-q"), stdout=subprocess.PIPE, text=True) for address in addresses]
    for process in processes:
        output = process.communicate(timeout=60)[0]
        if f" {count} received" not in output:
            raise SystemExit(f"ping lost packets on loopback: {output}")
    after, packets, wall = resource.getrusage(resource.RUSAGE_CHILDREN), count * len(addresses), time.monotonic() - began
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu / packets * 1e6, packets / wall


def costs(asker, answerer, rounds):
    one = [answerer.peer(1)]
    many = [dict(answerer.peer(pair), host=f"127.0.1.{pair}") for pair in range(1, MANY + 1)]
    rows = [
        ("ICMP, one target, 1 ms apart", "icmp", one, 2000, 1000),
        ("ICMP, one target, 10 ms apart", "icmp", one, 300, 10_000),
        ("ICMP, one target, as fast as each will", "icmp", one, 2000, 0),
        (f"ICMP, {MANY} targets, 20 ms apart", "icmp", many, 100, 20_000),
        ("UDP, one target, 1 ms apart", "udp", one, 2000, 1000),
        ("UDP, one target, 10 ms apart", "udp", one, 300, 10_000),
    ]
    print(f"Processor time a packet, user and system, medians of {rounds} rounds. UDP stands beside `ping` of the same address.\n")
    print("| | netcheck, µs | `ping`, µs | ratio | netcheck, packets/s | `ping`, packets/s | who answers, µs |")
    print("|---|---|---|---|---|---|---|")
    for title, kind, targets, count, interval in rows:
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(asked(asker, answerer, kind, targets, count, interval))
            theirs.append(pinged([target["host"] for target in targets], count, interval))
        cost, answering, pace = (statistics.median(column) for column in zip(*ours))
        ping_cost, ping_pace = (statistics.median(column) for column in zip(*theirs))
        answers = f"{answering:.1f}" if kind == "udp" else "the kernel"
        print(f"| {title} | {cost:.1f} | {ping_cost:.1f} | {cost / ping_cost:.2f} | {pace:,.0f} | {ping_pace:,.0f} | {answers} |", flush=True)


# --- times


class Wire:
    """The kernel's own stamps of questions and answers as they pass the loopback device (packet(7), `SO_TIMESTAMPNS`)."""

    STAMP = 35  # SO_TIMESTAMPNS, which is also the type of its control message
    LEAVING = 4  # PACKET_OUTGOING
    ALL = 3  # ETH_P_ALL

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(self.ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, self.STAMP, 1)
        self.socket.bind(("lo", self.ALL))
        self.socket.setblocking(False)

    def round_trips(self):
        """What has passed since the last look: µs from a question's leaving to its answer's arrival, in the order of asking."""
        left, came = {}, {}
        while True:
            try:
                packet, control, _, address = self.socket.recvmsg(512, 64)
            except BlockingIOError:
                return [(came[at] - left[at]) / 1000 for at in sorted(left) if at in came]
            told = self.question_or_answer(packet)
            stamp = next((data for level, kind, data in control if (level, kind) == (socket.SOL_SOCKET, self.STAMP)), None)
            if told is None or stamp is None:
                continue
            (answer, sequence), (seconds, nanos) = told, struct.unpack("qq", stamp[:16])
            # Each packet is seen twice here, as it leaves and as it arrives.
            if answer != (address[2] == self.LEAVING):
                (came if answer else left)[sequence] = seconds * 1_000_000_000 + nanos

    @staticmethod
    def question_or_answer(packet):
        """Whether an IPv4 packet is an answer, and its number; none if it is neither, or the warm-up of netcheck."""
        head = (packet[0] & 15) * 4
        body = packet[head + 8:]
        if packet[9] == socket.IPPROTO_ICMP and packet[head] in (0, 8):
            answer, sequence = packet[head] == 0, struct.unpack(">H", packet[head + 6:head + 8])[0]
        elif packet[9] == socket.IPPROTO_UDP and body[:6] == b"netchk" and len(body) >= SIZE:
            answer, sequence = body[6:7] == b"A", struct.unpack(">I", body[24:28])[0]
        else:
            return None
        return (answer, sequence) if sequence > 0 else None


def beside(wire, ask):
    """The round trips that `ask` tells, and those of the same packets by the kernel's stamps."""
    wire.round_trips()
    told = ask()
    stamped = wire.round_trips()
    if len(stamped) != len(told):
        raise SystemExit(f"the kernel stamped {len(stamped)} round trips, but {len(told)} were told")
    return list(zip(told, stamped))


def truth(asker, answerer, wire, kind, rounds, surge_ping):
    """Prints a line for each tool and interval. Returns how far what netcheck tells by ICMP is from what `ping` tells."""
    differences = []
    for interval in (5_000, 20_000):
        ours, pings, users, surges = [], [], [], []
        for _ in range(rounds):
            ours += beside(wire, lambda: asker.carry_out(kind, [answerer.peer(1)], COUNT, interval)[1]["samples"]["raw"])
            pings += beside(wire, lambda: times(output_of(ping(ANSWERER, COUNT, interval))))
            users += beside(wire, lambda: times(output_of(ping(ANSWERER, COUNT, interval, "-U"))))
            surges += beside(wire, lambda: surge(surge_ping, COUNT, interval))
        how = asker.hello["icmp"] + " sockets" if kind == "icmp" else "to an agent"
        for who, pairs in (("netcheck", ours), ("`ping`", pings), ("`ping -U`", users), ("surge-ping", surges)):
            apart = [told - stamped for told, stamped in pairs]
            told, stamped, middle = (statistics.median(column) for column in (*zip(*pairs), apart))
            within = sum(abs(difference) <= NEAR for difference in apart) / len(apart)
            theirs = "raw" if who == "surge-ping" else asker.hello["icmp"]
            what = f"{kind.upper()} {how}" if who == "netcheck" else f"ICMP {theirs} sockets"
            print(f"| {what}, {interval // 1000} ms apart | {who} | {told:.0f} | {stamped:.1f} | {told / stamped:.2f} | {middle:.1f} | {within:.1%} |", flush=True)
        if kind == "icmp":
            medians = [statistics.median(told for told, _ in pairs) for pairs in (ours, pings)]
            differences.append(f"{medians[0] - medians[1]:.0f} µs (ICMP {how}, {interval // 1000} ms apart)")
    return differences


def ping_sockets(lowest, highest):
    with open("/proc/sys/net/ipv4/ping_group_range", "w", encoding="ascii") as setting:
        setting.write(f"{lowest} {highest}")


def main():
    netcheck, rounds, surge_ping = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    ping_sockets(0, 0)
    with Agent(netcheck, "asker", ASKER) as asker, Agent(netcheck, "answerer", ANSWERER) as answerer:
        costs(asker, answerer, rounds)
    print(f"\nRound trips in µs, medians of {rounds} rounds of {COUNT} packets, in turns: what each tool tells, and the same packets by the kernel's own")
    print("stamps, from the question's leaving to the answer's arrival. `ping -U` reads the clock itself when it gets the answer.\n")
    print(f"| | who | told | stamped | ratio | apart | at most {NEAR} µs apart |")
    print("|---|---|---|---|---|---|---|")
    wire, differences = Wire(), []
    for lowest, kinds in ((0, ("icmp", "udp")), (1, ("icmp",))):
        ping_sockets(lowest, 0)
        with Agent(netcheck, "asker", ASKER) as asker, Agent(netcheck, "answerer", ANSWERER) as answerer:
            for kind in kinds:
                differences += truth(asker, answerer, wire, kind, rounds, surge_ping)
    print("\nBoth netcheck and `ping` take the kernel's stamp of the answer. netcheck - `ping`, medians: " + ", ".join(differences))


main()
