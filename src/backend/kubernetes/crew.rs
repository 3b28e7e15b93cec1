//! The agents of a launch, each on its way from nothing to a running pod: what was seen goes in, what is to be done comes out.
//! It must not ask the API server, and reads no clock: moments are told to it.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use tokio::time::Instant;

use super::progress::{Failure, Progress, progress, vanished};
use crate::backend::News;
use crate::model::vantage::Vantage;

/// What a launch has to do next.
#[derive(Debug)]
pub(super) enum Step {
    /// Tell it.
    Tell(News),
    /// The agent in that pod runs: tell the way to it.
    Ready(String, Vantage),
    /// Make the pod again, without the sysctl.
    Remake(String, Vantage),
}

/// All agents of a launch, by their pods' names.
#[derive(Debug)]
pub(super) struct Crew {
    agents: BTreeMap<String, Agent>,
    /// How long an image may be refused.
    patience: Duration,
}

#[derive(Debug)]
struct Agent {
    vantage: Vantage,
    stage: Stage,
    remade: bool,
}

#[derive(Debug)]
enum Stage {
    /// Its pod is not accepted yet; perhaps the watch has shown it already.
    Creating { seen: Option<Box<Pod>> },
    /// Its pod is there, and does not run yet.
    Starting { uid: Option<String>, since: Instant, known: String, refused: Option<(Instant, Failure)> },
    /// Running or failed: there is nothing more to tell.
    Told,
}

impl Crew {
    /// Agents of which nothing is known, by the names that their pods will have.
    pub(super) fn new(agents: impl IntoIterator<Item = (String, Vantage)>, patience: Duration) -> Self {
        let fresh = |vantage| Agent { vantage, stage: Stage::Creating { seen: None }, remade: false };
        Self { agents: agents.into_iter().map(|(pod, vantage)| (pod, fresh(vantage))).collect(), patience }
    }

    /// Whether everything is told.
    pub(super) fn is_told(&self) -> bool {
        self.agents.values().all(|agent| matches!(agent.stage, Stage::Told))
    }

    /// The next moment at which patience ends.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.agents.values().filter_map(|agent| agent.patience_ends(self.patience)).min()
    }

    /// The pod was accepted, or was not.
    pub(super) fn created(&mut self, pod: &str, result: Result<Pod, Failure>, now: Instant) -> Vec<Step> {
        let Some(agent) = self.agents.get_mut(pod) else { return Vec::new() };
        let Stage::Creating { seen } = &mut agent.stage else { return Vec::new() };
        let seen = seen.take();
        match result {
            Ok(pod) => {
                let known = "accepted".to_owned();
                agent.stage = Stage::Starting { uid: pod.metadata.uid.clone(), since: now, known, refused: None };
                let mut steps = Vec::new();
                if !agent.remade {
                    steps.push(Step::Tell(News::Created(agent.vantage.clone())));
                }
                steps.extend(agent.saw(seen.as_deref().unwrap_or(&pod), now));
                steps
            }
            Err(failure) => agent.fail(failure),
        }
    }

    /// The pod is so now.
    pub(super) fn saw(&mut self, pod: Pod, now: Instant) -> Vec<Step> {
        let Some(agent) = self.agents.get_mut(pod.metadata.name.as_deref().unwrap_or_default()) else { return Vec::new() };
        if let Stage::Creating { seen } = &mut agent.stage {
            *seen = Some(Box::new(pod));
            return Vec::new();
        }
        agent.saw(&pod, now)
    }

    /// The pod is no more; so it was at last.
    pub(super) fn gone(&mut self, pod: &Pod) -> Vec<Step> {
        let Some(agent) = self.agents.get_mut(pod.metadata.name.as_deref().unwrap_or_default()) else { return Vec::new() };
        if agent.is(pod) { agent.fail(vanished()) } else { Vec::new() }
    }

    /// These are all pods that there were at that moment, or later.
    pub(super) fn all(&mut self, pods: Vec<Pod>, moment: Instant, now: Instant) -> Vec<Step> {
        let there: Vec<String> = pods.iter().filter_map(|pod| pod.metadata.name.clone()).collect();
        let mut steps: Vec<Step> = pods.into_iter().flat_map(|pod| self.saw(pod, now)).collect();
        for (name, agent) in &mut self.agents {
            if agent.accepted_at().is_some_and(|since| since < moment) && !there.contains(name) {
                steps.extend(agent.fail(vanished()));
            }
        }
        steps
    }

    /// Time has passed: whose image has been refused for too long?
    pub(super) fn passed(&mut self, now: Instant) -> Vec<Step> {
        let patience = self.patience;
        let late = |agent: &&mut Agent| agent.patience_ends(patience).is_some_and(|end| end <= now);
        self.agents.values_mut().filter(late).flat_map(Agent::fail_as_refused).collect()
    }

    /// Nobody who is not there yet will be, for one and the same reason.
    pub(super) fn fail_all(&mut self, failure: &Failure) -> Vec<Step> {
        let waiting = self.agents.values_mut().filter(|agent| !matches!(agent.stage, Stage::Told));
        waiting.flat_map(|agent| agent.fail(failure.clone())).collect()
    }

    /// Everybody who is not there after that time will not be. `reason` knows more of a pod, and says it in words.
    pub(super) fn give_up(&mut self, after: &str, reason: impl Fn(&str) -> Option<Failure>) -> Vec<Step> {
        let mut steps = Vec::new();
        for (name, agent) in &mut self.agents {
            let failure = match &agent.stage {
                Stage::Creating { .. } => Failure::plain(format!("its pod was not accepted within {after}")),
                Stage::Starting { known, .. } => Failure::plain(format!("not running after {after}: {known}")),
                Stage::Told => continue,
            };
            let more = reason(name);
            let why = more.as_ref().map_or(failure.why.clone(), |more| format!("{}; {}", failure.why, more.why));
            steps.extend(agent.fail(Failure { why, help: more.map(|more| more.help).unwrap_or_default() }));
        }
        steps
    }
}

