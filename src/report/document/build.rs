//! Fills the document from a run: names and numbers as they are, times to the millisecond.
//! It must not know how the document is written.

use super::{
    AgentDocument, AgentStateDocument, CleanUpDocument, CollectedDocument, Document, ExitDocument, NodeChangeDocument, NodeDocument,
    NodeStateDocument, Phases, ProblemDocument, RunDocument, SuiteDocument, ToolDocument, VarDocument, Version,
};
use crate::model::event::{CleanUp, Phase, Problem};
use crate::model::exit::Signal;
use crate::model::run::{AgentReport, AgentState, NodeChange, NodeReport, NodeState, Run, moment};
use crate::model::suite::{Suite, Var};
use crate::model::units::Micros;
use crate::report::origin::OriginDocument;

impl Document {
    /// The document of a run as far as it has come.
    pub(in crate::report) fn of(run: &Run) -> Self {
        Self {
            schema: Version::V1,
            run: RunDocument::of(run),
            nodes: run.nodes.iter().map(NodeDocument::of).collect(),
            suites: run.header.suites.iter().enumerate().map(|(index, suite)| SuiteDocument::of(run, index, suite)).collect(),
            collected: run.collected.iter().map(CollectedDocument::of).collect(),
            problems: run.problems.iter().map(|problem| ProblemDocument::of(run, problem)).collect(),
            clean_up: run.clean_up.as_ref().map(CleanUpDocument::of),
        }
    }
}

impl RunDocument {
    fn of(run: &Run) -> Self {
        let exit = run.exit();
        Self {
            id: run.header.id.clone(),
            started: moment(run.header.started),
            duration_ms: millis(run.duration),
            exit: ExitDocument { code: exit.code(), meaning: exit.meaning().to_owned() },
            tool: ToolDocument { name: "netcheck".to_owned(), version: run.header.version.to_owned() },
            backend: run.header.backend.to_owned(),
            cluster: run.cluster.clone(),
            cluster_version: run.cluster_version.clone(),
            seed: run.header.seed,
            plan_hash: run.plan_hash.clone(),
            shard: run.header.shard.as_ref().map(|sharding| sharding.shard.into()),
            interrupted: run.interrupted.map(Signal::name).map(str::to_owned),
            phases: Phases::of(&run.phases),
            notes: run.notes.clone(),
        }
    }
}

/// To the nearest millisecond.
pub(super) const fn millis(duration: Micros) -> u64 {
    duration.0.saturating_add(500) / 1_000
}

impl Phases {
    fn of(ended: &[(Phase, Micros)]) -> Self {
        let mut phases = Self::default();
        for (phase, duration) in ended {
            let place = match phase {
                Phase::Create => &mut phases.create_ms,
                Phase::Start => &mut phases.start_ms,
                Phase::Attach => &mut phases.attach_ms,
                Phase::Probe => &mut phases.probe_ms,
                Phase::Judge => &mut phases.judge_ms,
                Phase::CleanUp => &mut phases.clean_up_ms,
            };
            *place = Some(millis(*duration));
        }
        phases
    }
}

impl NodeDocument {
    fn of(node: &NodeReport) -> Self {
        let (state, why, rule) = match &node.state {
            NodeState::Expected => (NodeStateDocument::Expected, None, None),
            NodeState::Tested => (NodeStateDocument::Tested, None, None),
            NodeState::Unready { why } => (NodeStateDocument::Unready, Some(why.clone()), None),
            NodeState::Excluded { rule, why } => (NodeStateDocument::Excluded, Some(why.clone()), Some(rule.clone().into_owned())),
        };
        let agents = node.agents.iter().map(AgentDocument::of).collect();
        let change = node.change.map(|change| match change {
            NodeChange::Added => NodeChangeDocument::Added,
            NodeChange::Deleted => NodeChangeDocument::Deleted,
        });
        Self { name: node.name.to_string(), zone: node.zone.clone(), state, why, rule, agents, change }
    }
}

impl AgentDocument {
    fn of(agent: &AgentReport) -> Self {
        let (state, why) = match &agent.state {
            AgentState::Expected => (AgentStateDocument::Expected, None),
            AgentState::Ready => (AgentStateDocument::Ready, None),
            AgentState::Unready { why } => (AgentStateDocument::Unready, Some(why.clone())),
        };
        Self { network: agent.vantage.network(), workload: agent.vantage.of_workload().map(ToString::to_string), state, why }
    }
}

impl SuiteDocument {
    fn of(run: &Run, index: usize, suite: &Suite) -> Self {
        Self {
            id: suite.id.to_string(),
            title: suite.title.clone(),
            file: suite.file.to_string(),
            vars: suite.vars.iter().map(VarDocument::of).collect(),
            cases: run.cases.iter().filter(|case| case.suite == index).map(super::CaseDocument::of).collect(),
        }
    }
}

impl VarDocument {
    fn of(var: &Var) -> Self {
        let (origin, span) = OriginDocument::of(&var.origin);
        let (file, line) = (span.map(|span| span.file.to_string()), span.map(|span| span.line));
        Self { name: var.name.clone(), value: var.value.clone(), origin, file, line }
    }
}

impl ProblemDocument {
    fn of(run: &Run, problem: &Problem) -> Self {
        Self {
            code: problem.code.to_owned(),
            message: problem.message.clone(),
            remarks: run.refused.iter().flat_map(|refused| &refused.told).cloned().collect(),
            details: problem.details.clone(),
            help: problem.help.clone(),
        }
    }
}

impl CleanUpDocument {
    fn of(clean_up: &CleanUp) -> Self {
        Self { kept: clean_up.kept.clone(), left: clean_up.left.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_to_the_millisecond() {
        for (micros, expected) in [(0, 0), (499, 0), (500, 1), (1_499, 1), (u64::MAX, u64::MAX / 1_000)] {
            assert_eq!(millis(Micros(micros)), expected, "{micros}");
        }
    }

    #[test]
    fn a_phase_that_was_not_reached_has_no_time() {
        let phases = Phases::of(&[(Phase::Create, Micros(1_200_000)), (Phase::CleanUp, Micros(700))]);
        assert_eq!((phases.create_ms, phases.start_ms, phases.clean_up_ms), (Some(1_200), None, Some(1)));
    }
}
