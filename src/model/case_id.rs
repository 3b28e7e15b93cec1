//! What a case is called, everywhere and for years: by the words of its suite alone. It must not know what the case is about.

use std::fmt;
use std::sync::Arc;

/// The stable name of a case: `overlay/pod-to-pod[proto=udp,family=v4]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId {
    /// The suite's id.
    pub suite: Arc<str>,
    /// The test's id.
    pub test: Arc<str>,
    /// Matrix labels, and the family where the test asks for each; in declared order. Label, then value.
    pub key: Vec<(String, String)>,
}

impl CaseId {
    /// Without the suite: `pod-to-pod[proto=udp,family=v4]`.
    #[must_use]
    pub fn name(&self) -> String {
        if self.key.is_empty() {
            return self.test.to_string();
        }
        let labels: Vec<_> = self.key.iter().map(|(label, value)| format!("{label}={value}")).collect();
        format!("{}[{}]", self.test, labels.join(","))
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.suite, self.name()))
    }
}
