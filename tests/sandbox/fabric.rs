//! The fabric against the kernel's own network stack and tools: what it carries arrives unharmed, and what it says is understood.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Stdio;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sched::{CloneFlags, setns};
use sha2::{Digest, Sha256};

use crate::kit::{Background, Place, three_nodes};
use crate::standing::{check, end, exec, up};

/// A world of three nodes with these lines behind that is up for as long as `look` looks around.
fn in_world(lines: &str, look: impl FnOnce(&Place)) {
    let place = Place::new();
    let (world, _) = up(place.write("world.yaml", &three_nodes(lines)), &["--world", "world.yaml"]);
    look(&place);
    end(world);
}

/// A network of a world, for threads of this process.
struct Inside {
    namespace: File,
}

impl Inside {
    fn of(place: &Place, vantage: &str) -> Self {
        // A process that went there holds the door open; it ends with its standard input.
        let mut command = place.command(&["sandbox", "exec", vantage, "--", "sh", "-c", "echo in; read end"]);
        let mut visitor = Background(command.stdin(Stdio::piped()).spawn().unwrap());
        let mut said = String::new();
        BufReader::new(visitor.0.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "in\n");
        Self { namespace: File::open(format!("/proc/{}/ns/net", visitor.0.id())).unwrap() }
    }

    /// Sockets that are opened there stay there.
    fn carry_out<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        let namespace = self.namespace.try_clone().unwrap();
        thread::spawn(move || {
            setns(namespace, CloneFlags::CLONE_NEWNET).unwrap();
            work()
        })
    }
}

/// What never comes is waited for no longer.
const PATIENCE: Duration = Duration::from_secs(60);

fn address(text: &str, port: u16) -> SocketAddr {
    SocketAddr::new(text.parse::<IpAddr>().unwrap(), port)
}

/// Sends 100 MB over TCP from node1 to node2; what was sent and what arrived as checksums.
fn transfer(place: &Place, target: &'static str) -> ([u8; 32], [u8; 32]) {
    let (node1, node2) = (Inside::of(place, "node1"), Inside::of(place, "node2"));
    let listener = node2.carry_out(move || TcpListener::bind(address(target, 0)).unwrap()).join().unwrap();
    let to = listener.local_addr().unwrap();
    let taker = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (mut sum, mut total, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 18]);
        loop {
            match stream.read(&mut buffer).unwrap() {
                0 => break,
                read => {
                    total += read;
                    sum.update(&buffer[..read]);
                }
            }
        }
        assert_eq!(total, 100_000_000);
        sum.finalize().into()
    });
    let giver = node1.carry_out(move || {
        let mut stream = TcpStream::connect_timeout(&to, PATIENCE).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let mut sum = Sha256::new();
        for number in 0..1_000_u32 {
            let piece: Vec<u8> = (0..25_000_u32).flat_map(|index| (number.wrapping_mul(2_654_435_761) ^ index).to_be_bytes()).collect();
            sum.update(&piece);
            stream.write_all(&piece).unwrap();
        }
        sum.finalize().into()
    });
    (giver.join().unwrap(), taker.join().unwrap())
}

fn check_transfer(world: &str) {
    in_world(world, |place| {
        for target in ["10.244.0.2", "fd44::2"] {
            let (sent, arrived) = transfer(place, target);
            assert_eq!(sent, arrived, "to {target}");
        }
    });
}

#[test]
fn a_hundred_megabytes_arrive_unharmed() {
    check_transfer("");
}

/// Path MTU discovery (RFC 1191, RFC 8201) is what makes this end, for each family by its own messages.
#[test]
fn a_hundred_megabytes_fit_through_a_narrow_link_that_says_so() {
    check_transfer("faults: [{ from: pods, to: pods, mtu: { most: 1300, tooBig: announced } }]");
}

#[test]
fn everybody_reaches_everybody_over_two_routers() {
    in_world("", |place| {
        for from in ["node1", "node1/host", "node3"] {
            for to in ["10.244.0.2", "10.245.0.2", "fd44::2", "fd45::2"] {
                check(place, &format!("{from} -- ping -c 2 -i 0.01 {to}"), 0, "ttl=62");
            }
        }
        check(place, "node1 -- ping -c 1 10.245.0.1", 0, "1 received");
        for router in ["10.246.0.1", "10.247.0.2", "fd46::1", "fd47::2"] {
            check(place, &format!("node1 -- ping -c 1 {router}"), 0, "1 received");
        }
    });
}

#[test]
fn routers_say_where_a_packet_ended() {
    in_world("", |place| {
        check(place, "node1 -- ping -c 1 -t 1 10.244.0.2", 1, "From 10.246.0.1 icmp_seq=1 Time to live exceeded");
        check(place, "node1 -- ping -c 1 -t 2 10.244.0.2", 1, "From 10.246.0.2 icmp_seq=1 Time to live exceeded");
        check(place, "node1/host -- ping -c 1 -t 1 fd44::2", 1, "From fd47::1 icmp_seq=1 Time exceeded: Hop limit");
        check(place, "node1 -- ping -c 1 192.0.2.1", 1, "From 10.246.0.1 icmp_seq=1 Destination Net Unreachable");
        check(place, "node1 -- ping -c 1 2001:db8::1", 1, "From fd46::1 icmp_seq=1 Destination unreachable: No route");
    });
}

