//! In which networks suites need agents, whatever the cluster: for what has to be said of a run before there is an inventory.
//! It must not know why a case needs an agent; a plan does.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::inventory::{Inventory, Node, Standing};
use crate::model::suite::Suite;
use crate::model::vantage::{Network, Vantage};

use super::plan;

/// The networks of the agents that these suites get where nothing is missing: those of a plan for two nodes.
#[must_use]
pub fn networks(suites: Vec<Arc<Suite>>) -> BTreeSet<Network> {
    let node = |name: &str| Node { name: name.into(), zone: None, addresses: Vec::new(), standing: Standing::Expected };
    let nodes = vec![node("node1"), node("node2")];
    let inventory = Inventory { cluster: String::new(), version: String::new(), nodes, limits: Vec::new() };
    plan(suites, inventory, 0).vantages.iter().map(Vantage::network).collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::model::probe::{Burst, Family, Probe};
    use crate::model::source::Span;
    use crate::model::suite::{Case, CaseId, Group, PairStrategy};
    use crate::model::units::Micros;

    type Ends = (Group, Group, fn(Burst) -> Probe);

    fn case((from, to, probe): Ends) -> Case {
        let ten = NonZeroU32::new(10).unwrap();
        let burst = Burst { family: Family::V4, count: ten, interval: Micros(1_000), timeout: Micros(1_000) };
        Case {
            id: CaseId { suite: "s".into(), test: "t".into(), key: Vec::new() },
            span: Span { file: "s.yaml".into(), line: 1, column: 1, length: 1, text: "".into() },
            tags: Vec::new(),
            from,
            to,
            pairs: PairStrategy::Circulant,
            probe: probe(burst),
            expect: Vec::new(),
            unjudged: Vec::new(),
            skip: None,
        }
    }

    fn check(cases: &[Ends], expected: &[Network]) {
        let cases = cases.iter().copied().map(case).collect();
        let suite = Suite { id: "s".into(), title: None, file: "s.yaml".into(), expect_families: Vec::new(), vars: Vec::new(), cases };
        assert_eq!(networks(vec![Arc::new(suite)]).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn agents_are_where_somebody_asks_or_answers() {
        use Group::{Nodes, Pods};
        let (pod, host) = (Network::Pod, Network::Host);
        check(&[], &[]);
        check(&[(Pods, Pods, Probe::Udp)], &[pod]);
        check(&[(Nodes, Nodes, Probe::Udp)], &[host]);
        check(&[(Nodes, Pods, Probe::Icmp)], &[pod, host]);
        check(&[(Pods, Nodes, Probe::Tcp)], &[pod, host]);
        // The kernel of a node answers by itself.
        check(&[(Pods, Nodes, Probe::Icmp)], &[pod]);
        check(&[(Pods, Pods, Probe::Udp), (Nodes, Nodes, Probe::Icmp)], &[pod, host]);
    }
}
