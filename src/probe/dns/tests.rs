//! Against servers on loopback that answer, refuse, stall, truncate, reset and lie. Where answers are expected the timeout is long, and
//! where none can come it is short: no test depends on speed.

use std::num::NonZeroU32;
use std::sync::Arc;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{Name, RData, Record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_util::task::AbortOnDropHandle;

use super::*;
use crate::model::dns::RecordKind;
use crate::model::outcome::{Miss, WarmUp};
use crate::model::probe::Burst;
use crate::model::units::{Micros, Port};
use crate::probe::errand::Nonces;
use crate::probe::pace::Pacer;
use crate::probe::packet::RunTag;
use crate::wire::{Pace, Peer, Who};

const LONG: Micros = Micros(20_000_000);
const SHORT: Micros = Micros(150_000);

fn address(number: u8) -> IpAddr {
    [127, 77, 53, number].into()
}

fn errand(to: SocketAddr, count: u32, timeout: Micros) -> Errand {
    let pace = Pace { flows: 100_000, packets: 100_000, outstanding: 1_000, apart: Micros(0), seed: 1 };
    let burst = Burst { family: Family::of(to.ip()), count: NonZeroU32::new(count).unwrap(), interval: Micros(1_000), timeout };
    let source = if to.is_ipv4() { address(250) } else { std::net::Ipv6Addr::LOCALHOST.into() };
    let peer = Peer { pair: 1, address: to.ip(), who: Who::Anyone { port: Port::new(to.port()) } };
    Errand {
        run: RunTag::of("r1"),
        share: 1,
        burst,
        peer,
        to,
        source,
        pacer: Arc::new(Pacer::new(pace)),
        nonces: Nonces::default(),
        seed: 1,
    }
}

fn asking(errand: &Errand, manner: Manner, transport: Transport, conf: &str) -> Asking {
    let name = if manner == Manner::Raw { "db.example." } else { "db" };
    let probe = DnsProbe { burst: errand.burst.clone(), name: name.to_owned(), record: RecordKind::A, transport, manner };
    Asking { probe, resolver: Resolver::Conf(ResolvConf::parse(conf)) }
}

/// In words: what became of queries, then what the lookups found.
fn words((tally, found): (Tally, BTreeMap<Found, u32>)) -> String {
    assert_eq!(tally.contradiction(), None);
    let mut words = vec![format!("{}/{}", tally.answered, tally.sent)];
    words.extend(tally.missed.iter().map(|missed| format!("{} {}", missed.count, missed.how)));
    words.extend((tally.foreign > 0).then(|| format!("{} foreign", tally.foreign)));
    words.extend((tally.warm_up == WarmUp::Unanswered).then(|| "cold".to_owned()));
    words.extend(found.into_iter().map(|(found, count)| {
        let end = found.finding.map_or("nothing".to_owned(), |finding| format!("{} [{}]", finding.rcode, finding.answers.join(" ")));
        let cut = if found.truncated > 0 { format!(" after {} cut", found.truncated) } else { String::new() };
        format!("{count} of {} queries: {end}{cut}", found.queries)
    }));
    words.join(", ")
}

async fn asked(at: SocketAddr, count: u32, timeout: Micros, transport: Transport) -> (Tally, BTreeMap<Found, u32>) {
    let errand = errand(at, count, timeout);
    let asking = asking(&errand, Manner::Raw, transport, "");
    measure(errand, asking).await.unwrap()
}

/// What a good server says.
fn answer(query: &[u8]) -> Message {
    let query = Message::from_vec(query).unwrap();
    let mut message = query.clone().into_response();
    message.metadata.message_type = hickory_proto::op::MessageType::Response;
    message.add_answer(Record::from_rdata(query.queries[0].name().clone(), 5, RData::A(A::new(10, 0, 0, 9))));
    message
}

fn bytes(message: &Message) -> Vec<u8> {
    message.to_vec().unwrap()
}

async fn udp_server(number: u8, mut says: impl FnMut(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> (SocketAddr, AbortOnDropHandle<()>) {
    let socket = UdpSocket::bind((address(number), 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut room = [0; 600];
        loop {
            let (length, from) = socket.recv_from(&mut room).await.unwrap();
            for said in says(&room[..length]) {
                let _ = socket.send_to(&said, from).await;
            }
        }
    });
    (at, AbortOnDropHandle::new(task))
}

async fn check_udp(number: u8, timeout: Micros, says: impl FnMut(&[u8]) -> Vec<Vec<u8>> + Send + 'static, expected: &str) {
    let (at, _server) = udp_server(number, says).await;
    assert_eq!(words(asked(at, 3, timeout, Transport::Udp).await), expected);
}

/// A server over whose connections that is said, as it is.
async fn tcp_server(at: SocketAddr, says: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> (SocketAddr, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind(at).await.unwrap();
    let at = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut kept: Vec<TcpStream> = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut length = [0; 2];
            stream.read_exact(&mut length).await.unwrap();
            let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut query).await.unwrap();
            let said = says(&query);
            let silent = said.is_empty();
            let _ = stream.write_all(&said).await;
            // Only who says nothing keeps the connection open.
            kept.extend(Some(stream).filter(|_| silent));
        }
    });
    (at, AbortOnDropHandle::new(task))
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat()
}

