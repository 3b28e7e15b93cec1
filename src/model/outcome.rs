//! What was seen: counts and samples of one attempt at one pair. It holds no opinion and crosses the wire.

mod fit;
mod losses;
mod miss;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use miss::{Alteration, Layer, Miss, Stage, Unreachable};

use super::probe::Probe;
pub use super::samples::{Bucket, Jitter, Samples, Step, StepSamples};
pub use super::sight::{Seen, Sight};
use super::units::Micros;
use super::unresolved::{Resolved, Unresolved};

/// How an attempt at a pair ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The questions were asked; this came back.
    Measured(Tally),
    /// The name of the host led to no address: nobody was asked.
    Unresolved(Unresolved),
    /// The questions could not be asked: nothing is known about the network.
    NotMeasured(Obstacle),
}

/// The counts of one burst. `sent` is `answered` and all of `missed` together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Handed to the kernel, without the warm-up.
    pub sent: u32,
    /// Answered in time by the right one with the right nonce.
    pub answered: u32,
    /// What was not, by how: no entry twice, none of 0.
    pub missed: Vec<Missed>,
    /// Answers that came more than once.
    pub duplicates: u32,
    /// Answers that came after one to a later question.
    pub reordered: u32,
    /// What came to our socket and was not ours: another run's, a wrong nonce, noise.
    pub foreign: u32,
    /// What became of the warm-up.
    pub warm_up: WarmUp,
    /// The latency of each answer in time; as many as `answered`.
    pub samples: Samples,
    /// How much one latency differed from the one before.
    #[serde(default)]
    pub jitter: Jitter,
    /// How long the steps of an answer took, where there are several: no step twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepSamples>,
    /// What the answers said, with how often: nothing twice, none of 0; at most [`Tally::SIGHTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
    /// What the name of the host led to; none where the target was no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<Resolved>,
}

/// A way of not being answered, with how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// The way.
    pub how: Miss,
    /// More than 0.
    pub count: u32,
}

/// What became of the packet before the counted ones, which pays for address resolution and connection tracking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WarmUp {
    /// Answered after this long.
    Answered(Micros),
    /// Not answered before the counted ones began.
    Unanswered,
}

impl Tally {
    /// The most different things that the answers of one burst can have said.
    pub const SIGHTS: usize = 1_024;

    /// Of nothing that was asked.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            sent: 0,
            answered: 0,
            missed: Vec::new(),
            duplicates: 0,
            reordered: 0,
            foreign: 0,
            warm_up: WarmUp::Unanswered,
            samples: Samples::Raw(Vec::new()),
            jitter: Jitter::NONE,
            steps: Vec::new(),
            seen: Vec::new(),
            resolved: None,
        }
    }

    /// Of a host whose name led to that address, after so long. Whoever waits for a response has waited for the name before it;
    /// a packet there and back is the same with or without a name.
    #[must_use]
    pub fn after_lookup(mut self, probe: &Probe, resolved: Resolved, took: Micros) -> Self {
        if let Probe::Http(_) | Probe::Tls(_) = probe {
            self.samples = self.samples.after(took);
        }
        self.steps.insert(0, StepSamples { step: Step::Lookup, samples: Samples::Raw(vec![took]) });
        Self { resolved: Some(resolved), ..self }
    }

    /// What does not add up, if anything: an agent's arithmetic is checked before it is believed.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        let missed: u64 = self.missed.iter().map(|missed| u64::from(missed.count)).sum();
        if let Some(why) = self.malformed() {
            return Some(why);
        }
        if u64::from(self.answered) + missed != u64::from(self.sent) {
            return Some(format!("{} sent, but {} answered and {missed} missed", self.sent, self.answered));
        }
        if self.samples.count() != u64::from(self.answered) {
            return Some(format!("{} answered, but {} samples", self.answered, self.samples.count()));
        }
        let long = self.steps.iter().find(|step| step.samples.count() > u64::from(self.sent));
        long.map(|step| format!("{} sent, but {} samples of {}", self.sent, step.samples.count(), step.step.name()))
    }

    /// What is larger than its counts allow: an agent's words take no more room than what it was asked.
    fn malformed(&self) -> Option<String> {
        let long = |name: &String| name.chars().count() > Miss::NAME_LIMIT;
        let names = self.missed.iter().filter_map(|missed| match &missed.how {
            Miss::WrongPeer { name: text } | Miss::Broken { why: text, .. } => Some(text),
            _ => None,
        });
        if let Some(name) = names.into_iter().find(|name| long(name)) {
            return Some(format!("a name of {} characters", name.chars().count()));
        }
        if let Some(missed) = self.missed.iter().find(|missed| missed.count == 0) {
            return Some(format!("{} 0 times", missed.how));
        }
        if self.seen.len() > Self::SIGHTS {
            return Some(format!("{} different answers, more than {}", self.seen.len(), Self::SIGHTS));
        }
        if let Some(seen) = self.seen.iter().find(|seen| seen.count == 0 || !seen.what.is_bounded()) {
            return Some(format!("an answer seen {} times, or too long", seen.count));
        }
        if let Some(why) = self.seen.iter().find_map(|seen| seen.what.contradiction()) {
            return Some(why);
        }
        let samples = std::iter::once(&self.samples).chain(self.steps.iter().map(|step| &step.samples));
        let unseen = samples.flat_map(Samples::iter).find(|(_, count)| *count == 0);
        unseen.map(|(value, _)| format!("a latency of {value} 0 times"))
    }
}

/// Counts each way of missing once, in a stable order.
#[must_use]
pub fn count_misses(misses: impl IntoIterator<Item = Miss>) -> Vec<Missed> {
    let mut counts = BTreeMap::new();
    for miss in misses {
        *counts.entry(miss).or_insert(0) += 1;
    }
    counts.into_iter().map(|(how, count)| Missed { how, count }).collect()
}

/// Why the questions could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Obstacle {
    /// Stable.
    pub kind: ObstacleKind,
    /// What the system said, with what was being done: `opening an ICMP socket: Permission denied (os error 13)`.
    pub detail: String,
}

impl Obstacle {
    /// The most characters of a detail that are kept.
    pub const DETAIL_LIMIT: usize = 1_000;

    /// With its detail cut to [`Obstacle::DETAIL_LIMIT`].
    #[must_use]
    pub fn cut(mut self) -> Self {
        if let Some((end, _)) = self.detail.char_indices().nth(Self::DETAIL_LIMIT) {
            self.detail.truncate(end);
            self.detail.push('…');
            self.detail.shrink_to_fit();
        }
        self
    }
}

/// The kinds of obstacle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObstacleKind {
    /// The system gives this process no unprivileged ICMP socket.
    NoIcmp,
    /// This agent has no address of the family, or has it no longer.
    NoAddress,
    /// A file that the question needs is not there: a token, the certificates of the cluster.
    NoCredentials,
    /// Its resolv.conf cannot be read, or names no server of the family, or one that nobody can ask.
    NoResolver,
    /// A socket could not be made or used: too many open files, no buffers, no free port.
    Socket,
    /// The share's deadline passed first.
    Deadline,
    /// The asking process did not run for so long that silence says nothing of the network.
    Overloaded,
    /// What came back leaves more than one answer open.
    Inconclusive,
    /// The probing itself broke: a bug.
    Internal,
}
