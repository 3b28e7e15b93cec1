//! Lookups as applications do them, by a resolv.conf.

use super::*;

/// Looks "db" up by such a resolv.conf, in which the servers stand at that port.
async fn resolved(conf: &str, port: u16, timeout: Micros) -> String {
    let first = ResolvConf::parse(conf).nameservers[0].address;
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

#[tokio::test]
async fn a_search_domain_that_is_no_name_is_passed_over_and_told() {
    let (at, _server) = udp_server(30, zone).await;
    let conf = format!("nameserver {}\nsearch a..b b.example\noptions ndots:5\n", at.ip());
    let errand = errand(at, 2, LONG);
    let asking = asking(&errand, Manner::Resolver, Transport::Udp, &conf);
    let tally = ask(errand, asking).await.unwrap();
    assert_eq!((tally.sent, tally.answered), (2, 2));
    let told: Vec<String> = tally.seen.iter().map(|seen| format!("{} {}", seen.count, seen.what)).collect();
    for expected in ["2 with 10.0.0.9", "2 past \"db.a..b.\", which is no name (see the search path)"] {
        assert!(told.iter().any(|words| words == expected), "{told:?}");
    }
}

#[tokio::test]
async fn a_server_of_ipv4_in_the_dress_of_ipv6_is_asked_by_ipv4() {
    let (at, _server) = udp_server(31, zone).await;
    let conf = format!("nameserver ::ffff:{}\nsearch b.example\n", at.ip());
    assert_eq!(resolved(&conf, at.port(), LONG).await, "2/2, 2 of 1 queries: NOERROR [10.0.0.9]");
}

/// Both manners: that of a resolver, and the question to the first server of resolv.conf.
#[tokio::test]
async fn a_server_behind_an_interface_that_is_not_there_is_no_pass() {
    let conf = "nameserver fe80::1%gone0\nsearch b.example\n";
    for manner in [Manner::Resolver, Manner::Raw] {
        let errand = errand("[fe80::1]:53".parse().unwrap(), 1, LONG);
        let asking = asking(&errand, manner, Transport::Udp, conf);
        let obstacle = measure(errand, asking).await.unwrap_err();
        let expected = "the name server fe80::1%gone0 cannot be asked: there is no interface gone0 here";
        assert_eq!((obstacle.kind, obstacle.detail.as_str()), (ObstacleKind::NoResolver, expected));
    }
}

/// Queries of one lookup where everything fails, and from a certain query on what is said does not fit either.
async fn sent(number: u8, cut_from: u32) -> (u32, u32) {
    let mut asked = 0;
    let says = move |query: &[u8]| {
        asked += 1;
        let mut message = answer(query);
        message.answers.clear();
        message.metadata.response_code = ResponseCode::ServFail;
        // The first is the warm-up.
        message.metadata.truncation = asked > cut_from;
        vec![bytes(&message)]
    };
    let (at, _udp) = udp_server(number, says).await;
    let search = (0..32).map(|number| format!("d{number}.example")).collect::<Vec<_>>().join(" ");
    let conf = format!("nameserver {}\nsearch {search}\noptions ndots:5 attempts:5\n", at.ip());
    let errand = errand(at, 1, LONG);
    let asking = asking(&errand, Manner::Resolver, Transport::Udp, &conf);
    let (_, most) = asking.probe.queries();
    (measure(errand, asking).await.unwrap().0.sent, most)
}

#[tokio::test]
async fn no_lookup_takes_more_queries_than_are_believed() {
    assert_eq!(sent(32, 63).await, (64, 64));
    assert_eq!(sent(35, 64).await, (63, 64));
}
