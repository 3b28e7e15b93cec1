//! Cases and an inventory become a plan: which pairs, from which agents, and what is left out and why.
//! Pure. It must not know how anything is probed, nor what the suite expects of it.

mod hash;
mod pairs;
pub mod select;

use std::sync::Arc;

use crate::model::inventory::{Ability, Inventory, Standing};
use crate::model::plan::{Plan, PlannedCase};
use crate::model::probe::{Family, Probe};
use crate::model::suite::{Case, Suite};
use crate::model::vantage::Vantage;
use crate::model::verdict::Skip;

/// Plans the cases of all suites over what there is. Equal input gives an equal plan, with an equal hash.
#[must_use]
pub fn plan(suites: Vec<Arc<Suite>>, inventory: Inventory, seed: u64) -> Plan {
    let taking_part: Vec<Vantage> = inventory
        .nodes
        .iter()
        .filter(|node| !matches!(node.standing, Standing::Excluded { .. }))
        .map(|node| node.vantage.clone())
        .collect();
    let cases: Vec<_> = suites
        .iter()
        .enumerate()
        .flat_map(|(index, suite)| suite.cases.iter().map(move |case| ((index, suite.as_ref()), case)))
        .map(|(suite, case)| plan_case(suite, case, &taking_part, &inventory, seed))
        .collect();
    let vantages = needed(&cases, &inventory);
    let hash = hash::of(&cases, seed);
    Plan { suites, inventory, cases, vantages, seed, hash }
}

fn plan_case(suite: (usize, &Suite), case: &Case, nodes: &[Vantage], inventory: &Inventory, seed: u64) -> PlannedCase {
    let (suite, Suite { expect_families: must, .. }) = suite;
    let skip = skip(case, inventory, must);
    let chosen = pairs::choose(case.pairs, nodes, seed);
    let pairs = if skip.is_some() { Vec::new() } else { chosen.pairs };
    PlannedCase { suite, case: case.clone(), pairs, total: chosen.total, strategy: chosen.strategy, skip }
}

/// What the backend cannot do at all is no trouble of the network's, and no reason to try again; unless the suite says that the
/// family must be there.
fn skip(case: &Case, inventory: &Inventory, must: &[Family]) -> Option<Skip> {
    inventory.limits.iter().find_map(|limit| match limit.what {
        Ability::Icmp if matches!(case.probe, Probe::Icmp(_)) => Some(Skip { code: "no-icmp", why: limit.why.clone() }),
        Ability::Family(family) if case.probe.burst().family == family && !must.contains(&family) => {
            Some(Skip { code: "no-family", why: limit.why.clone() })
        }
        Ability::Icmp | Ability::Family(_) => None,
    })
}

/// The nodes that are an end of any pair and may run an agent, in the order of the inventory.
fn needed(cases: &[PlannedCase], inventory: &Inventory) -> Vec<Vantage> {
    let ends: std::collections::HashSet<&Vantage> =
        cases.iter().flat_map(|case| &case.pairs).flat_map(|pair| [&pair.source, &pair.target]).collect();
    inventory
        .nodes
        .iter()
        .filter(|node| node.standing == Standing::Expected && ends.contains(&node.vantage))
        .map(|node| node.vantage.clone())
        .collect()
}
