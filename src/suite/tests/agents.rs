//! The terms on which suites take agents that they share.

use super::*;
use crate::model::agents::{AgentTerms, IcmpAccess};
use crate::model::suite::Suite;
use crate::model::vantage::Station;

const ASKS: &str = "tests: [{ id: t, from: pods, to: pods, probe: icmp }]";
const WAITS: &str = "discover: { z: { nodes: { distinct: zone } } }\n\
                     tests: [{ id: t, forEach: { z: \"${{ discover.z }}\" }, from: pods, to: { pods: { zone: \"${{ z }}\" } }, probe: icmp }]";

fn access(suites: &[(&str, &str)]) -> IcmpAccess {
    let suites: Vec<_> = suites.iter().map(|(agents, tests)| good(&format!("netcheck: v1\nsuite: s\nagents: {agents}\n{tests}"))).collect();
    AgentTerms::icmp_access(suites.iter().filter_map(Suite::terms))
}

#[test]
fn one_suite_that_asks_by_raw_icmp_is_enough() {
    let (auto, raw, silent) = ("{ icmp: auto }", "{ icmp: raw }", "{}");
    for (suites, expected) in [
        (&[][..], IcmpAccess::Auto),
        (&[(silent, ASKS), (auto, ASKS)], IcmpAccess::Auto),
        (&[(raw, ASKS)], IcmpAccess::Raw),
        (&[(auto, ASKS), (raw, ASKS), (silent, ASKS)], IcmpAccess::Raw),
        (&[(auto, ASKS), (raw, WAITS)], IcmpAccess::Raw),
    ] {
        assert_eq!(access(suites), expected, "{suites:?}");
    }
}

#[test]
fn a_suite_that_asks_for_nothing_decides_nothing() {
    let mut suites = ["auto", "raw"].map(|word| good(&format!("netcheck: v1\nsuite: s\nagents: {{ icmp: {word} }}\n{ASKS}")));
    suites[1].cases.clear();
    assert_eq!(AgentTerms::icmp_access(suites.iter().filter_map(Suite::terms)), IcmpAccess::Auto);
}

#[test]
fn only_agents_in_pods_that_could_ask_by_raw_icmp_are_told_of_it() {
    assert!(IcmpAccess::Auto.lacks_raw(Station::Pod));
    for (access, station) in [(IcmpAccess::Auto, Station::Host), (IcmpAccess::Auto, Station::Workload), (IcmpAccess::Raw, Station::Pod)] {
        assert!(!access.lacks_raw(station), "{access:?} {station:?}");
    }
}
