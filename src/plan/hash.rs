//! A short name for a plan, equal for equal plans. It must not depend on the run or on time.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::model::agents::{AgentTerms, IcmpAccess};
use crate::model::plan::PlannedCase;
use crate::model::probe::{Echoes, Flows, Probe, SourcePorts};
use crate::model::suite::{Conduct, Destination, Suite, Weight};
use crate::model::taint::Tolerations;
use crate::model::target::Pair;

/// 12 hexadecimal digits over everything that decides what is measured and what is wanted of it.
pub(super) fn of(suites: &[Arc<Suite>], cases: &[PlannedCase], seed: u64) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("netcheck plan 1\nseed {seed}\n"));
    for suite in suites {
        if let Some(deadline) = suite.deadline {
            digest.update(format!("{} deadline {deadline}\n", suite.id));
        }
        if suite.agents.tolerations != Tolerations::All && !suite.cases.is_empty() {
            digest.update(format!("{} tolerates {}\n", suite.id, suite.agents.tolerations));
        }
        for family in &suite.expect_families {
            digest.update(format!("{} expects {family}\n", suite.id));
        }
    }
    // Who is waited for longer may be there to be measured.
    if let Some(patience) = AgentTerms::patience(suites.iter().filter_map(|suite| suite.terms())) {
        digest.update(format!("ready within {patience}\n"));
    }
    // Cases share their lists of pairs, and of the tests that they need: each list is digested once.
    let mut lists: HashMap<*const Pair, Vec<u8>> = HashMap::new();
    let mut needed: HashMap<*const Arc<str>, Vec<u8>> = HashMap::new();
    for planned in cases {
        digest.update(format!("{} {} {}\n", planned.case.id, of_probe(&planned.case.probe), planned.strategy));
        // What is collected afterwards is neither measured nor wanted.
        let Conduct { needs, traffic, deadline, pace, collect: _ } = &planned.case.conduct;
        let measured = Conduct { collect: Vec::new(), ..planned.case.conduct.clone() };
        if measured != Conduct::default() || planned.case.about.weight != Weight::Decides {
            digest.update(format!("{traffic:?} {deadline:?} {pace:?} {}\n", planned.case.about.weight.word()));
            digest.update(needed.entry(needs.as_ptr()).or_insert_with(|| of_needs(needs)));
        }
        if let Some(retry) = &planned.case.retry {
            digest.update(format!("{retry:?}\n"));
        }
        // Of two policies the doors look alike, and the Services behind them are not.
        if let Destination::Service(offer) = &planned.case.to {
            digest.update(format!("{offer}\n"));
        }
        for bound in &planned.case.expect {
            digest.update(format!("{bound}\n"));
        }
        digest.update(lists.entry(planned.pairs.as_ptr()).or_insert_with(|| of_pairs(&planned.pairs)));
    }
    // Where there are no sockets of the one kind, those of the other may measure.
    if AgentTerms::icmp_access(suites.iter().filter_map(|suite| suite.terms())) == IcmpAccess::Raw {
        digest.update("icmp raw\n");
    }
    let digest = digest.finalize();
    let first = digest.iter().take(6).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{first:012x}")
}

/// What is as it always was is digested as it always was.
fn of_probe(probe: &Probe) -> String {
    match probe {
        Probe::Icmp(echoes @ Echoes { burst, .. }) if echoes.is_plain() => format!("Icmp({burst:?})"),
        Probe::Udp(Flows { burst, ports: SourcePorts::Reused }) => format!("Udp({burst:?})"),
        other => format!("{other:?}"),
    }
}

fn of_needs(needs: &[Arc<str>]) -> Vec<u8> {
    let mut digest = Sha256::new();
    for test in needs {
        digest.update(format!("needs {test}\n"));
    }
    digest.finalize().to_vec()
}

fn of_pairs(pairs: &[Pair]) -> Vec<u8> {
    let mut digest = Sha256::new();
    for pair in pairs {
        digest.update(format!("{}>{}\n", pair.source, pair.target));
    }
    digest.finalize().to_vec()
}
