//! What a pod's status says about its agent: a pure reading of one snapshot, with the words for people.

use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStateWaiting, Pod, PodStatus};

use super::refusal::one_line;

/// How far a pod has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Progress {
    /// On its way, as far as is known, in words.
    Waiting(String),
    /// Its process runs.
    Running,
    /// The kubelet could not start it, for the image or for something else, and tries again.
    Refused(Failure),
    /// The node does not allow the sysctl.
    SysctlRefused,
    /// It will not run.
    Failed(Failure),
}

/// Why there will be no agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// One line.
    pub(super) why: String,
    /// What to try, a line each.
    pub(super) help: Vec<String>,
}

impl Failure {
    /// Without help.
    pub(super) fn plain(why: impl Into<String>) -> Self {
        Self { why: why.into(), help: Vec::new() }
    }
}

/// What the kubelet says when it has tried to fetch an image for the first time.
const PULL_REFUSED: [&str; 3] = ["ErrImagePull", "RegistryUnavailable", "SignatureValidationFailed"];
/// What it says of things that no waiting mends.
const HOPELESS: [&str; 5] =
    ["ErrImageNeverPull", "InvalidImageName", "CreateContainerConfigError", "ImageInspectError", "CrashLoopBackOff"];
/// What it says of a container that did not start, and may yet.
const STUMBLED: [&str; 3] = ["CreateContainerError", "RunContainerError", "PostStartHookError"];

/// Reads a pod's status.
pub(super) fn progress(pod: &Pod) -> Progress {
    let image = pod.spec.as_ref().and_then(|spec| spec.containers.first()?.image.clone()).unwrap_or_default();
    let nothing = PodStatus::default();
    let status = pod.status.as_ref().unwrap_or(&nothing);
    if status.reason.as_deref() == Some("SysctlForbidden") {
        return Progress::SysctlRefused;
    }
    let container = status.container_statuses.as_deref().and_then(|all| all.first()?.state.as_ref());
    match container {
        // Whoever ended the whole pod says more than the container's exit code: `Evicted`, `DeadlineExceeded`, `NodeShutdown`.
        _ if status.phase.as_deref() == Some("Failed") && status.reason.is_some() => Progress::Failed(ended(status)),
        Some(ContainerState { terminated: Some(end), .. }) => Progress::Failed(terminated(end)),
        _ if matches!(status.phase.as_deref(), Some("Failed" | "Succeeded")) => Progress::Failed(ended(status)),
        _ if pod.metadata.deletion_timestamp.is_some() => Progress::Failed(disrupted(status)),
        Some(ContainerState { running: Some(_), .. }) => Progress::Running,
        Some(ContainerState { waiting: Some(waiting), .. }) => held(waiting, &image),
        _ => unplaced(status),
    }
}

/// Of a pod that is not there any more, and nobody knows why.
pub(super) fn vanished() -> Failure {
    Failure::plain("its pod was deleted, and not by netcheck")
}

/// Of a pod that goes: whoever evicts it leaves a condition (drain, preemption, a node that is lost).
fn disrupted(status: &PodStatus) -> Failure {
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let target = conditions.iter().find(|condition| condition.type_ == "DisruptionTarget" && condition.status == "True");
    let said = target.map(|condition| words(condition.reason.as_deref(), condition.message.as_deref())).unwrap_or_default();
    let vanished = vanished();
    if said.is_empty() { vanished } else { Failure::plain(format!("{}: {said}", vanished.why)) }
}

fn words(reason: Option<&str>, message: Option<&str>) -> String {
    let parts: Vec<&str> = [reason, message].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    one_line(&parts.join(": "))
}

fn terminated(end: &ContainerStateTerminated) -> Failure {
    let last_words = words(end.reason.as_deref().filter(|reason| *reason != "Error"), end.message.as_deref());
    let said = if last_words.is_empty() { String::new() } else { format!(": {last_words}") };
    let help = if last_words.contains("exec format error") {
        vec!["the image has no binary for this node's architecture".to_owned()]
    } else if last_words.contains("executable file not found") || last_words.contains("no such file") {
        vec!["is it netcheck's own image? It is made by: netcheck image export -o netcheck.tar".to_owned()]
    } else {
        Vec::new()
    };
    Failure { why: format!("its process ended with exit code {}{said}", end.exit_code), help }
}