#[test]
fn a_narrow_link_that_says_so_is_learnt_by_the_sender() {
    in_world("faults: [{ from: pods, to: pods, mtu: { most: 1300, tooBig: announced } }]", |place| {
        check(place, "node1 -- ping -c 1 -M do -s 1273 10.244.0.2", 1, "From 10.246.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1300)");
        check(place, "node1 -- ping -c 1 -M do -s 1273 10.244.0.2", 1, "message too long, mtu=1300");
        check(place, "node1 -- ping -c 1 -M do -s 1272 10.244.0.2", 0, "1 received");
        check(place, "node1 -- ping -c 1 -M do -s 1253 fd44::2", 1, "From fd46::1 icmp_seq=1 Packet too big: mtu=1300");
        check(place, "node1 -- ping -c 1 -M do -s 1252 fd44::2", 0, "1 received");
        // What may be cut is cut, there and back.
        check(place, "node3 -- ping -c 1 -M dont -s 4000 10.244.0.2", 0, "4008 bytes from 10.244.0.2");
    });
}

#[test]
fn a_black_hole_says_nothing() {
    in_world("faults: [{ from: pods, to: pods, mtu: { most: 1300, tooBig: swallowed } }]", |place| {
        for (to, most) in [("10.244.0.2", 1272), ("fd44::2", 1252)] {
            check(place, &format!("node1 -- ping -c 1 -M do -s {most} {to}"), 0, "1 received");
            let (code, said) = exec(place, &format!("node1 -- ping -c 2 -i 0.2 -W 1 -M do -s {} {to}", most + 1));
            assert!(code == Some(1) && said.contains("2 packets transmitted, 0 received, 100% packet loss"), "{said}");
        }
    });
}

/// What a connected UDP socket and a connection attempt come to.
fn refused(place: &Place, to: &str) -> (ErrorKind, ErrorKind) {
    let (from, to) = (if to.contains(':') { "[::]:0" } else { "0.0.0.0:0" }, address(to, 80));
    let asked = Inside::of(place, "node1").carry_out(move || {
        let socket = UdpSocket::bind(from).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.connect(to).unwrap();
        socket.send(b"anybody there?").unwrap();
        let udp = socket.recv(&mut [0; 16]).unwrap_err().kind();
        (udp, TcpStream::connect_timeout(&to, PATIENCE).unwrap_err().kind())
    });
    asked.join().unwrap()
}

#[test]
fn refusals_are_understood() {
    in_world("faults: [{ to: node2, refuse: target }, { to: node3, refuse: router }]", |place| {
        for to in ["10.244.0.2", "fd44::2"] {
            assert_eq!(refused(place, to), (ErrorKind::ConnectionRefused, ErrorKind::ConnectionRefused), "{to}");
        }
        check(place, "node1 -- ping -c 1 10.244.0.2", 1, "From 10.244.0.2 icmp_seq=1 Destination Port Unreachable");
        check(place, "node1 -- ping -c 1 fd44::2", 1, "From fd44::2 icmp_seq=1 Destination unreachable: Port unreachable");
        check(place, "node1 -- ping -c 1 10.244.0.3", 1, "From 10.246.0.1 icmp_seq=1 Packet filtered");
        check(place, "node1 -- ping -c 1 fd44::3", 1, "From fd46::1 icmp_seq=1 Destination unreachable: Administratively prohibited");
        assert_eq!(refused(place, "10.244.0.3").1, ErrorKind::HostUnreachable);
        assert_eq!(refused(place, "fd44::3").1, ErrorKind::PermissionDenied);
        // Who is refused may still be asked.
        check(place, "node2 -- ping -c 1 10.244.0.1", 0, "1 received");
    });
}

#[test]
fn duplicates_are_seen_as_such() {
    in_world("faults: [{ from: node1, to: node2, duplicate: 100% }]", |place| {
        // ping ends with the fifth answer, and does not wait for its duplicate.
        check(place, "node1 -- ping -c 5 -i 0.01 -W 1 10.244.0.2", 0, "+4 duplicates");
    });
}

/// The share of 3,000 packets that is lost: 30 % ± 4.9 deviations of √(3,000 × 0.3 × 0.7) = 25.1, which chance leaves once in a
/// million seeds. The seed is always the same.
#[test]
fn a_share_is_lost_and_the_rest_is_not() {
    in_world("faults: [{ from: node1, to: node2, lose: 30% }]", |place| {
        let (code, said) = exec(place, "node1 -- ping -q -c 3000 -i 0.001 -W 1 fd44::2");
        let received: u32 = said.split(" received").next().and_then(|text| text.rsplit(' ').next()).unwrap().parse().unwrap();
        assert_eq!(code, Some(0), "{said}");
        assert!((1_977..=2_223).contains(&received), "{said}");
    });
}

#[test]
fn a_flood_passes_without_loss() {
    in_world("", |place| check(place, "node1 -- ping -q -f -c 20000 10.244.0.2", 0, "20000 received, 0% packet loss"));
}

#[test]
fn a_delay_is_there_and_back_again() {
    in_world("latency: 2ms\nfaults: [{ from: node1, to: node2, delay: 20ms }]", |place| {
        let (_, said) = exec(place, "node1 -- ping -q -c 5 -i 0.05 10.244.0.2");
        let least: f64 = said.split("mdev = ").nth(1).and_then(|text| text.split('/').next()).unwrap().parse().unwrap();
        assert!(least >= 22.0, "{said}");
    });
}
