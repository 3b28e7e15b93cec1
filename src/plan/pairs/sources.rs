//! Who asks: agents of the run's own on some nodes, or pods of the user's, of which some are picked. It must not know who is asked.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::{Couple, Field, ends};
use crate::model::inventory::Standing;
use crate::model::suite::{Pick, Source, Which, Workload};
use crate::model::units::counted;
use crate::model::vantage::Vantage;
use crate::model::workload::{PodState, WorkloadPod};

/// The most pods that a message lists.
const LISTED: usize = 10;

/// The most names that are told in place of one that is not there.
const SIMILAR: usize = 3;

/// Those who ask in a case.
pub(super) struct Sources {
    /// Each with the place of its node; by place.
    voices: Vec<(usize, Vantage)>,
    /// The places of nodes with somebody who asks, ascending.
    places: Vec<usize>,
    /// Of each that could ask, the place of its node.
    all: Vec<usize>,
    /// Who fits and does not ask, and why.
    pub(super) left_out: Option<String>,
}

impl Sources {
    /// # Errors
    /// What was asked for is not there, and there is what.
    pub(super) fn of(source: &Source, field: &Field<'_>) -> Result<Self, String> {
        let found = match source {
            Source::Group(group) => ends::of(&group.only, field).map(|places| {
                let voice = |place: &usize| (*place, Vantage::of(group.network, &field.nodes[*place].name));
                Self { voices: places.iter().map(voice).collect(), all: places.clone(), places, left_out: None }
            }),
            Source::Workload(workload) => picked(workload, field),
        };
        found.map_err(|why| format!("`from: {source}` {why}"))
    }

    /// The places of nodes with somebody who asks, ascending.
    pub(super) fn places(&self) -> &[usize] {
        &self.places
    }

    /// How many could ask.
    pub(super) fn count(&self) -> u64 {
        self.all.len() as u64
    }

    /// How many of those that could ask are on these nodes, whose places ascend.
    pub(super) fn count_on(&self, places: &[usize]) -> u64 {
        self.all.iter().filter(|place| places.binary_search(place).is_ok()).count() as u64
    }

    /// Those who ask, by node.
    pub(super) fn voices(&self) -> impl ExactSizeIterator<Item = &Vantage> {
        self.voices.iter().map(|(_, vantage)| vantage)
    }

    /// Those who ask on that node.
    pub(super) fn on(&self, place: usize) -> impl Iterator<Item = &Vantage> {
        let first = self.voices.partition_point(|(other, _)| *other < place);
        self.voices[first..].iter().take_while(move |(other, _)| *other == place).map(|(_, vantage)| vantage)
    }

    /// How many pairs these are, of two nodes each, where everyone on a node asks.
    pub(super) fn pairs(&self, couples: &[Couple]) -> u64 {
        couples.iter().map(|(source, _)| self.on(*source).count() as u64).sum()
    }
}

/// A pod that can ask.
struct Candidate<'p> {
    place: usize,
    pod: &'p WorkloadPod,
}

fn picked(workload: &Workload, field: &Field<'_>) -> Result<Sources, String> {
    let namespace = &workload.namespace;
    let Some(pods) = field.workloads else {
        let help = format!("an inventory has them with `netcheck discover --pods {namespace}`");
        return Err(format!("cannot be looked up: nothing is known of pods in {}; {help}", field.cluster));
    };
    let there: Vec<&WorkloadPod> = pods.iter().filter(|pod| pod.pod.namespace == *namespace).collect();
    match &workload.which {
        Which::Named(name) => match there.iter().find(|pod| *pod.pod.name == **name) {
            Some(pod) => alone(pod, field),
            None => Err(unknown(name, namespace, &there)),
        },
        Which::Labelled { selector, pick } => {
            let fitting: Vec<&WorkloadPod> = there.into_iter().filter(|pod| selector.fits(&pod.labels)).collect();
            if fitting.is_empty() {
                return Err(format!("fits no pod that there is in the namespace {namespace}"));
            }
            among(*pick, &fitting, field)
        }
    }
}

/// That pod by itself.
fn alone(pod: &WorkloadPod, field: &Field<'_>) -> Result<Sources, String> {
    let place = place(pod, field).map_err(|why| format!("cannot ask: it {why}"))?;
    let voice = Vantage::workload(&field.nodes[place].name, pod.pod.clone());
    Ok(Sources { voices: vec![(place, voice)], places: vec![place], all: vec![place], left_out: None })
}

