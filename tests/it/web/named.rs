//! Hosts by their names: looked up at servers of DNS that know, deny and lie, then asked.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{RData, Record};
use netcheck::model::address::Host;
use netcheck::model::certificate::Trusted;
use netcheck::model::family::Family;
use netcheck::model::outcome::{ObstacleKind, Outcome, Sight, Step, Tally};
use netcheck::model::probe::{HttpProbe, Probe, TlsProbe, TlsSettings, Trust};
use netcheck::model::resolv_conf::ResolvConf;
use netcheck::model::units::Port;
use netcheck::model::unresolved::Resolved;
use netcheck::wire::{Peer, Resolver, Who};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;
use tokio_util::task::AbortOnDropHandle;

use super::certificates::Authority;
use super::{Bag, LONG, address, burst, head, http, outcome, server, tally};

/// What a server says to every query: these addresses, or an error.
type Says = Result<Vec<IpAddr>, ResponseCode>;

/// A server of DNS, as a bag that leads to it.
async fn names(number: u8, search: &str, says: Says) -> (Bag, AbortOnDropHandle<()>) {
    let socket = UdpSocket::bind((address(number), 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut room = [0; 600];
        loop {
            let (length, from) = socket.recv_from(&mut room).await.unwrap();
            let _ = socket.send_to(&reply(&room[..length], &says), from).await;
        }
    });
    let conf = ResolvConf::parse(&format!("nameserver {}\nsearch {search}\n", at.ip()));
    let bag = Bag { names: Some((Resolver::Conf(conf), Port::new(at.port()).unwrap())), ..Bag::default() };
    (bag, AbortOnDropHandle::new(task))
}

fn reply(query: &[u8], says: &Says) -> Vec<u8> {
    let query = Message::from_vec(query).unwrap();
    let mut message = query.clone().into_response();
    message.metadata.message_type = MessageType::Response;
    match says {
        Ok(addresses) => {
            for address in addresses {
                let IpAddr::V4(address) = address else { panic!("{address}") };
                message.add_answer(Record::from_rdata(query.queries[0].name().clone(), 5, RData::A(A(*address))));
            }
        }
        Err(code) => message.metadata.response_code = *code,
    }
    message.to_vec().unwrap()
}

fn named(name: &str, at: SocketAddr) -> Peer {
    Peer { pair: 7, host: Host::parse(name).unwrap(), who: Who::Anyone { port: Port::new(at.port()) } }
}

/// A server that writes down whom each request is for.
async fn listening(number: u8) -> (SocketAddr, Arc<Mutex<Vec<String>>>, AbortOnDropHandle<()>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hosts = Arc::clone(&heard);
    let (at, server) = server(address(number), move |mut stream| {
        let hosts = Arc::clone(&hosts);
        async move {
            let head = head(&mut stream).await.to_lowercase();
            let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or("nobody").to_owned();
            hosts.lock().unwrap().push(host);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            let _ = stream.read(&mut [0; 1]).await;
        }
    })
    .await;
    (at, heard, server)
}

