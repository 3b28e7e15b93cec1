//! Losses over the source port that is used again: when connection tracking is to be blamed for them, and when chance may be.

use super::*;
use crate::model::fixture::Via;
use crate::model::probe::{Flows, SourcePorts};
use crate::model::target::{Door, Endpoint, Where};
use crate::model::units::Port;

const STALE: &str = "stale connection tracking looks like that, an entry for a backend that is gone";

fn endpoint() -> Endpoint {
    Endpoint { address: [10, 96, 0, 20].into(), port: Port::new(7) }
}

fn service(via: Via) -> Target {
    Target::Service(Arc::new(Door { service: "shop/echo".into(), via, node: None, at: Where::Known(endpoint()) }))
}

/// What is said of a pair that has lost so many of as many packets over the reused port, and over fresh ones.
fn why(target: Target, [reused, fresh]: [(u32, u32); 2]) -> String {
    let mut planned = planned(1, vec![loss(Scope::Each, Operator::AtMost, 0)]);
    let burst = Burst { count: NonZeroU32::new(reused.1 + fresh.1).unwrap(), ..planned.case.probe.burst().clone() };
    planned.case.probe = Probe::Udp(Flows { burst, ports: SourcePorts::Both });
    planned.pairs = vec![Pair { source: Vantage::pod("a0"), target }].into();
    let (over_reused, sent, lost) = (reused.1 - reused.0, reused.1 + fresh.1, reused.0 + fresh.0);
    let told = (over_reused > 0).then_some(Seen { what: Sight::ReusedPort, count: over_reused });
    let tally = Tally {
        sent,
        answered: sent - lost,
        missed: vec![Missed { how: Miss::TimedOut, count: lost }],
        samples: Samples::Raw(vec![Micros(250); (sent - lost) as usize]),
        seen: told.into_iter().collect(),
        ..Tally::empty()
    };
    let report = judge(&planned, &[PairResult::Measured(Attempts::once(tally))]);
    let [PairReport { state: PairState::Failed { why, .. }, .. }] = report.pairs.as_slice() else { panic!("{:?}", report.pairs) };
    why.clone()
}

#[test]
fn what_chance_hardly_does_is_blamed_on_connection_tracking() {
    for (lost, said) in [
        ([(10, 10), (0, 10)], true),
        ([(8, 10), (0, 10)], true),
        ([(43, 50), (0, 50)], true),
        ([(10, 50), (0, 50)], true),
        ([(50_000, 50_000), (0, 50_000)], true),
        ([(10, 50_000), (0, 50_000)], true),
        // Under plain loss each of these is seen sooner or later.
        ([(1, 10), (0, 10)], false),
        ([(3, 10), (0, 10)], false),
        ([(7, 10), (0, 10)], false),
        ([(9, 50_000), (0, 50_000)], false),
        ([(1, 1), (0, 1)], false),
        ([(1, 1), (0, 0)], false),
        // Fresh ports have lost something, too.
        ([(10, 10), (1, 10)], false),
        ([(0, 10), (10, 10)], false),
    ] {
        let why = why(service(Via::ClusterIp), lost);
        assert_eq!(why.contains(STALE), said, "{lost:?}: {why}");
    }
    assert_eq!(
        why(service(Via::ClusterIp), [(10, 10), (0, 10)]),
        format!("10 of 20 packets lost: timed out; 10 of 10 over the source port that is used again, 0 of 10 over fresh ones: {STALE}")
    );
}

#[test]
fn where_no_service_translates_nothing_remembers_a_backend() {
    for (target, said) in [
        (service(Via::ClusterIp), true),
        (service(Via::NodePort), true),
        (service(Via::LoadBalancer), true),
        (service(Via::ExternalIps), true),
        (service(Via::Endpoints), false),
        (Target::Agent(Vantage::pod("b")), false),
        (Target::Host(endpoint()), false),
    ] {
        let why = why(target.clone(), [(10, 10), (0, 10)]);
        assert_eq!(why.contains("source port"), said, "{target:?}: {why}");
    }
}
