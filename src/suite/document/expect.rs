//! What should be true of a case: `expect` as bounds.

use super::named::{self, Named};
use super::reader::Reader;
use super::settings::Ask;
use crate::model::comparison::{Comparison, Operator};
use crate::model::expect::{Claim, Metric, Scope};
use crate::model::path_mtu::PmtuProbe;
use crate::model::units::Ppm;
use crate::model::web_wish::Statuses;
use crate::model::wish::{MtuWish, Subject, Wish as Answers};
use crate::suite::codes;
use crate::suite::language::{METRICS, SCOPES, SHORT, read_claim};
use crate::suite::remarks::Remark;
use crate::suite::source::Place;
use crate::suite::tree::{Entry, Node, What};

/// A bound and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) scope: Scope,
    pub(super) claim: Claim,
    pub(super) at: Place,
    /// The variables that its value was computed from.
    pub(super) uses: Vec<String>,
}

/// A metric whose bound expands to none, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) scope: Scope,
    pub(super) metric: Metric,
    pub(super) at: Place,
    /// The variables without a value.
    pub(super) uses: Vec<String>,
}

/// Everything that is wanted of a case.
#[derive(Debug, Clone, Default)]
pub(super) struct Expectation {
    /// What is judged; empty where no bound has a value.
    pub(super) wanted: Vec<Wanted>,
    /// What is only measured and shown.
    pub(super) open: Vec<Open>,
    /// How that is said.
    pub(super) wish: Wish,
    /// Whether more was said that cannot be read, which has its remark: what is missing then says nothing.
    pub(super) unread: bool,
}

/// How a case says what it wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Wish {
    /// `reachable`, or nothing at all.
    Reachable,
    /// By bounds of its own.
    #[default]
    Bounds,
}

/// `reachable`: every pair answers everything.
pub(super) const REACHABLE: Claim = Claim::Loss(Comparison { operator: Operator::AtMost, limit: Ppm(0) });

/// The same of the size of packets: somebody answers, and everything that interfaces take arrives. A little loss is no matter of sizes.
const WHOLE_PATH: [Claim; 3] = [
    Claim::Loss(Comparison { operator: Operator::Below, limit: Ppm::WHOLE }),
    Claim::Seen(Answers::NoBlackHole),
    Claim::Seen(Answers::Mtu(MtuWish::Interface)),
];

