//! Name servers that never stop talking.

use super::*;
use crate::probe::floods::{Flood, assert_bounded};

/// However fast the noise comes, a query's own socket and those that are kept are read in one go each.
async fn leaves_turns(mut flood: Flood, timeout: Micros) -> Tally {
    let asking = asked(flood.address(), 1, timeout, Transport::Udp);
    let ((tally, _), turns) = flood.against(asking).await;
    assert_bounded(tally.foreign, turns);
    tally
}

#[tokio::test]
async fn a_flood_instead_of_an_answer_leaves_others_their_turn() {
    let tally = leaves_turns(Flood::at(address(33), |_| None), SHORT).await;
    assert_eq!(tally.answered, 0);
}

#[tokio::test]
async fn a_flood_behind_an_answer_leaves_others_their_turn_and_ends() {
    let tally = leaves_turns(Flood::at(address(34), |query| Some(bytes(&answer(query)))), LONG).await;
    assert_eq!(tally.answered, 1);
}
