//! How many questions `count: auto` comes to: as many as it takes to hear of every backend of a Service that chooses among them by
//! pure chance. It must not know who is asked.

use std::num::NonZeroU32;

use super::pairs::Chosen;
use crate::model::burst::Burst;
use crate::model::expect::{Claim, Scope};
use crate::model::probe::SourcePorts;
use crate::model::suite::{Case, Count};
use crate::model::wish::Wish;

/// The case with the number of its questions.
pub(super) fn counted(case: &Case, chosen: &Chosen, backends: u64) -> Case {
    match case.count {
        Count::Fixed => case.clone(),
        Count::Auto => {
            let questions = questions(backends, if per_pair(case) { 1 } else { chosen.pairs.len() as u64 }, case.probe.ports());
            let burst = case.probe.burst();
            let count = burst.count.max(NonZeroU32::new(questions).unwrap_or(NonZeroU32::MIN));
            Case { probe: case.probe.with(Burst { count, ..burst.clone() }), ..case.clone() }
        }
    }
}

/// Whether every pair by itself has to hear of them.
fn per_pair(case: &Case) -> bool {
    case.expect
        .iter()
        .any(|bound| bound.scope == Scope::Each && matches!(bound.claim, Claim::Seen(Wish::Backends(_) | Wish::AllBackends(_))))
}

/// The chance that a backend is not heard of, though all are well: one in a million.
const CHANCE: f64 = 1e-6;

/// Questions of each pair, so that all of them together reach each of so many backends. Only a new flow is given a backend anew.
fn questions(backends: u64, pairs: u64, ports: SourcePorts) -> u32 {
    let flows = flows(backends).div_ceil(pairs.max(1));
    let questions = match ports {
        // With one port that is used again, the suite has a number of its own.
        SourcePorts::Reused | SourcePorts::Fresh => flows,
        SourcePorts::Both => flows.saturating_mul(2),
    };
    u32::try_from(questions).unwrap_or(u32::MAX).min(Burst::MOST)
}

/// Of n backends, one is missed by k flows with a chance of (1 - 1/n)^k, and any of them with at most n times that.
fn flows(backends: u64) -> u64 {
    if backends < 2 {
        return 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "a world has at most 5,000 nodes, and no cluster 2^52")]
    let all = backends as f64;
    let flows = (CHANCE / all).ln() / (1.0 - 1.0 / all).ln();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is positive, and some 25 times the backends")]
    let flows = flows.ceil() as u64;
    flows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_is_missed_once_in_a_million_runs() {
        for (backends, expected) in [(0_u32, 1_u32), (1, 1), (2, 21), (4, 53), (100, 1_833)] {
            assert_eq!(flows(backends.into()), u64::from(expected), "{backends}");
            let all = f64::from(backends);
            let missed = (1.0 - 1.0 / all).powf(f64::from(expected)) * all;
            assert!(backends < 2 || missed <= CHANCE, "{backends}: {missed}");
        }
    }

    #[test]
    fn pairs_share_what_it_takes_and_half_of_the_questions_make_new_flows() {
        assert_eq!(questions(4, 4, SourcePorts::Fresh), 14);
        assert_eq!(questions(4, 4, SourcePorts::Both), 28);
        assert_eq!(questions(5_000, 1, SourcePorts::Both), Burst::MOST);
    }
}
