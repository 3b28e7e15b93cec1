//! Answers that come more than once, or too late.

use super::*;

/// A server that says everything three times, and how many copies are counted of so many queries.
async fn copies(number: u8, count: u32) -> u32 {
    let (at, _server) = udp_server(number, |query| vec![bytes(&answer(query)); 3]).await;
    let (tally, _) = asked(at, count, LONG, Transport::Udp).await;
    assert_eq!((tally.answered, tally.warm_up == WarmUp::Unanswered), (count, false));
    tally.duplicates
}

#[tokio::test]
async fn every_copy_counts_of_the_first_query_as_of_the_last_and_none_of_the_warm_up() {
    assert_eq!(copies(17, 1).await, 2);
    assert_eq!(copies(28, 20).await, 40);
}

/// Asker and server share the test's one thread: whoever blocks it keeps the asker from its alarm, and the answer is there before it.
#[tokio::test]
async fn an_answer_by_tcp_that_is_seen_before_its_alarm_and_too_late_is_late() {
    let heard = std::sync::atomic::AtomicU32::new(0);
    let says = move |query: &[u8]| {
        if heard.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 0 {
            std::thread::sleep(2 * SHORT.duration());
        }
        framed(&bytes(&answer(query)))
    };
    let (at, _server) = tcp_server((address(40), 0).into(), says).await;
    assert_eq!(words(asked(at, 1, SHORT, Transport::Tcp).await), "0/1, 1 answered too late, 1 of 1 queries: nothing");
}

/// A server that answers each query after each of these whiles, in milliseconds.
async fn slow_server(number: u8, whiles: Vec<u64>) -> (SocketAddr, AbortOnDropHandle<()>) {
    let socket = Arc::new(UdpSocket::bind((address(number), 0)).await.unwrap());
    let at = socket.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let mut room = [0; 600];
        loop {
            let (length, from) = socket.recv_from(&mut room).await.unwrap();
            for after in whiles.clone() {
                let (said, socket) = (bytes(&answer(&room[..length])), Arc::clone(&socket));
                tokio::spawn(async move {
                    tokio::time::sleep(std::time::Duration::from_millis(after)).await;
                    let _ = socket.send_to(&said, from).await;
                });
            }
        }
    });
    (at, AbortOnDropHandle::new(server))
}

/// A copy that is on its way for a while, when nothing more is asked.
#[tokio::test]
async fn a_copy_of_the_last_answer_is_waited_for() {
    let (at, _server) = slow_server(29, vec![0, 100]).await;
    let (tally, _) = asked(at, 1, LONG, Transport::Udp).await;
    assert_eq!((tally.answered, tally.duplicates), (1, 1));
}

#[tokio::test]
async fn the_last_answer_is_waited_for_too_though_it_is_late() {
    let (at, _server) = slow_server(39, vec![SHORT.0 / 1_000 + 50]).await;
    let (tally, _) = asked(at, 2, SHORT, Transport::Udp).await;
    let missed: Vec<_> = tally.missed.iter().map(|missed| (missed.how.clone(), missed.count)).collect();
    assert_eq!(missed, [(Miss::Late, 2)]);
}

#[tokio::test]
async fn what_comes_too_late_is_late() {
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
