//! The nodes of a run and their agents: what became of each, and what that makes of the node. It must not know of cases.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::inventory::{Node, Standing};
use crate::model::plan::Plan;
use crate::model::vantage::{Network, Station, Vantage};

/// What became of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeReport {
    /// Its name.
    pub name: Arc<str>,
    /// Its zone.
    pub zone: Option<String>,
    /// Its state: what its agents make of it, if it has any.
    pub state: NodeState,
    /// Its agents, one in each of its networks that the plan has agents in, and one in each pod of the user's that asks. A node that is not ready by its own condition has none; they
    /// are listed all the same, as not ready.
    pub agents: Vec<AgentReport>,
    /// What a later look at the nodes showed of it. It decides nothing.
    pub change: Option<NodeChange>,
}

/// How a node can differ from when the plan was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeChange {
    /// It was not there then.
    Added,
    /// It was there then, and is no more.
    Deleted,
}

/// What became of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentReport {
    /// Where it is.
    pub vantage: Vantage,
    /// Its state.
    pub state: AgentState,
}

/// The states in which an agent can end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentState {
    /// It has not answered yet.
    Expected,
    /// It answered, and was there to the end.
    Ready,
    /// It never answered, or was lost.
    Unready {
        /// In the words of whoever knows.
        why: String,
    },
}

/// The states in which a node can end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeState {
    /// An agent of it has not answered yet.
    Expected,
    /// All its agents answered, and were there to the end.
    Tested,
    /// Not ready by its own condition, or an agent of it never answered or was lost: with several, it says which.
    Unready {
        /// In the words of whoever knows.
        why: String,
    },
    /// Left out by a rule.
    Excluded {
        /// The rule's name.
        rule: Cow<'static, str>,
        /// What met it.
        why: String,
    },
}

impl AgentReport {
    /// Which of the node's: `pod`, `host`, `shop/cart-7f`.
    fn who(&self) -> String {
        self.vantage.of_workload().map_or_else(|| self.vantage.station().word().to_owned(), ToString::to_string)
    }
}

impl NodeReport {
    /// Whether it is not ready as a whole: its reason is that of all its agents.
    #[must_use]
    pub fn is_unready_as_a_whole(&self) -> bool {
        let NodeState::Unready { why } = &self.state else { return false };
        self.agents.iter().all(|agent| matches!(&agent.state, AgentState::Unready { why: own } if own == why))
    }

    /// Whether an agent of it was there to the end, and another was not.
    #[must_use]
    pub fn is_tested_in_part(&self) -> bool {
        self.state != NodeState::Tested && self.agents.iter().any(|agent| agent.state == AgentState::Ready)
    }

    /// The state follows from the agents: the worst of theirs.
    fn judge(&mut self) {
        let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
        for agent in &self.agents {
            let AgentState::Unready { why } = &agent.state else { continue };
            match reasons.iter_mut().find(|(known, _)| known == why) {
                Some((_, agents)) => agents.push(agent.who()),
                None => reasons.push((why, vec![agent.who()])),
            }
        }
        self.state = match reasons.as_slice() {
            [] if self.agents.iter().any(|agent| agent.state == AgentState::Expected) => NodeState::Expected,
            [] => NodeState::Tested,
            [(why, agents)] if agents.len() == self.agents.len() => NodeState::Unready { why: (*why).to_owned() },
            several => {
                let each: Vec<_> = several.iter().map(|(why, agents)| format!("{} agent not ready: {why}", agents.join(" and "))).collect();
                NodeState::Unready { why: each.join("; ") }
            }
        };
    }
}

impl NodeState {
    /// As reports call it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Tested => "tested",
            Self::Unready { .. } => "unready",
            Self::Excluded { .. } => "excluded",
        }
    }
}

/// All nodes of a plan, before anything happened.
pub(super) fn before(plan: &Plan) -> Vec<NodeReport> {
    let mut on: HashMap<&str, Vec<Vantage>> = HashMap::new();
    for vantage in &plan.vantages {
        on.entry(vantage.node()).or_default().push(vantage.clone());
    }
    let stands = |network: &Network| plan.vantages.iter().any(|vantage| vantage.station() == Station::from(*network));
    let networks: Vec<Network> = Network::ALL.into_iter().filter(stands).collect();
    let node = |node: &Node| describe(node, &networks, on.get(&*node.name).cloned().unwrap_or_default());
    plan.inventory.nodes.iter().map(node).collect()
}

