//! What needs ICMP sockets and broken networks. To be run in a network namespace of its own, as root, once with the range that
//! gives unprivileged sockets, and once with "1 0", which leaves only raw ones: all of it has to hold for both.
//!
//!     unshare -n sh -c 'ip link set lo up; sysctl -qw net.ipv4.ping_group_range="0 2147483647";
//!         cargo test --features privileged-tests --test icmp'
//!
//! It changes routes and filters there; each test has addresses of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking, and their helpers too")]

#[path = "icmp/agents.rs"]
mod agents;
#[path = "icmp/forger.rs"]
mod forger;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::process::{Child, Command};
use std::sync::Mutex;
use std::time::Duration;

use netcheck::agent::{Ports, respond};
use netcheck::model::burst::Burst;
use netcheck::model::family::Family;
use netcheck::model::outcome::{Alteration, Miss, Missed, Outcome, Sight, Tally, Unreachable, WarmUp};
use netcheck::model::path_mtu::{Carrier, Direction, Larger, PathMtu, PmtuProbe};
use netcheck::model::probe::{Echoes, Probe, Splitting};
use netcheck::model::secret::Secrets;
use netcheck::model::units::{Micros, Port, PortRange};
use netcheck::probe::{Asker, carry_out, icmp_mode};
use netcheck::wire::{IcmpMode, Pace, Peer, Share, Who};
use std::path::PathBuf;
use tokio::sync::mpsc;

use agents::AgentProcess;
use forger::{Forger, MARK, error_about};

const LONG: Micros = Micros(10_000_000);
const SHORT: Micros = Micros(300_000);

fn burst(to: IpAddr, timeout: Micros) -> Burst {
    Burst { family: Family::of(to), count: NonZeroU32::new(5).unwrap(), interval: Micros(1_000), timeout }
}

/// The tally of one target whose agent, if any, answers on port 7000.
async fn ask(from: IpAddr, to: IpAddr, probe: Probe) -> Tally {
    let port = Port::new(7000).unwrap();
    let target = Peer { pair: 1, host: to.into(), who: Who::Agent { name: "node1".to_owned(), tcp: port, udp: port } };
    let asker = Asker {
        run: "r1".to_owned(),
        addresses: vec![from],
        credentials: netcheck::agent::credentials(PathBuf::new()),
        resolver: netcheck::wire::Resolver::default(),
        dns: Port::DNS,
    };
    let share = Share {
        share: 1,
        attempt: 1,
        probe,
        targets: vec![target],
        deadline: Micros(60_000_000),
        pace: Pace::gentle(1),
        secrets: Secrets::default(),
    };
    let (sender, mut outcomes) = mpsc::channel(1);
    carry_out(&asker, &share, sender).await;
    match outcomes.recv().await {
        Some((1, Outcome::Measured(tally))) => {
            assert_eq!(tally.contradiction(), None);
            tally
        }
        other => panic!("{other:?}"),
    }
}

fn run(command: &str) {
    let status = Command::new("sh").args(["-c", command]).status().unwrap();
    assert!(status.success(), "{command}");
}

fn v4(third: u8, fourth: u8) -> IpAddr {
    [127, 99, third, fourth].into()
}

/// All of the probe's questions, each missed in that way.
async fn check(from: IpAddr, to: IpAddr, probe: Probe, how: Miss) {
    let tally = ask(from, to, probe.clone()).await;
    assert_eq!(tally.missed, [Missed { how, count: 5 }], "{} {to}", probe.kind());
    // An error that came to a raw socket as a packet, too, is not counted a second time.
    assert_eq!((tally.sent, tally.warm_up, tally.foreign), (5, WarmUp::Unanswered, 0), "{} {to}", probe.kind());
}

/// The kind of socket that this namespace gives to this process.
fn mode() -> IcmpMode {
    match std::fs::read_to_string("/proc/sys/net/ipv4/ping_group_range").unwrap().split_whitespace().next() {
        Some("1") => IcmpMode::Raw,
        _ => IcmpMode::Datagram,
    }
}

