//! Entering the network namespace of a pod: an agent as a process of its own, a process in a network namespace of its own, and a
//! folder that stands for `/proc` and says that the one is of a pod. Needs root, `unshare`, `nsenter` and `ip`; changes nothing outside.
//!
//!     cargo test --features privileged-tests --test netns
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking, and their helpers too")]

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::num::NonZeroU32;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use netcheck::model::address::Host;
use netcheck::model::burst::Burst;
use netcheck::model::family::Family;
use netcheck::model::outcome::{ObstacleKind, Outcome};
use netcheck::model::probe::Probe;
use netcheck::model::secret::Secrets;
use netcheck::model::units::{Micros, Port};
use netcheck::wire::{self, AgentHello, ControllerHello, FromAgent, IcmpMode, Pace, Peer, Resolver, Share, ToAgent, Who};

const UID: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

/// A process that is killed with the value.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// In a network namespace of its own, which has these addresses.
    fn apart(addresses: &[&str]) -> Self {
        let add: Vec<String> = addresses.iter().map(|address| format!("ip address add {address} dev lo;")).collect();
        let add = add.join(" ");
        let script = format!("set -e; ip link set lo up; {add} echo ready; exec sleep 1000");
        let child = Command::new("unshare").args(["--net", "sh", "-c", &script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut process = Self(child);
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        process
    }

    fn network(&self) -> u64 {
        fs::metadata(format!("/proc/{}/ns/net", self.0.id())).unwrap().ino()
    }
}

/// A folder like `/proc`, in which these processes are of the pod.
fn proc(members: &[&Process]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let process = |name: &str, group: &str, network: &str| {
        let process = folder.path().join(name);
        fs::create_dir_all(process.join("ns")).unwrap();
        fs::write(process.join("cgroup"), format!("0::{group}\n")).unwrap();
        symlink(network, process.join("ns/net")).unwrap();
        process
    };
    // Of whoever looks, who has not moved yet: what process 1 is in, not every root may see.
    process("1", "/init.scope", "/proc/self/ns/net");
    symlink("/proc/self", folder.path().join("self")).unwrap();
    for member in members {
        let id = member.0.id();
        let group = format!("/kubepods.slice/kubepods-burstable-pod{}.slice/cri-containerd-9f.scope", UID.replace('-', "_"));
        let place = process(&id.to_string(), &group, &format!("/proc/{id}/ns/net"));
        fs::create_dir_all(place.join("root/etc")).unwrap();
        fs::write(place.join("root/etc/resolv.conf"), "search shop.svc.cluster.local\nnameserver 192.0.2.53\n").unwrap();
    }
    folder
}

fn serve(proc: &Path, addresses: &str, socket: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netcheck"));
    command.args(["agent", "serve", "--run", "r1", "--node", "node1", "--workload", "shop/cart-7f", "--netns-of", UID]);
    command.args(["--addresses", addresses, "--proc"]).arg(proc).arg("--socket").arg(socket);
    command
}

fn refused(proc: &Path, addresses: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let Output { status, stderr, .. } = serve(proc, addresses, &folder.path().join("agent.sock")).output().unwrap();
    assert_eq!(status.code(), Some(3));
    String::from_utf8(stderr).unwrap()
}

/// The capabilities that a process has and those that it could have, and whether another program could give it more.
fn capabilities(process: u32) -> Vec<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let of = |line: &str| {
        ["CapEff:", "CapPrm:", "NoNewPrivs:"].into_iter().find_map(|name| line.strip_prefix(name)).map(|mask| mask.trim().to_owned())
    };
    status.lines().filter_map(of).collect()
}

/// An agent in the network of the pod that `proc` shows, with what it says.
struct Inside {
    agent: Process,
    stream: UnixStream,
    lines: Lines<BufReader<UnixStream>>,
    _folder: tempfile::TempDir,
}

impl Inside {
    fn enter(proc: &Path, addresses: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("agent.sock");
        let mut agent = Process(serve(proc, addresses, &socket).spawn().unwrap());
        // The socket has a path: whoever attaches is in another network.
        let stream = loop {
            match UnixStream::connect(&socket) {
                Ok(stream) => break stream,
                Err(_) => assert_eq!(agent.0.try_wait().unwrap(), None, "the agent ended"),
            }
            std::thread::yield_now();
        };
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        Self { agent, stream, lines, _folder: folder }
    }

    fn say(&mut self, words: &ToAgent) {
        writeln!(self.stream, "{}", wire::encode(words)).unwrap();
    }

    fn hear(&mut self) -> FromAgent {
        wire::decode(&self.lines.next().unwrap().unwrap()).unwrap()
    }

