//! Later looks at the nodes: which of them came and went since the plan was made, and what became of the nodes of agents that
//! were lost. One look comes before a verdict that a lost agent may touch, so that its reason is known; one comes at the end.
//! They decide nothing, and a look that fails is a note at most. It must not know what a loss means for a case.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::timeout;

use crate::backend::Backend;
use crate::model::event::Event;
use crate::model::inventory::{Inventory, Node, Standing};
use crate::model::vantage::Vantage;

use super::dispatcher::Dispatcher;

/// The longest that a verdict, or the end of a run, waits for a look.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a look found, or why it found nothing.
pub(super) type Found = Result<Inventory, String>;

/// A look at the nodes as they are now.
pub(super) fn look(backend: &dyn Backend) -> BoxFuture<'_, Found> {
    Box::pin(async {
        match timeout(PATIENCE, backend.inventory()).await {
            Ok(found) => found.map_err(|error| error.message),
            Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    })
}

/// Whether there is to be a look, and what for.
#[derive(Debug, Default)]
pub(super) struct Recount {
    /// Agents that were lost since the last look began.
    lost: Vec<Vantage>,
    /// Those that the look which goes on is about.
    asked: Vec<Vantage>,
    /// Somebody waits for a look.
    wanted: bool,
    /// A look failed: until the end there is no other, so that verdicts do not wait in vain again and again.
    failed: bool,
    /// How far it has come with the look at the end.
    last: Last,
    /// Nodes that came or went and were told of.
    told: HashSet<Arc<str>>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Last {
    #[default]
    NotYet,
    Wanted,
    Done,
}

impl Recount {
    /// An agent was lost: what became of its node is worth knowing.
    pub(super) fn lost(&mut self, vantage: &Vantage) {
        self.lost.push(vantage.clone());
    }

    /// Whether a verdict has to wait for a look.
    pub(super) fn holds(&mut self) -> bool {
        self.wanted |= !self.lost.is_empty() && !self.failed;
        self.wanted
    }

    /// Whether the end of the run has to wait for a look.
    fn holds_the_end(&mut self) -> bool {
        if self.last == Last::NotYet {
            (self.last, self.wanted) = (Last::Wanted, true);
        }
        self.wanted
    }

    /// Whether a look has to begin, where none goes on.
    pub(super) fn begins(&mut self) -> bool {
        if self.wanted {
            self.asked = std::mem::take(&mut self.lost);
        }
        self.wanted
    }

    /// The look is over: the agents that it was about, and whether it was the last one.
    fn over(&mut self, failed: bool) -> (Vec<Vantage>, bool) {
        (self.wanted, self.failed) = (false, self.failed || failed);
        let last = self.last == Last::Wanted;
        if last {
            self.last = Last::Done;
        }
        (std::mem::take(&mut self.asked), last)
    }

    /// The nodes that came and those that went, but for those that were told of before.
    fn news(&mut self, before: &Inventory, now: &Inventory) -> (Vec<Node>, Vec<Arc<str>>) {
        let (mut added, mut deleted) = difference(before, now);
        added.retain(|node| self.told.insert(Arc::clone(&node.name)));
        deleted.retain(|name| self.told.insert(Arc::clone(name)));
        (added, deleted)
    }
}

impl Dispatcher<'_> {
    /// Whether all verdicts are there, and the run waits for its last look at the nodes. One that ends early does not, nor one
    /// without agents.
    pub(super) fn looks_again(&mut self) -> bool {
        self.ending.is_none() && !self.plan.vantages.is_empty() && self.recount.holds_the_end()
    }

    /// What a look found: who came and went is told, and lost agents are explained.
    pub(super) fn looked(&mut self, found: Found) {
        let (asked, last) = self.recount.over(found.is_err());
        match found {
            Ok(now) => {
                let (added, deleted) = self.recount.news(&self.plan.inventory, &now);
                if !(added.is_empty() && deleted.is_empty()) {
                    self.narrator.tell(Event::NodesChanged { added, deleted });
                }
                let nodes: HashMap<&str, &Node> = now.nodes.iter().map(|node| (&*node.name, node)).collect();
                for vantage in asked {
                    if let Some(fate) = fate(nodes.get(vantage.node()).copied()) {
                        self.roster.explain(&vantage, &fate);
                    }
                }
            }
            Err(why) if last => {
                let note = format!("which nodes came or went while the run went on is not known: {why}");
                self.narrator.tell(Event::Note(note));
            }
            Err(_) => {}
        }
    }
}

