//! Gives every live agent its shares, and settles the pairs that cannot be measured. It must not know what comes of them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::judge::PairResult;
use crate::model::address::Host;
use crate::model::event::Event;
use crate::model::family::Family;
use crate::model::fixture::Via;
use crate::model::inventory::Standing;
use crate::model::outcome::{Obstacle, ObstacleKind};
use crate::model::plan::{Plan, PlannedCase};
use crate::model::secret::Secrets;
use crate::model::target::{Door, Endpoint, NodeAddress, Pair, Target, Unstated, Where};
use crate::model::units::{Micros, Port};
use crate::model::vantage::Vantage;
use crate::model::verdict::Cause;
use crate::wire::{AgentHello, Pace, Peer, Resolver, Share, TARGETS_LIMIT, Who};

use super::agents::Agent;
use super::dispatcher::Dispatcher;
use super::ledger::Asked;
use super::named::Told;
use super::nodes::Nodes;
use super::overdue;
use super::turnout::Turnout;

/// Where name servers are asked.
const DNS: Port = Port::DNS;

/// Cases that agents have before they are due. An agent takes 100,000 targets at once, and a case has at most one less than there
/// are nodes for each.
const AHEAD: usize = 16;

impl Dispatcher<'_> {
    /// Once all agents are there, or known not to come: from now on cases can be given out.
    pub(super) fn settle(&mut self) {
        self.settled = true;
        let plan = self.plan.clone();
        self.turnout = Turnout::of(&self.roster, &plan, self.orders.agents_min);
        if let Some(problem) = self.turnout.problem(&self.roster, &plan.inventory, self.orders.agents_min) {
            self.narrator.tell(Event::Problem(problem));
        }
        self.planned = plan.cases.iter().filter(|planned| self.is_asked(planned)).map(|planned| planned.pairs.len() as u64).sum();
    }

    /// Gives out the next cases, so many ahead of the first without a verdict: agents always have something to do, and never so
    /// much that it does not fit.
    pub(super) fn assign(&mut self, next: usize) {
        let plan = self.plan.clone();
        while self.given < plan.cases.len().min(next + AHEAD) {
            let planned = &plan.cases[self.given];
            if self.is_asked(planned) && !self.begin(&plan, next) {
                break;
            }
            self.given += 1;
        }
    }

    /// Gives out the first case that was not, or finds that it is not to be run; unless it has to wait.
    fn begin(&mut self, plan: &Plan, next: usize) -> bool {
        let (index, planned) = (self.given, &plan.cases[self.given]);
        if self.limits.over(plan, index).is_some() {
            return true;
        }
        if !self.precedence.may_begin(plan, index, next) || (index > next && self.limits.begins_suite(plan, index)) {
            return false;
        }
        if let Some(skip) = self.precedence.unmet(plan, index, &self.narrator.run().cases) {
            self.planned = self.planned.saturating_sub(planned.pairs.len() as u64);
            self.unmet.insert(index, skip);
            return true;
        }
        self.limits.begin(plan, index);
        self.assign_case(index, planned);
        true
    }

    fn is_asked(&self, planned: &PlannedCase) -> bool {
        planned.skip.is_none() && self.turnout.lacks(planned).is_none()
    }

    fn assign_case(&mut self, index: usize, planned: &PlannedCase) {
        let all: Vec<u32> = (0_u32..).zip(planned.pairs.iter()).map(|(number, _)| number).collect();
        self.hand_out((index, planned), 1, &all);
    }

    /// Gives out an attempt at these pairs, and settles those of them that cannot be measured.
    pub(super) fn hand_out(&mut self, (index, planned): (usize, &PlannedCase), attempt: u32, numbers: &[u32]) {
        let plan = self.plan.clone();
        let nodes = Nodes::of(&plan.inventory);
        let mut by_source: BTreeMap<Vantage, Vec<Peer>> = BTreeMap::new();
        for (number, pair) in numbers.iter().filter_map(|number| Some((*number, planned.pairs.get(*number as usize)?))) {
            match self.peer((index, planned), &nodes, number, pair) {
                Ok(peer) => by_source.entry(pair.source.clone()).or_default().push(peer),
                Err(result) => {
                    self.fixed.insert((index, number), self.turnout.accepting(planned, result));
                }
            }
        }
        let all = by_source.values().map(Vec::len).sum::<usize>() as u64;
        for (source, peers) in by_source {
            let apart = planned.pace().apart(peers.len() as u64, all);
            for targets in peers.chunks(TARGETS_LIMIT) {
                self.give((index, planned), &source, (attempt, apart), targets.to_vec());
            }
        }
    }

    fn give(&mut self, (index, planned): (usize, &PlannedCase), source: &Vantage, (attempt, apart): (u32, Micros), targets: Vec<Peer>) {
        let (probe, pace) = (&planned.case.probe, self.pace(apart).among(self.among));
        let expected = overdue::with_patience(overdue::expected(probe, targets.len(), pace), &targets, pace);
        let told = Told::of(&targets);
        let asked = Asked { attempt, probe: probe.clone(), told, expected, apart, pairs: targets.iter().map(|peer| peer.pair) };
        let number = self.ledger.open(index, source, asked);
        self.say_share(source, self.share((number, attempt), (index, planned), apart, targets));
    }

    fn share(&self, (share, attempt): (u32, u32), (index, planned): (usize, &PlannedCase), apart: Micros, targets: Vec<Peer>) -> Share {
        let run = self.times.deadline.saturating_duration_since(tokio::time::Instant::now());
        let deadline = Micros::of(self.limits.left(&self.plan, index).map_or(run, |left| left.min(run)));
        Share {
            share,
            attempt,
            probe: planned.case.probe.clone(),
            targets,
            deadline,
            pace: self.pace(apart),
            secrets: self.secrets(planned),
        }
    }

    /// Those that the case needs, of its own suite.
    fn secrets(&self, planned: &PlannedCase) -> Secrets {
        let file = self.plan.suites.get(planned.suite).map(|suite| &suite.file);
        let secrets = file.and_then(|file| self.orders.secrets.get(file));
        secrets.map(|secrets| secrets.only(planned.case.probe.secrets())).unwrap_or_default()
    }

    fn pace(&self, apart: Micros) -> Pace {
        Pace { apart, ..Pace::gentle(self.plan.seed) }
    }

    /// A share as it was given out, for an agent that may not have got it. Its targets are those of then, though some may be
    /// lost by now: it could be on its way already, and there must not be two of one number.
    pub(super) fn share_again(&self, number: u32) -> Option<Share> {
        let (case, attempt, apart, pairs) = self.ledger.content(number)?;
        let planned = &self.plan.cases[case];
        let nodes = Nodes::of(&self.plan.inventory);
        let target = |pair: u32| self.target(planned, &nodes, pair, planned.pairs.get(pair as usize)?).ok();
        let targets = pairs.into_iter().filter_map(target).collect();
        Some(self.share((number, attempt), (case, planned), apart, targets))
    }

    /// The target as the source needs it, or why the pair cannot be measured.
    fn peer(&self, (index, planned): (usize, &PlannedCase), nodes: &Nodes<'_>, number: u32, pair: &Pair) -> Result<Peer, PairResult> {
        let family = planned.case.probe.burst().family;
        for end in std::iter::once(&pair.source).chain(pair.target.agent()) {
            let live = self.roster.live(end).ok_or_else(|| PairResult::Unmeasured(self.not_there(index, pair, end)))?;
            if live.address(family).is_none() {
                let cause = Cause::NoAddress { vantage: end.clone(), family: family.words() };
                return Err(self.without_address(planned, end, cause));
            }
        }
        self.target(planned, nodes, number, pair)
    }

    /// The target as the source needs it: a node as the inventory states it, an agent as it said at its hello, a host as the suite
    /// names it.
    fn target(&self, planned: &PlannedCase, nodes: &Nodes<'_>, number: u32, pair: &Pair) -> Result<Peer, PairResult> {
        let family = planned.case.probe.burst().family;
        match &pair.target {
            Target::Agent(agent) => self.agent(family, number, agent),
            Target::Node { at, address, port } => nodes.peer(family, (number, *address, *port), at).map_err(|cause| match cause {
                // An address outside of the cluster is none that a suite's families promise.
                Cause::NodeStatesNone { what: Unstated::Address(NodeAddress::Internal, _), .. } => self.without_address(planned, at, cause),
                other => PairResult::Unmeasured(other),
            }),
            Target::Host(at) => Ok(anyone(number, *at)),
            Target::Named(named, _) => {
                Ok(Peer { pair: number, host: Host::Name(named.name.clone()), who: Who::Anyone { port: named.port } })
            }
            Target::Service(door) => self.door(planned, nodes, number, door).map_err(PairResult::Unmeasured),
            Target::Gateway(_) => {
                let gateway = self.gateway(&pair.source, family)?;
                Ok(anyone(number, Endpoint { address: gateway.address, port: None }))
            }
            Target::Resolver => self.name_server(&pair.source, family).map(|address| anyone(number, Endpoint { address, port: Some(DNS) })),
        }
    }

    /// The door of a Service; one at a node is that node's.
    fn door(&self, planned: &PlannedCase, nodes: &Nodes<'_>, number: u32, door: &Door) -> Result<Peer, Cause> {
        if let (Via::NodePort, Some(node)) = (door.via, &door.node) {
            nodes.ready(&Vantage::host(node))?;
        }
        match door.at {
            Where::Known(at) => Ok(anyone(number, at)),
            Where::Made(front) => {
                if let Some(backend) = self.offers.absent(door, front) {
                    return Err(self.not_ready(&backend));
                }
                let (stands, inventory) = (&self.plan.stands, &self.plan.inventory);
                self.offers.peer(stands, inventory, (number, door, front), &planned.case.probe)
            }
        }
    }

    /// The first name server of a source's own resolv.conf.
    fn name_server(&self, source: &Vantage, family: Family) -> Result<IpAddr, PairResult> {
        let obstacle = |detail| {
            let obstacle = Obstacle { kind: ObstacleKind::NoResolver, detail };
            PairResult::Unmeasured(Cause::Obstacle { vantage: source.clone(), obstacle })
        };
        match self.roster.hello(source).map(|hello| &hello.resolver) {
            None => Err(PairResult::Unmeasured(self.not_ready(source))),
            Some(Resolver::Unreadable(why)) => Err(obstacle(why.clone())),
            Some(Resolver::Conf(conf)) => {
                let server = conf.of(family).next().map(|server| server.address);
                server.ok_or_else(|| obstacle(format!("its resolv.conf names no {} name server", family.words())))
            }
        }
    }

    fn agent(&self, family: Family, pair: u32, agent: &Vantage) -> Result<Peer, PairResult> {
        let address = |hello: &AgentHello| hello.addresses.iter().copied().find(|address| Family::of(*address) == family);
        let hello = self.roster.hello(agent).and_then(|hello| Some((hello, address(hello)?)));
        let (hello, address) = hello.ok_or_else(|| PairResult::Unmeasured(self.not_ready(agent)))?;
        Ok(Peer { pair, host: address.into(), who: Who::Agent { name: agent.to_string(), tcp: hello.tcp, udp: hello.udp } })
    }

    /// An end without an address of the family is a gap, or a failure where the suite says that the family must be there.
    fn without_address(&self, planned: &PlannedCase, end: &Vantage, cause: Cause) -> PairResult {
        let family = planned.case.probe.burst().family;
        let must_be_there = self.plan.suites[planned.suite].expect_families.contains(&family);
        if must_be_there { PairResult::FamilyMissing(end.clone(), family) } else { PairResult::Unmeasured(cause) }
    }

    /// Why an end has no agent. One that came and was lost counts as a gap: that only so many come is what `--agents-min` accepts.
    fn not_there(&self, case: usize, pair: &Pair, end: &Vantage) -> Cause {
        match self.roster.get(end) {
            Some(Agent::Gone { loss, .. }) if pair.target.agent() == Some(end) => {
                Cause::TargetLost { vantage: end.clone(), why: loss.why().to_owned() }
            }
            Some(Agent::Gone { .. }) => self.silence(case, end),
            Some(Agent::Coming | Agent::Called(_) | Agent::Live(_) | Agent::Absent { .. }) | None => self.not_ready(end),
        }
    }

    /// Why there is no agent on that vantage, in the words of whoever knows.
    pub(super) fn not_ready(&self, vantage: &Vantage) -> Cause {
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

fn anyone(pair: u32, at: Endpoint) -> Peer {
    Peer { pair, host: at.address.into(), who: Who::Anyone { port: at.port } }
}
