//! Whether the nodes have the agents' image, could fetch it, and could run it. Pure, and no more than a guess: nodes list only
//! some of their images (50, as kubelets come), and late.

use k8s_openapi::api::core::v1::Node;

use super::nodes::few;
use crate::backend::kubernetes::progress::ways_to_get_it_there;
use crate::backend::kubernetes::pull_policy::PullPolicy;
use crate::model::finding::{Finding, Grade};

/// What is known of the image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Image<'a> {
    /// As pods name it.
    pub(super) name: &'a str,
    /// When it is fetched.
    pub(super) pull_policy: PullPolicy,
    /// The architecture of this very program: the one that `image export` puts in first.
    pub(super) architecture: &'a str,
}

/// What is to be said of the image on the nodes that get an agent.
pub(super) fn findings(image: Image<'_>, nodes: &[&Node]) -> Vec<Finding> {
    let mut findings = vec![presence(image, nodes)];
    findings.extend(architectures(image, nodes));
    findings
}

fn presence(image: Image<'_>, nodes: &[&Node]) -> Finding {
    let wanted = whole(image.name);
    let (there, missing): (Vec<&Node>, Vec<&Node>) = nodes.iter().partition(|node| lists(node, &wanted));
    let missing: Vec<String> = missing.iter().filter_map(|node| node.metadata.name.clone()).collect();
    let name = image.name;
    let registry = wanted.split('/').next().unwrap_or_default();
    let about = |grade, what: String| Finding::new(grade, "image", what);
    let local = registry == "localhost";
    match image.pull_policy {
        PullPolicy::Always if local => {
            about(Grade::Doubtful, format!("{name} is fetched for every pod, and localhost is each node's own registry"))
                .help(["where nodes have no registry of their own: --image-pull-policy if-not-present"])
        }
        PullPolicy::Always => about(Grade::Fine, format!("{name} is fetched for every pod; whether {registry} gives it shows only then")),
        _ if missing.is_empty() => {
            about(Grade::Fine, format!("{name} is on all {} nodes that get an agent, as they last said", there.len()))
        }
        PullPolicy::IfNotPresent if !local => about(
            Grade::Fine,
            format!(
                "{name} is on {} of {} nodes; the others fetch it, and whether {registry} gives it shows only then",
                there.len(),
                nodes.len()
            ),
        ),
        PullPolicy::IfNotPresent | PullPolicy::Never => about(
            Grade::Doubtful,
            format!(
                "{name}: {} of {} nodes do not list it: {} (they list some of their images, and late)",
                missing.len(),
                nodes.len(),
                few(&missing)
            ),
        )
        .help(ways_to_get_it_there(name)),
    }
}

/// Whether the node says that it has that image; `wanted` is whole.
fn lists(node: &Node, wanted: &str) -> bool {
    let images = node.status.as_ref().and_then(|status| status.images.as_deref()).unwrap_or_default();
    images.iter().flat_map(|image| image.names.iter().flatten()).any(|name| whole(name) == wanted)
}

/// A name as a node's runtime completes it
/// (<https://pkg.go.dev/github.com/distribution/reference#ParseDockerRef>): `netcheck:1` is `docker.io/library/netcheck:1`.
fn whole(name: &str) -> String {
    let first = name.split('/').next().unwrap_or_default();
    let has_registry = name.contains('/') && (first.contains(['.', ':']) || first == "localhost");
    let name = match (has_registry, name.contains('/')) {
        (true, _) => name.to_owned(),
        (false, true) => format!("docker.io/{name}"),
        (false, false) => format!("docker.io/library/{name}"),
    };
    let tagged = name.contains('@') || name.rsplit('/').next().is_some_and(|last| last.contains(':'));
    if tagged { name } else { format!("{name}:latest") }
}

fn architectures(image: Image<'_>, nodes: &[&Node]) -> Vec<Finding> {
    let mut others: Vec<(&str, Vec<String>)> = Vec::new();
    for node in nodes {
        let architecture = architecture(node);
        if architecture == image.architecture || architecture.is_empty() {
            continue;
        }
        let name = node.metadata.name.clone().unwrap_or_default();
        match others.iter_mut().find(|(known, _)| *known == architecture) {
            Some((_, names)) => names.push(name),
            None => others.push((architecture, vec![name])),
        }
    }
    if others.is_empty() {
        let what = format!("all {} nodes that get an agent are {}, as this program is", nodes.len(), image.architecture);
        return vec![Finding::new(Grade::Fine, "image", what)];
    }
    others.into_iter().map(|(architecture, names)| other(image, architecture, &names)).collect()
}

fn architecture(node: &Node) -> &str {
    let info = node.status.as_ref().and_then(|status| status.node_info.as_ref());
    info.map(|info| info.architecture.as_str()).unwrap_or_default()
}