    /// What it says of itself, once it is told who speaks.
    fn greet(&mut self) -> AgentHello {
        let FromAgent::Hello(hello) = self.hear() else { panic!("no greeting") };
        self.say(&ToAgent::Hello(ControllerHello { wire: wire::VERSION, run: "r1".to_owned(), from: 1 }));
        hello
    }
}

#[test]
fn an_agent_is_where_the_pod_is_with_no_right_left_but_raw_sockets() {
    let pod = Process::apart(&["192.0.2.7/32", "2001:db8::7/128"]);
    let proc = proc(&[&pod]);
    let mut inside = Inside::enter(proc.path(), "192.0.2.7,2001:db8::7");
    let hello = inside.greet();
    let agent = &inside.agent;
    assert_eq!(hello.node, "node1:shop/cart-7f");
    assert_eq!(hello.addresses, ["192.0.2.7", "2001:db8::7"].map(|address| address.parse::<std::net::IpAddr>().unwrap()));
    assert!(!matches!(hello.icmp, IcmpMode::Unavailable(_)), "{:?}", hello.icmp);
    let Resolver::Conf(conf) = &hello.resolver else { panic!("{:?}", hello.resolver) };
    assert_eq!(conf.nameservers.len(), 1, "those of the pod: {conf:?}");
    assert_eq!(agent.network(), pod.network());
    assert_eq!(capabilities(agent.0.id()), ["0000000000002000", "0000000000002000", "1"], "CAP_NET_RAW alone, for good");
    // Nobody new is to be reached at the pod's addresses: all that listens is on the loopback interface.
    let listening = fs::read_to_string(format!("/proc/{}/net/tcp", agent.0.id())).unwrap();
    let places: Vec<&str> = listening.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert!(!places.is_empty() && places.iter().all(|place| place.starts_with("0100007F:")), "{listening}");
    let six = fs::read_to_string(format!("/proc/{}/net/tcp6", agent.0.id())).unwrap_or_default();
    assert_eq!(six.lines().skip(1).count(), 0, "{six}");
}

/// Users' pods come and go: what is not answered to one that has ended is no fault of the network, nor proof that it blocks.
#[test]
fn a_pod_that_ends_while_it_is_asked_from_measures_nothing() {
    let pod = Process::apart(&["192.0.2.7/32", "192.0.2.8/32"]);
    let proc = proc(&[&pod]);
    let mut inside = Inside::enter(proc.path(), "192.0.2.7");
    inside.greet();
    let burst = Burst { family: Family::V4, count: NonZeroU32::new(20).unwrap(), interval: Micros(100_000), timeout: Micros(200_000) };
    let nobody = Peer { pair: 1, host: Host::Address([192, 0, 2, 8].into()), who: Who::Anyone { port: Port::new(9) } };
    inside.say(&ToAgent::Assign(Share {
        share: 1,
        attempt: 1,
        probe: Probe::udp(burst),
        targets: vec![nobody],
        deadline: Micros(60_000_000),
        pace: Pace::gentle(0),
        secrets: Secrets::default(),
    }));
    let network = format!("--net=/proc/{}/ns/net", pod.0.id());
    let words = [&network, "ip", "address", "del", "192.0.2.7/32", "dev", "lo"];
    assert!(Command::new("nsenter").args(words).status().unwrap().success());
    let outcome = loop {
        if let FromAgent::Outcome(told) = inside.hear() {
            break told.outcome;
        }
    };
    let Outcome::NotMeasured(obstacle) = outcome else { panic!("{outcome:?}") };
    assert_eq!(obstacle.kind, ObstacleKind::NoAddress, "{}", obstacle.detail);
}

#[test]
fn of_several_networks_that_with_the_pods_addresses_is_the_pods() {
    let (inner, pod) = (Process::apart(&["198.51.100.1/32"]), Process::apart(&["192.0.2.7/32"]));
    let proc = proc(&[&inner, &pod]);
    let output = Command::new(env!("CARGO_BIN_EXE_netcheck"))
        .args(["agent", "routes", "--netns-of", UID, "--addresses", "192.0.2.7", "--proc"])
        .arg(proc.path())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && told.contains("192.0.2.7") && !told.contains("198.51.100.1"), "{told}");
}

#[test]
fn what_is_not_the_pod_that_was_meant_is_refused() {
    let pod = Process::apart(&["192.0.2.8/32"]);
    let said = refused(proc(&[&pod]).path(), "192.0.2.7");
    assert!(said.contains("no network of its processes has all of its addresses (192.0.2.7)"), "{said}");
    let here = Process(Command::new("sleep").arg("1000").spawn().unwrap());
    let host = proc(&[&here]);
    let said = refused(host.path(), "127.0.0.1");
    assert!(said.contains("it is in the network of its host"), "{said}");
    let said = refused(proc(&[]).path(), "192.0.2.7");
    assert!(said.contains("the pod has gone, or hostPID is missing"), "{said}");
}
