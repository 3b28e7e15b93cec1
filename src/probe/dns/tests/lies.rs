//! Servers and strangers that say what nobody asked.

use super::*;

/// Wrong numbers, other questions and classes, answers to what is no query, an answer that is a question, noise, loops of names, more
/// than fits.
fn lies(query: &[u8]) -> Vec<Vec<u8>> {
    let good = answer(query);
    let mut number = good.clone();
    number.metadata.id ^= 1;
    let mut name = good.clone();
    name.queries[0].set_name(Name::from_ascii("other.example.").unwrap());
    let mut class = good.clone();
    class.queries[0].set_query_class(DNSClass::CH);
    let mut kind = good.clone();
    kind.metadata.op_code = OpCode::Status;
    let mut looped = bytes(&good);
    let owner = looped.len() - 16;
    looped[owner..owner + 2].copy_from_slice(&[0xc0, u8::try_from(owner).unwrap()]);
    let cut = bytes(&good)[..bytes(&good).len() - 3].to_vec();
    let messages = [number, name, class, kind].map(|message| bytes(&message));
    messages.into_iter().chain([query.to_vec(), b"noise".to_vec(), Vec::new(), looped, cut, vec![0xff; 9_000]]).collect()
}

#[tokio::test]
async fn lies_are_foreign_and_the_truth_behind_them_counts() {
    let says = |query: &[u8]| lies(query).into_iter().chain([bytes(&answer(query))]).collect();
    check_udp(9, LONG, says, "3/3, 40 foreign, 3 of 1 queries: NOERROR [10.0.0.9]").await;
    let says = |query: &[u8]| lies(query).iter().chain([&bytes(&answer(query))]).flat_map(|said| framed(said)).collect();
    check_tcp(10, LONG, says, "3/3, 40 foreign, 3 of 1 queries: NOERROR [10.0.0.9]").await;
}

#[tokio::test]
async fn lies_alone_are_a_timeout() {
    check_udp(11, SHORT, lies, "0/3, 3 timed out, 40 foreign, cold, 3 of 1 queries: nothing").await;
}

#[tokio::test]
async fn connections_that_end_early_are_reset() {
    check_tcp(12, LONG, |query| framed(&bytes(&answer(query)))[..9].to_vec(), "0/3, 3 connection reset, cold, 3 of 1 queries: nothing")
        .await;
    check_tcp(13, LONG, |_| vec![0], "0/3, 3 connection reset, cold, 3 of 1 queries: nothing").await;
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
