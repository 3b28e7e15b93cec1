//! Requests in the clear.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use netcheck::agent::{Ports, respond};
use netcheck::model::outcome::{Layer, Miss, ObstacleKind, Outcome, Sight, Stage, Step, Tally, WarmUp};
use netcheck::model::probe::{Auth, Header, HttpProbe, Method, Probe};
use netcheck::model::response::HttpSight;
use netcheck::model::retry::MissKind;
use netcheck::model::secret::{Part, Secrets, Text};
use netcheck::model::units::Micros;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Bag, LONG, SHORT, address, agent, anyone, head, http, missed, outcome, server, tally};

/// Reads a request, answers with these bytes, and waits for the other side to close.
async fn answer(mut stream: TcpStream, bytes: Vec<u8>) {
    head(&mut stream).await;
    let _ = stream.write_all(&bytes).await;
    let _ = stream.read(&mut [0; 1]).await;
}

fn response(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// What a server that always answers so is seen to do.
async fn of(number: u8, probe: HttpProbe, bytes: Vec<u8>) -> Tally {
    let (at, _server) = server(address(number), move |stream| answer(stream, bytes.clone())).await;
    tally(Probe::Http(probe), anyone(at), &Bag::default()).await
}

#[track_caller]
fn only_sight(tally: &Tally) -> HttpSight {
    let [seen] = tally.seen.as_slice() else { panic!("{tally:?}") };
    assert_eq!((tally.sent, tally.answered, seen.count), (3, 3, 3), "{tally:?}");
    let Sight::Http(sight) = &seen.what else { panic!("{seen:?}") };
    sight.clone()
}

#[tokio::test]
async fn every_status_is_an_answer_and_failed_checks_are_named() {
    let failed = "[+]ping ok\n[-]etcd failed: reason withheld\n[+]log ok\nreadyz check failed\n";
    for (status, body, expected) in [
        ("200 OK", "ok", "status 200"),
        ("204 No Content", "", "status 204"),
        ("301 Moved Permanently", "", "status 301"),
        ("401 Unauthorized", "{\n \"kind\": \"Status\"\n}", "status 401 ({)"),
        ("500 Internal Server Error", failed, "status 500 ([-]etcd failed: reason withheld)"),
    ] {
        let tally = of(1, http(LONG), response(status, body)).await;
        assert_eq!(only_sight(&tally).to_string(), expected);
        assert!(matches!(tally.warm_up, WarmUp::Answered(_)));
        let steps: Vec<_> = tally.steps.iter().map(|step| (step.step, step.samples.count())).collect();
        assert_eq!(steps, [(Step::Connect, 3), (Step::FirstByte, 3)]);
    }
}

#[tokio::test]
async fn a_body_is_searched_in_chunks_to_its_end_or_to_its_limit_and_a_head_has_none() {
    let looking = || HttpProbe { find: Some("needle".to_owned()), ..http(LONG) };
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nnee\r\n3\r\ndle\r\n0\r\n\r\n".to_vec();
    assert_eq!(only_sight(&of(2, looking(), chunked).await).found, Some(true));
    let without = of(2, looking(), response("200 OK", "hay\u{7}stack")).await;
    assert_eq!(only_sight(&without).to_string(), "status 200, another body (hay stack)");
    let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    endless.extend(vec![b'x'; HttpProbe::BODY_LIMIT]);
    endless.extend(b"needle");
    assert_eq!(only_sight(&of(2, looking(), endless).await).found, Some(false));
    let head = HttpProbe { method: Method::Head, ..http(LONG) };
    let head = of(2, head, b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n".to_vec()).await;
    assert_eq!(only_sight(&head).to_string(), "status 200");
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let at = SocketAddr::new(address(3), 1);
    for peer in [anyone(at), agent("node1", at)] {
        let tally = tally(Probe::Http(http(LONG)), peer, &Bag::default()).await;
        assert_eq!(tally.missed, missed(3, Miss::Refused { by: None }));
        assert_eq!((tally.seen.len(), tally.steps.len(), tally.warm_up), (0, 0, WarmUp::Unanswered));
    }
}

#[tokio::test]
async fn a_timeout_says_how_far_the_answer_was() {
    for (bytes, at) in [
        (Vec::new(), Stage::Head),
        (b"HTTP/1.1 200 OK\r\nx: ".to_vec(), Stage::Head),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive5".to_vec(), Stage::Body),
    ] {
        let tally = of(4, http(SHORT), bytes).await;
        assert_eq!(tally.missed, missed(3, Miss::Stalled { at }));
    }
    assert_eq!(Miss::Stalled { at: Stage::Head }.to_string(), "timed out before the response");
}

/// Nobody accepts, and the queue of those who wait is full: the kernel drops what comes.
#[tokio::test]
async fn a_connection_that_is_never_made_times_out() {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(address(5), 0).into()).unwrap();
    socket.listen(0).unwrap();
    let at = socket.local_addr().unwrap().as_socket().unwrap();
    let _full = TcpStream::connect(at).await.unwrap();
    let tally = tally(Probe::Http(http(SHORT)), anyone(at), &Bag::default()).await;
    assert_eq!(tally.missed, missed(3, Miss::TimedOut));
}

#[tokio::test]
async fn an_endless_body_that_drips_is_not_waited_for() {
    let (at, _server) = server(address(6), |mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    let tally = tally(Probe::Http(http(SHORT)), anyone(at), &Bag::default()).await;
    assert_eq!(tally.missed, missed(3, Miss::Stalled { at: Stage::Body }));
}

#[tokio::test]
async fn a_connection_that_ends_early_is_reset() {
    for bytes in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive5", b"HTTP/1.1 200 OK\r\nx: y\r\n"] {
        let (at, _server) = server(address(7), move |mut stream| async move {
            head(&mut stream).await;
            stream.write_all(bytes).await.unwrap();
        })
        .await;
        let tally = tally(Probe::Http(http(LONG)), anyone(at), &Bag::default()).await;
        assert_eq!(tally.missed, missed(3, Miss::Reset), "{:?}", std::str::from_utf8(bytes));
    }
    let (at, _server) = server(address(7), |mut stream| async move {
        head(&mut stream).await;
        socket2::SockRef::from(&stream).set_linger(Some(std::time::Duration::ZERO)).unwrap();
    })
    .await;
    assert_eq!(tally(Probe::Http(http(LONG)), anyone(at), &Bag::default()).await.missed, missed(3, Miss::Reset));
}

#[tokio::test]
async fn what_is_no_response_or_too_large_is_said() {
    let huge = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(200));
    for bytes in ["SSH-2.0-OpenSSH_9.9\r\n\r\n".to_owned(), "\u{16}\u{3}\u{1}\u{0}\u{5}hello\r\n\r\n".to_owned(), huge, many] {
        let tally = of(8, http(LONG), bytes.into_bytes()).await;
        let [only] = tally.missed.as_slice() else { panic!("{tally:?}") };
        let Miss::Broken { what: Layer::Http, why } = &only.how else { panic!("{only:?}") };
        assert!(why.starts_with("what came is no response within bounds: "), "{why}");
        assert_eq!(only.count, 3);
    }
}