async fn check_tcp(number: u8, timeout: Micros, says: impl Fn(&[u8]) -> Vec<u8> + Send + 'static, expected: &str) {
    let (at, _server) = tcp_server((address(number), 0).into(), says).await;
    assert_eq!(words(asked(at, 3, timeout, Transport::Tcp).await), expected);
}

#[tokio::test]
async fn an_answer_is_an_answer_by_both_transports() {
    check_udp(1, LONG, |query| vec![bytes(&answer(query))], "3/3, 3 of 1 queries: NOERROR [10.0.0.9]").await;
    check_tcp(2, LONG, |query| framed(&bytes(&answer(query))), "3/3, 3 of 1 queries: NOERROR [10.0.0.9]").await;
}

#[tokio::test]
async fn a_closed_port_refuses_at_once() {
    for at in [SocketAddr::new(address(3), 1), "[::1]:1".parse().unwrap()] {
        let by = at.ip();
        let udp = words(asked(at, 3, LONG, Transport::Udp).await);
        assert_eq!(udp, format!("0/3, 3 refused by {by}, cold, 3 of 1 queries: nothing"));
        let tcp = words(asked(at, 3, LONG, Transport::Tcp).await);
        assert_eq!(tcp, "0/3, 3 refused, cold, 3 of 1 queries: nothing");
    }
}

#[tokio::test]
async fn silence_is_a_timeout() {
    check_udp(4, SHORT, |_| Vec::new(), "0/3, 3 timed out, cold, 3 of 1 queries: nothing").await;
    check_tcp(5, SHORT, |_| Vec::new(), "0/3, 3 timed out, cold, 3 of 1 queries: nothing").await;
}

#[tokio::test]
async fn what_the_server_says_stands_whatever_it_is() {
    let failing = |code| {
        move |query: &[u8]| {
            let mut message = Message::from_vec(query).unwrap().into_response();
            message.metadata.message_type = hickory_proto::op::MessageType::Response;
            message.metadata.response_code = code;
            bytes(&message)
        }
    };
    for (number, code, word) in
        [(6, ResponseCode::ServFail, "SERVFAIL"), (7, ResponseCode::NXDomain, "NXDOMAIN"), (8, ResponseCode::NoError, "NOERROR")]
    {
        let (expected, says) = (format!("3/3, 3 of 1 queries: {word} []"), failing(code));
        check_udp(number, LONG, move |query| vec![says(query)], &expected).await;
        let says = failing(code);
        check_tcp(number, LONG, move |query| framed(&says(query)), &expected).await;
    }
}

/// Wrong numbers, other questions, an answer that is a question, noise, loops of names, more than fits.
fn lies(query: &[u8]) -> Vec<Vec<u8>> {
    let good = answer(query);
    let mut number = good.clone();
    number.metadata.id ^= 1;
    let mut name = good.clone();
    name.queries[0].set_name(Name::from_ascii("other.example.").unwrap());
    let mut looped = bytes(&good);
    let owner = looped.len() - 16;
    looped[owner..owner + 2].copy_from_slice(&[0xc0, u8::try_from(owner).unwrap()]);
    let cut = bytes(&good)[..bytes(&good).len() - 3].to_vec();
    vec![bytes(&number), bytes(&name), query.to_vec(), b"noise".to_vec(), Vec::new(), looped, cut, vec![0xff; 9_000]]
}

