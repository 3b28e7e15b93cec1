//! Which pairs of its ends a case measures. What would have no effect is refused: no key is without one.

use super::ends::Aim;
use super::reader::Reader;
use crate::model::suite::{Beyond, Division, PairStrategy, SameNode, Source, Strategy};
use crate::model::vantage::{Network, Station};
use crate::suite::codes;
use crate::suite::language::{BEYOND, DIVISIONS, LIMIT, SAME_NODE, STRATEGIES, TARGETS};
use crate::suite::remarks::Remark;
use crate::suite::tree::Entry;

/// `pairs` as it was written, read.
struct Written<'e> {
    first: Strategy,
    k: Option<&'e Entry>,
    by: Option<&'e Entry>,
    limit: Option<(&'e Entry, u32)>,
    second: Option<(&'e Entry, Strategy)>,
}

impl Reader<'_> {
    /// `pairs`.
    pub(super) fn pairs(&mut self, to: Option<&Aim<'_>>) -> Option<PairStrategy> {
        if let Some(only @ (Aim::Host(_) | Aim::Gateway(_) | Aim::Names)) = to {
            // What holds for all tests that can have it is no mistake of those that cannot.
            let Some(pairs) = self.test.entry("pairs") else { return Some(PairStrategy::DEFAULT) };
            let help = match only {
                Aim::Gateway(_) => "leave it out: each source asks the one gateway that it has",
                Aim::Host(_) | Aim::Names | Aim::Group(_) | Aim::Nodes(_) | Aim::Service(_) => {
                    "leave it out: each source asks the one host that there is"
                }
            };
            return self.idle(pairs, only.words(), help);
        }
        if let Some(Aim::Service(offered)) = to
            && offered.is_one()
        {
            let Some(pairs) = self.test.entry("pairs") else { return Some(PairStrategy::DEFAULT) };
            return self.idle(pairs, "this target", "leave it out: each source asks the one Service that there is");
        }
        let Some(pairs) = self.entry("pairs") else { return Some(PairStrategy::DEFAULT) };
        let endpoints = matches!(to, Some(Aim::Service(offered)) if offered.is_endpoints());
        if let Some(by) = self.test.entry("pairs").and_then(|own| own.value.entry("by")).filter(|_| endpoints) {
            return self.idle(by, "endpoints", "leave it out: who stands behind a Service is no node, and is chosen by number alone");
        }
        let written = self.written(pairs)?;
        if let Some((entry, beside, help)) = written.idle() {
            return self.idle(entry, &beside, help);
        }
        let full = written.first == Strategy::Full;
        let limit = written.limit.map(|(_, limit)| u64::from(limit)).or(full.then_some(PairStrategy::DEFAULT_LIMIT));
        let follows = written.second.map(|(_, second)| second).or(full.then_some(Strategy::Circulant));
        let beyond = limit.zip(follows).map(|(limit, strategy)| Beyond { limit, strategy });
        Some(PairStrategy { strategy: written.first, beyond })
    }

    /// All of it is read before the first that is wrong counts.
    fn written<'e>(&mut self, pairs: &'e Entry) -> Option<Written<'e>> {
        let [word, k, by, limit, second] = ["strategy", "k", "by", "limit", "beyond"].map(|key| pairs.value.entry(key));
        let word = if pairs.value.scalar().is_some() { Some(pairs) } else { word };
        let first = word.map_or(Some("full"), |entry| self.word(entry, &STRATEGIES));
        let follows = second.map(|entry| self.word(entry, &BEYOND));
        let targets = k.map_or(Some(Strategy::DEFAULT_K), |entry| self.whole(entry, &TARGETS));
        let division = by.map_or(Some(Division::default()), |entry| self.division(entry));
        let most = limit.map(|entry| self.whole(entry, &LIMIT));
        let numbers = (targets?, division?);
        // What is there has to be readable.
        let limit = if let (Some(entry), Some(most)) = (limit, most) { Some((entry, most?)) } else { None };
        let second = if let (Some(entry), Some(word)) = (second, follows) { Some((entry, strategy(word?, numbers))) } else { None };
        Some(Written { first: strategy(first?, numbers), k, by, limit, second })
    }

    fn division(&mut self, entry: &Entry) -> Option<Division> {
        let word = self.word(entry, &DIVISIONS)?;
        Division::ALL.into_iter().find(|division| division.word() == word)
    }

    /// `sameNode`, for these ends.
    pub(super) fn same_node(&mut self, from: &Source, to: &Aim<'_>) -> Option<SameNode> {
        let to = match (to, self.test.entry("sameNode")) {
            (Aim::Group(to), _) => to.network,
            (Aim::Nodes(_), _) => Network::Host,
            (Aim::Host(_) | Aim::Gateway(_) | Aim::Names | Aim::Service(_), None) => return Some(SameNode::Exclude),
            (only @ (Aim::Host(_) | Aim::Names), Some(entry)) => {
                return self.idle(entry, only.words(), "leave it out: the host is no node of the cluster");
            }
            (only @ Aim::Gateway(_), Some(entry)) => {
                return self.idle(entry, only.words(), "leave it out: each source asks its own gateway");
            }
            (only @ Aim::Service(_), Some(entry)) => {
                let help = "leave it out: a Service may answer from any node, that of the source among them";
                return self.idle(entry, only.words(), help);
            }
        };
        let Some(entry) = self.entry("sameNode") else { return Some(SameNode::Exclude) };
        let own = self.test.entry("sameNode").is_some();
        let wanted = match self.word(entry, &SAME_NODE)? {
            "include" => SameNode::Include,
            "only" => SameNode::Only,
            _ => return Some(SameNode::Exclude),
        };
        // A pod of the user's is none of our agents: of its own node's it is as far away as of any other.
        if from.station() == Station::from(to) {
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
        let remark =
            Remark::error(codes::WRONG_VALUE, entry.value.at, message).label("a node would ask itself, and nothing would leave it");
        let help = "a pod and its own node are `from: pods`, `to: nodes`, or the other way round; leave it out here";
        self.remarks.add(remark.help([help]).case(self.case));
        None
    }

    /// A key that has no effect beside another.
    pub(super) fn idle<T>(&mut self, entry: &Entry, beside: &str, help: &str) -> Option<T> {
        let message = format!("`{}` has no effect with {beside}", entry.key.name);
        self.remarks.add(Remark::error(codes::WRONG_VALUE, entry.key.at, message).help([help]).case(self.case));
        None
    }
}

