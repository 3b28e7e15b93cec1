//! Who came, in pods, on hosts and in workloads: whether they are as many as the user wants, and which families they have.
//! It must not know which of them is asked for what.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::judge::{Lacking, PairResult};
use crate::model::event::Problem;
use crate::model::family::Family;
use crate::model::inventory::{Inventory, Standing};
use crate::model::plan::{Plan, PlannedCase, staffed};
use crate::model::suite::{Destination, NodeAddress};
use crate::model::vantage::{Station, Vantage};
use crate::model::verdict::Cause;

use super::AgentsMin;
use super::agents::Roster;
use super::live::Live;

/// What is known of the agents once each is there, or known not to come.
#[derive(Debug, Default)]
pub(super) struct Turnout {
    /// By whom suites are served: those that use the same nodes by the same shift.
    shifts: Vec<Shift>,
    /// For each suite that asks something, which of those.
    of: BTreeMap<usize, usize>,
    /// What each workload's agent has that came: one pod of the user's says nothing of another.
    workloads: BTreeMap<Vantage, Endowment>,
}

/// The agents on the nodes that a suite uses: one that leaves out what others use is not served by whoever is there.
#[derive(Debug)]
struct Shift {
    /// The nodes that it leaves out by their taints.
    left: BTreeSet<Arc<str>>,
    /// Everywhere that it has agents.
    crews: Vec<Crew>,
    /// Which addresses some of its nodes state, for targets without an agent.
    stated: Vec<(NodeAddress, Family)>,
}

/// The agents that stand alike. They are counted apart from the others, so that a cluster which refuses agents on
/// hosts still has its pods judged.
#[derive(Debug)]
struct Crew {
    station: Station,
    /// How many there should be, on all nodes of the plan that the suite uses.
    size: usize,
    live: usize,
    /// As many as the user wants.
    enough: bool,
    has: Endowment,
}

/// What agents have.
#[derive(Debug, Clone, Default)]
struct Endowment {
    /// Families that some of them have an address of; none where none of them came.
    families: Vec<Family>,
    /// Families of the name servers that some of them know.
    resolvers: Vec<Family>,
}

impl Turnout {
    /// Of all agents that came.
    pub(super) fn of(roster: &Roster, plan: &Plan, wanted: AgentsMin) -> Self {
        let ends = staffed(&plan.cases, &plan.inventory);
        let workloads = roster.all_live().filter(|(vantage, _)| vantage.station() == Station::Workload);
        let workloads = workloads.map(|(vantage, agent)| (vantage.clone(), Endowment::of(&[agent]))).collect();
        let mut turnout = Self { workloads, ..Self::default() };
        // Who asks nothing waits for nobody.
        for number in plan.asking() {
            let left: BTreeSet<Arc<str>> = plan.left_out_by(number).map(|(node, _)| Arc::clone(&node.name)).collect();
            let known = turnout.shifts.iter().position(|shift| shift.left == left);
            let shift = known.unwrap_or_else(|| {
                turnout.shifts.push(Shift::of(left, (roster, plan), &ends, wanted));
                turnout.shifts.len() - 1
            });
            turnout.of.insert(number, shift);
        }
        turnout
    }

    /// What is known of a pair of that case beforehand; where the user accepts that an end is missing (`--agents-min`), it says so.
    pub(super) fn accepting(&self, planned: &PlannedCase, result: PairResult) -> PairResult {
        match result {
            PairResult::Unmeasured(cause) if self.shift(planned).is_some_and(|shift| shift.accepts(&cause)) => PairResult::Accepted(cause),
            PairResult::Unmeasured(_)
            | PairResult::Measured(_)
            | PairResult::Accepted(_)
            | PairResult::FamilyMissing(..)
            | PairResult::NoGateway(..)
            | PairResult::Unresolved(_) => result,
        }
    }

