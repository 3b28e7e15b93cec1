//! Cases and an inventory become a plan: which pairs, from which agents, and what is left out and why.
//! Pure. It must not know how anything is probed, nor what the suite expects of it.

mod hash;
pub mod inventory;
mod networks;
mod pairs;
pub mod select;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::inventory::{Ability, Inventory, Standing};
use crate::model::plan::{Plan, PlannedCase};
use crate::model::probe::{Family, Probe};
use crate::model::suite::{Case, Group, PairStrategy, Suite};
use crate::model::vantage::{Network, Pair, Vantage};
use crate::model::verdict::Skip;

pub use networks::networks;
use pairs::Chosen;

/// Plans the cases of all suites over what there is. Equal input gives an equal plan, with an equal hash.
#[must_use]
pub fn plan(suites: Vec<Arc<Suite>>, inventory: Inventory, seed: u64) -> Plan {
    let taking_part: Vec<Arc<str>> = inventory
        .nodes
        .iter()
        .filter(|node| !matches!(node.standing, Standing::Excluded { .. }))
        .map(|node| Arc::clone(&node.name))
        .collect();
    let mut strategies: HashMap<(Group, Group, PairStrategy), Chosen> = HashMap::new();
    let mut cases = Vec::new();
    for (index, suite) in suites.iter().enumerate() {
        for case in &suite.cases {
            let choose = || pairs::choose(case.pairs, &taking_part, (case.from.network(), case.to.network()), seed);
            let chosen = strategies.entry((case.from, case.to, case.pairs)).or_insert_with(choose);
            cases.push(plan_case(index, case, skip(case, &inventory, &suite.expect_families), chosen));
        }
    }
    let vantages = needed(&cases, &inventory);
    let hash = hash::of(&suites, &cases, seed);
    Plan { suites, inventory, cases, vantages, seed, hash }
}

fn plan_case(suite: usize, case: &Case, skip: Option<Skip>, chosen: &Chosen) -> PlannedCase {
    let pairs = if skip.is_some() { Arc::default() } else { Arc::clone(&chosen.pairs) };
    PlannedCase { suite, case: case.clone(), pairs, total: chosen.total, strategy: chosen.strategy, skip }
}

/// What the suite itself leaves out. What the backend cannot do at all is no trouble of the network's, and no reason to try again; unless the suite says that the
/// family must be there.
fn skip(case: &Case, inventory: &Inventory, must: &[Family]) -> Option<Skip> {
    let limit = || {
        inventory.limits.iter().find_map(|limit| match limit.what {
            Ability::Icmp if matches!(case.probe, Probe::Icmp(_)) => Some(Skip { code: "no-icmp", why: limit.why.clone() }),
            Ability::Family(family) if case.probe.burst().family == family && !must.contains(&family) => {
                Some(Skip { code: "no-family", why: limit.why.clone() })
            }
            Ability::Network(network) if case.from.network() == network || case.to.network() == network => {
                Some(Skip { code: "no-network", why: limit.why.clone() })
            }
            Ability::Icmp | Ability::Family(_) | Ability::Network(_) => None,
        })
    };
    case.skip.clone().or_else(limit)
}

/// The vantages that need an agent, in the order of the inventory: all that ask, and all that are asked, but for node addresses
/// whose kernel answers by itself.
fn needed(cases: &[PlannedCase], inventory: &Inventory) -> Vec<Vantage> {
    // Cases share their lists of pairs: each list is looked through once.
    let key = |case: &PlannedCase| (case.pairs.as_ptr(), case.needs_responder());
    let lists: HashMap<(*const Pair, bool), &[Pair]> = cases.iter().map(|case| (key(case), case.pairs.as_ref())).collect();
    let mut ends: HashSet<&Vantage> = HashSet::new();
    for ((_, responder), pairs) in lists {
        ends.extend(pairs.iter().map(|pair| &pair.source));
        ends.extend(pairs.iter().map(|pair| &pair.target).filter(|_| responder));
    }
    let expected = inventory.nodes.iter().filter(|node| node.standing == Standing::Expected);
    let vantages = expected.flat_map(|node| Network::ALL.map(|network| Vantage::of(network, &node.name)));
    vantages.filter(|vantage| ends.contains(vantage)).collect()
}