/// The server holds the connection open: nobody reset it.
#[tokio::test]
async fn a_body_that_is_malformed_is_said_to_be() {
    let long = "y".repeat(20_000);
    let trailer = format!("0\r\nx: {long}\r\n\r\n");
    let extension = format!("3;x={long}\r\nabc\r\n0\r\n\r\n");
    for chunks in ["zz\r\nhello\r\n", "3\r\nabcdef\r\n0\r\n\r\n", "fffffffffffffffff\r\n", "0\r\n:\r\n\r\n", &trailer, &extension] {
        let tally = of(15, http(LONG), format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}").into_bytes()).await;
        let [only] = tally.missed.as_slice() else { panic!("{tally:?}") };
        let Miss::Broken { what: Layer::Http, why } = &only.how else { panic!("{only:?} of {chunks}") };
        assert!(why.starts_with("what came is no response within bounds: "), "{why}");
        assert_eq!((only.count, MissKind::of(&only.how)), (3, MissKind::Broken));
    }
}

#[tokio::test]
async fn a_connection_that_ends_within_the_chunks_is_reset() {
    for linger in [None, Some(std::time::Duration::ZERO)] {
        for chunk in ["", "5", "5\r\nhe", "5\r\nhello\r\n0\r\nx: y"] {
            let (at, _server) = server(address(16), move |mut stream| async move {
                head(&mut stream).await;
                let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunk}").as_bytes()).await;
                socket2::SockRef::from(&stream).set_linger(linger).unwrap();
            })
            .await;
            let tally = tally(Probe::Http(http(LONG)), anyone(at), &Bag::default()).await;
            assert_eq!(tally.missed, missed(3, Miss::Reset), "{chunk:?} {linger:?}");
        }
    }
}

#[tokio::test]
async fn agents_answer_http_with_nonce_and_name() {
    let responders = respond("r1", "node1", &[address(9)], Ports::Free).unwrap();
    let at = SocketAddr::new(address(9), responders.tcp.get());
    let answered = tally(Probe::Http(http(LONG)), agent("node1", at), &Bag::default()).await;
    assert_eq!(only_sight(&answered).to_string(), "status 200");
    let other = tally(Probe::Http(http(LONG)), agent("node2", at), &Bag::default()).await;
    assert_eq!(other.missed, missed(3, Miss::WrongPeer { name: "node1".to_owned() }));
    // What is no question of the run is not answered.
    let silent = tally(Probe::Http(http(LONG)), anyone(at), &Bag::default()).await;
    assert_eq!(silent.missed, missed(3, Miss::Reset));
    let responders = respond("r2", "node1", &[address(9)], Ports::Free).unwrap();
    let at = SocketAddr::new(address(9), responders.tcp.get());
    let foreign = tally(Probe::Http(http(LONG)), agent("node1", at), &Bag::default()).await;
    assert_eq!(foreign.missed, missed(3, Miss::Reset));
}