#[tokio::test]
async fn the_kernel_answers_on_both_families() {
    assert_eq!(icmp_mode(), mode());
    for (from, to) in [(v4(0, 1), v4(0, 2)), ("::1".parse().unwrap(), "::1".parse().unwrap())] {
        let tally = ask(from, to, Probe::icmp(burst(to, LONG))).await;
        assert_eq!((tally.sent, tally.answered, tally.samples.count()), (5, 5, 5));
        assert_eq!((tally.duplicates, tally.reordered, tally.foreign), (0, 0, 0));
        assert!(matches!(tally.warm_up, WarmUp::Answered(_)));
    }
}

#[tokio::test]
async fn whoever_answers_without_the_nonce_is_foreign_and_other_identifiers_are_nobodys_business() {
    run("ip addr add fd99:1::1/128 dev lo nodad; ip addr add fd99:1::2/128 dev lo nodad");
    for (filter, from, to) in [("iptables", "127.99.6.1", "127.99.6.2"), ("ip6tables", "fd99:1::1", "fd99:1::2")] {
        run(&format!("{filter} -A OUTPUT -s {to} -m mark ! --mark {MARK} -j DROP"));
        let (from, to): (IpAddr, IpAddr) = (from.parse().unwrap(), to.parse().unwrap());
        let forger = Forger::at(to);
        let tally = ask(from, to, Probe::icmp(burst(to, LONG))).await;
        // The false answer of each question, the warm-up's too, came before its true one.
        assert_eq!((tally.sent, tally.answered, tally.foreign), (5, 5, 6), "{to}");
        assert_eq!((tally.duplicates, tally.reordered), (0, 0), "{to}");
        drop(forger);
    }
}

fn echoes(to: IpAddr, size: u32, splitting: Splitting) -> Probe {
    Probe::Icmp(Echoes { burst: burst(to, LONG), size, splitting })
}

#[tokio::test]
async fn what_comes_back_cut_longer_or_changed_is_no_answer() {
    type Answers = &'static (dyn Fn(&[u8]) -> Vec<Vec<u8>> + Sync);
    let length = |came| Alteration::Length { came, sent: 300 };
    // Behind the header of 8 bytes; the last byte of what came is not part of the question that proves who answers.
    let cases: [(&str, Answers, Alteration); 5] = [
        ("1", &|message| vec![message[..108].to_vec()], length(100)),
        ("2", &|message| vec![message[..18].to_vec()], length(10)),
        ("3", &|message| vec![[message, b"x"].concat()], length(301)),
        ("4", &|message| vec![[&message[..message.len() - 1], &[message[message.len() - 1] ^ 1]].concat()], Alteration::Content),
        ("5", &|message| vec![[&message[..8], b"X", &message[9..]].concat()], Alteration::Content),
    ];
    for (host, answers, what) in cases {
        for (filter, network) in [("iptables", "127.99.8."), ("ip6tables", "fd99:8::")] {
            let (from, to): (IpAddr, IpAddr) = (format!("{network}9").parse().unwrap(), format!("{network}{host}").parse().unwrap());
            if to.is_ipv6() {
                run(&format!("ip addr replace {from}/128 dev lo nodad; ip addr replace {to}/128 dev lo nodad"));
            }
            run(&format!("{filter} -A OUTPUT -s {to} -m mark ! --mark {MARK} -j DROP"));
            let forger = Forger::answering(to, answers);
            check(from, to, echoes(to, 300, Splitting::Allowed), Miss::Altered { what }).await;
            drop(forger);
        }
    }
}

/// The number of a question: that of its echo message, whose warm-up is 0.
fn number(message: &[u8]) -> u16 {
    u16::from_be_bytes([message[6], message[7]])
}

/// A question that is not answered yet.
static HELD: Mutex<Option<Vec<u8>>> = Mutex::new(None);

