//! The suites that are compiled in: `builtin:overlay` wherever a suite file may be named. It must not know the language.

use std::path::PathBuf;

use super::Refusal;

/// What a path begins with that names one.
const PREFIX: &str = "builtin:";

/// Each with its text, as it is shipped in `suites/`.
const SHIPPED: &[(&str, &str)] = &[
    ("all", include_str!("../../suites/all.yaml")),
    ("apiserver", include_str!("../../suites/apiserver.yaml")),
    ("dns", include_str!("../../suites/dns.yaml")),
    ("overlay", include_str!("../../suites/overlay.yaml")),
    ("pmtu", include_str!("../../suites/pmtu.yaml")),
    ("service-udp", include_str!("../../suites/service-udp.yaml")),
];

/// The text of the suite that a path names; none if the path is one of a file.
pub(super) fn named(path: &str) -> Option<Result<&'static str, Refusal>> {
    path.strip_prefix(PREFIX).map(text)
}

/// What names the one of that name.
pub(super) fn path(name: &str) -> PathBuf {
    PathBuf::from(format!("{PREFIX}{name}"))
}

/// The text of the suite with that name.
pub(super) fn text(name: &str) -> Result<&'static str, Refusal> {
    let found = SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    found.ok_or_else(|| {
        let message = if name.is_empty() { format!("{PREFIX} names no suite") } else { format!("there is no built-in suite {name:?}") };
        SHIPPED.iter().fold(Refusal::usage(message), |refusal, (known, text)| refusal.help(format!("{PREFIX}{known}: {}", title(text))))
    })
}

/// What the suite says of itself in a line.
fn title(text: &str) -> &str {
    text.lines().find_map(|line| line.strip_prefix("title: ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever adds a suite to `suites/` adds it here.
    #[test]
    fn every_shipped_suite_is_compiled_in_and_says_what_it_is() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("suites");
        let mut there: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        there.sort();
        let names: Vec<_> = there.iter().map(|path| path.file_stem().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, SHIPPED.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        assert!(SHIPPED.iter().all(|(_, text)| !title(text).is_empty()));
    }
}
