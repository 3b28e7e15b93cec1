//! Who came, in pods, on hosts and in workloads: whether they are as many as the user wants, and which families they have.
//! It must not know which of them is asked for what.

use std::collections::BTreeMap;

use crate::judge::{Lacking, PairResult};
use crate::model::event::Problem;
use crate::model::family::Family;
use crate::model::inventory::{Inventory, Standing};
use crate::model::plan::{Plan, PlannedCase, staffed};
use crate::model::suite::Destination;
use crate::model::vantage::{Station, Vantage};
use crate::model::verdict::Cause;

use super::AgentsMin;
use super::agents::Roster;
use super::live::Live;

/// What is known of the agents once each is there, or known not to come.
#[derive(Debug, Default)]
pub(super) struct Turnout {
    /// Everywhere that the plan has agents.
    crews: Vec<Crew>,
    /// What each workload's agent has that came: one pod of the user's says nothing of another.
    workloads: BTreeMap<Vantage, Endowment>,
    /// Families that some node of the plan states an address of, for targets without an agent.
    stated: Vec<Family>,
}

/// The agents that stand alike. They are counted apart from the others, so that a cluster which refuses agents on
/// hosts still has its pods judged.
#[derive(Debug)]
struct Crew {
    station: Station,
    /// How many there should be, on all nodes of the plan.
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
        let planned = Station::ALL.into_iter().filter(|station| plan.vantages.iter().any(|vantage| vantage.station() == *station));
        let size = |station| ends.iter().filter(|vantage| vantage.station() == station).count();
        let crews = planned.map(|station| Crew::of(roster, station, size(station), wanted)).collect();
        let nodes = || plan.inventory.nodes.iter().filter(|node| !matches!(node.standing, Standing::Excluded { .. }));
        let stated = |family: &Family| nodes().any(|node| node.address(*family).is_some());
        let workloads = roster.all_live().filter(|(vantage, _)| vantage.station() == Station::Workload);
        let workloads = workloads.map(|(vantage, agent)| (vantage.clone(), Endowment::of(&[agent]))).collect();
        Self { crews, workloads, stated: Family::ALL.into_iter().filter(stated).collect() }
    }

    /// What is known of a pair beforehand; where the user accepts that an end is missing (`--agents-min`), it says so.
    pub(super) fn accepting(&self, result: PairResult) -> PairResult {
        match result {
            PairResult::Unmeasured(cause) if self.accepts(&cause) => PairResult::Accepted(cause),
            PairResult::Unmeasured(_)
            | PairResult::Measured(_)
            | PairResult::Accepted(_)
            | PairResult::FamilyMissing(..)
            | PairResult::NoGateway(..)
            | PairResult::Unresolved(_) => result,
        }
    }

    /// Whether that end may be missing. Where nobody like it is in the plan, all the others decide.
    fn accepts(&self, cause: &Cause) -> bool {
        let (Cause::AgentNotReady { vantage, .. } | Cause::NodeNotReady { vantage, .. }) = cause else { return false };
        let others = || !self.crews.is_empty() && self.crews.iter().all(|crew| crew.enough);
        self.crew(vantage.station()).map_or_else(others, |crew| crew.enough)
    }

    /// Who has no address of the family that a case needs, if that is nobody at one of its ends. Where no agent came at all,
    /// that says nothing of families.
    pub(super) fn lacks(&self, planned: &PlannedCase) -> Option<Lacking> {
        let family = planned.case.probe.burst().family;
        let asking = (planned.case.from.station(), self.asking(planned));
        if asking.0 == Station::Workload && asking.1.families.is_empty() {
            return None;
        }
        if !self.crews.iter().any(|crew| crew.has.families.contains(&family)) && self.crews.iter().any(|crew| crew.live > 0) {
            return Some(Lacking::Agents);
        }
        let answering = planned.case.to.answering().map(Station::from).map(|station| (station, self.at(station)));
        let lacks = |(_, has): &(Station, Endowment)| !has.families.is_empty() && !has.families.contains(&family);
        let lacking = [Some(asking.clone()), answering].into_iter().flatten().find(lacks).map(|(station, _)| station);
        let nodes = matches!(planned.case.to, Destination::Nodes { .. }) && !self.stated.contains(&family);
        let resolvers = &asking.1.resolvers;
        let resolvers = planned.case.to == Destination::Resolver && !resolvers.is_empty() && !resolvers.contains(&family);
        let others = nodes.then_some(Lacking::Nodes).or(resolvers.then_some(Lacking::Resolvers));
        lacking.map(Lacking::AgentsIn).or(others)
    }

    /// What those have who ask in a case.
    fn asking(&self, planned: &PlannedCase) -> Endowment {
        match planned.case.from.station() {
            Station::Workload => {
                let those = planned.pairs.iter().filter_map(|pair| self.workloads.get(&pair.source));
                those.fold(Endowment::default(), Endowment::and)
            }
            station @ (Station::Pod | Station::Host) => self.at(station),
        }
    }

    fn at(&self, station: Station) -> Endowment {
        self.crew(station).map(|crew| crew.has.clone()).unwrap_or_default()
    }

    fn crew(&self, station: Station) -> Option<&Crew> {
        self.crews.iter().find(|crew| crew.station == station)
    }

    /// What is to be told if those that came are too few.
    pub(super) fn problem(&self, roster: &Roster, inventory: &Inventory, wanted: AgentsMin) -> Option<Problem> {
        let short: Vec<&Crew> = self.crews.iter().filter(|crew| !crew.enough).collect();
        if short.is_empty() {
            return None;
        }
        let absent = || roster.absent().filter(|(vantage, ..)| short.iter().any(|crew| crew.station == vantage.station()));
        let unready = inventory.nodes.iter().filter_map(|node| match &node.standing {
            Standing::Unready { why } => Some(format!("{}: {why}", node.name)),
            Standing::Expected | Standing::Excluded { .. } => None,
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
        let counts: Vec<_> = short.iter().map(|crew| self.count(crew)).collect();
        Some(Problem { code: "agents", message: format!("{} not ready", counts.join(" and ")), details, help })
    }

    /// `1 of 3 agents`; with agents in several places, also in which of them.
    fn count(&self, crew: &Crew) -> String {
        let place = if self.crews.len() > 1 { format!(" {}", crew.station.place()) } else { String::new() };
        format!("{} of {} agents{place}", crew.size.saturating_sub(crew.live), crew.size)
    }
}

impl Crew {
    fn of(roster: &Roster, station: Station, size: usize, wanted: AgentsMin) -> Self {
        let live: Vec<_> = roster.all_live().filter(|(vantage, _)| vantage.station() == station).map(|(_, agent)| agent).collect();
        Self { station, size, live: live.len(), enough: live.len() >= wanted.of(size).max(1), has: Endowment::of(&live) }
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
