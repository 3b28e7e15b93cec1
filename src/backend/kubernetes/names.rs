//! The names, labels and annotations by which everything of a run is known and found again. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

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

/// A run's own namespace.
pub(super) fn namespace(run: &str) -> String {
    format!("{NETCHECK}-{run}")
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

/// A pod's name: legible where the node's name fits, unique where it does not.
pub(super) fn pod(run: &str, node: &str) -> String {
    let plain: String = node.chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' }).collect();
    let part = if plain == node && node.len() <= NODE_PART {
        plain
    } else {
        let begin: String = plain.chars().take(NODE_PART - 9).collect();
        format!("{}-{}", begin.trim_end_matches('-'), digest(node))
    };
    format!("{NETCHECK}-{run}-{part}")
}

fn digest(node: &str) -> String {
    Sha256::digest(node.as_bytes()).iter().take(4).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_have_legible_unique_names_of_63_characters_at_most() {
        let long = "ip-10-0-1-2.an-extraordinarily-long-name-for-a-node.eu-central-1.compute.internal";
        for (node, expected) in [
            ("node1", "netcheck-0a1b2c3d-node1"),
            ("node-1", "netcheck-0a1b2c3d-node-1"),
            ("node.1", "netcheck-0a1b2c3d-node-1-a634087a"),
            ("ip-10-0-1-2.ec2.internal", "netcheck-0a1b2c3d-ip-10-0-1-2-ec2-internal-"),
            (long, "netcheck-0a1b2c3d-ip-10-0-1-2-an-extraordinarily-long-"),
        ] {
            let name = pod("0a1b2c3d", node);
            assert!(name.starts_with(expected), "{name}");
            assert!(name.len() <= 63, "{name}");
        }
    }

    #[test]
    fn runs_are_eight_hexadecimal_digits() {
        for (text, expected) in [("0a1b2c3d", true), ("0A1B2C3D", false), ("0a1b2c3", false), ("0a1b2c3d4", false), ("0a1b2c,=", false)] {
            assert_eq!(is_run(text), expected, "{text}");
        }
    }
}