fn ended(status: &PodStatus) -> Failure {
    let said = words(status.reason.as_deref(), status.message.as_deref());
    Failure::plain(if said.is_empty() { "its pod ended, and its kubelet does not say why".to_owned() } else { said })
}

fn held(waiting: &ContainerStateWaiting, image: &str) -> Progress {
    let reason = waiting.reason.as_deref().unwrap_or_default();
    let said = words(Some(reason), waiting.message.as_deref());
    if PULL_REFUSED.contains(&reason) {
        return Progress::Refused(image_failure(&said, image));
    }
    if reason == "ImagePullBackOff" || HOPELESS.contains(&reason) {
        return Progress::Failed(hopeless(reason, said, image));
    }
    if STUMBLED.contains(&reason) {
        return Progress::Refused(Failure::plain(said));
    }
    Progress::Waiting(said)
}

fn hopeless(reason: &str, said: String, image: &str) -> Failure {
    match reason {
        "ImagePullBackOff" | "ErrImageNeverPull" => image_failure(&said, image),
        "InvalidImageName" => {
            Failure { why: said, help: vec![format!("{image:?} is no image's name: expected REGISTRY/NAME:TAG (--image)")] }
        }
        "CreateContainerConfigError" if said.contains("runAsNonRoot") => Failure {
            why: said,
            help: vec!["the image must set a user by number, as the one does that netcheck image export -o netcheck.tar makes".to_owned()],
        },
        _ => Failure::plain(said),
    }
}

fn image_failure(said: &str, image: &str) -> Failure {
    Failure { why: format!("image {image}: {said}"), help: ways_to_get_it_there(image) }
}

/// How nodes come by the agents' image, a line each.
pub(super) fn ways_to_get_it_there(image: &str) -> Vec<String> {
    vec![
        format!("to have {image} on the nodes, make it with: netcheck image export -o netcheck.tar; then either"),
        "push it to a registry that the nodes can reach, and name it there: --image REGISTRY/netcheck:TAG".to_owned(),
        "load it on kind: kind load image-archive netcheck.tar".to_owned(),
        "load it on every node: ctr -n k8s.io images import netcheck.tar".to_owned(),
    ]
}