#[tokio::test]
async fn answers_that_come_twice_late_or_after_later_ones_are_told_apart() {
    type Answers = &'static (dyn Fn(&[u8]) -> Vec<Vec<u8>> + Sync);
    let twice: Answers = &|message| vec![message.to_vec(), message.to_vec()];
    // Nothing is answered while the first question is: it is late, and what waits behind it is not.
    let late: Answers = &|message| {
        if number(message) == 1 {
            std::thread::sleep(Duration::from_millis(1_200));
        }
        vec![message.to_vec()]
    };
    // The second is answered in the third's place, before it.
    let turned: Answers = &|message| {
        if number(message) == 2 {
            *HELD.lock().unwrap() = Some(message.to_vec());
            return Vec::new();
        }
        let held = HELD.lock().unwrap().take();
        [message.to_vec()].into_iter().chain(held).collect()
    };
    let slow = |to| Burst { interval: Micros(700_000), timeout: Micros(1_000_000), ..burst(to, LONG) };
    for (filter, network) in [("iptables", "127.99.10."), ("ip6tables", "fd99:10::")] {
        for (host, answers, expected) in [("1", twice, (5, 0, 5, 0)), ("2", late, (4, 1, 0, 0)), ("3", turned, (5, 0, 0, 1))] {
            let (from, to): (IpAddr, IpAddr) = (format!("{network}9").parse().unwrap(), format!("{network}{host}").parse().unwrap());
            if to.is_ipv6() {
                run(&format!("ip addr replace {from}/128 dev lo nodad; ip addr replace {to}/128 dev lo nodad"));
            }
            run(&format!("{filter} -A OUTPUT -s {to} -m mark ! --mark {MARK} -j DROP"));
            let forger = Forger::answering(to, answers);
            let asked = if host == "2" { slow(to) } else { burst(to, LONG) };
            let tally = ask(from, to, Probe::icmp(asked)).await;
            let late: u32 = tally.missed.iter().filter(|missed| missed.how == Miss::Late).map(|missed| missed.count).sum();
            assert_eq!((tally.answered, late, tally.duplicates, tally.reordered), expected, "{to}: {tally:?}");
            drop(forger);
        }
    }
}

#[tokio::test]
async fn what_went_too_far_says_so_and_a_redirect_loses_nothing() {
    let v6 = |host: u8| -> IpAddr { format!("fd99:12::{host}").parse().unwrap() };
    // Of fragments that did not come, Linux tells no socket over IPv4 (icmp_unreach).
    let cases = [
        ((11, 0), v4(12, 9), v4(12, 1), Some(Unreachable::HopLimit)),
        ((3, 0), v6(9), v6(1), Some(Unreachable::HopLimit)),
        ((3, 1), v6(9), v6(2), Some(Unreachable::Reassembly)),
        // Redirected, and quenched: the answer follows.
        ((5, 1), v4(12, 9), v4(12, 3), None),
        ((4, 0), v4(12, 9), v4(12, 4), None),
    ];
    for (error, from, to, what) in cases {
        let filter = if to.is_ipv6() { "ip6tables" } else { "iptables" };
        if to.is_ipv6() {
            run(&format!("ip addr replace {from}/128 dev lo nodad; ip addr replace {to}/128 dev lo nodad"));
        }
        run(&format!("{filter} -A OUTPUT -s {to} -m mark ! --mark {MARK} -j DROP"));
        let answers = move |message: &[u8]| {
            let told = error_about(error, (from, to), message);
            if what.is_some() { vec![told] } else { vec![told, message.to_vec()] }
        };
        let forger = Forger::answering(to, Box::leak(Box::new(answers)));
        let probe = Probe::icmp(burst(to, LONG));
        if let Some(what) = what {
            check(from, to, probe, Miss::Unreachable { what, by: Some(to) }).await;
        } else {
            let tally = ask(from, to, probe).await;
            assert_eq!((tally.answered, &*tally.missed, tally.duplicates), (5, [].as_slice(), 0), "{error:?}");
        }
        drop(forger);
    }
}

#[tokio::test]
async fn copies_count_though_they_come_after_all_is_settled() {
    for (filter, network) in [("iptables", "127.99.11."), ("ip6tables", "fd99:11::")] {
        let (from, to): (IpAddr, IpAddr) = (format!("{network}9").parse().unwrap(), format!("{network}1").parse().unwrap());
        if to.is_ipv6() {
            run(&format!("ip addr replace {from}/128 dev lo nodad; ip addr replace {to}/128 dev lo nodad"));
        }
        run(&format!("{filter} -A OUTPUT -s {to} -m mark ! --mark {MARK} -j DROP"));
        let forger = Forger::repeating(to, &|message| vec![message.to_vec()], Some(Duration::from_millis(20)));
        for count in [1, 3] {
            let tally = ask(from, to, Probe::icmp(Burst { count: NonZeroU32::new(count).unwrap(), ..burst(to, LONG) })).await;
            assert_eq!((tally.answered, tally.duplicates, tally.foreign), (count, count, 0), "{to}");
        }
        drop(forger);
    }
}