#[tokio::test]
async fn whoever_answers_in_the_place_of_an_agent_is_the_wrong_peer() {
    let (at, _server) = server(address(10), |stream| answer(stream, response("404 Not Found", "<html>"))).await;
    let other = tally(Probe::Http(http(LONG)), agent("node1", at), &Bag::default()).await;
    assert_eq!(other.missed, missed(3, Miss::WrongPeer { name: "status 404 <html>".to_owned() }));
    // The answer to another question, as a cache would give it.
    let stale = format!("{} node1\n", "6e657463686b5131".to_owned() + &"00".repeat(28));
    let (at, _server) = server(address(10), move |stream| answer(stream, response("200 OK", &stale))).await;
    let stale = tally(Probe::Http(http(LONG)), agent("node1", at), &Bag::default()).await;
    assert_eq!(stale.missed, missed(3, Miss::broken(Layer::Http, "it answers another question than was asked")));
    assert_eq!(stale.foreign, 4);
}

/// What the server heard, and what was seen of an answer that repeats all of it.
async fn echoed(number: u8, probe: HttpProbe, bag: &Bag) -> (Vec<String>, HttpSight) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = Arc::clone(&heard);
    let (at, _server) = server(address(number), move |mut stream| {
        let hearing = Arc::clone(&hearing);
        async move {
            let head = head(&mut stream).await;
            hearing.lock().unwrap().push(head.clone());
            let _ = stream.write_all(&response("403 Forbidden", &head.replace("\r\n", " "))).await;
            let _ = stream.read(&mut [0; 1]).await;
        }
    })
    .await;
    let tally = tally(Probe::Http(probe), anyone(at), bag).await;
    let heard = heard.lock().unwrap().clone();
    (heard, only_sight(&tally))
}

#[tokio::test]
async fn secrets_are_in_requests_and_in_nothing_that_is_told() {
    let mut secrets = Secrets::default();
    secrets.insert("key", "hunter2");
    let text = |name: &str| Text(vec![Part::Plain("v-".to_owned()), Part::Secret(name.to_owned())]);
    let headers = vec![Header { name: "X-Key".to_owned(), value: text("key") }];
    let bag = Bag { secrets, ..Bag::default() };
    let probe = HttpProbe { headers: headers.clone(), auth: Some(Auth::Token(text("key"))), ..http(LONG) };
    let (heard, sight) = echoed(11, probe, &bag).await;
    assert_eq!(heard.len(), 4);
    for head in heard {
        assert!(head.starts_with("GET /readyz HTTP/1.1\r\n") && head.contains("x-key: v-hunter2\r\n"), "{head}");
        assert!(head.contains("authorization: Bearer v-hunter2\r\n"), "{head}");
    }
    assert!(sight.note.contains("x-key: v-***") && !sight.note.contains("hunter2"), "{}", sight.note);
    let Outcome::NotMeasured(obstacle) =
        outcome(Probe::Http(HttpProbe { headers, ..http(LONG) }), anyone(SocketAddr::new(address(11), 1)), &Bag::default()).await
    else {
        panic!("without the secret")
    };
    assert!(obstacle.detail.contains("the secret key"), "{obstacle:?}");
}

#[tokio::test]
async fn a_secret_that_no_header_can_hold_is_not_shown_for_it() {
    let mut secrets = Secrets::default();
    secrets.insert("key", "hunter2\r\nx: y");
    let auth = Some(Auth::Token(Text(vec![Part::Secret("key".to_owned())])));
    let probe = Probe::Http(HttpProbe { auth, ..http(LONG) });
    let Outcome::NotMeasured(obstacle) = outcome(probe, anyone(SocketAddr::new(address(12), 1)), &Bag { secrets, ..Bag::default() }).await
    else {
        panic!("a header with a line break")
    };
    assert!(obstacle.detail.contains("authorization") && !obstacle.detail.contains("hunter"), "{obstacle:?}");
}

#[tokio::test]
async fn a_service_accounts_token_is_read_for_each_request_and_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let bag = Bag { credentials: folder.path().to_owned(), ..Bag::default() };
    let probe = || HttpProbe { auth: Some(Auth::ServiceAccount), ..http(LONG) };
    let Outcome::NotMeasured(obstacle) = outcome(Probe::Http(probe()), anyone(SocketAddr::new(address(13), 1)), &bag).await else {
        panic!("without a token")
    };
    assert_eq!(obstacle.kind, ObstacleKind::NoCredentials);
    std::fs::write(folder.path().join("token"), "tok3n\n").unwrap();
    let (heard, sight) = echoed(13, probe(), &bag).await;
    assert!(heard.iter().all(|head| head.contains("authorization: Bearer tok3n\r\n")), "{heard:?}");
    assert!(sight.note.contains("***") && !sight.note.contains("tok3n"), "{}", sight.note);
}

#[tokio::test]
async fn a_stalled_target_leaves_the_burst_in_its_bounds() {
    let began = std::time::Instant::now();
    of(14, HttpProbe { burst: super::burst(50, Micros(100_000)), ..http(SHORT) }, Vec::new()).await;
    assert!(began.elapsed() < std::time::Duration::from_secs(30));
}