    /// Who has no address of the family that a case needs, if that is nobody at one of its ends. Where no agent came at all,
    /// that says nothing of families.
    pub(super) fn lacks(&self, planned: &PlannedCase) -> Option<Lacking> {
        let (shift, family) = (self.shift(planned)?, planned.case.probe.burst().family);
        let asking = (planned.case.from.station(), self.asking(planned, shift));
        if asking.0 == Station::Workload && asking.1.families.is_empty() {
            return None;
        }
        if !shift.crews.iter().any(|crew| crew.has.families.contains(&family)) && shift.crews.iter().any(|crew| crew.live > 0) {
            return Some(Lacking::Agents);
        }
        let answering = planned.case.to.answering().map(Station::from).map(|station| (station, shift.at(station)));
        let lacks = |(_, has): &(Station, Endowment)| !has.families.is_empty() && !has.families.contains(&family);
        let lacking = [Some(asking.clone()), answering].into_iter().flatten().find(lacks).map(|(station, _)| station);
        let nodes = shift.unstated(&planned.case.to, family).map(Lacking::Nodes);
        let resolvers = &asking.1.resolvers;
        let resolvers = planned.case.to == Destination::Resolver && !resolvers.is_empty() && !resolvers.contains(&family);
        let others = nodes.or(resolvers.then_some(Lacking::Resolvers));
        lacking.map(Lacking::AgentsIn).or(others)
    }

    /// What those have who ask in a case.
    fn asking(&self, planned: &PlannedCase, shift: &Shift) -> Endowment {
        match planned.case.from.station() {
            Station::Workload => {
                let those = planned.pairs.iter().filter_map(|pair| self.workloads.get(&pair.source));
                those.fold(Endowment::default(), Endowment::and)
            }
            station @ (Station::Pod | Station::Host) => shift.at(station),
        }
    }

    fn shift(&self, planned: &PlannedCase) -> Option<&Shift> {
        self.shifts.get(*self.of.get(&planned.suite)?)
    }

    /// What is to be told if those that came are too few for some suite.
    pub(super) fn problem(&self, roster: &Roster, inventory: &Inventory, wanted: AgentsMin) -> Option<Problem> {
        self.shifts.iter().find_map(|shift| shift.problem(roster, inventory, wanted))
    }
}

impl Shift {
    fn of(left: BTreeSet<Arc<str>>, (roster, plan): (&Roster, &Plan), ends: &HashSet<Vantage>, wanted: AgentsMin) -> Self {
        let uses = |vantage: &Vantage| !left.contains(vantage.node());
        let planned =
            Station::ALL.into_iter().filter(|station| plan.vantages.iter().any(|vantage| vantage.station() == *station && uses(vantage)));
        let crew = |station| {
            let size = ends.iter().filter(|vantage| vantage.station() == station && uses(vantage)).count();
            let live = roster.all_live().filter(|(vantage, _)| vantage.station() == station && uses(vantage));
            Crew::of(station, size, &live.map(|(_, agent)| agent).collect::<Vec<_>>(), wanted)
        };
        let crews = planned.map(crew).collect();
        let nodes =
            || plan.inventory.nodes.iter().filter(|node| !matches!(node.standing, Standing::Excluded { .. }) && !left.contains(&node.name));
        let all = NodeAddress::ALL.into_iter().flat_map(|kind| Family::ALL.map(|family| (kind, family)));
        let stated = all.filter(|(kind, family)| nodes().any(|node| node.address_at(*kind, *family).is_some())).collect();
        Self { left, crews, stated }
    }

    /// Which addresses of nodes a case asks, if none states one of the family. Where none states an external one at all, that is no
    /// affair of the family, and the plan says so.
    fn unstated(&self, to: &Destination, family: Family) -> Option<NodeAddress> {
        let Destination::Nodes { address, .. } = to else { return None };
        let known = *address == NodeAddress::Internal || self.stated.iter().any(|(kind, _)| kind == address);
        (known && !self.stated.contains(&(*address, family))).then_some(*address)
    }

