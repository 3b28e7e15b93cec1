//! Stands for the crate jsonpath-rust, of which kube needs one thing: the value at `$.credential.access_token` in what the command of a
//! kubeconfig's `auth-provider` prints. The whole of JSONPath brings a grammar and regular expressions, 0.7 MiB of a program that is
//! loaded on every node. Here a path is names with dots between them, as `gcloud` and `kubectl` write it; others are refused.

use std::fmt;

use serde_json::Value;

/// A path that is more than names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported(String);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is no path of names, such as $.credential.access_token: no other paths are supported", self.0)
    }
}

impl std::error::Error for Unsupported {}

/// Values by their paths.
pub trait JsonPath {
    /// The value at a path; none if it is not there.
    ///
    /// # Errors
    /// [`Unsupported`] if the path has anything but names in it.
    fn query(&self, path: &str) -> Result<Vec<&Value>, Unsupported>;
}

impl JsonPath for Value {
    fn query(&self, path: &str) -> Result<Vec<&Value>, Unsupported> {
        let names = path.strip_prefix("$.").ok_or_else(|| Unsupported(path.to_owned()))?;
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || "_-".contains(letter));
        if !names.split('.').all(is_name) {
            return Err(Unsupported(path.to_owned()));
        }
        let found = names.split('.').try_fold(self, |value, name| value.as_object()?.get(name));
        Ok(found.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_a_value_and_all_else_is_refused() {
        let printed: Value = serde_json::from_str(r#"{"credential":{"access_token":"t","list":["x"]}}"#).unwrap();
        for (path, expected) in [
            ("$.credential.access_token", Ok(vec!["t"])),
            ("$.credential.other", Ok(vec![])),
            ("$.credential.access_token.deeper", Ok(vec![])),
            ("$.credential.list[0]", Err(())),
            ("$..access_token", Err(())),
            ("$.*", Err(())),
            ("$", Err(())),
        ] {
            let found = printed.query(path).map(|values| values.iter().filter_map(|value| value.as_str()).collect()).map_err(|_| ());
            assert_eq!(found, expected, "{path}");
        }
    }
}