fn unplaced(status: &PodStatus) -> Progress {
    let scheduled = status.conditions.as_deref().unwrap_or_default().iter().find(|condition| condition.type_ == "PodScheduled");
    match scheduled {
        Some(condition) if condition.status == "True" => {
            Progress::Waiting("scheduled, but the node's kubelet has not reported on it".to_owned())
        }
        Some(condition) if condition.reason.as_deref() == Some("Unschedulable") => {
            Progress::Failed(Failure::plain(words(condition.reason.as_deref(), condition.message.as_deref())))
        }
        Some(condition) => {
            Progress::Waiting(format!("not scheduled: {}", words(condition.reason.as_deref(), condition.message.as_deref())))
        }
        None => Progress::Waiting("not scheduled: the scheduler has not said a word".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(status: &Value, expected: &str) {
        let pod = json!({ "metadata": {}, "spec": { "containers": [{ "name": "agent", "image": "i:1" }] }, "status": status });
        let found = match progress(&serde_json::from_value(pod).unwrap()) {
            Progress::Waiting(words) => format!("waiting: {words}"),
            Progress::Running => "running".to_owned(),
            Progress::Refused(failure) => format!("refused: {} [{}]", failure.why, failure.help.len()),
            Progress::SysctlRefused => "sysctl".to_owned(),
            Progress::Failed(failure) => format!("failed: {} [{}]", failure.why, failure.help.len()),
        };
        assert_eq!(found, expected, "{status}");
    }

    fn waiting(reason: &str, message: &str) -> Value {
        container(&json!({ "waiting": { "reason": reason, "message": message } }))
    }

    fn container(state: &Value) -> Value {
        json!({ "phase": "Pending", "containerStatuses": [
            { "name": "agent", "image": "", "imageID": "", "ready": false, "restartCount": 0, "state": state }
        ] })
    }

    #[test]
    fn what_no_waiting_mends_fails_at_once() {
        check(&waiting("ErrImageNeverPull", "not present"), "failed: image i:1: ErrImageNeverPull: not present [4]");
        check(&waiting("InvalidImageName", "bad"), "failed: InvalidImageName: bad [1]");
        check(&waiting("ImagePullBackOff", "Back-off"), "failed: image i:1: ImagePullBackOff: Back-off [4]");
        check(
            &waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
            "failed: CreateContainerConfigError: container has runAsNonRoot and image will run as root [1]",
        );
        check(
            &json!({ "phase": "Pending", "conditions": [
                { "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/4 nodes are available: 1 Insufficient cpu." }
            ] }),
            "failed: Unschedulable: 0/4 nodes are available: 1 Insufficient cpu. [0]",
        );
        check(
            &json!({ "phase": "Failed", "reason": "OutOfpods", "message": "Node didn't\nhave" }),
            "failed: OutOfpods: Node didn't have [0]",
        );
        check(&json!({ "phase": "Failed" }), "failed: its pod ended, and its kubelet does not say why [0]");
    }

    #[test]
    fn a_refused_image_gets_a_second_chance_and_a_refused_sysctl_is_known() {
        check(&waiting("ErrImagePull", "no such host"), "refused: image i:1: ErrImagePull: no such host [4]");
        check(&waiting("CreateContainerError", "name is reserved"), "refused: CreateContainerError: name is reserved [0]");
        check(&json!({ "phase": "Failed", "reason": "SysctlForbidden", "message": "forbidden sysctl" }), "sysctl");
    }

    #[test]
    fn an_early_end_tells_its_code_and_last_words() {
        let end = |code: i32, reason: &str, message: &str| {
            container(&json!({ "terminated": { "exitCode": code, "reason": reason, "message": message } }))
        };
        check(&end(2, "Error", "netcheck: no socket\n"), "failed: its process ended with exit code 2: netcheck: no socket [0]");
        check(&end(137, "OOMKilled", ""), "failed: its process ended with exit code 137: OOMKilled [0]");
        check(
            &json!({ "phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory.", "containerStatuses": [
                { "name": "agent", "image": "", "imageID": "", "ready": false, "restartCount": 0,
                  "state": { "terminated": { "exitCode": 137, "reason": "Error" } } }
            ] }),
            "failed: Evicted: The node was low on resource: memory. [0]",
        );
        check(&end(0, "Completed", ""), "failed: its process ended with exit code 0: Completed [0]");
        check(
            &end(128, "StartError", "exec format error"),
            "failed: its process ended with exit code 128: StartError: exec format error [1]",
        );
    }

    #[test]
    fn a_pod_that_goes_tells_who_ended_it() {
        let going = |conditions: &Value| {
            let pod = json!({ "metadata": { "deletionTimestamp": "2026-01-01T00:00:00Z" }, "status": { "phase": "Running", "conditions": conditions } });
            match progress(&serde_json::from_value(pod).unwrap()) {
                Progress::Failed(failure) => failure.why,
                other => format!("{other:?}"),
            }
        };
        assert_eq!(going(&json!([])), "its pod was deleted, and not by netcheck");
        let drained = json!([{ "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI", "message": "Eviction API: evicting" }]);
        assert_eq!(going(&drained), "its pod was deleted, and not by netcheck: EvictionByEvictionAPI: Eviction API: evicting");
    }

    #[test]
    fn what_may_yet_come_is_waited_for() {
        check(&json!({}), "waiting: not scheduled: the scheduler has not said a word");
        check(
            &json!({ "conditions": [{ "type": "PodScheduled", "status": "True" }] }),
            "waiting: scheduled, but the node's kubelet has not reported on it",
        );
        check(&waiting("ContainerCreating", ""), "waiting: ContainerCreating");
        check(&container(&json!({ "running": {} })), "running");
    }
}
