//! Handshakes, and requests over TLS.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use netcheck::model::certificate::{TlsSight, TlsVersion, Trusted};
use netcheck::model::outcome::{Layer, Miss, ObstacleKind, Outcome, Sight, Stage, Step, Tally};
use netcheck::model::probe::{Auth, Header, HttpProbe, Probe, TlsProbe, TlsSettings, Trust};
use netcheck::model::secret::{Part, Secrets, Text};
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::certificates::Authority;
use super::{Bag, LONG, SHORT, address, anyone, burst, head, http, missed, outcome, server, tally};

const NAME: &str = "kubernetes.default.svc";

fn settings(trust: Trust) -> TlsSettings {
    TlsSettings { server_name: Some(NAME.to_owned()), trust }
}

fn handshakes(tls: TlsSettings) -> Probe {
    Probe::Tls(TlsProbe { burst: burst(3, LONG), tls })
}

/// A server that shakes hands, and answers requests.
async fn secured(address: IpAddr, config: Arc<ServerConfig>) -> (SocketAddr, tokio_util::task::AbortOnDropHandle<()>) {
    let acceptor = TlsAcceptor::from(config);
    server(address, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            if head(&mut stream).await.is_empty() {
                return;
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            let _ = stream.read(&mut [0; 1]).await;
        }
    })
    .await
}

