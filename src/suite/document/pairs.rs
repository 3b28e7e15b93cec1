//! Which pairs of its ends a case measures. What would have no effect is refused: no key is without one.

use super::reader::Reader;
use crate::model::suite::{Beyond, Group, PairStrategy, SameNode, Strategy};
use crate::suite::codes;
use crate::suite::language::{BEYOND, LIMIT, SAME_NODE, STRATEGIES, TARGETS};
use crate::suite::remarks::Remark;
use crate::suite::tree::Entry;

impl Reader<'_> {
    /// `pairs`.
    pub(super) fn pairs(&mut self) -> Option<PairStrategy> {
        let Some(pairs) = self.entry("pairs") else { return Some(PairStrategy::DEFAULT) };
        let written = if pairs.value.scalar().is_some() { Some(pairs) } else { pairs.value.entry("strategy") };
        let [k, limit, beyond] = ["k", "limit", "beyond"].map(|key| pairs.value.entry(key));
        let first = written.map_or(Some("full"), |entry| self.word(entry, &STRATEGIES));
        let second = beyond.map(|entry| self.word(entry, &BEYOND));
        let targets = k.map_or(Some(Strategy::DEFAULT_K), |entry| self.whole(entry, &TARGETS));
        let most = limit.map(|entry| self.whole(entry, &LIMIT));
        let (first, targets) = (strategy(first?, targets?), targets?);
        let second = second.map_or(Some(None), |word| word.map(|word| Some((beyond?, strategy(word, targets)))))?;
        let most = most.map_or(Some(None), |most| most.map(Some))?;
        if let Some(k) = k.filter(|_| !takes_targets(first) && !second.is_some_and(|(_, second)| takes_targets(second))) {
            return self.idle(k, &format!("the strategy {}", first.word()), "leave it out: `k` belongs to ring, random and perZone");
        }
        let beyond = self.beyond(first, limit, second)?;
        let full = first == Strategy::Full;
        let most = most.map(u64::from).or(full.then_some(PairStrategy::DEFAULT_LIMIT));
        let follows = beyond.or(full.then_some(Strategy::Circulant));
        let beyond = most.zip(follows).map(|(limit, strategy)| Beyond { limit, strategy });
        Some(PairStrategy { strategy: first, beyond })
    }

    /// What follows the first strategy, where the suite says so.
    fn beyond(&mut self, first: Strategy, limit: Option<&Entry>, second: Option<(&Entry, Strategy)>) -> Option<Option<Strategy>> {
        let word = first.word();
        if let Some((entry, _)) = second.filter(|(_, second)| *second == first) {
            return self.idle(entry, &format!("the strategy {word} before it"), "name another strategy, or leave it out");
        }
        match (first, limit, second) {
            (Strategy::Representatives, Some(entry), _) | (Strategy::Representatives, None, Some((entry, _))) => {
                self.idle(entry, "the strategy representatives", "leave it out: no other strategy measures fewer pairs")
            }
            (Strategy::Full, _, second) | (_, Some(_), second @ Some(_)) | (_, None, second @ None) => {
                Some(second.map(|(_, second)| second))
            }
            (_, Some(limit), None) => {
                let help = "say with `beyond` which strategy follows where this one would measure more, or leave it out";
                self.idle(limit, &format!("the strategy {word} and no `beyond`"), help)
            }
            (_, None, Some((beyond, _))) => {
                let help = "say with `limit` from how many pairs on it follows, or leave it out: only full has a limit by itself";
                self.idle(beyond, &format!("the strategy {word} and no `limit`"), help)
            }
        }
    }

    /// `sameNode`, for these ends.
    pub(super) fn same_node(&mut self, from: &Group, to: &Group) -> Option<SameNode> {
        let Some(entry) = self.entry("sameNode") else { return Some(SameNode::Exclude) };
        let own = self.test.entry("sameNode").is_some();
        let wanted = match self.word(entry, &SAME_NODE)? {
            "include" => SameNode::Include,
            "only" => SameNode::Only,
            _ => return Some(SameNode::Exclude),
        };
        if from.network == to.network {
            // What holds for all tests that can have it is no mistake of those that cannot.
            return if wanted == SameNode::Include && !own { Some(SameNode::Exclude) } else { self.asks_itself(entry, wanted) };
        }
        // The test's own `pairs`, or those of the defaults that say `only` themselves.
        let pairs = self.test.entry("pairs").or_else(|| self.entry("pairs").filter(|_| !own));
        match pairs.filter(|_| wanted == SameNode::Only) {
            Some(pairs) => {
                self.idle(pairs, "`sameNode: only`", "leave it out: each node has one pair with itself, and all of them are measured")
            }
            None => Some(wanted),
        }
    }

    fn asks_itself(&mut self, entry: &Entry, wanted: SameNode) -> Option<SameNode> {
        let word = if wanted == SameNode::Only { "only" } else { "include" };
        let message = format!("`sameNode: {word}` has no pairs where both ends are the same network");
        let remark = Remark::error(codes::WRONG_VALUE, entry.value.at, message).label("a node's agent would ask itself");
        let help = "a pod and its own node are `from: pods`, `to: nodes`, or the other way round; leave it out here";
        self.remarks.add(remark.help([help]).case(self.case));
        None
    }

    /// A key that has no effect beside another.
    fn idle<T>(&mut self, entry: &Entry, beside: &str, help: &str) -> Option<T> {
        let message = format!("`{}` has no effect with {beside}", entry.key.name);
        self.remarks.add(Remark::error(codes::WRONG_VALUE, entry.key.at, message).help([help]).case(self.case));
        None
    }
}

fn strategy(word: &str, k: u32) -> Strategy {
    match word {
        "ring" => Strategy::Ring { k },
        "circulant" => Strategy::Circulant,
        "random" => Strategy::Random { k },
        "perZone" => Strategy::PerZone { k },
        "representatives" => Strategy::Representatives,
        _ => Strategy::Full,
    }
}

const fn takes_targets(strategy: Strategy) -> bool {
    match strategy {
        Strategy::Ring { .. } | Strategy::Random { .. } | Strategy::PerZone { .. } => true,
        Strategy::Full | Strategy::Circulant | Strategy::Representatives => false,
    }
}
