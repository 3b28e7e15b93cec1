//! What a run will do, decided before anything is created.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::agents::{AgentTerms, IcmpAccess};
use super::fixture::Stand;
use super::inventory::{Inventory, Node, Standing};
use super::pace::PaceLimit;
use super::probe::Credential;
use super::suite::{Case, Destination, NodeAddress, Suite};
use super::taint::{Taint, Tolerations};
use super::target::Pair;
use super::units::{Micros, counted, thousands};
use super::vantage::Vantage;
use super::verdict::{Mismatch, Skip};

/// Ordered cases with their pairs, and the vantages that they need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The suites, in the order of the command line.
    pub suites: Vec<Arc<Suite>>,
    /// What there is.
    pub inventory: Inventory,
    /// In the order of the suites.
    pub cases: Vec<PlannedCase>,
    /// Where an agent runs, by node.
    pub vantages: Vec<Vantage>,
    /// The Services of fixtures that cases ask, by name.
    pub stands: Vec<Stand>,
    /// Decides the order of nodes in sampled strategies.
    pub seed: u64,
    /// Equal for equal plans: 12 hexadecimal digits of a SHA-256.
    pub hash: String,
}

/// A case with its pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCase {
    /// Index of its suite in [`Plan::suites`].
    pub suite: usize,
    /// The case.
    pub case: Case,
    /// What is measured; an index into it names a pair on the wire. Empty when skipped. Cases of one strategy share it.
    pub pairs: Arc<[Pair]>,
    /// How many pairs there are at all.
    pub total: u64,
    /// The strategy that chose them, by its name in the language.
    pub strategy: &'static str,
    /// How many nodes could ask and how many could be asked.
    pub ends: Ends,
    /// Who fits its source and does not ask, and why: `1 of 3 pods that fit …`.
    pub left_out: Option<String>,
    /// Which bound on all pairs together could never be judged, and why: its pairs give fewer samples than it takes.
    pub too_few: Option<String>,
    /// Which bound on the loss of all pairs together allows some, and none of so few packets: what its number means.
    pub acts_as_zero: Option<String>,
    /// Why it is not run at all.
    pub skip: Option<Skip>,
    /// Why there is nothing to measure, though it is not skipped: its verdict is an error.
    pub no_pairs: Option<String>,
    /// What the suite expects and what is not so, as the inventory shows by itself: its verdict is a failure.
    pub refuted: Option<Mismatch>,
}

/// How many nodes stand at the two ends of a case, whether a strategy takes all of them or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ends {
    /// Those that could ask.
    pub sources: u64,
    /// Those that could be asked.
    pub targets: u64,
}

/// What leaves for a host that is none of the run's agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Where to, as the suite says it.
    pub to: Destination,
    /// By which probe.
    pub probe: &'static str,
    /// How many agents ask it, of the case in which they are the most.
    pub sources: u64,
    /// Questions of all cases, their warm-ups among them.
    pub questions: u64,
}

/// How evenly the pairs of a case are spread, counted in the pairs themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spread {
    /// The least and the most pairs in which one node asks.
    pub asks: (u64, u64),
    /// The least and the most pairs in which one node is asked.
    pub asked: (u64, u64),
}

impl PlannedCase {
    /// How often each node of its ends asks and is asked.
    #[must_use]
    pub fn spread(&self) -> Spread {
        let sources = least_and_most(self.pairs.iter().map(|pair| &pair.source), self.ends.sources);
        Spread { asks: sources, asked: least_and_most(self.pairs.iter().map(|pair| &pair.target), self.ends.targets) }
    }

