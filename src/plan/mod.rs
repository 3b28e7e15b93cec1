//! Cases and an inventory become a plan: which pairs, from which agents, and what is left out and why.
//! Pure. It must not know how anything is probed, nor what the suite expects of it.

mod counts;
mod fixtures;
mod hash;
pub mod inventory;
mod pairs;
mod samples;
pub mod select;
pub mod shard;
mod stations;
mod views;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::model::family::Family;
use crate::model::inventory::{Ability, Inventory, Node, Standing};
use crate::model::plan::{Plan, PlannedCase, staffed};
use crate::model::probe::Probe;
use crate::model::suite::{Case, Destination, Suite};
use crate::model::vantage::{Network, Station, Vantage};
use crate::model::verdict::{Mismatch, Skip};

use pairs::{Chosen, Field, Nothing, Wish};
pub use stations::stations;

/// Plans the cases of all suites over what there is. Equal input gives an equal plan, with an equal hash.
#[must_use]
pub fn plan(suites: Vec<Arc<Suite>>, inventory: Inventory, seed: u64) -> Plan {
    let (inventory, views) = views::of(&suites, inventory);
    let field = Field::of(&inventory, seed);
    let own: Vec<Field<'_>> = views.own.iter().map(|seen| Field::of(seen, seed)).collect();
    let mut chosen: HashMap<(Option<usize>, Wish), Chosen> = HashMap::new();
    let mut cases = Vec::new();
    for ((index, suite), view) in suites.iter().enumerate().zip(views.of) {
        let seen = view.and_then(|view| own.get(view)).unwrap_or(&field);
        for case in &suite.cases {
            let by = case.to.offer().and(case.probe.transport()).map(|transport| (case.probe.burst().family, transport));
            let wish = Wish { from: case.from.clone(), to: case.to.clone(), pairs: case.pairs, same_node: case.same_node, by };
            let chosen = chosen.entry((view, wish)).or_insert_with_key(|(_, wish)| pairs::choose(wish, seen));
            cases.push(plan_case((index, suite), case, skip(case, &inventory, &suite.expect_families), (chosen, field.size())));
        }
    }
    let vantages = needed(&cases, &inventory);
    let (hash, stands) = (hash::of(&suites, &cases, seed), fixtures::stands(&suites, &cases));
    Plan { suites, inventory, cases, vantages, stands, seed, hash }
}

/// How many cases of these suites the suite itself and the place would let run.
#[must_use]
pub fn runnable(suites: &[Arc<Suite>], inventory: &Inventory) -> usize {
    let runs = |suite: &Arc<Suite>| suite.cases.iter().filter(|case| skip(case, inventory, &suite.expect_families).is_none()).count();
    suites.iter().map(runs).sum()
}

fn plan_case((index, suite): (usize, &Suite), case: &Case, skip: Option<Skip>, (chosen, backends): (&Chosen, u64)) -> PlannedCase {
    let (no_pairs, absent, refuted) = match chosen.why_none.clone() {
        None => (None, None, None),
        Some(Nothing::Impossible(why)) => (Some(why), None, None),
        Some(Nothing::Alone) => (None, Some(Skip { code: "single-node", why: "the cluster has a single node".to_owned() }), None),
        Some(Nothing::Refuted(mismatch)) => (None, None, Some(mismatch)),
        Some(Nothing::NoFamily(why)) if suite.expect_families.contains(&case.probe.burst().family) => {
            let message = format!("{why}, and the suite's expectFamilies says that there must be");
            (None, None, Some(Mismatch { code: "family-missing", message }))
        }
        Some(Nothing::NoFamily(why)) => (None, Some(Skip { code: "no-family", why }), None),
    };
    let skip = skip.or(absent);
    let case = counts::counted(case, chosen, backends);
    let pairs = if skip.is_some() { Arc::default() } else { Arc::clone(&chosen.pairs) };
    let (no_pairs, refuted) = if skip.is_some() { (None, None) } else { (no_pairs, refuted) };
    PlannedCase {
        suite: index,
        too_few: samples::too_few(&case, &pairs),
        acts_as_zero: samples::acts_as_zero(&case, &pairs),
        case,
        pairs,
        total: chosen.total,
        strategy: chosen.strategy,
        ends: chosen.ends,
        left_out: chosen.left_out.clone(),
        skip,
        no_pairs,
        refuted,
    }
}

/// What the suite itself leaves out. What the backend cannot do at all is no trouble of the network's, and no reason to try again; unless the suite says that the
/// family must be there.
fn skip(case: &Case, inventory: &Inventory, must: &[Family]) -> Option<Skip> {
    let limit = || {
        inventory.limits.iter().find_map(|limit| match limit.what {
            Ability::Icmp if case.probe.is_icmp() => Some(Skip { code: "no-icmp", why: limit.why.clone() }),
            Ability::Family(family) if case.probe.burst().family == family && !must.contains(&family) => {
                Some(Skip { code: "no-family", why: limit.why.clone() })
            }
            Ability::Network(network) if case.from.network() == network || case.to.network() == Some(network) => {
                Some(Skip { code: "no-network", why: limit.why.clone() })
            }
            Ability::Names if matches!(case.probe, Probe::Dns(_)) || matches!(case.to, Destination::Named(_)) => {
                Some(Skip { code: "no-resolver", why: limit.why.clone() })
            }
            Ability::PathMtu if matches!(case.probe, Probe::Pmtu(_)) => Some(Skip { code: "no-path-mtu", why: limit.why.clone() }),
            Ability::Gateway if case.to == Destination::Gateway => Some(Skip { code: "no-gateways", why: limit.why.clone() }),
            Ability::Workloads if case.from.station() == Station::Workload => Some(Skip { code: "no-workloads", why: limit.why.clone() }),
            Ability::Services if case.to.fixture().is_some() => Some(Skip { code: "no-services", why: limit.why.clone() }),
            Ability::Icmp
            | Ability::Names
            | Ability::Family(_)
            | Ability::Network(_)
            | Ability::PathMtu
            | Ability::Gateway
            | Ability::Services
            | Ability::Workloads => None,
        })
    };
    case.skip.clone().or_else(limit)
}

/// The vantages that need an agent, in the order of the inventory: of each node its own networks, then the user's pods on it.
fn needed(cases: &[PlannedCase], inventory: &Inventory) -> Vec<Vantage> {
    let ends = staffed(cases, inventory);
    let expected = inventory.nodes.iter().filter(|node| node.standing == Standing::Expected);
    let mut pods: BTreeMap<&str, BTreeSet<&Vantage>> = BTreeMap::new();
    for vantage in ends.iter().filter(|vantage| vantage.station() == Station::Workload) {
        pods.entry(vantage.node()).or_default().insert(vantage);
    }
    let on = |node: &Node| {
        let own = Network::ALL.map(|network| Vantage::of(network, &node.name)).into_iter().filter(|vantage| ends.contains(vantage));
        own.chain(pods.get(&*node.name).into_iter().flatten().map(|vantage| (*vantage).clone())).collect::<Vec<_>>()
    };
    expected.flat_map(on).collect()
}
