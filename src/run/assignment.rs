//! Gives every live agent its shares, and settles the pairs that cannot be measured. It must not know what comes of them.

use std::collections::BTreeMap;

use crate::judge::PairResult;
use crate::model::event::Event;
use crate::model::inventory::Standing;
use crate::model::plan::PlannedCase;
use crate::model::probe::Family;
use crate::model::run::Problem;
use crate::model::units::Micros;
use crate::model::vantage::{Pair, Vantage};
use crate::model::verdict::Cause;
use crate::wire::{Pace, Peer, Share, TARGETS_LIMIT};

use super::AgentsMin;
use super::agents::Agent;
use super::dispatcher::Dispatcher;
use super::ledger::Asked;

/// Cases that agents have before they are due. An agent takes 100,000 targets at once, and a case has at most one less than there
/// are nodes for each.
const AHEAD: usize = 16;

impl Dispatcher<'_> {
    /// Once all agents are there, or known not to come: from now on cases can be given out.
    pub(super) fn settle(&mut self) {
        self.settled = true;
        self.enough = self.enough_agents();
        self.absent_families = Family::ALL.into_iter().filter(|family| self.roster.has_family(*family) == Some(false)).collect();
        let plan = self.plan.clone();
        self.planned = plan.cases.iter().filter(|planned| self.is_asked(planned)).map(|planned| planned.pairs.len() as u64).sum();
    }

    /// Gives out the next cases, so many ahead of the first without a verdict: agents always have something to do, and never so
    /// much that it does not fit.
    pub(super) fn assign(&mut self, next: usize) {
        let plan = self.plan.clone();
        while self.given < plan.cases.len().min(next + AHEAD) {
            let planned = &plan.cases[self.given];
            if self.is_asked(planned) {
                self.assign_case(self.given, planned, self.enough);
            }
            self.given += 1;
        }
    }

    fn is_asked(&self, planned: &PlannedCase) -> bool {
        planned.skip.is_none() && !self.absent_families.contains(&planned.case.probe.burst().family)
    }

    /// Whether those that came are as many as the user wants; those that did not are told of if not.
    fn enough_agents(&mut self) -> bool {
        let taking_part = self.plan.inventory.nodes.iter().filter(|node| !matches!(node.standing, Standing::Excluded { .. })).count();
        let live = self.roster.all_live().count();
        let enough = live >= self.orders.agents_min.of(taking_part).max(1);
        if !enough && !self.plan.vantages.is_empty() {
            self.narrator.tell(Event::Problem(self.missing_agents(live, taking_part)));
        }
        enough
    }

    fn missing_agents(&self, live: usize, taking_part: usize) -> Problem {
        let unready = self.plan.inventory.nodes.iter().filter_map(|node| match &node.standing {
            Standing::Unready { why } => Some(format!("{}: {why}", node.name)),
            Standing::Expected | Standing::Excluded { .. } => None,
        });
        let details = unready.chain(self.roster.absent().map(|(vantage, why, _)| format!("{vantage}: {why}"))).collect();
        let mut help: Vec<String> = Vec::new();
        for line in self.roster.absent().flat_map(|(_, _, help)| help) {
            if !help.contains(line) {
                help.push(line.clone());
            }
        }
        if let AgentsMin::Count(wanted) = self.orders.agents_min
            && wanted > taking_part
        {
            let message = format!("--agents-min wants {wanted} agents, and only {taking_part} nodes take part");
            return Problem { code: "agents", message, details, help };
        }
        if live > 0 {
            help.push(format!("to judge what the others measured, accept less coverage: --agents-min {live}"));
        }
        Problem { code: "agents", message: format!("{} of {taking_part} agents not ready", taking_part - live), details, help }
    }

    fn assign_case(&mut self, index: usize, planned: &PlannedCase, enough: bool) {
        let mut by_source: BTreeMap<Vantage, Vec<Peer>> = BTreeMap::new();
        for (number, pair) in (0_u32..).zip(planned.pairs.iter()) {
            match self.peer(index, planned, number, pair) {
                Ok(peer) => by_source.entry(pair.source.clone()).or_default().push(peer),
                Err(PairResult::Unmeasured(cause @ Cause::AgentNotReady { .. })) if enough => {
                    self.fixed.insert((index, number), PairResult::Accepted(cause));
                }
                Err(result) => {
                    self.fixed.insert((index, number), result);
                }
            }
        }
        for (source, peers) in by_source {
            for targets in peers.chunks(TARGETS_LIMIT) {
                self.give(index, planned, &source, targets.to_vec());
            }
        }
    }

    fn give(&mut self, index: usize, planned: &PlannedCase, source: &Vantage, targets: Vec<Peer>) {
        let asked = Asked { count: planned.case.probe.burst().count.get(), pairs: targets.iter().map(|peer| peer.pair) };
        let number = self.ledger.open(index, source, asked);
        self.say_share(source, self.share(number, planned, targets));
    }

    fn share(&self, number: u32, planned: &PlannedCase, targets: Vec<Peer>) -> Share {
        let deadline = Micros::of(self.times.deadline.saturating_duration_since(tokio::time::Instant::now()));
        Share { share: number, probe: planned.case.probe.clone(), targets, deadline, pace: Pace::gentle(self.plan.seed) }
    }

    /// A share as it was given out, for an agent that may not have got it. Its targets are those of then, though some may be
    /// lost by now: it could be on its way already, and there must not be two of one number.
    pub(super) fn share_again(&self, number: u32) -> Option<Share> {
        let (case, pairs) = self.ledger.content(number)?;
        let planned = &self.plan.cases[case];
        let targets = pairs.into_iter().filter_map(|pair| self.target(planned, pair, planned.pairs.get(pair as usize)?)).collect();
        Some(self.share(number, planned, targets))
    }

    /// The target as the source needs it, or why the pair cannot be measured.
    fn peer(&self, index: usize, planned: &PlannedCase, number: u32, pair: &Pair) -> Result<Peer, PairResult> {
        let family = planned.case.probe.burst().family;
        let must_be_there = self.plan.suites[self.plan.cases[index].suite].expect_families.contains(&family);
        for end in [&pair.source, &pair.target] {
            let live = self.roster.live(end).ok_or_else(|| PairResult::Unmeasured(self.not_ready(end)))?;
            if live.address(family).is_none() {
                return Err(if must_be_there {
                    PairResult::FamilyMissing(end.clone(), family)
                } else {
                    PairResult::Unmeasured(Cause::NoAddress { vantage: end.clone(), family: family.words() })
                });
            }
        }
        self.target(planned, number, pair).ok_or_else(|| PairResult::Unmeasured(self.not_ready(&pair.target)))
    }

    /// The target as it said at its hello.
    fn target(&self, planned: &PlannedCase, number: u32, pair: &Pair) -> Option<Peer> {
        let (family, hello) = (planned.case.probe.burst().family, self.roster.hello(&pair.target)?);
        let address = hello.addresses.iter().copied().find(|address| Family::of(*address) == family)?;
        Some(Peer { pair: number, name: pair.target.to_string(), address, tcp: hello.tcp, udp: hello.udp })
    }

    /// Why there is no agent on that vantage, in the words of whoever knows.
    fn not_ready(&self, vantage: &Vantage) -> Cause {
        let why = match self.roster.get(vantage) {
            Some(Agent::Absent { why, .. }) => why.clone(),
            Some(Agent::Gone { loss, .. }) => loss.why().to_owned(),
            Some(Agent::Coming | Agent::Called(_) | Agent::Live(_)) => "it has not answered".to_owned(),
            None => self.own_condition(vantage),
        };
        Cause::AgentNotReady { vantage: vantage.clone(), why }
    }

    fn own_condition(&self, vantage: &Vantage) -> String {
        let node = self.plan.inventory.nodes.iter().find(|node| *node.name == *vantage.node());
        match node.map(|node| &node.standing) {
            Some(Standing::Unready { why }) => why.clone(),
            Some(Standing::Expected | Standing::Excluded { .. }) | None => "no agent was sent there".to_owned(),
        }
    }
}
