//! What a server says, or does not say, by either transport.

use super::*;

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