#[tokio::test]
async fn packets_of_any_size_come_back_and_what_no_link_takes_whole_is_too_big() {
    run("ip addr add fd99:9::1/128 dev lo nodad; ip addr add fd99:9::2/128 dev lo nodad");
    for (from, to) in [(v4(9, 1), v4(9, 2)), ("fd99:9::1".parse().unwrap(), "fd99:9::2".parse().unwrap())] {
        for size in [36, 37, 1_400, 20_001, 65_507] {
            let tally = ask(from, to, echoes(to, size, Splitting::Allowed)).await;
            assert_eq!((tally.sent, tally.answered, tally.foreign), (5, 5, 0), "{to} {size}");
        }
        let tally = ask(from, to, echoes(to, 60_000, Splitting::Forbidden)).await;
        assert_eq!((tally.sent, tally.answered), (5, 5), "{to}");
    }
    // 65,507 bytes and the headers of ICMPv6 and IPv6 are more than the 65,536 of the loopback interface.
    let to = "fd99:9::2".parse().unwrap();
    let too_big = Miss::TooBig { by: None, mtu: 65_536 };
    check("fd99:9::1".parse().unwrap(), to, echoes(to, 65_507, Splitting::Forbidden), too_big).await;
}

#[tokio::test]
async fn the_kernel_of_an_agent_answers_packets_of_each_size() {
    run("ip addr add fd99:13::1/128 dev lo nodad; ip addr add fd99:13::2/128 dev lo nodad");
    for (from, to) in [(v4(13, 1), v4(13, 2)), ("fd99:13::1".parse().unwrap(), "fd99:13::2".parse().unwrap())] {
        let probe = PmtuProbe { burst: burst(to, LONG), floor: 1_280, ceiling: 9_000, over: Carrier::Icmp };
        let tally = ask(from, to, Probe::Pmtu(probe)).await;
        let whole = PathMtu { direction: Direction::Round, size: 9_000, top: 9_000, fails: 0, larger: Larger::Unsent };
        let found: Vec<_> = tally.seen.iter().map(|seen| &seen.what).collect();
        assert_eq!(found, [&Sight::PathMtu(whole)], "{to}");
    }
}

#[tokio::test]
async fn two_agents_of_one_host_hear_nothing_of_each_other() {
    run("for host in 1 2 3; do ip addr add fd99:2::$host/128 dev lo nodad; done");
    run("sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000");
    run("iptables -A INPUT -d 127.99.7.3 -p icmp --icmp-type echo-request -j REJECT --reject-with icmp-admin-prohibited");
    run("ip6tables -A INPUT -d fd99:2::3 -p icmpv6 --icmpv6-type echo-request -j REJECT --reject-with icmp6-adm-prohibited");
    let mut agents = ["a1b2c3d4", "e5f60718"].map(|run| AgentProcess::start(run, "node1", "127.99.7.1,fd99:2::1"));
    for agent in &mut agents {
        let hello = agent.greet();
        assert_eq!((hello.node.as_str(), hello.icmp), ("node1/host", mode()));
    }
    let targets = [("127.99.7.2", true), ("fd99:2::2", true), ("127.99.7.3", false), ("fd99:2::3", false)];
    for (share, (to, answers)) in (1..).zip(targets) {
        let to: IpAddr = to.parse().unwrap();
        let long = Burst { count: NonZeroU32::new(100).unwrap(), ..burst(to, LONG) };
        for agent in &mut agents {
            agent.assign(share, Probe::icmp(long.clone()), to);
        }
        for agent in &mut agents {
            let tally = agent.tally();
            let (answered, missed) = if answers { (100, Vec::new()) } else { (0, vec![Missed { how: prohibited(Some(to)), count: 100 }]) };
            assert_eq!((tally.answered, &tally.missed), (answered, &missed), "{to}");
            assert_eq!((tally.duplicates, tally.foreign), (0, 0), "{to}");
        }
    }
}