    /// Whether that end may be missing. Where nobody like it is in the plan, all the others decide.
    fn accepts(&self, cause: &Cause) -> bool {
        let (Cause::AgentNotReady { vantage, .. } | Cause::NodeNotReady { vantage, .. }) = cause else { return false };
        let others = || !self.crews.is_empty() && self.crews.iter().all(|crew| crew.enough);
        self.crew(vantage.station()).map_or_else(others, |crew| crew.enough)
    }

    fn at(&self, station: Station) -> Endowment {
        self.crew(station).map(|crew| crew.has.clone()).unwrap_or_default()
    }

    fn crew(&self, station: Station) -> Option<&Crew> {
        self.crews.iter().find(|crew| crew.station == station)
    }

    fn problem(&self, roster: &Roster, inventory: &Inventory, wanted: AgentsMin) -> Option<Problem> {
        let short: Vec<&Crew> = self.crews.iter().filter(|crew| !crew.enough).collect();
        if short.is_empty() {
            return None;
        }
        let is_short =
            |vantage: &Vantage| short.iter().any(|crew| crew.station == vantage.station()) && !self.left.contains(vantage.node());
        let absent = || roster.absent().filter(|(vantage, ..)| is_short(vantage));
        let unready = inventory.nodes.iter().filter_map(|node| match &node.standing {
            Standing::Unready { why } if !self.left.contains(&node.name) => Some(format!("{}: {why}", node.name)),
            Standing::Unready { .. } | Standing::Expected | Standing::Excluded { .. } => None,
        });
        let details = unready.chain(absent().map(|(vantage, why, _)| format!("{vantage}: {why}"))).collect();
        let mut help: Vec<String> = Vec::new();
        for line in absent().flat_map(|(_, _, help)| help) {
            if !help.contains(line) {
                help.push(line.clone());
            }
        }
        if let AgentsMin::Count(wanted) = wanted
            && let Some(crew) = short.iter().find(|crew| wanted > crew.size)
        {
            let message = format!("--agents-min wants {wanted} agents, and only {} nodes take part", crew.size);
            return Some(Problem { code: "agents", message, details, help });
        }
        // No flag makes a verdict of nothing.
        if let Some(live) = short.iter().map(|crew| crew.live).filter(|live| *live > 0).min() {
            help.push(format!("to judge what the others measured, accept less coverage: --agents-min {live}"));
        }
        let those = if self.left.is_empty() { "" } else { ", of those on the nodes that a suite uses" };
        let counts: Vec<_> = short.iter().map(|crew| self.count(crew)).collect();
        Some(Problem { code: "agents", message: format!("{} not ready{those}", counts.join(" and ")), details, help })
    }

    /// `1 of 3 agents`; with agents in several places, also in which of them.
    fn count(&self, crew: &Crew) -> String {
        let place = if self.crews.len() > 1 { format!(" {}", crew.station.place()) } else { String::new() };
        format!("{} of {} agents{place}", crew.size.saturating_sub(crew.live), crew.size)
    }
}

impl Crew {
    fn of(station: Station, size: usize, live: &[&Live], wanted: AgentsMin) -> Self {
        Self { station, size, live: live.len(), enough: live.len() >= wanted.of(size).max(1), has: Endowment::of(live) }
    }
}

impl Endowment {
    fn of(live: &[&Live]) -> Self {
        let with = |has: &dyn Fn(&Live, Family) -> bool| {
            Family::ALL.into_iter().filter(|family| live.iter().any(|agent| has(agent, *family))).collect()
        };
        Self {
            families: with(&|agent, family| agent.address(family).is_some()),
            resolvers: with(&|agent, family| agent.name_server(family).is_some()),
        }
    }

    /// What they have together with another.
    fn and(mut self, other: &Self) -> Self {
        for (all, more) in [(&mut self.families, &other.families), (&mut self.resolvers, &other.resolvers)] {
            all.extend(more);
            all.sort_unstable();
            all.dedup();
        }
        self
    }
}