/// Notes what became of an agent.
pub(super) fn set(nodes: &mut [NodeReport], vantage: &Vantage, state: AgentState) {
    let Some(node) = nodes.iter_mut().find(|node| *node.name == *vantage.node()) else { return };
    if let Some(agent) = node.agents.iter_mut().find(|agent| agent.vantage == *vantage) {
        agent.state = state;
        node.judge();
    }
}

/// Notes which nodes came since the plan was made, and which are no longer there.
pub(super) fn change(nodes: &mut Vec<NodeReport>, added: &[Node], deleted: &[Arc<str>]) {
    for node in nodes.iter_mut().filter(|node| deleted.contains(&node.name)) {
        node.change = Some(NodeChange::Deleted);
    }
    nodes.extend(added.iter().map(late));
    nodes.sort_by(|one, other| one.name.cmp(&other.name));
}

/// A node that came after the plan was made: nothing was planned on it.
fn late(node: &Node) -> NodeReport {
    let state = match &node.standing {
        Standing::Excluded { rule, why } => NodeState::Excluded { rule: rule.clone(), why: why.clone() },
        Standing::Expected | Standing::Unready { .. } => {
            NodeState::Excluded { rule: "added-later".into(), why: "it was not there when the run began".to_owned() }
        }
    };
    let (name, zone) = (Arc::clone(&node.name), node.zone.clone());
    NodeReport { name, zone, state, agents: Vec::new(), change: Some(NodeChange::Added) }
}

/// A node before anything happened: `networks` have agents somewhere, `own` are those of this node.
fn describe(node: &Node, networks: &[Network], own: Vec<Vantage>) -> NodeReport {
    let agents = |state: AgentState, vantages: Vec<Vantage>| {
        vantages.into_iter().map(|vantage| AgentReport { vantage, state: state.clone() }).collect::<Vec<_>>()
    };
    let everywhere = || networks.iter().map(|network| Vantage::of(*network, &node.name)).collect();
    let (state, agents) = match &node.standing {
        Standing::Expected if own.is_empty() => {
            (NodeState::Excluded { rule: "no-pairs".into(), why: "no selected case has a pair with it".to_owned() }, Vec::new())
        }
        Standing::Expected => (NodeState::Expected, agents(AgentState::Expected, own)),
        Standing::Unready { why } => {
            (NodeState::Unready { why: why.clone() }, agents(AgentState::Unready { why: why.clone() }, everywhere()))
        }
        Standing::Excluded { rule, why } => (NodeState::Excluded { rule: rule.clone(), why: why.clone() }, Vec::new()),
    };
    NodeReport { name: Arc::clone(&node.name), zone: node.zone.clone(), state, agents, change: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(why: &str) -> AgentState {
        AgentState::Unready { why: why.to_owned() }
    }

    #[track_caller]
    fn check(agents: &[AgentState], expected: &str, in_part: bool) {
        let told = Network::ALL.into_iter().zip(agents);
        let planned =
            told.clone().map(|(network, _)| AgentReport { vantage: Vantage::of(network, "node1"), state: AgentState::Expected }).collect();
        let mut nodes = [NodeReport { name: "node1".into(), zone: None, state: NodeState::Expected, agents: planned, change: None }];
        for (network, state) in told {
            set(&mut nodes, &Vantage::of(network, "node1"), state.clone());
        }
        // An agent of another node is nobody's business here.
        set(&mut nodes, &Vantage::pod("node2"), lost("elsewhere"));
        let found = match &nodes[0].state {
            NodeState::Unready { why } => why.clone(),
            state => state.word().to_owned(),
        };
        assert_eq!((found.as_str(), nodes[0].is_tested_in_part()), (expected, in_part));
    }

    #[test]
    fn a_node_is_what_the_worst_of_its_agents_is() {
        use AgentState::{Expected, Ready};
        check(&[Ready], "tested", false);
        check(&[lost("a")], "a", false);
        check(&[Expected, Expected], "expected", false);
        check(&[Ready, Expected], "expected", true);
        check(&[Ready, Ready], "tested", false);
        check(&[Ready, lost("a")], "host agent not ready: a", true);
        check(&[lost("a"), Expected], "pod agent not ready: a", false);
        check(&[lost("a"), lost("b")], "pod agent not ready: a; host agent not ready: b", false);
        check(&[lost("a"), lost("a")], "a", false);
    }
}