#[tokio::test]
async fn dropped_questions_time_out() {
    run("iptables -A INPUT -d 127.99.1.2 -j DROP");
    let to = v4(1, 2);
    for probe in [Probe::icmp(burst(to, SHORT)), Probe::udp(burst(to, SHORT)), Probe::Tcp(burst(to, SHORT))] {
        check(v4(1, 1), to, probe, Miss::TimedOut).await;
    }
}

#[tokio::test]
async fn refusals_have_their_class_and_their_sender() {
    let cases = [
        (3, "icmp-port-unreachable", Miss::Refused { by: Some(v4(2, 3)) }),
        (4, "icmp-admin-prohibited", prohibited(Some(v4(2, 4)))),
        (5, "icmp-net-unreachable", Miss::Unreachable { what: Unreachable::Network, by: Some(v4(2, 5)) }),
        (6, "icmp-host-unreachable", Miss::Unreachable { what: Unreachable::Host, by: Some(v4(2, 6)) }),
        (7, "icmp-proto-unreachable", Miss::Unreachable { what: Unreachable::Protocol, by: Some(v4(2, 7)) }),
    ];
    // The kernel sends few errors to one address in a short time (net.ipv4.icmp_ratelimit); none of them may be missing here.
    run("sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_ratemask=0 net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000");
    for (host, reject, how) in cases {
        let to = v4(2, host);
        run(&format!("iptables -A INPUT -d {to} -p icmp --icmp-type echo-request -j REJECT --reject-with {reject}"));
        run(&format!("iptables -A INPUT -d {to} -p udp -j REJECT --reject-with {reject}"));
        run(&format!("iptables -A INPUT -d {to} -p tcp -j REJECT --reject-with {reject}"));
        for probe in [Probe::icmp(burst(to, LONG)), Probe::udp(burst(to, LONG)), Probe::Tcp(burst(to, LONG))] {
            check(v4(2, 1), to, probe, how.clone()).await;
        }
    }
}

const fn prohibited(by: Option<IpAddr>) -> Miss {
    Miss::Unreachable { what: Unreachable::Prohibited, by }
}

#[tokio::test]
async fn what_this_machine_forbids_or_has_no_way_to_names_nobody_else() {
    run("iptables -A OUTPUT -d 127.99.3.2 -j DROP");
    for probe in [Probe::icmp(burst(v4(3, 2), LONG)), Probe::udp(burst(v4(3, 2), LONG))] {
        check(v4(3, 1), v4(3, 2), probe, prohibited(None)).await;
    }
    let nowhere: IpAddr = [198, 51, 100, 1].into();
    let no_way = Miss::Unreachable { what: Unreachable::Network, by: None };
    for probe in [Probe::icmp(burst(nowhere, LONG)), Probe::udp(burst(nowhere, LONG)), Probe::Tcp(burst(nowhere, LONG))] {
        check(v4(3, 1), nowhere, probe, no_way.clone()).await;
    }
    run("ip route add prohibit 198.51.100.2/32");
    let forbidden: IpAddr = [198, 51, 100, 2].into();
    for probe in [Probe::icmp(burst(forbidden, LONG)), Probe::udp(burst(forbidden, LONG)), Probe::Tcp(burst(forbidden, LONG))] {
        check(v4(3, 1), forbidden, probe, prohibited(None)).await;
    }
}

