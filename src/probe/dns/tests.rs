//! Against servers on loopback that answer, refuse, stall, truncate, reset and lie. Where answers are expected the timeout is long, and
//! where none can come it is short: no test depends on speed.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{DNSClass, Name, RData, Record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_util::task::AbortOnDropHandle;

mod answers;
mod copies;
mod floods;
mod lies;
mod resolvers;
mod seeking;
mod truncated;

use super::*;
use crate::model::burst::Burst;
use crate::model::dns::RecordKind;
use crate::model::outcome::{Miss, WarmUp};
use crate::model::probe::SourcePorts;
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
    let peer = Peer { pair: 1, host: to.ip().into(), who: Who::Anyone { port: Port::new(to.port()) } };
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
        ports: SourcePorts::Reused,
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
