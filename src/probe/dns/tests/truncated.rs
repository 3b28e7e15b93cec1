//! Answers that do not fit.

use super::*;

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

/// By TCP nothing has to be cut. Who says so there has left something out, and nobody can know what.
#[tokio::test]
async fn what_is_truncated_by_tcp_is_no_answer() {
    let cut = |query: &[u8]| {
        let mut message = answer(query);
        message.metadata.truncation = true;
        message.answers.clear();
        framed(&bytes(&message))
    };
    let why = "DNS failed: the answer is truncated though it came by TCP";
    check_tcp(26, LONG, cut, &format!("0/3, 3 {why}, cold, 3 of 1 queries: nothing")).await;
    assert_eq!(cutting(27, Some(cut)).await, format!("3/6, 3 {why}, 3 of 2 queries: nothing after 1 cut"));
}