fn lookups(tally: &Tally) -> Vec<(Step, u64)> {
    tally.steps.iter().map(|step| (step.step, step.samples.count())).collect()
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_its_time_is_a_part_of_every_request() {
    let (at, heard, _server) = listening(150).await;
    let (bag, _names) = names(151, "example", Ok(vec![at.ip(), [127, 200, 0, 1].into()])).await;
    for (name, host) in [("shop.example", "shop.example"), ("shop.example.", "shop.example"), ("shop", "shop")] {
        let tally = tally(Probe::Http(http(LONG)), named(name, at), &bag).await;
        assert_eq!((tally.sent, tally.answered), (3, 3), "{tally:?}");
        assert_eq!(tally.resolved, Some(Resolved { address: at.ip(), of: 2 }));
        assert_eq!(lookups(&tally), [(Step::Lookup, 1), (Step::Connect, 3), (Step::FirstByte, 3)]);
        let took = tally.steps[0].samples.iter().next().unwrap().0;
        assert!(tally.samples.iter().all(|(value, _)| value >= took), "{tally:?}");
        assert!(heard.lock().unwrap().drain(..).all(|heard| heard == format!("{host}:{}", at.port())));
    }
}

#[tokio::test]
async fn a_packet_there_and_back_is_the_same_with_a_name() {
    let (at, _heard, _server) = listening(152).await;
    let (bag, _names) = names(153, "example", Ok(vec![at.ip()])).await;
    let tally = tally(Probe::Tcp(burst(3, LONG)), named("shop.example", at), &bag).await;
    assert_eq!((tally.answered, lookups(&tally)), (3, vec![(Step::Lookup, 1)]));
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_no_loss_and_no_timeout() {
    let at = SocketAddr::new(address(154), 80);
    for (number, says, expected) in [
        (155, Err(ResponseCode::NXDomain), "shop.example. has no IPv4 address: NXDOMAIN from 127.78.0.155"),
        (156, Err(ResponseCode::ServFail), "no IPv4 address of shop.example. is known: SERVFAIL from 127.78.0.156"),
        (157, Ok(Vec::new()), "shop.example. has no IPv4 address: NOERROR without a record from 127.78.0.157"),
        (
            158,
            Ok(vec![[224, 0, 0, 1].into(), [0, 0, 0, 0].into()]),
            "shop.example. has no IPv4 address of another host: 0.0.0.0 from 127.78.0.158",
        ),
    ] {
        let (bag, _names) = names(number, "example", says).await;
        let Outcome::Unresolved(unresolved) = outcome(Probe::Http(http(LONG)), named("shop.example.", at), &bag).await else { panic!() };
        assert_eq!(unresolved.words("shop.example.", Family::V4), expected);
    }
}

#[tokio::test]
async fn whoever_has_no_resolv_conf_measures_nothing() {
    let at = SocketAddr::new(address(159), 80);
    let Outcome::NotMeasured(obstacle) = outcome(Probe::Tcp(burst(1, LONG)), named("shop.example", at), &Bag::default()).await else {
        panic!()
    };
    assert_eq!(obstacle.kind, ObstacleKind::NoResolver);
}

#[tokio::test]
async fn a_certificate_has_to_be_of_the_name_unless_the_suite_says_another() {
    let authority = Authority::new();
    let acceptor = tokio_rustls::TlsAcceptor::from(authority.server(&["shop.example"], 30));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    let (at, _server) = server(address(160), move |stream| {
        let (acceptor, heard) = (acceptor.clone(), Arc::clone(&heard));
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            heard.lock().unwrap().push(stream.get_ref().1.server_name().map(str::to_owned));
            let _ = stream.read(&mut [0; 1]).await;
        }
    })
    .await;
    let (bag, _names) = names(161, "example", Ok(vec![at.ip()])).await;
    for (name, server_name, sni, expected) in [
        ("shop.example.", None, "shop.example", Trusted::Yes),
        ("other.example", None, "other.example", Trusted::WrongName { wanted: "other.example".to_owned() }),
        ("other.example", Some("shop.example"), "shop.example", Trusted::Yes),
    ] {
        let tls = TlsSettings { server_name: server_name.map(str::to_owned), trust: Trust::Given(authority.pem()) };
        let tally = tally(Probe::Tls(TlsProbe { burst: burst(3, LONG), tls }), named(name, at), &bag).await;
        let [seen] = tally.seen.as_slice() else { panic!("{tally:?}") };
        let Sight::Tls(sight) = &seen.what else { panic!("{seen:?}") };
        assert_eq!((&sight.trusted, seen.count), (&expected, 3));
        assert!(asked.lock().unwrap().drain(..).all(|heard| heard.as_deref() == Some(sni)));
    }
}

/// A name may lead anywhere, and so a certificate of another keeps secrets back.
#[tokio::test]
async fn a_server_that_only_dns_vouches_for_hears_no_secret() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let acceptor = tokio_rustls::TlsAcceptor::from(theirs.server(&["shop.example"], 30));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let heads = Arc::clone(&heard);
    let (at, _server) = server(address(162), move |stream| {
        let (acceptor, heads) = (acceptor.clone(), Arc::clone(&heads));
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let head = head(&mut stream).await;
            heads.lock().unwrap().push(head);
            let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno").await;
            let _ = stream.read(&mut [0; 1]).await;
        }
    })
    .await;
    let (bag, _names) = names(163, "example", Ok(vec![at.ip()])).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "tok3n").unwrap();
    let bag = Bag { credentials: folder.path().to_owned(), ..bag };
    let tls = TlsSettings { server_name: None, trust: Trust::Given(ours.pem()) };
    let probe = HttpProbe { tls: Some(tls), auth: Some(netcheck::model::probe::Auth::ServiceAccount), ..http(LONG) };
    tally(Probe::Http(probe), named("shop.example", at), &bag).await;
    let heard = heard.lock().unwrap();
    assert!(heard.len() == 4 && heard.iter().all(|head| !head.contains("tok3n")), "{heard:?}");
}