/// Pods that a controller makes anew have a new end to their names: those that differ least come first.
fn unknown(name: &str, namespace: &str, there: &[&WorkloadPod]) -> String {
    let mut names: Vec<&str> = there.iter().map(|pod| &*pod.pod.name).collect();
    names.sort_by_cached_key(|other| (strsim::osa_distance(name, other), *other));
    match names.len() {
        0 => format!("names a pod of the namespace {namespace}, in which no pod is known"),
        1..=SIMILAR => format!("names no pod that there is in the namespace {namespace}; there are {}", names.join(", ")),
        count => {
            let similar = names[..SIMILAR].join(", ");
            format!("names none of {} in the namespace {namespace}; the most similar names are {similar}", counted(count, "pod"))
        }
    }
}

/// Some of those that the labels fit.
fn among(pick: Pick, fitting: &[&WorkloadPod], field: &Field<'_>) -> Result<Sources, String> {
    let mut refused = Vec::new();
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    for pod in fitting {
        match place(pod, field) {
            Ok(place) => candidates.push(Candidate { place, pod }),
            Err(why) => refused.push(format!("{} {why}", pod.pod.name)),
        }
    }
    if candidates.is_empty() {
        return Err(format!("fits {}, and none can ask: {}", counted(fitting.len(), "pod"), listed(&refused)));
    }
    if pick == Pick::All && candidates.len() > Pick::MOST as usize {
        let help = "pick onePerNode, onePerZone or a number of them";
        return Err(format!("fits {}, and at most {} may ask: {help}", counted(candidates.len(), "pod"), Pick::MOST));
    }
    candidates.sort_by_cached_key(|candidate| rank(candidate, field));
    let all = candidates.iter().map(|candidate| candidate.place).collect();
    let mut voices: Vec<(usize, Vantage)> = chosen(pick, candidates, field)
        .map_err(|ready| {
            let others = if refused.is_empty() { String::new() } else { format!(": {}", listed(&refused)) };
            format!("wants more pods than can ask, of which there are {ready} among {}{others}", counted(fitting.len(), "pod"))
        })?
        .iter()
        .map(|candidate| (candidate.place, Vantage::workload(&field.nodes[candidate.place].name, candidate.pod.pod.clone())))
        .collect();
    voices.sort_unstable();
    let mut places: Vec<usize> = voices.iter().map(|(place, _)| *place).collect();
    places.dedup();
    let left_out = (!refused.is_empty())
        .then(|| format!("{} of {} that fit `from` cannot ask: {}", refused.len(), counted(fitting.len(), "pod"), listed(&refused)));
    Ok(Sources { voices, places, all, left_out })
}

/// # Errors
/// How many there are, where more are wanted.
fn chosen<'p>(pick: Pick, candidates: Vec<Candidate<'p>>, field: &Field<'_>) -> Result<Vec<Candidate<'p>>, usize> {
    let zone = |candidate: &Candidate<'_>| field.nodes[candidate.place].zone.clone();
    match pick {
        Pick::All => Ok(candidates),
        Pick::Some(count) => {
            let (ready, count) = (candidates.len(), count.get() as usize);
            if ready < count { Err(ready) } else { Ok(candidates.into_iter().take(count).collect()) }
        }
        Pick::OnePerZone => Ok(first_of_each(candidates, zone)),
        Pick::OnePerNode => Ok(first_of_each(candidates, |candidate| candidate.place)),
    }
}

fn first_of_each<'p, K: Ord>(candidates: Vec<Candidate<'p>>, key: impl Fn(&Candidate<'p>) -> K) -> Vec<Candidate<'p>> {
    let mut seen = BTreeSet::new();
    candidates.into_iter().filter(|candidate| seen.insert(key(candidate))).collect()
}

/// In which order pods are picked: those first whose nodes are ready; among these the seed decides, and the name, so that a pod
/// more or less moves no other.
fn rank(candidate: &Candidate<'_>, field: &Field<'_>) -> (bool, [u8; 32]) {
    let unready = matches!(field.nodes[candidate.place].standing, Standing::Unready { .. });
    (unready, Sha256::digest(format!("{}/{}", field.seed, candidate.pod.pod)).into())
}

/// The place of its node.
///
/// # Errors
/// Why it cannot ask.
fn place(pod: &WorkloadPod, field: &Field<'_>) -> Result<usize, String> {
    match &pod.state {
        PodState::Unready { why } => Err(format!("is not ready ({why})")),
        PodState::Proxied { by } => Err(format!("has a proxy in its network ({by}) that accepts connections in the target's place")),
        PodState::OnHost => Err("is on the host network of its node, which `from: nodes` asks from".to_owned()),
        PodState::Ready { node } => {
            field.nodes.binary_search_by(|other| other.name.cmp(node)).map_err(|_| format!("is on {}", ends::absent(node, field)))
        }
    }
}

fn listed(reasons: &[String]) -> String {
    match reasons.len().checked_sub(LISTED) {
        Some(more @ 1..) => format!("{} and {more} more", reasons[..LISTED].join(", ")),
        Some(0) | None => reasons.join(", "),
    }
}

#[cfg(test)]
mod tests;