impl Reader<'_> {
    /// The bounds of `expect`: those of each pair, then the overall ones, each in the order of the metrics. A test's own
    /// `expect` replaces the defaults' as a whole. `place` is the test's, for `reachable` where nothing is said.
    pub(super) fn expect(&mut self, place: Place, ask: Option<&Ask>) -> Option<Expectation> {
        let Some(expect) = self.entry("expect") else { return Some(reachable(place, ask)) };
        if expect.value.scalar().is_some() {
            return self.word(expect, &SHORT).map(|_| reachable(expect.value.at, ask));
        }
        if !matches!(expect.value.what, What::Map(_)) {
            return None;
        }
        let mut all = Vec::new();
        for (name, scope) in SCOPES {
            let scoped = expect.value.entry(name);
            if let Some(empty) = scoped.filter(|scoped| is_empty(scoped)) {
                self.nothing(empty);
            }
            for (name, metric) in METRICS {
                if (scope, metric) == (Scope::Each, Metric::PairsOk) {
                    continue;
                }
                let inner = scoped.and_then(|scoped| scoped.value.entry(name));
                // Metrics that stand bare mean `each`.
                let bare = expect.value.entry(name).filter(|_| scope == Scope::Each);
                if let (Some(inner), Some(bare)) = (inner, bare) {
                    let message = format!("`{}` of each pair is there twice", bare.key.name);
                    self.twins(inner, bare, (message, "a metric directly under `expect` means `each`"));
                }
                all.extend(inner.or(bare).map(|entry| (scope, entry)));
            }
        }
        let all = self.named(all, ask);
        if is_empty(expect) {
            self.nothing(expect);
        }
        let known = |entry: &Entry| {
            METRICS.iter().any(|(name, _)| **name == *entry.key.name) || SCOPES.iter().any(|(name, _)| **name == *entry.key.name)
        };
        let scoped = SCOPES.iter().filter_map(|(name, _)| expect.value.entry(name)).flat_map(|scoped| scoped.value.entries());
        // What a mistyped key says is not heard.
        let unread = expect.value.entries().iter().chain(scoped).any(|entry| !known(entry));
        let mut expectation = Expectation { unread, ..Expectation::default() };
        for named in all {
            match open(named) {
                Some(open) => expectation.open.push(open),
                None => match self.wanted(named) {
                    Some(wanted) => expectation.wanted.push(wanted),
                    None => expectation.unread = true,
                },
            }
        }
        if expectation.wanted.is_empty() && !expectation.open.is_empty() && !expectation.unread {
            self.nothing_left(expect, &expectation.open);
        }
        Some(expectation)
    }

    /// Each metric by what its key means to this probe, once.
    fn named<'t>(&mut self, all: Vec<(Scope, &'t Entry)>, ask: Option<&Ask>) -> Vec<Named<'t>> {
        let mut found: Vec<Named<'t>> = Vec::new();
        for (scope, entry) in all {
            let Some(metric) = named::metric(&entry.key.name, ask) else { continue };
            let named = Named { scope, metric, entry };
            if let Some(odd) = named::odd(entry, ask) {
                self.remarks.add(odd.case(self.case));
            }
            match named.twin(&found) {
                Some(Named { entry: twin, .. }) => {
                    let message = format!("`{}` and `{}` are the same to this probe", twin.key.name, entry.key.name);
                    self.twins(twin, entry, (message, "leave one of them out"));
                }
                None => found.push(named),
            }
        }
        found
    }

    /// Green whatever happens would be worse than no test.
    fn nothing_left(&mut self, expect: &Entry, open: &[Open]) {
        let mut variables: Vec<_> = open.iter().flat_map(|open| &open.uses).filter_map(|name| name.strip_prefix("vars.")).collect();
        variables.dedup();
        let given: Vec<_> = variables.iter().map(|name| format!("--set {name}=VALUE")).collect();
        let help = (!given.is_empty()).then(|| format!("give {}", given.join(" ")));
        let remark =
            Remark::error(codes::EXPECTS_NOTHING, expect.key.at, "nothing is left to judge: no bound of this `expect` has a value");
        let remark = remark.label("expected at least one").help(help).help(["add a bound that always holds, such as `loss: 0%`"]);
        self.remarks.add(remark.case(self.case));
    }

    fn wanted(&mut self, Named { scope, metric, entry }: Named<'_>) -> Option<Wanted> {
        let claim = match &entry.value.what {
            // Of other metrics a list is a mistake that has its remark.
            What::List(items) if metric == Metric::Seen(Subject::Status) => self.statuses(items)?,
            What::List(_) => return None,
            _ => self.claim(entry, metric)?,
        };
        if never_met(&claim) {
            let message = format!("no measurement can meet `{} {}`", claim.metric(), claim.wanted());
            self.remarks.add(Remark::error(codes::NEVER_MET, entry.value.at, message).case(self.case));
        }
        let uses = entry.value.scalar().map(|scalar| scalar.uses.clone()).unwrap_or_default();
        Some(Wanted { scope, claim, at: entry.value.at, uses })
    }

    /// Several statuses, of which each is read before the first that is wrong counts; no other metric has a list.
    fn statuses(&mut self, items: &[Node]) -> Option<Claim> {
        let read = |item: &Node| self.value("a status", item, |scalar| read_claim(scalar, Metric::Seen(Subject::Status)));
        let claims: Vec<_> = items.iter().map(read).collect();
        let mut all = Statuses(Vec::new());
        for claim in claims {
            let Claim::Seen(Answers::Status(one)) = claim? else { return None };
            all.0.extend(one.0);
        }
        Some(Claim::Seen(Answers::Status(all)))
    }

    fn nothing(&mut self, entry: &Entry) {
        let remark = Remark::error(codes::EXPECTS_NOTHING, entry.key.at, format!("`{}` has no bound", entry.key.name));
        self.remarks.add(remark.label("expected at least one metric").help(["leave it out to expect `reachable`: no loss at all"]));
    }

    /// Two keys of which one would go unheard.
    fn twins(&mut self, one: &Entry, other: &Entry, (message, help): (String, &str)) {
        let (first, second) = if one.key.at < other.key.at { (one, other) } else { (other, one) };
        let remark = Remark::error(codes::DUPLICATE_KEY, second.key.at, message).label("the second").related(first.key.at, "the first");
        self.remarks.add(remark.help([help]).case(self.case));
    }
}

