//! Where suites need agents, whatever the cluster: for what has to be said of a run before there is an inventory.
//! It must not know which nodes there are, nor which of them a case selects.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::suite::{Case, Suite};
use crate::model::vantage::Station;

/// How the agents stand that these suites get where nothing is missing.
#[must_use]
pub fn stations(suites: &[Arc<Suite>]) -> BTreeSet<Station> {
    let of = |case: &Case| [Some(case.from.station()), case.to.answering().map(Station::from)];
    let asked = suites.iter().flat_map(|suite| &suite.cases).filter(|case| case.skip.is_none());
    let pending = suites.iter().flat_map(|suite| &suite.pending).flat_map(|pending| pending.stations.iter().copied());
    asked.flat_map(of).flatten().chain(pending).collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::model::agents::AgentTerms;
    use crate::model::burst::Burst;
    use crate::model::case_id::CaseId;
    use crate::model::family::Family;
    use crate::model::probe::Probe;
    use crate::model::selector::Selector;
    use crate::model::source::Span;
    use crate::model::suite::{
        Destination, Endpoint, Group, NodeAddress, PairStrategy, Pick, PortOfNode, SameNode, Selection, Source, Which, Workload,
    };
    use crate::model::units::Micros;

    type Ends = (Source, Destination, fn(Burst) -> Probe);

    fn case((from, to, probe): Ends) -> Case {
        let ten = NonZeroU32::new(10).unwrap();
        let burst = Burst { family: Family::V4, count: ten, interval: Micros(1_000), timeout: Micros(1_000) };
        Case {
            id: CaseId { suite: "s".into(), test: "t".into(), key: Vec::new() },
            span: Span { file: "s.yaml".into(), line: 1, column: 1, length: 1, text: "".into() },
            tags: Vec::new(),
            about: crate::model::suite::About::default(),
            conduct: crate::model::suite::Conduct::default(),
            from,
            to,
            pairs: PairStrategy::DEFAULT,
            same_node: SameNode::Exclude,
            probe: probe(burst),
            count: crate::model::suite::Count::Fixed,
            expect: Vec::new(),
            unjudged: Vec::new(),
            retry: None,
            skip: None,
        }
    }

    fn check(cases: &[Ends], expected: &[Station]) {
        let cases = cases.iter().cloned().map(case).collect();
        let suite = Suite {
            id: "s".into(),
            title: None,
            file: "s.yaml".into(),
            deadline: None,
            agents: AgentTerms::default(),
            expect_families: Vec::new(),
            vars: Vec::new(),
            cases,
            pending: Vec::new(),
            wanted: Vec::new(),
            secrets: Vec::new(),
            fixtures: Vec::new(),
        };
        assert_eq!(stations(&[Arc::new(suite)]).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn agents_are_where_somebody_asks_or_answers() {
        const NODES: fn() -> Source = || Source::Group(Group::NODES);
        const PODS: fn() -> Source = || Source::Group(Group::PODS);
        let (pod, host) = (Station::Pod, Station::Host);
        let (pods, nodes) = (Destination::Agents(Group::PODS), Destination::Agents(Group::NODES));
        let own = |port| Destination::Nodes { only: Selection::All, address: NodeAddress::Internal, port };
        let addresses = own(None);
        let kubelets = own(Some(PortOfNode::Kubelet));
        let outside = Destination::Host(Endpoint { address: [10, 0, 0, 10].into(), port: None });
        check(&[], &[]);
        let selector = Selector::parse("app=cart").unwrap();
        let cart = Source::Workload(Workload { namespace: "shop".into(), which: Which::Labelled { selector, pick: Pick::All } });
        check(&[(PODS(), pods.clone(), Probe::udp)], &[pod]);
        check(&[(cart.clone(), pods.clone(), Probe::udp)], &[pod, Station::Workload]);
        check(&[(cart, outside.clone(), Probe::icmp)], &[Station::Workload]);
        check(&[(NODES(), nodes.clone(), Probe::udp)], &[host]);
        check(&[(NODES(), pods.clone(), Probe::icmp)], &[pod, host]);
        check(&[(PODS(), nodes, Probe::Tcp)], &[pod, host]);
        // Nobody of ours answers there.
        check(&[(PODS(), addresses.clone(), Probe::icmp)], &[pod]);
        check(&[(PODS(), kubelets, Probe::Tcp)], &[pod]);
        check(&[(NODES(), outside, Probe::icmp)], &[host]);
        check(&[(PODS(), pods, Probe::udp), (NODES(), addresses, Probe::icmp)], &[pod, host]);
    }
}