    /// How fast it asks at most: as the case says, and where a port of somebody else's on each node is asked, or its external
    /// address, as many as a host is asked for each of them.
    #[must_use]
    pub fn pace(&self) -> PaceLimit {
        let own = self.case.pace();
        match &self.case.to {
            Destination::Nodes { port: Some(_), .. } | Destination::Nodes { address: NodeAddress::External, .. } => {
                let targets = u32::try_from(self.ends.targets).unwrap_or(u32::MAX).max(1);
                let all = PaceLimit::TO_A_HOST.get().saturating_mul(targets);
                PaceLimit { total: own.total.or(NonZeroU32::new(all)), ..own }
            }
            Destination::Nodes { address: NodeAddress::Internal, port: None, .. }
            | Destination::Agents(_)
            | Destination::Host(_)
            | Destination::Named(_)
            | Destination::Gateway
            | Destination::Resolver
            | Destination::Service(_) => own,
        }
    }

    /// Questions that the whole case asks, warm-ups left out.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.pairs.len() as u64 * u64::from(self.case.probe.burst().count.get())
    }

    /// The same if every attempt at every pair fails.
    #[must_use]
    pub fn packets_at_most(&self) -> u64 {
        self.packets() * self.case.retry.as_ref().map_or(1, |retry| u64::from(retry.attempts))
    }
}

impl Plan {
    /// What agents need to ask the API server, of those that are to ask it.
    #[must_use]
    pub fn credentials(&self) -> BTreeMap<Vantage, Credential> {
        let mut needed = BTreeMap::new();
        for planned in self.cases.iter().filter(|planned| planned.skip.is_none()) {
            let Some(credential) = planned.case.probe.credential() else { continue };
            for pair in planned.pairs.iter() {
                let known = needed.entry(pair.source.clone()).or_insert(credential);
                *known = credential.max(*known);
            }
        }
        needed
    }

    /// The suites that ask something, by their places.
    #[must_use]
    pub fn asking(&self) -> BTreeSet<usize> {
        self.cases.iter().filter(|planned| planned.skip.is_none()).map(|planned| planned.suite).collect()
    }

    /// Which pairs cannot be asked, since the node to be asked does not state where: `1 of 2 pairs cannot be asked: node2 states no …`.
    #[must_use]
    pub fn unstated(&self, planned: &PlannedCase) -> Option<String> {
        let asked: Vec<_> = planned.pairs.iter().filter_map(|pair| pair.target.node()).collect();
        if asked.is_empty() {
            return None;
        }
        let nodes: HashMap<&str, &Node> = self.inventory.nodes.iter().map(|node| (&*node.name, node)).collect();
        let taking_part = |name| nodes.get(name).filter(|node| node.standing == Standing::Expected);
        let family = planned.case.probe.burst().family;
        let lacks = |(name, at)| Some((name, taking_part(name)?.stated(family, at).err()?));
        let lacking: Vec<_> = asked.into_iter().filter_map(lacks).collect();
        let (node, what) = lacking.first()?;
        let others = lacking.iter().map(|(node, _)| node).collect::<BTreeSet<_>>().len() - 1;
        let others = if others == 0 { String::new() } else { format!(", and so it is with {}", counted(others, "other node")) };
        let (lacking, all) = (thousands(lacking.len() as u64), counted(planned.pairs.len(), "pair"));
        Some(format!("{lacking} of {all} cannot be asked: {node} states no {what}{others}"))
    }

    /// The nodes that a suite leaves out, though they take part, each with the taint for it; none of one that there is not.
    pub fn left_out_by(&self, suite: usize) -> impl Iterator<Item = (&Node, &Taint)> {
        let tolerations = self.suites.get(suite).map(|suite| &suite.agents.tolerations);
        self.inventory.nodes.iter().filter_map(move |node| Some((node, node.unmet(tolerations?)?)))
    }

    /// How its agents come by ICMP.
    #[must_use]
    pub fn icmp_access(&self) -> IcmpAccess {
        AgentTerms::icmp_access(self.suites.iter().filter_map(|suite| suite.terms()))
    }

    /// How long its agents may take, where a suite says that.
    #[must_use]
    pub fn patience(&self) -> Option<Micros> {
        AgentTerms::patience(self.suites.iter().filter_map(|suite| suite.terms()))
    }