/// Whether it is a map without a key; what is no map has its remark.
fn is_empty(entry: &Entry) -> bool {
    matches!(&entry.value.what, What::Map(entries) if entries.is_empty())
}

fn reachable(at: Place, ask: Option<&Ask>) -> Expectation {
    let claims = match ask {
        Some(Ask::Pmtu { .. }) => WHOLE_PATH.to_vec(),
        // What more is wanted of names, `dns::complete` adds, and of responses `agree`.
        Some(Ask::Icmp { .. } | Ask::Udp(_) | Ask::Tcp | Ask::Dns(_) | Ask::Http(_) | Ask::Tls(_)) | None => vec![REACHABLE],
    };
    let wanted = claims.into_iter().map(|claim| Wanted { scope: Scope::Each, claim, at, uses: Vec::new() }).collect();
    Expectation { wanted, open: Vec::new(), wish: Wish::Reachable, unread: false }
}

/// A metric whose bound expands to none.
fn open(Named { scope, metric, entry }: Named<'_>) -> Option<Open> {
    let What::Unset(uses) = &entry.value.what else { return None };
    Some(Open { scope, metric, at: entry.value.at, uses: uses.clone() })
}

fn never_met(claim: &Claim) -> bool {
    match claim {
        Claim::Loss(Comparison { operator: Operator::Below, limit }) => limit.0 == 0,
        Claim::Loss(Comparison { operator: Operator::Above, limit }) => *limit == Ppm::WHOLE,
        Claim::Latency(_, _, Comparison { operator: Operator::Below, limit })
        | Claim::Jitter(_, Comparison { operator: Operator::Below, limit }) => limit.0 == 0,
        Claim::Count(_, Comparison { operator: Operator::Below, limit }) => *limit == 0,
        Claim::Seen(Answers::Mtu(MtuWish::Size(Comparison { operator, limit }))) => {
            let most = u64::from(PmtuProbe::MOST);
            match operator {
                Operator::Equal | Operator::AtLeast => *limit > most,
                Operator::Above => *limit >= most,
                Operator::Below | Operator::AtMost => *limit == 0,
            }
        }
        Claim::Seen(Answers::Answers(comparison)) => below_all(comparison, 0),
        // Whoever answers is one, and a lookup takes at least one query.
        Claim::Seen(Answers::Backends(comparison) | Answers::Queries(comparison)) => below_all(comparison, 1),
        Claim::Loss(_) | Claim::Latency(..) | Claim::Jitter(..) | Claim::Count(..) | Claim::Seen(_) | Claim::PairsOk(_) => false,
    }
}

/// Whether it is met by nothing that is so much or more.
const fn below_all(Comparison { operator, limit }: &Comparison<u64>, least: u64) -> bool {
    match operator {
        Operator::Below => *limit <= least,
        Operator::AtMost | Operator::Equal => *limit < least,
        Operator::AtLeast | Operator::Above => false,
    }
}
