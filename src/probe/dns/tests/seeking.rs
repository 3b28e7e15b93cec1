//! Hosts by their names, against servers that answer, refuse, stall, cut and lie.

use super::*;
use crate::probe::errand::Makings;

/// From one question of a share to the next: no lookup waits for it between its queries.
const HOUR: Micros = Micros(3_600_000_000);

/// What the name leads to with that resolv.conf, in words.
async fn sought(name: &str, conf: &str, port: u16, patience: Patience) -> String {
    let pace = Pace { flows: 100_000, packets: 100_000, outstanding: 1_000, apart: HOUR, seed: 1 };
    let makings = Makings {
        run: RunTag::of("r1"),
        share: 1,
        ports: SourcePorts::Fresh,
        addresses: vec![address(250)],
        pacer: Arc::new(Pacer::new(pace)),
        nonces: Nonces::default(),
        seed: 1,
    };
    let resolver = Resolver::Conf(ResolvConf::parse(conf));
    let sought = Sought { name, family: Family::V4, resolver: &resolver, port: Port::new(port).unwrap(), patience };
    match seek(&makings, 1, &sought).await {
        Ok(Ok((resolved, _))) => format!("{} of {}", resolved.address, resolved.of),
        Ok(Err(unresolved)) => unresolved.words("it", Family::V4),
        Err(obstacle) => format!("{:?}: {}", obstacle.kind, obstacle.detail),
    }
}

const LONG_ENOUGH: Patience = Patience { query: Some(Duration::from_secs(20)), whole: Duration::from_secs(60) };

const BRIEF: Patience = Patience { query: Some(Duration::from_millis(150)), whole: Duration::from_secs(60) };