#[tokio::test]
async fn lies_are_foreign_and_the_truth_behind_them_counts() {
    let says = |query: &[u8]| lies(query).into_iter().chain([bytes(&answer(query))]).collect();
    check_udp(9, LONG, says, "3/3, 32 foreign, 3 of 1 queries: NOERROR [10.0.0.9]").await;
    let says = |query: &[u8]| lies(query).iter().chain([&bytes(&answer(query))]).flat_map(|said| framed(said)).collect();
    check_tcp(10, LONG, says, "3/3, 32 foreign, 3 of 1 queries: NOERROR [10.0.0.9]").await;
}

#[tokio::test]
async fn lies_alone_are_a_timeout() {
    check_udp(11, SHORT, lies, "0/3, 3 timed out, 32 foreign, cold, 3 of 1 queries: nothing").await;
}

#[tokio::test]
async fn connections_that_end_early_are_reset() {
    check_tcp(12, LONG, |query| framed(&bytes(&answer(query)))[..9].to_vec(), "0/3, 3 connection reset, cold, 3 of 1 queries: nothing")
        .await;
    check_tcp(13, LONG, |_| vec![0], "0/3, 3 connection reset, cold, 3 of 1 queries: nothing").await;
}

#[tokio::test]
async fn an_enormous_answer_is_read_to_its_end_and_kept_in_part() {
    let says = |query: &[u8]| {
        let mut message = answer(query);
        let name = message.queries[0].name().clone();
        for number in 0..2_000_u16 {
            let [high, low] = number.to_be_bytes();
            message.add_answer(Record::from_rdata(name.clone(), 5, RData::A(A::new(10, 1, high, low))));
        }
        framed(&bytes(&message))
    };
    let (at, _server) = tcp_server((address(14), 0).into(), says).await;
    let (tally, found) = asked(at, 3, LONG, Transport::Tcp).await;
    assert_eq!((tally.answered, found.len()), (3, 1));
    let finding = found.into_keys().next().unwrap().finding.unwrap();
    assert_eq!((finding.answers.len(), finding.more), (16, 1_985));
    assert!(finding.size > 30_000, "{}", finding.size);
}

/// What a server says to a query.
type Says = fn(&[u8]) -> Vec<u8>;

/// Cuts what it says by UDP at the same address where `says` speaks by TCP.
async fn cutting(number: u8, says: Option<Says>) -> String {
    let cut = |query: &[u8]| {
        let mut message = answer(query);
        message.metadata.truncation = true;
        vec![bytes(&message)]
    };
    let (at, _udp) = udp_server(number, cut).await;
    let _tcp = match says {
        Some(says) => Some(tcp_server(at, says).await),
        None => None,
    };
    words(asked(at, 3, LONG, Transport::Udp).await)
}

#[tokio::test]
async fn a_truncated_answer_is_asked_for_again_by_tcp_as_a_query_of_its_own() {
    let whole = cutting(15, Some(|query| framed(&bytes(&answer(query))))).await;
    assert_eq!(whole, "6/6, 3 of 2 queries: NOERROR [10.0.0.9] after 1 cut");
    assert_eq!(cutting(16, None).await, "3/6, 3 refused, 3 of 2 queries: nothing after 1 cut");
}