fn other(image: Image<'_>, architecture: &str, names: &[String]) -> Finding {
    let who = few(names);
    if !matches!(architecture, "amd64" | "arm64") {
        let help = "leave them out: --node-selector kubernetes.io/arch=amd64 (or arm64)";
        return Finding::new(Grade::Wrong, "image", format!("{who}: {architecture}, and agents run on amd64 and arm64")).help([help]);
    }
    let what = format!("{who}: {architecture}; is that in {}? By itself, this program exports {} alone", image.name, image.architecture);
    Finding::new(Grade::Doubtful, "image", what).help([
        format!("build netcheck for {architecture} too, then: netcheck image export -o netcheck.tar --add BINARY"),
        format!("or leave them out: --node-selector kubernetes.io/arch={}", image.architecture),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn node(name: &str, architecture: &str, images: &[&str]) -> Node {
        let info = json!({ "architecture": architecture, "bootID": "", "containerRuntimeVersion": "", "kernelVersion": "", "kubeProxyVersion": "",
                           "kubeletVersion": "", "machineID": "", "operatingSystem": "linux", "osImage": "", "systemUUID": "" });
        serde_json::from_value(json!({ "metadata": { "name": name }, "status": { "nodeInfo": info, "images": [{ "names": images }] } }))
            .unwrap()
    }

    fn check(name: &str, pull_policy: PullPolicy, nodes: &[Node], expected: &[(Grade, &str)]) {
        let nodes: Vec<&Node> = nodes.iter().collect();
        let found = findings(Image { name, pull_policy, architecture: "amd64" }, &nodes);
        let lines: Vec<(Grade, &str)> = found.iter().map(|finding| (finding.grade, finding.what.as_str())).collect();
        assert_eq!(lines, expected);
        assert!(found.iter().all(|finding| (finding.grade == Grade::Fine) == finding.help.is_empty()), "{found:?}");
    }

    const SAME: (Grade, &str) = (Grade::Fine, "all 2 nodes that get an agent are amd64, as this program is");

    #[test]
    fn an_image_is_there_or_fetched_or_doubtful() {
        use PullPolicy::{Always, IfNotPresent, Never};
        let ours = "localhost/netcheck:0.1.0";
        let both = [node("a", "amd64", &[ours]), node("b", "amd64", &["x@sha256:0", ours])];
        let one = [node("a", "amd64", &[ours]), node("b", "amd64", &["other:1"])];
        check(
            ours,
            IfNotPresent,
            &both,
            &[(Grade::Fine, "localhost/netcheck:0.1.0 is on all 2 nodes that get an agent, as they last said"), SAME],
        );
        let missing = "localhost/netcheck:0.1.0: 1 of 2 nodes do not list it: b (they list some of their images, and late)";
        check(ours, IfNotPresent, &one, &[(Grade::Doubtful, missing), SAME]);
        check(ours, Never, &one, &[(Grade::Doubtful, missing), SAME]);
        check(
            ours,
            Always,
            &both,
            &[(Grade::Doubtful, "localhost/netcheck:0.1.0 is fetched for every pod, and localhost is each node's own registry"), SAME],
        );
        let remote = "registry.example/netcheck:1";
        check(
            remote,
            IfNotPresent,
            &one,
            &[
                (
                    Grade::Fine,
                    "registry.example/netcheck:1 is on 0 of 2 nodes; the others fetch it, and whether registry.example gives it shows only then",
                ),
                SAME,
            ],
        );
        check(
            remote,
            Never,
            &one,
            &[
                (
                    Grade::Doubtful,
                    "registry.example/netcheck:1: 2 of 2 nodes do not list it: a, b (they list some of their images, and late)",
                ),
                SAME,
            ],
        );
        check(
            remote,
            Always,
            &one,
            &[
                (Grade::Fine, "registry.example/netcheck:1 is fetched for every pod; whether registry.example gives it shows only then"),
                SAME,
            ],
        );
    }

    #[test]
    fn another_architecture_is_seen() {
        let name = "localhost/netcheck:1";
        let there = (Grade::Fine, "localhost/netcheck:1 is on all 3 nodes that get an agent, as they last said");
        let arm = [node("a", "amd64", &[name]), node("b", "arm64", &[name]), node("c", "arm64", &[name])];
        check(
            name,
            PullPolicy::IfNotPresent,
            &arm,
            &[there, (Grade::Doubtful, "b, c: arm64; is that in localhost/netcheck:1? By itself, this program exports amd64 alone")],
        );
        let power = [node("a", "amd64", &[name]), node("b", "amd64", &[name]), node("c", "ppc64le", &[name])];
        check(name, PullPolicy::IfNotPresent, &power, &[there, (Grade::Wrong, "c: ppc64le, and agents run on amd64 and arm64")]);
    }

    #[test]
    fn names_are_completed_as_runtimes_do_it() {
        for (name, expected) in [
            ("netcheck", "docker.io/library/netcheck:latest"),
            ("netcheck:1", "docker.io/library/netcheck:1"),
            ("team/netcheck", "docker.io/team/netcheck:latest"),
            ("localhost/netcheck:1", "localhost/netcheck:1"),
            ("localhost:5000/netcheck", "localhost:5000/netcheck:latest"),
            ("registry.example/a/b@sha256:0", "registry.example/a/b@sha256:0"),
        ] {
            assert_eq!(whole(name), expected, "{name}");
        }
    }
}
