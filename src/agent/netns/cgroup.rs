//! Whose a process is, by the text of its control groups. Pure.

/// Whether a kubelet may call a pod so, or a runtime a container: what the API server calls it, or a digest.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (8..=64).contains(&text.len()) && text.bytes().all(fits)
}

/// Whether the text of `/proc/PID/cgroup` is that of a process of the pod of these names: its uid, and the ids of its containers.
///
/// A kubelet that lets systemd keep its groups calls the pod's `kubepods-burstable-pod0a_1b.slice`, another `pod0a-1b`, and one that
/// keeps none for pods (`cgroupsPerQOS: false`) leaves it to the runtime, whose groups are called after containers: `9f`, or
/// `cri-containerd-9f.scope`. Above may stand anything, `/../..` too where the group is looked at from within another.
pub(super) fn is_of_pod(text: &str, names: &[String]) -> bool {
    let is_one = |segment: &str| names.iter().any(|name| is_pod(segment, name) || is_container(segment, name));
    // Of a line the third part is the path; it may have colons in it.
    text.lines().filter_map(|line| line.splitn(3, ':').nth(2)).any(|path| path.split('/').any(is_one))
}

fn is_pod(segment: &str, uid: &str) -> bool {
    match segment.strip_suffix(".slice") {
        Some(slice) => slice.rsplit_once("pod").is_some_and(|(before, name)| before.ends_with('-') && name == uid.replace('-', "_")),
        None => segment.strip_prefix("pod").is_some_and(|name| name == uid),
    }
}

/// Only what is as long as runtimes make it: a short name could be anybody's.
fn is_container(segment: &str, id: &str) -> bool {
    let scope = segment.strip_suffix(".scope").and_then(|scope| scope.rsplit_once('-')).map_or(segment, |(_, id)| id);
    id.len() == 64 && scope == id
}

#[cfg(test)]
mod tests {
    use super::*;

    const UID: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

    fn check(text: &str, expected: bool) {
        let names = [UID.to_owned(), "9f".repeat(32)];
        let text = text.replace("DASHES", UID).replace("UNDERSCORES", &UID.replace('-', "_")).replace("CONTAINER", &names[1]);
        assert_eq!(is_of_pod(&text, &names), expected, "{text}");
    }

    #[test]
    fn a_process_is_known_by_its_control_groups() {
        // Version 2 with systemd and without, of all three classes.
        check("0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUNDERSCORES.slice/cri-containerd-9f.scope\n", true);
        check("0::/kubepods.slice/kubepods-podUNDERSCORES.slice/crio-9f.scope", true);
        check("0::/kubepods/besteffort/podDASHES/9f", true);
        check("0::/kubepods/podDASHES/9f/init", true);
        // From within another group, and below that of a node that is a container itself.
        check("0::/../../kubepods-besteffort-podUNDERSCORES.slice/cri-containerd-9f.scope", true);
        check("0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-podUNDERSCORES.slice/cri-containerd-9f.scope", true);
        // Version 1: some lines are of the pod, others of nobody.
        check("12:devices:/kubepods/burstable/podDASHES/9f\n11:net_cls,net_prio:/\n1:name=systemd:/kubepods/burstable/podDASHES/9f", true);
        check("4:cpu,cpuacct:/\n1:name=systemd:/kubepods.slice/kubepods-podUNDERSCORES.slice/docker-9f.scope", true);
        check("0::/kubepods-podUNDERSCORES.slice:cri-containerd:9f", false);
        // A kubelet that keeps no groups for pods.
        check("9:name=systemd:/k8s.io/CONTAINER\n0::/k8s.io/CONTAINER", true);
        check("0::/system.slice/cri-containerd-CONTAINER.scope", true);
        check("0::/machine.slice/crio-CONTAINER.scope/container", true);
    }

    #[test]
    fn what_only_looks_like_it_is_none() {
        check("", false);
        check("0::/", false);
        check("0::/system.slice/kubelet.service", false);
        check("0::/kubepods/besteffort/pod0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f8/9f", false);
        check("0::/kubepods/besteffort/podDASHES0/9f", false);
        check("0::/kubepods/besteffort/DASHES/9f", false);
        check("0::/kubepods/besteffort/xpodDASHES/9f", false);
        check("0::/kubepods.slice/kubepods-podUNDERSCORES_0.slice/9f", false);
        check("0::/kubepods.slice/podUNDERSCORES/9f", false);
        check("0::/k8s.io/9f9f", false);
        check("0::/k8s.io/aCONTAINER", false);
        check("0::/system.slice/cri-containerd-CONTAINERa.scope", false);
        // A controller is no path.
        check("1:name=podDASHES:/", false);
    }

    #[test]
    fn uids_and_ids_are_names() {
        for (text, expected) in
            [(UID, true), ("d41d8cd98f00b204e9800998ecf8427e", true), ("", false), ("a/b-c-d-e-f", false), ("short", false)]
        {
            assert_eq!(is_name(text), expected, "{text}");
        }
    }
}
