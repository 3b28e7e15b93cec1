//! Whose a process is, by the text of its control groups. Pure.

/// Whether a kubelet may call a pod so: what the API server calls it, or a digest.
pub(super) fn is_uid(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (8..=63).contains(&text.len()) && text.bytes().all(fits)
}

/// Whether the text of `/proc/PID/cgroup` is that of a process of the pod with that uid.
///
/// A kubelet that lets systemd keep its groups calls it `kubepods-burstable-pod0a_1b.slice`, another `pod0a-1b`; above may stand
/// anything, `/../..` too where the group is looked at from within another.
pub(super) fn is_of_pod(text: &str, uid: &str) -> bool {
    let underscored = uid.replace('-', "_");
    let is_pod = |segment: &str| match segment.strip_suffix(".slice") {
        Some(slice) => slice.rsplit_once("pod").is_some_and(|(before, name)| before.ends_with('-') && name == underscored),
        None => segment.strip_prefix("pod").is_some_and(|name| name == uid),
    };
    // Of a line the third part is the path; it may have colons in it.
    text.lines().filter_map(|line| line.splitn(3, ':').nth(2)).any(|path| path.split('/').any(is_pod))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UID: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

    fn check(text: &str, expected: bool) {
        let text = text.replace("DASHES", UID).replace("UNDERSCORES", &UID.replace('-', "_"));
        assert_eq!(is_of_pod(&text, UID), expected, "{text}");
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
        // A controller is no path.
        check("1:name=podDASHES:/", false);
    }

    #[test]
    fn a_uid_is_a_name() {
        for (text, expected) in
            [(UID, true), ("d41d8cd98f00b204e9800998ecf8427e", true), ("", false), ("a/b-c-d-e-f", false), ("short", false)]
        {
            assert_eq!(is_uid(text), expected, "{text}");
        }
    }
}