/// With one server, which says that.
async fn of(number: u8, patience: Patience, says: impl FnMut(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> String {
    let (at, _server) = udp_server(number, says).await;
    sought("db.example.", &format!("nameserver {}\noptions attempts:1\n", at.ip()), at.port(), patience).await
}

fn with(rcode: ResponseCode) -> impl FnMut(&[u8]) -> Vec<Vec<u8>> {
    move |query| {
        let mut message = answer(query);
        message.answers.clear();
        message.metadata.response_code = rcode;
        vec![bytes(&message)]
    }
}

fn pointing(to: [u8; 4]) -> impl FnMut(&[u8]) -> Vec<Vec<u8>> {
    move |query| {
        let mut message = answer(query);
        let name = message.answers.remove(0).name;
        message.add_answer(Record::from_rdata(name, 5, RData::A(std::net::Ipv4Addr::from(to).into())));
        vec![bytes(&message)]
    }
}

#[tokio::test]
async fn a_name_leads_to_its_address() {
    assert_eq!(of(40, LONG_ENOUGH, |query| vec![bytes(&answer(query))]).await, "10.0.0.9 of 1");
}

#[tokio::test]
async fn what_a_server_denies_is_told_with_its_address() {
    assert_eq!(of(41, LONG_ENOUGH, with(ResponseCode::NXDomain)).await, "it has no IPv4 address: NXDOMAIN from 127.77.53.41");
    assert_eq!(of(42, LONG_ENOUGH, with(ResponseCode::ServFail)).await, "no IPv4 address of it is known: SERVFAIL from 127.77.53.42");
    assert_eq!(of(43, LONG_ENOUGH, with(ResponseCode::Refused)).await, "no IPv4 address of it is known: REFUSED from 127.77.53.43");
    let none = "it has no IPv4 address: NOERROR without a record from 127.77.53.44";
    assert_eq!(of(44, LONG_ENOUGH, with(ResponseCode::NoError)).await, none);
}

#[tokio::test]
async fn an_address_of_nobody_is_not_asked() {
    let none = "it has no IPv4 address of another host: 0.0.0.0 from 127.77.53.45";
    assert_eq!(of(45, LONG_ENOUGH, pointing([0, 0, 0, 0])).await, none);
    let none = "it has no IPv4 address of another host: 239.1.1.1 from 127.77.53.46";
    assert_eq!(of(46, LONG_ENOUGH, pointing([239, 1, 1, 1])).await, none);
}

#[tokio::test]
async fn silence_and_lies_are_no_answer() {
    assert_eq!(of(47, BRIEF, |_| Vec::new()).await, "no IPv4 address of it is known: no answer from 127.77.53.47");
    let other = |query: &[u8]| {
        let mut message = answer(query);
        message.metadata.id ^= 1;
        vec![bytes(&message), b"noise".to_vec(), query.to_vec()]
    };
    assert_eq!(of(48, BRIEF, other).await, "no IPv4 address of it is known: no answer from 127.77.53.48");
}

#[tokio::test]
async fn whoever_answers_after_another_that_does_not_is_believed() {
    let (at, _server) = udp_server(49, |query| vec![bytes(&answer(query))]).await;
    let conf = format!("nameserver {}\nnameserver ::1\nnameserver {}\n", address(50), at.ip());
    assert_eq!(sought("db.example.", &conf, at.port(), LONG_ENOUGH).await, "10.0.0.9 of 1");
}

#[tokio::test]
async fn the_search_path_is_gone_through() {
    let says = |query: &[u8]| {
        let known = Message::from_vec(query).unwrap().queries[0].name().to_ascii() == "db.b.example.";
        if known { vec![bytes(&answer(query))] } else { with(ResponseCode::NXDomain)(query) }
    };
    let (at, _server) = udp_server(51, says).await;
    let conf = format!("nameserver {}\nsearch a.example b.example\n", at.ip());
    assert_eq!(sought("db", &conf, at.port(), LONG_ENOUGH).await, "10.0.0.9 of 1");
    assert_eq!(sought("db.", &conf, at.port(), LONG_ENOUGH).await, "it has no IPv4 address: NXDOMAIN from 127.77.53.51");
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_asked_for_again() {
    let cut = |query: &[u8]| {
        let mut message = answer(query);
        message.metadata.truncation = true;
        message.answers.clear();
        vec![bytes(&message)]
    };
    let (at, _udp) = udp_server(52, cut).await;
    let _tcp = tcp_server(at, |query| framed(&bytes(&answer(query)))).await;
    let conf = format!("nameserver {}\noptions attempts:1\n", at.ip());
    assert_eq!(sought("db.example.", &conf, at.port(), LONG_ENOUGH).await, "10.0.0.9 of 1");
}

#[tokio::test]
async fn where_nobody_can_be_asked_nothing_is_known() {
    let nobody = "NoResolver: its resolv.conf names no name server that it has an address to ask from";
    assert_eq!(sought("db.example.", "", 53, LONG_ENOUGH).await, nobody);
    assert_eq!(sought("db.example.", "nameserver fd00::1\n", 53, LONG_ENOUGH).await, nobody);
}

#[tokio::test]
async fn a_lookup_ends_when_its_time_is_over() {
    let (at, _server) = udp_server(53, |_| Vec::new()).await;
    let conf = format!("nameserver {}\noptions attempts:5\n", at.ip());
    let patience = Patience { query: Some(Duration::from_millis(150)), whole: Duration::from_millis(1) };
    assert_eq!(sought("db.example.", &conf, at.port(), patience).await, "no IPv4 address of it is known: no answer from 127.77.53.53");
}

#[tokio::test]
async fn a_server_that_nobody_answers_at_refuses_and_is_not_called_silent() {
    let at = std::net::UdpSocket::bind((address(54), 0)).unwrap().local_addr().unwrap();
    let conf = format!("nameserver {}\noptions attempts:1\n", at.ip());
    assert_eq!(sought("db.example.", &conf, at.port(), LONG_ENOUGH).await, "no IPv4 address of it is known: refused by 127.77.53.54");
}