    /// Of each suite that asks something, which nodes it leaves out by their taints that another suite uses, and whether these are known
    /// at all: in words.
    #[must_use]
    pub fn avoided(&self) -> Vec<String> {
        let taking_part: Vec<&Node> =
            self.inventory.nodes.iter().filter(|node| !matches!(node.standing, Standing::Excluded { .. })).collect();
        let all = counted(taking_part.len(), "node");
        let left = |number: usize, suite: &Suite| {
            let nodes: Vec<String> = self.left_out_by(number).map(|(node, taint)| format!("{} (taint {taint})", node.name)).collect();
            let more = nodes.len().saturating_sub(Self::NAMED);
            let others = if more > 0 { format!(" and {more} more") } else { String::new() };
            let first = nodes[..nodes.len() - more].join(", ");
            (!nodes.is_empty())
                .then(|| format!("the suite {} leaves out {} of {all} by their taints: {first}{others}", suite.id, nodes.len()))
        };
        let unknown = |suite: &Suite| {
            let unknown = taking_part.iter().filter(|node| node.taints.is_none()).count();
            (unknown > 0 && suite.agents.tolerations != Tolerations::All).then(|| {
                let why = "the inventory does not say their taints; one that `netcheck discover` writes does";
                format!("the suite {} may leave out some of {}: {why}", suite.id, counted(unknown, "node"))
            })
        };
        let suites = self.asking().into_iter().filter_map(|number| Some((number, self.suites.get(number)?)));
        suites.flat_map(|(number, suite)| [left(number, suite), unknown(suite)]).flatten().collect()
    }

    /// The most nodes that a message names.
    const NAMED: usize = 10;

    /// What leaves for hosts that the suites name, each host and probe once, in the order of the cases.
    #[must_use]
    pub fn outbound(&self) -> Vec<Outbound> {
        let mut found: Vec<Outbound> = Vec::new();
        for planned in &self.cases {
            let (sources, probe) = (planned.pairs.len() as u64, &planned.case.probe);
            let to = &planned.case.to;
            if sources == 0 || to.outside().is_none() {
                continue;
            }
            let questions = sources * (u64::from(probe.burst().count.get()) + 1);
            match found.iter_mut().find(|known| (&known.to, known.probe) == (to, probe.kind())) {
                Some(known) => (known.sources, known.questions) = (known.sources.max(sources), known.questions + questions),
                None => found.push(Outbound { to: to.clone(), probe: probe.kind(), sources, questions }),
            }
        }
        found
    }
}

/// Over `of` ends, of which those that are not among these come 0 times.
fn least_and_most<'p, E: Eq + Hash + 'p>(ends: impl Iterator<Item = &'p E>, of: u64) -> (u64, u64) {
    let mut counts: HashMap<&E, u64> = HashMap::new();
    for end in ends {
        *counts.entry(end).or_default() += 1;
    }
    let least = if (counts.len() as u64) < of { 0 } else { counts.values().copied().min().unwrap_or(0) };
    (least, counts.values().copied().max().unwrap_or(0))
}

/// All vantages that ask in these cases, and all whose agents are asked: where an agent would have to be, whether it can be or not.
/// Behind a fixture they are those of all nodes that take part.
#[must_use]
pub fn staffed(cases: &[PlannedCase], inventory: &Inventory) -> HashSet<Vantage> {
    // Cases share their lists of pairs: each list is looked through once.
    let lists: HashMap<*const Pair, &[Pair]> = cases.iter().map(|case| (case.pairs.as_ptr(), case.pairs.as_ref())).collect();
    let pairs = lists.into_values().flatten();
    let ends: HashSet<&Vantage> = pairs.flat_map(|pair| [Some(&pair.source), pair.target.agent()]).flatten().collect();
    let asks_fixture = cases.iter().any(|case| case.case.to.fixture().is_some() && !case.pairs.is_empty());
    let behind = inventory.nodes.iter().filter(|node| asks_fixture && !matches!(node.standing, Standing::Excluded { .. }));
    ends.into_iter().cloned().chain(behind.map(|node| Vantage::pod(&node.name))).collect()
}