impl<'e> Written<'e> {
    /// A key that has no effect, beside what, and what to do.
    fn idle(&self) -> Option<(&'e Entry, String, &'static str)> {
        let of_first = format!("the strategy {}", self.first.word());
        let takes = takes_targets(self.first) || self.second.is_some_and(|(_, second)| takes_targets(second));
        if let Some(k) = self.k.filter(|_| !takes) {
            return Some((k, of_first, "leave it out: `k` belongs to ring, random and perZone"));
        }
        let divided = divides(self.first) || self.second.is_some_and(|(_, second)| divides(second));
        if let Some(by) = self.by.filter(|_| !divided) {
            return Some((by, of_first, "leave it out: `by` belongs to representatives"));
        }
        let limit = self.limit.map(|(entry, _)| entry);
        if let Some((entry, _)) = self.second.filter(|(_, second)| *second == self.first) {
            return Some((entry, format!("{of_first} before it"), "name another strategy, or leave it out"));
        }
        if divides(self.first) {
            let entry = limit.or(self.second.map(|(entry, _)| entry));
            return entry.map(|entry| (entry, of_first, "leave it out: no other strategy measures fewer pairs"));
        }
        match (self.first, limit, self.second) {
            (Strategy::Full, ..) | (_, Some(_), Some(_)) | (_, None, None) => None,
            (_, Some(limit), None) => {
                let help = "say with `beyond` which strategy follows where this one would measure more, or leave it out";
                Some((limit, format!("{of_first} and no `beyond`"), help))
            }
            (_, None, Some((beyond, _))) => {
                let help = "say with `limit` from how many pairs on it follows, or leave it out: only full has a limit by itself";
                Some((beyond, format!("{of_first} and no `limit`"), help))
            }
        }
    }
}

fn strategy(word: &str, (k, by): (u32, Division)) -> Strategy {
    match word {
        "ring" => Strategy::Ring { k },
        "circulant" => Strategy::Circulant,
        "random" => Strategy::Random { k },
        "perZone" => Strategy::PerZone { k },
        "representatives" => Strategy::Representatives { by },
        _ => Strategy::Full,
    }
}

const fn takes_targets(strategy: Strategy) -> bool {
    match strategy {
        Strategy::Ring { .. } | Strategy::Random { .. } | Strategy::PerZone { .. } => true,
        Strategy::Full | Strategy::Circulant | Strategy::Representatives { .. } => false,
    }
}

const fn divides(strategy: Strategy) -> bool {
    matches!(strategy, Strategy::Representatives { .. })
}
