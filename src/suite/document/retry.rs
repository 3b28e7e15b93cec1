//! Whether and how pairs that fail are asked again. Where that could rescue nothing, a `retry` of the test itself is refused, and
//! one of the defaults is without effect. It must not know who asks again.

use super::expect::{Expectation, Wanted, Wish};
use super::reader::Reader;
use super::settings::AnyProbe;
use crate::model::expect::{Claim, Scope};
use crate::model::family::Family;
use crate::model::probe::Probe;
use crate::model::retry::{Flaky, MissKind, Retry, asks_once};
use crate::suite::codes;
use crate::suite::language::{BACKOFF, FLAKY, RETRY_ATTEMPTS, RETRY_ONLY};
use crate::suite::remarks::Remark;
use crate::suite::source::Place;
use crate::suite::tree::{Entry, Node};

/// What a test or the defaults say of it.
#[derive(Debug, Clone)]
pub(super) enum Again {
    /// Nothing.
    Never,
    /// This.
    After(Retry, Writer),
}

/// Who says it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Writer {
    /// The test itself, there.
    Test(Place),
    /// The defaults, for every test.
    Defaults,
}

impl Reader<'_> {
    /// `retry`: the test's own or the defaults', as a whole.
    pub(super) fn retry(&mut self) -> Option<Again> {
        let Some(entry) = self.entry("retry") else { return Some(Again::Never) };
        let key = |name: &str| entry.value.entry(name);
        let attempts = key("attempts").map(|entry| self.whole(entry, &RETRY_ATTEMPTS));
        let backoff = key("backoff").map_or(Some(Retry::BACKOFF), |entry| self.duration(entry, &BACKOFF));
        let only = key("only").map_or(Some(Vec::new()), |entry| self.only(entry));
        let flaky = key("flaky").map_or(Some(Flaky::default()), |entry| self.word(entry, &FLAKY).and_then(flaky));
        let writer = self.test.entry("retry").map_or(Writer::Defaults, |entry| Writer::Test(entry.key.at));
        let retry = Retry { attempts: attempts??, backoff: backoff?, only: only?, flaky: flaky? };
        Some(Again::After(retry, writer))
    }

    fn only(&mut self, entry: &Entry) -> Option<Vec<MissKind>> {
        let word = |node: &Node| self.value("an item of `only`", node, |scalar| crate::suite::language::read_word(scalar, &RETRY_ONLY));
        let words: Vec<Option<&str>> = entry.value.items().iter().map(word).collect();
        let words: Vec<&str> = words.into_iter().collect::<Option<_>>()?;
        Some(MissKind::ALL.into_iter().filter(|kind| words.contains(&kind.word())).collect())
    }
}

/// Words are read from `FLAKY`; a test goes through all of them.
fn flaky(word: &str) -> Option<Flaky> {
    [Flaky::Passes, Flaky::Warns, Flaky::Fails].into_iter().find(|flaky| flaky.word() == word)
}

impl Reader<'_> {
    /// What of it has an effect on a case that asks so and expects that.
    pub(super) fn effective(&mut self, again: Again, probe: &AnyProbe, expect: &Expectation) -> Option<Retry> {
        let Again::After(retry, writer) = again else { return None };
        match (nothing_asked_once(probe, expect), writer) {
            (None, _) => Some(retry),
            (Some(_), Writer::Defaults) => None,
            (Some(why), Writer::Test(place)) => {
                let remark = Remark::error(codes::RESCUES_NOTHING, place, "this `retry` could rescue nothing").label(why);
                let remark = remark.help([
                    "loss and latency are judged on first attempts alone; asked again is only what is asked once: tcp, http, tls or dns with `count: 1`, and `expect: reachable` or what is wanted of the answer",
                    "leave `retry` out, or say it in `defaults`, where it has an effect on such tests alone",
                ]);
                self.remarks.add(remark.case(self.case));
                None
            }
        }
    }
}

/// Why nothing of it is asked once, so that no further attempt could rescue anything; none if something is.
fn nothing_asked_once(probe: &AnyProbe, expect: &Expectation) -> Option<String> {
    let asked = probe.over(Family::V4);
    if !asks_once(&asked) {
        let what = match asked {
            Probe::Tcp(_) | Probe::Http(_) | Probe::Tls(_) => format!("{} {} to each target", asked.burst().count, asked.unit()),
            Probe::Icmp(_) | Probe::Udp(_) | Probe::Pmtu(_) => "packets".to_owned(),
            Probe::Dns(dns) => format!("{} lookups by each source", dns.burst.count),
        };
        return Some(format!("{what} are a sample, of which loss is counted"));
    }
    // Pairs are counted by what came of their last attempt.
    let of_answers = |wanted: &Wanted| match &wanted.claim {
        Claim::Seen(_) => wanted.scope == Scope::Each,
        Claim::PairsOk(_) => true,
        Claim::Loss(_) | Claim::Latency(..) | Claim::Jitter(..) | Claim::Count(..) => false,
    };
    // Whoever answers nothing misses them too: beside them a bound on loss says that no first attempt may fail.
    let asked_once = expect.wanted.iter().all(of_answers) && expect.open.is_empty();
    let sampled = expect.wish == Wish::Bounds && !asked_once;
    sampled.then(|| "its `expect` has bounds that first attempts decide".to_owned())
}