impl Agent {
    /// So long after the first refusal, but not much longer after its pod was accepted: whoever waits wants to know.
    fn patience_ends(&self, patience: Duration) -> Option<Instant> {
        match &self.stage {
            Stage::Starting { refused: Some((moment, _)), since, .. } => {
                Some((*moment + patience).min((*since + patience * 6 / 5).max(*moment)))
            }
            Stage::Starting { refused: None, .. } | Stage::Creating { .. } | Stage::Told => None,
        }
    }

    fn accepted_at(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Starting { since, .. } => Some(*since),
            Stage::Creating { .. } | Stage::Told => None,
        }
    }

    /// Whether that is the pod of now, and not one of the same name before it.
    fn is(&self, pod: &Pod) -> bool {
        match &self.stage {
            Stage::Starting { uid, .. } => *uid == pod.metadata.uid,
            Stage::Creating { .. } | Stage::Told => false,
        }
    }

    fn fail(&mut self, failure: Failure) -> Vec<Step> {
        self.stage = Stage::Told;
        vec![Step::Tell(News::Failed { vantage: self.vantage.clone(), why: failure.why, help: failure.help })]
    }

    /// What the first refusal said is more than that it came again.
    fn fail_as_refused(&mut self) -> Vec<Step> {
        match &mut self.stage {
            Stage::Starting { refused, .. } => match refused.take() {
                Some((_, failure)) => self.fail(failure),
                None => Vec::new(),
            },
            Stage::Creating { .. } | Stage::Told => Vec::new(),
        }
    }

    fn saw(&mut self, pod: &Pod, now: Instant) -> Vec<Step> {
        if !self.is(pod) {
            return Vec::new();
        }
        let name = pod.metadata.name.clone().unwrap_or_default();
        match (progress(pod), &mut self.stage) {
            (Progress::Waiting(words), Stage::Starting { known, .. }) => {
                *known = words;
                Vec::new()
            }
            (Progress::Refused(failure), Stage::Starting { known, refused, .. }) => {
                known.clone_from(&failure.why);
                refused.get_or_insert((now, failure));
                Vec::new()
            }
            (Progress::Running, Stage::Starting { .. }) => {
                self.stage = Stage::Told;
                vec![Step::Tell(News::Started(self.vantage.clone())), Step::Ready(name, self.vantage.clone())]
            }
            (Progress::SysctlRefused, _) if !self.remade => {
                self.remade = true;
                self.stage = Stage::Creating { seen: None };
                vec![Step::Remake(name, self.vantage.clone())]
            }
            (Progress::SysctlRefused, _) => self.fail(Failure::plain("its node refuses the pod, with and without a sysctl")),
            (Progress::Failed(_), Stage::Starting { refused: Some(_), .. }) => self.fail_as_refused(),
            (Progress::Failed(failure), _) => self.fail(failure),
            (Progress::Waiting(_) | Progress::Refused(_) | Progress::Running, _) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(15);

    fn pod(uid: &str, state: &Value) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": "p", "uid": uid },
            "spec": { "containers": [{ "name": "agent", "image": "i" }] },
            "status": { "containerStatuses": [
                { "name": "agent", "image": "", "imageID": "", "ready": false, "restartCount": 0, "state": state }
            ] },
        }))
        .unwrap()
    }

    fn waiting(uid: &str, reason: &str) -> Pod {
        pod(uid, &json!({ "waiting": { "reason": reason, "message": "words" } }))
    }

    fn running(uid: &str) -> Pod {
        pod(uid, &json!({ "running": {} }))
    }

    fn refused_by_node(uid: &str) -> Pod {
        let mut pod = pod(uid, &json!({}));
        pod.status = Some(serde_json::from_value(json!({ "phase": "Failed", "reason": "SysctlForbidden" })).unwrap());
        pod
    }

    fn crew() -> Crew {
        Crew::new([("p".to_owned(), Vantage::pod("n"))], PATIENCE)
    }

    fn check(steps: &[Step], expected: &[&str]) {
        let found: Vec<String> = steps
            .iter()
            .map(|step| match step {
                Step::Tell(News::Created(_)) => "created".to_owned(),
                Step::Tell(News::Started(_)) => "started".to_owned(),
                Step::Tell(News::Ready(_)) => "told ready".to_owned(),
                Step::Tell(News::Failed { why, .. }) => format!("failed: {why}"),
                Step::Tell(News::SetUpFailed(error)) => format!("set-up failed: {error}"),
                Step::Ready(..) => "ready".to_owned(),
                Step::Remake(..) => "remake".to_owned(),
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_watch_that_is_ahead_of_the_answer_changes_no_order() {
        let (mut crew, now) = (crew(), Instant::now());
        check(&crew.saw(running("1"), now), &[]);
        check(&crew.created("p", Ok(waiting("1", "ContainerCreating")), now), &["created", "started", "ready"]);
        check(&crew.saw(running("1"), now), &[]);
        assert!(crew.is_told());
    }

    #[test]
    fn a_refused_image_is_final_the_second_time() {
        let (mut crew, now) = (crew(), Instant::now());
        check(&crew.created("p", Ok(waiting("1", "ContainerCreating")), now), &["created"]);
        check(&crew.saw(waiting("1", "ErrImagePull"), now), &[]);
        check(&crew.saw(waiting("1", "ImagePullBackOff"), now), &["failed: image i: ErrImagePull: words"]);
        check(&crew.saw(waiting("1", "ErrImagePull"), now), &[]);
    }

    #[test]
    fn a_refused_image_is_final_after_a_while_and_may_come_before() {
        let (mut crew, now) = (crew(), Instant::now());
        crew.created("p", Ok(waiting("1", "ErrImagePull")), now);
        assert_eq!(crew.next_end(), Some(now + PATIENCE));
        check(&crew.passed(now + PATIENCE - Duration::from_millis(1)), &[]);
        check(&crew.passed(now + PATIENCE), &["failed: image i: ErrImagePull: words"]);

        let mut crew = self::crew();
        crew.created("p", Ok(waiting("1", "ErrImagePull")), now);
        check(&crew.saw(running("1"), now), &["started", "ready"]);
        check(&crew.passed(now + PATIENCE), &[]);
    }

    #[test]
    fn a_refused_sysctl_is_given_up_once() {
        let (mut crew, now) = (crew(), Instant::now());
        crew.created("p", Ok(waiting("1", "")), now);
        check(&crew.saw(refused_by_node("1"), now), &["remake"]);
        check(&crew.gone(&refused_by_node("1")), &[]);
        check(&crew.created("p", Ok(waiting("2", "")), now), &[]);
        check(&crew.saw(refused_by_node("1"), now), &[]);
        check(&crew.saw(refused_by_node("2"), now), &["failed: its node refuses the pod, with and without a sysctl"]);
    }

    #[test]
    fn a_pod_that_vanishes_is_told_by_watch_and_by_list() {
        let (mut crew, now) = (crew(), Instant::now());
        let later = now + Duration::from_secs(1);
        crew.created("p", Ok(waiting("1", "")), now);
        check(&crew.all(Vec::new(), now, later), &[]); // that list may be older than the pod
        check(&crew.all(Vec::new(), later, later), &["failed: its pod was deleted, and not by netcheck"]);

        let mut crew = self::crew();
        crew.created("p", Ok(waiting("1", "")), now);
        check(&crew.gone(&waiting("1", "")), &["failed: its pod was deleted, and not by netcheck"]);
    }

    #[test]
    fn in_the_end_everybody_is_told_with_what_is_known() {
        let (mut crew, now) = (crew(), Instant::now());
        crew.created("p", Ok(waiting("1", "ContainerCreating")), now);
        let steps = crew.give_up("60 s", |_| Some(Failure::plain("FailedCreatePodSandBox: no CNI")));
        check(&steps, &["failed: not running after 60 s: ContainerCreating: words; FailedCreatePodSandBox: no CNI"]);
        assert!(crew.is_told());
    }
}