#[tokio::test]
async fn doubled_and_partial_loss_is_counted_exactly() {
    let responders = respond("r1", "node1", &[v4(4, 2)], Ports::Among(PortRange::parse("7000").unwrap())).unwrap();
    // Every second packet: the warm-up is the first, so the counted ones 1, 3 and 5 are lost.
    run("iptables -A INPUT -d 127.99.4.2 -p icmp --icmp-type echo-request -m statistic --mode nth --every 2 --packet 1 -j DROP");
    run("iptables -A INPUT -d 127.99.4.2 -p udp -m statistic --mode nth --every 2 --packet 1 -j DROP");
    for probe in [Probe::icmp(burst(v4(4, 2), Micros(300_000))), Probe::udp(burst(v4(4, 2), Micros(300_000)))] {
        let tally = ask(v4(4, 1), v4(4, 2), probe.clone()).await;
        assert_eq!(tally.missed, [Missed { how: Miss::TimedOut, count: 3 }], "{}", probe.kind());
        assert_eq!(tally.answered, 2);
    }
    drop(responders);
}

/// Another network namespace, gone with the value.
struct Elsewhere(Child);

impl Elsewhere {
    fn new() -> Self {
        let child = Command::new("unshare").args(["-n", "sleep", "600"]).spawn().unwrap();
        let path = format!("/proc/{}/ns/net", child.id());
        let here = std::fs::read_link("/proc/self/ns/net").unwrap();
        while std::fs::read_link(&path).unwrap() == here {
            std::thread::yield_now();
        }
        Self(child)
    }

    fn run(&self, command: &str) {
        run(&format!("nsenter -n -t {} {command}", self.0.id()));
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_router_on_the_way_is_named() {
    let router = Elsewhere::new();
    run(&format!("ip link add near type veth peer name far netns {}", router.0.id()));
    run("ip addr add 10.99.0.1/24 dev near; ip addr add fd99::1/64 dev near nodad; ip link set near up");
    for command in [
        "ip addr add 10.99.0.254/24 dev far",
        "ip addr add fd99::fe/64 dev far nodad",
        "ip link set far up",
        "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0",
        "sysctl -qw net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000",
        // Not by routes: the kernel sends but one error a second for those (net.ipv4.route.error_cost).
        "iptables -A FORWARD -d 10.98.0.1 -j REJECT --reject-with icmp-admin-prohibited",
        "iptables -A FORWARD -d 10.98.0.2 -j REJECT --reject-with icmp-host-unreachable",
        "ip6tables -A FORWARD -d fd98::1 -j REJECT --reject-with icmp6-adm-prohibited",
        "ip6tables -A FORWARD -d fd98::2 -j REJECT --reject-with icmp6-addr-unreachable",
        "ip route add 10.98.0.0/24 via 10.99.0.1",
        "ip -6 route add fd98::/64 via fd99::1",
    ] {
        router.run(command);
    }
    run("ip route add 10.98.0.0/24 via 10.99.0.254; ip -6 route add fd98::/64 via fd99::fe");
    for (from, by, to) in [("10.99.0.1", "10.99.0.254", "10.98.0."), ("fd99::1", "fd99::fe", "fd98::")] {
        let (from, by): (IpAddr, Option<IpAddr>) = (from.parse().unwrap(), by.parse().ok());
        for (host, what) in [("1", Unreachable::Prohibited), ("2", Unreachable::Host)] {
            let to: IpAddr = format!("{to}{host}").parse().unwrap();
            for probe in [Probe::icmp(burst(to, LONG)), Probe::udp(burst(to, LONG)), Probe::Tcp(burst(to, LONG))] {
                check(from, to, probe, Miss::Unreachable { what, by }).await;
            }
        }
    }
}

#[tokio::test]
async fn a_neighbour_that_is_not_there_is_unreachable_by_our_own_word() {
    run("ip link add lone type veth peer name other; ip addr add 10.97.0.1/24 dev lone; ip link set lone up; ip link set other up");
    // Address resolution takes three seconds, and then says so.
    let to: IpAddr = [10, 97, 0, 9].into();
    let slow = Burst { interval: Micros(0), ..burst(to, LONG) };
    let no_host = Miss::Unreachable { what: Unreachable::Host, by: None };
    for probe in [Probe::icmp(slow.clone()), Probe::udp(slow.clone()), Probe::Tcp(slow)] {
        let tally = ask([10, 97, 0, 1].into(), to, probe.clone()).await;
        assert_eq!((tally.sent, tally.answered), (5, 0));
        assert!(tally.missed.iter().any(|missed| missed.how == no_host), "{} {:?}", probe.kind(), tally.missed);
    }
}