#[track_caller]
fn only_sight(tally: &Tally) -> TlsSight {
    let [seen] = tally.seen.as_slice() else { panic!("{tally:?}") };
    assert_eq!((tally.sent, tally.answered, seen.count), (3, 3, 3), "{tally:?}");
    match &seen.what {
        Sight::Tls(sight) => sight.clone(),
        Sight::Http(http) => http.tls.clone().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_trusted_server_is_seen_with_version_names_and_expiry() {
    let authority = Authority::new();
    let (at, _server) = secured(address(101), authority.server(&[NAME, "10.96.0.1"], 30)).await;
    let tally = tally(handshakes(settings(Trust::Given(authority.pem()))), anyone(at), &Bag::default()).await;
    let sight = only_sight(&tally);
    assert_eq!((sight.version, &sight.trusted), (TlsVersion::Tls13, &Trusted::Yes));
    let certificate = sight.certificate.unwrap();
    assert_eq!(certificate.names, [NAME, "10.96.0.1"]);
    assert_eq!(certificate.hours_left / 24, 30);
    assert!(certificate.to_string().starts_with("valid for 30 days (until 2"), "{certificate}");
    let steps: Vec<_> = tally.steps.iter().map(|step| (step.step, step.samples.count())).collect();
    assert_eq!(steps, [(Step::Connect, 3), (Step::Tls, 3)]);
}

/// What vouches for it ends too; but whoever is trusted, or who vouches for nobody here, does not count.
#[tokio::test]
async fn a_certificate_lasts_as_long_as_those_that_vouch_for_it() {
    let root = Authority::new();
    let below = root.below(2);
    for (trusted, days) in [(root.pem(), 2), (below.pem(), 30), (Authority::new().pem(), 2)] {
        let (at, _server) = secured(address(105), below.server(&[NAME], 30)).await;
        let sight = only_sight(&tally(handshakes(settings(Trust::Given(trusted))), anyone(at), &Bag::default()).await);
        assert_eq!(sight.certificate.unwrap().hours_left / 24, days, "{:?}", sight.trusted);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told_beside_the_response() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let other = || TlsSettings { server_name: Some("other.example".to_owned()), trust: Trust::Given(ours.pem()) };
    let unnamed = || TlsSettings { server_name: None, trust: Trust::Given(ours.pem()) };
    for (server, tls, expected) in [
        (ours.server(&[NAME], -3), settings(Trust::Given(ours.pem())), Trusted::Expired),
        (theirs.server(&[NAME], 30), settings(Trust::Given(ours.pem())), Trusted::UnknownIssuer),
        (ours.server(&[NAME], 30), other(), Trusted::WrongName { wanted: "other.example".to_owned() }),
        (ours.server(&[NAME], 30), unnamed(), Trusted::WrongName { wanted: "127.78.0.102".to_owned() }),
        (ours.server(&["127.78.0.102"], 30), unnamed(), Trusted::Yes),
        (ours.server(&[NAME], 30), settings(Trust::Given(ours.pem())), Trusted::Yes),
        (theirs.server(&[NAME], -3), settings(Trust::None), Trusted::Unchecked),
    ] {
        let (at, _server) = secured(address(102), server).await;
        let probe = Probe::Http(HttpProbe { tls: Some(tls.clone()), ..http(LONG) });
        for probe in [probe, handshakes(tls)] {
            let sight = only_sight(&tally(probe, anyone(at), &Bag::default()).await);
            assert_eq!(sight.trusted, expected);
            assert_eq!(sight.certificate.unwrap().hours_left < 0, matches!(expected, Trusted::Expired | Trusted::Unchecked));
        }
    }
}

/// A server that shakes hands, writes down what it hears, and allows nothing.
async fn listener(
    number: u8,
    config: Arc<ServerConfig>,
    heard: Arc<Mutex<Vec<String>>>,
) -> (SocketAddr, tokio_util::task::AbortOnDropHandle<()>) {
    let acceptor = TlsAcceptor::from(config);
    server(address(number), move |stream| {
        let (acceptor, heard) = (acceptor.clone(), Arc::clone(&heard));
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let head = head(&mut stream).await;
            heard.lock().unwrap().push(head);
            let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno").await;
            let _ = stream.read(&mut [0; 1]).await;
        }
    })
    .await
}

#[tokio::test]
async fn whoever_is_not_trusted_hears_no_secret() {
    let (ours, theirs, folder) = (Authority::new(), Authority::new(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("token"), "tok3n").unwrap();
    let mut secrets = Secrets::default();
    secrets.insert("key", "hunter2");
    let bag = Bag { secrets, credentials: folder.path().to_owned(), ..Bag::default() };
    let text = Text(vec![Part::Secret("key".to_owned())]);
    for (server, trust, told) in [
        (theirs.server(&[NAME], 30), Trust::Given(ours.pem()), false),
        (ours.server(&[NAME], -3), Trust::Given(ours.pem()), false),
        (ours.server(&[NAME], 30), Trust::Given(ours.pem()), true),
        (theirs.server(&[NAME], 30), Trust::None, true),
    ] {
        for auth in [Auth::ServiceAccount, Auth::Token(text.clone())] {
            let heard = Arc::new(Mutex::new(Vec::new()));
            let (at, _server) = listener(108, server.clone(), Arc::clone(&heard)).await;
            let headers = vec![
                Header { name: "x-key".to_owned(), value: text.clone() },
                Header { name: "x-open".to_owned(), value: Text(vec![Part::Plain("open".to_owned())]) },
            ];
            let probe = HttpProbe { tls: Some(settings(trust.clone())), auth: Some(auth), headers, ..http(LONG) };
            let tally = tally(Probe::Http(probe), anyone(at), &bag).await;
            let heard = heard.lock().unwrap().clone();
            assert_eq!(heard.len(), 4);
            assert!(heard.iter().all(|head| head.contains("x-open: open")), "{heard:?}");
            assert!(heard.iter().all(|head| head.contains("authorization") == told && head.contains("hunter2") == told), "{heard:?}");
            let Sight::Http(sight) = &tally.seen[0].what else { panic!("{tally:?}") };
            assert_eq!(sight.note.starts_with("no credentials were sent"), !told, "{sight}");
        }
    }
}

#[tokio::test]
async fn the_clusters_authority_comes_from_the_agents_own_files() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let bag = Bag { credentials: folder.path().to_owned(), ..Bag::default() };
    let (at, _server) = secured(address(103), authority.server(&[NAME], 30)).await;
    for content in [None, Some("no certificate")] {
        if let Some(content) = content {
            std::fs::write(folder.path().join("ca.crt"), content).unwrap();
        }
        let Outcome::NotMeasured(obstacle) = outcome(handshakes(settings(Trust::ClusterCa)), anyone(at), &bag).await else {
            panic!("without an authority")
        };
        assert_eq!(obstacle.kind == ObstacleKind::NoCredentials, content.is_none(), "{obstacle:?}");
        assert!(obstacle.detail.contains("the cluster's CA"), "{obstacle:?}");
    }
    std::fs::write(folder.path().join("ca.crt"), authority.pem()).unwrap();
    let sight = only_sight(&tally(handshakes(settings(Trust::ClusterCa)), anyone(at), &bag).await);
    assert_eq!(sight.trusted, Trusted::Yes);
}

/// What a server that begins so is seen to do.
async fn begins(number: u8, bytes: &'static [u8], timeout: netcheck::model::units::Micros) -> Tally {
    let (at, _server) = server(address(number), move |mut stream| async move {
        let _ = stream.read(&mut [0; 1]).await;
        let _ = stream.write_all(bytes).await;
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    })
    .await;
    let probe = TlsProbe { burst: burst(3, timeout), tls: settings(Trust::None) };
    tally(Probe::Tls(probe), anyone(at), &Bag::default()).await
}

#[tokio::test]
async fn a_handshake_that_stalls_is_a_timeout_of_its_own() {
    // A record that promises more than comes.
    for bytes in [&b""[..], b"\x16\x03\x03\x40\x00\x02"] {
        assert_eq!(begins(104, bytes, SHORT).await.missed, missed(3, Miss::Stalled { at: Stage::Tls }));
    }
}

#[tokio::test]
async fn older_versions_alerts_and_other_protocols_are_told_apart() {
    // A ServerHello of TLS 1.1 with the suite 0x002f and no extensions.
    static OLD: [u8; 47] = {
        let mut hello = [0; 47];
        let head = [0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
        let mut at = 0;
        while at < head.len() {
            hello[at] = head[at];
            at += 1;
        }
        hello[45] = 0x2f;
        hello
    };
    for (bytes, expected) in [
        (&OLD[..], "an older version than TLS 1.2 was offered"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "it was refused by an alert: ProtocolVersion"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "what came is no TLS"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "what came is no TLS"),
    ] {
        assert_eq!(begins(105, bytes, LONG).await.missed, missed(3, Miss::broken(Layer::Tls, expected)));
    }
}

#[tokio::test]
async fn a_handshake_that_ends_early_is_reset_and_a_closed_port_refuses() {
    let (at, _server) = server(address(106), |mut stream| async move {
        let _ = stream.read(&mut [0; 4_096]).await;
    })
    .await;
    assert_eq!(tally(handshakes(settings(Trust::None)), anyone(at), &Bag::default()).await.missed, missed(3, Miss::Reset));
    let closed = SocketAddr::new(address(106), 1);
    let refused = tally(handshakes(settings(Trust::None)), anyone(closed), &Bag::default()).await;
    assert_eq!(refused.missed, missed(3, Miss::Refused { by: None }));
}

#[tokio::test]
async fn a_key_that_does_not_belong_to_the_certificate_is_no_connection() {
    let authority = Authority::new();
    let (right, wrong) = (authority.server(&[NAME], 30), authority.thief(NAME));
    for (config, answered) in [(right, 3), (wrong, 0)] {
        let (at, _server) = secured(address(107), config).await;
        let tally = tally(handshakes(settings(Trust::None)), anyone(at), &Bag::default()).await;
        assert_eq!(tally.answered, answered, "{tally:?}");
    }
}
