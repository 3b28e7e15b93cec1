//! The names, labels and annotations by which everything of a run is known and found again. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::model::fixture::Stand;
use crate::model::vantage::{Network, Vantage};

/// Label: always [`NETCHECK`].
pub(super) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Label: the run's id.
pub(super) const INSTANCE: &str = "app.kubernetes.io/instance";
/// The value of [`MANAGED_BY`], and what every name begins with.
pub(super) const NETCHECK: &str = "netcheck";
/// Annotation: when nobody can need it any more (RFC 3339).
pub(super) const EXPIRES: &str = "netcheck/expires";
/// Annotation: the command that made it.
pub(super) const COMMAND: &str = "netcheck/command";

/// Marks a run's objects as its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// Eight hexadecimal digits.
    pub(super) run: String,
    /// When nobody can need them any more.
    pub(super) expires: Timestamp,
    /// What made them.
    pub(super) command: String,
}

impl Mark {
    /// What the objects are selected by.
    pub(super) fn labels(&self) -> BTreeMap<String, String> {
        [(MANAGED_BY, NETCHECK), (INSTANCE, &self.run)].map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }

    /// What the objects tell whoever wonders.
    pub(super) fn annotations(&self) -> BTreeMap<String, String> {
        let command = self.command.chars().take(1_000).collect();
        [(EXPIRES, self.expires.to_string()), (COMMAND, command)].map(|(key, value)| (key.to_owned(), value)).into()
    }
}

/// A run's own namespace for its pods in that network: those in the hosts' need rights that the others must not have.
pub(super) fn namespace(run: &str, network: Network) -> String {
    match network {
        Network::Pod => format!("{NETCHECK}-{run}"),
        Network::Host => format!("{NETCHECK}-{run}{HOST}"),
    }
}

/// Behind the names of what belongs to the hosts' network.
const HOST: &str = "-host";

/// A Service of a fixture: the run is in its name, since others may have one of that name in a namespace of theirs.
pub(super) fn service(run: &str, stand: &Stand) -> String {
    format!("{}-{run}", stand.name())
}

/// Selects everything of a run.
pub(super) fn of_run(run: &str) -> String {
    format!("{MANAGED_BY}={NETCHECK},{INSTANCE}={run}")
}

/// Selects everything of all runs.
pub(super) fn of_any_run() -> String {
    format!("{MANAGED_BY}={NETCHECK}")
}

/// Whether it is a run's id.
pub(super) fn is_run(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The characters of a pod's name that are left for the node: the name is also the host's name, hence at most 63.
const NODE_PART: usize = 63 - "netcheck-00000000-".len();

/// A pod's name: legible where the node's name fits, unique where it does not. A node whose own name ends as those of the hosts'
/// pods do counts as one that does not fit, since both may share a namespace.
pub(super) fn pod(run: &str, vantage: &Vantage) -> String {
    let (node, ending) = match vantage.of_workload() {
        // The node is not in its name: as a name of a node it never fits.
        Some(pod) => (&*pod.name, ""),
        None if vantage.network() == Network::Host => (vantage.node(), HOST),
        None => (vantage.node(), ""),
    };
    let plain: String = node.chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' }).collect();
    let fits = vantage.of_workload().is_none();
    let part = if fits && plain == node && node.len() + ending.len() <= NODE_PART && !node.ends_with(HOST) {
        format!("{plain}{ending}")
    } else {
        let begin: String = plain.chars().take(NODE_PART - 9).collect();
        format!("{}-{}", begin.trim_end_matches('-'), digest(&vantage.to_string()))
    };
    format!("{NETCHECK}-{run}-{part}")
}

fn digest(vantage: &str) -> String {
    Sha256::digest(vantage.as_bytes()).iter().take(4).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_have_legible_unique_names_of_63_characters_at_most() {
        let long = "ip-10-0-1-2.an-extraordinarily-long-name-for-a-node.eu-central-1.compute.internal";
        let mut names = std::collections::BTreeSet::new();
        for (vantage, expected) in [
            (Vantage::pod("node1"), "netcheck-0a1b2c3d-node1"),
            (Vantage::pod("node-1"), "netcheck-0a1b2c3d-node-1"),
            (Vantage::pod("node.1"), "netcheck-0a1b2c3d-node-1-a634087a"),
            (Vantage::pod("ip-10-0-1-2.ec2.internal"), "netcheck-0a1b2c3d-ip-10-0-1-2-ec2-internal-"),
            (Vantage::pod(long), "netcheck-0a1b2c3d-ip-10-0-1-2-an-extraordinarily-long-"),
            (Vantage::host("node1"), "netcheck-0a1b2c3d-node1-host"),
            (Vantage::pod("node1-host"), "netcheck-0a1b2c3d-node1-host-"),
            (Vantage::host("node1-host"), "netcheck-0a1b2c3d-node1-host-"),
            (Vantage::host("node.1"), "netcheck-0a1b2c3d-node-1-"),
            ("node1:shop/node1".parse().unwrap(), "netcheck-0a1b2c3d-node1-"),
            ("node1:shop/node1-host".parse().unwrap(), "netcheck-0a1b2c3d-node1-host-"),
            ("node1:stop/node1".parse().unwrap(), "netcheck-0a1b2c3d-node1-"),
            ("node2:shop/node1".parse().unwrap(), "netcheck-0a1b2c3d-node1-"),
            (Vantage::host(long), "netcheck-0a1b2c3d-ip-10-0-1-2-an-extraordinarily-long-"),
        ] {
            let name = pod("0a1b2c3d", &vantage);
            assert!(name.starts_with(expected), "{name}");
            assert!(name.len() <= 63, "{name}");
            assert!(names.insert(name), "{vantage}");
        }
    }

    #[test]
    fn runs_are_eight_hexadecimal_digits() {
        for (text, expected) in [("0a1b2c3d", true), ("0A1B2C3D", false), ("0a1b2c3", false), ("0a1b2c3d4", false), ("0a1b2c,=", false)] {
            assert_eq!(is_run(text), expected, "{text}");
        }
    }
}
