//! Whether netcheck and that version of Kubernetes know each other. Pure.

use crate::model::finding::{Finding, Grade};

/// The oldest minor version of Kubernetes 1 that netcheck is made for: exec over websockets has its present protocol from here on.
const OLDEST: u32 = 30;
/// The newest one whose changes were read.
const NEWEST: u32 = 36;
/// What every change of netcheck is tested on.
const TESTED: &str = "1.35";
/// The API of netcheck's own client; of it, netcheck uses the core group's `v1` alone, and access reviews.
const CLIENT: &str = "1.33";

/// The minor version, of major version 1; providers append to it: `33+`.
pub(super) fn minor(major: &str, minor: &str) -> Option<u32> {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
    (digits(major) == Some(1)).then(|| digits(minor)).flatten()
}

/// What is to be said of that version; `name` is what the server calls it.
pub(super) fn finding(name: &str, minor: Option<u32>) -> Finding {
    let made_for = format!("netcheck is made for 1.{OLDEST} to 1.{NEWEST}, and tested on {TESTED}");
    let about = |grade, words: &str| Finding::new(grade, "version", format!("Kubernetes {name}{words}: {made_for}"));
    match minor {
        Some(minor) if minor < OLDEST => {
            about(Grade::Doubtful, " is older").help(["a run may well get through; what it says of the network is as true as elsewhere"])
        }
        Some(minor) if minor > NEWEST => {
            about(Grade::Doubtful, " is newer").help([format!("look for a newer netcheck; this one's client knows the API of {CLIENT}")])
        }
        Some(_) => about(Grade::Fine, ""),
        None => about(Grade::Doubtful, " is no version that netcheck can read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(major: &str, version: &str, expected: Grade, words: &str) {
        let found = finding(&format!("v{major}.{version}"), minor(major, version));
        assert_eq!(found.grade, expected, "{found:?}");
        assert!(found.what.starts_with(words), "{found:?}");
    }

    #[test]
    fn versions_are_known_too_old_or_too_new() {
        check("1", "35", Grade::Fine, "Kubernetes v1.35: netcheck is made for 1.30 to 1.36");
        check("1", "30", Grade::Fine, "Kubernetes v1.30:");
        check("1", "33+", Grade::Fine, "Kubernetes v1.33+:");
        check("1", "29", Grade::Doubtful, "Kubernetes v1.29 is older: ");
        check("1", "37", Grade::Doubtful, "Kubernetes v1.37 is newer: ");
        check("2", "1", Grade::Doubtful, "Kubernetes v2.1 is no version");
        check("1", "", Grade::Doubtful, "Kubernetes v1. is no version");
    }
}