#[tokio::test]
async fn what_comes_twice_is_a_duplicate_and_what_comes_too_late_is_late() {
    let (at, _server) = udp_server(17, |query| vec![bytes(&answer(query)); 3]).await;
    let (tally, _) = asked(at, 20, LONG, Transport::Udp).await;
    assert_eq!(tally.answered, 20);
    // Those of the warm-up count too; of the last ones nobody waits for copies.
    assert!((20..=42).contains(&tally.duplicates), "{}", tally.duplicates);
    // Each question is answered when the next comes: all but the last arrive, and too late.
    let mut before: Option<Vec<u8>> = None;
    let socket = UdpSocket::bind((address(18), 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut room, mut last) = ([0; 600], None);
        loop {
            let (length, from) = socket.recv_from(&mut room).await.unwrap();
            if let (Some(said), Some(to)) = (before.take(), last) {
                socket.send_to(&said, to).await.unwrap();
            }
            (before, last) = (Some(bytes(&answer(&room[..length]))), Some(from));
        }
    });
    let _server = AbortOnDropHandle::new(server);
    let mut errand = errand(at, 3, SHORT);
    errand.burst.interval = Micros(300_000);
    let asking = asking(&errand, Manner::Raw, Transport::Udp, "");
    let (tally, _) = measure(errand, asking).await.unwrap();
    let missed: Vec<_> = tally.missed.iter().map(|missed| (missed.how.clone(), missed.count)).collect();
    assert_eq!(missed, [(Miss::TimedOut, 1), (Miss::Late, 2)]);
}

#[tokio::test]
async fn nobody_but_the_server_is_heard() {
    let stranger = std::net::UdpSocket::bind((address(19), 0)).unwrap();
    let socket = UdpSocket::bind((address(20), 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let mut room = [0; 600];
        loop {
            let (length, from) = socket.recv_from(&mut room).await.unwrap();
            stranger.send_to(&bytes(&answer(&room[..length])), from).unwrap();
        }
    });
    let _server = AbortOnDropHandle::new(server);
    assert_eq!(words(asked(at, 3, SHORT, Transport::Udp).await), "0/3, 3 timed out, cold, 3 of 1 queries: nothing");
}

/// Looks "db" up by such a resolv.conf, in which the servers stand at that port.
async fn resolved(conf: &str, port: u16, timeout: Micros) -> String {
    let first = ResolvConf::parse(conf).nameservers[0];
    let errand = errand(SocketAddr::new(first, port), 2, timeout);
    let asking = asking(&errand, Manner::Resolver, Transport::Udp, conf);
    words(measure(errand, asking).await.unwrap())
}

/// Knows `db.b.example` alone.
fn zone(query: &[u8]) -> Vec<Vec<u8>> {
    let mut message = answer(query);
    if message.queries[0].name().to_ascii() != "db.b.example." {
        message.answers.clear();
        message.metadata.response_code = ResponseCode::NXDomain;
    }
    vec![bytes(&message)]
}

#[tokio::test]
async fn a_resolver_counts_the_queries_of_its_search_path() {
    let (at, _server) = udp_server(21, zone).await;
    let conf = format!("nameserver {}\nsearch a.example b.example\noptions ndots:5\n", at.ip());
    assert_eq!(resolved(&conf, at.port(), LONG).await, "4/4, 2 of 2 queries: NOERROR [10.0.0.9]");
    let conf = format!("nameserver {}\nsearch a.example\n", at.ip());
    assert_eq!(resolved(&conf, at.port(), LONG).await, "4/4, 2 of 2 queries: NXDOMAIN []");
}

#[tokio::test]
async fn a_resolver_goes_on_to_the_next_server_and_hides_no_loss() {
    let (at, _server) = udp_server(22, zone).await;
    // Nobody listens at the first.
    let conf = format!("nameserver {}\nnameserver {}\nsearch b.example\n", address(23), at.ip());
    assert_eq!(
        resolved(&conf, at.port(), LONG).await,
        format!("2/4, 2 refused by {}, cold, 2 of 2 queries: NOERROR [10.0.0.9]", address(23))
    );
    let silent = std::net::UdpSocket::bind((address(24), at.port())).unwrap();
    let conf = format!("nameserver {}\nnameserver {}\nsearch b.example\n", address(24), at.ip());
    assert_eq!(resolved(&conf, at.port(), SHORT).await, "2/4, 2 timed out, cold, 2 of 2 queries: NOERROR [10.0.0.9]");
    drop(silent);
}

#[tokio::test]
async fn a_resolver_without_a_server_is_an_obstacle() {
    let errand = errand((address(25), 53).into(), 1, LONG);
    let asking = asking(&errand, Manner::Resolver, Transport::Udp, "nameserver ::1\n");
    let obstacle = measure(errand, asking).await.unwrap_err();
    assert_eq!((obstacle.kind, obstacle.detail.as_str()), (ObstacleKind::NoResolver, "no IPv4 name server to ask"));
}