/// What became of a node that had an agent, if that explains why the agent was lost.
fn fate(now: Option<&Node>) -> Option<String> {
    match now.map(|node| &node.standing) {
        None => Some("its node was deleted".to_owned()),
        Some(Standing::Unready { why }) => Some(format!("its node is not ready any more ({why})")),
        Some(Standing::Excluded { rule, why }) => Some(format!("its node is excluded now by the rule {rule} ({why})")),
        Some(Standing::Expected) => None,
    }
}

/// The nodes that only the second inventory has, and the names that only the first one has.
fn difference(before: &Inventory, now: &Inventory) -> (Vec<Node>, Vec<Arc<str>>) {
    let names = |inventory: &Inventory| -> HashSet<Arc<str>> { inventory.nodes.iter().map(|node| Arc::clone(&node.name)).collect() };
    let (known, there) = (names(before), names(now));
    let added = now.nodes.iter().filter(|node| !known.contains(&node.name)).cloned().collect();
    let deleted = before.nodes.iter().map(|node| &node.name).filter(|name| !there.contains(*name)).cloned().collect();
    (added, deleted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(names: &str) -> Inventory {
        let nodes = names.split_whitespace().map(|name| Node::named(name, Standing::Expected)).collect();
        Inventory { cluster: "c".to_owned(), version: String::new(), nodes, limits: Vec::new(), services: None, workloads: None }
    }

    /// Several looks one after the other; what each of them tells.
    #[track_caller]
    fn check(before: &str, looks: &[(&str, &str, &str)]) {
        let mut recount = Recount::default();
        for (now, came, went) in looks {
            let (added, deleted) = recount.news(&inventory(before), &inventory(now));
            let added: Vec<&str> = added.iter().map(|node| &*node.name).collect();
            assert_eq!((added.join(" ").as_str(), deleted.join(" ").as_str()), (*came, *went), "{before} → {now}");
        }
    }

    #[test]
    fn each_node_that_came_or_went_is_told_once() {
        check("a b", &[("a b", "", "")]);
        check("a b", &[("b a c", "c", "")]);
        check("a b", &[("b", "", "a"), ("b", "", ""), ("c", "c", "b")]);
        check("a b", &[("c d", "c d", "a b"), ("a b", "", "")]);
        check("", &[("a", "a", "")]);
        check("a", &[("", "", "a")]);
    }

    #[test]
    fn a_nodes_fate_explains_a_lost_agent_unless_it_is_well() {
        let now = |standing| fate(Some(&Node::named("a", standing)));
        assert_eq!(fate(None).as_deref(), Some("its node was deleted"));
        assert_eq!(now(Standing::Expected), None);
        let unready = now(Standing::Unready { why: "NotReady: gone".to_owned() });
        assert_eq!(unready.as_deref(), Some("its node is not ready any more (NotReady: gone)"));
        let excluded = now(Standing::Excluded { rule: "scaling-down".into(), why: "taint t".to_owned() });
        assert_eq!(excluded.as_deref(), Some("its node is excluded now by the rule scaling-down (taint t)"));
    }

    #[test]
    fn verdicts_wait_for_a_look_after_a_loss_and_not_again_once_one_failed() {
        let (a, mut recount) = (Vantage::pod("a"), Recount::default());
        assert!(!recount.holds() && !recount.begins());
        recount.lost(&a);
        assert!(recount.holds() && recount.begins());
        // Lost while the look went on: it takes another one.
        recount.lost(&Vantage::pod("b"));
        assert_eq!(recount.over(false), (vec![a.clone()], false));
        assert!(recount.holds() && recount.begins());
        assert_eq!(recount.over(true), (vec![Vantage::pod("b")], false));
        recount.lost(&a);
        assert!(!recount.holds() && !recount.begins());
        assert!(recount.holds_the_end() && recount.begins());
        assert_eq!(recount.over(true), (vec![a], true));
        assert!(!recount.holds_the_end() && !recount.begins());
    }
}
