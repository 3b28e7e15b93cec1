//! Cases of which little is known, and what is kept of them all the same.

use super::*;
use crate::model::suite::{About, Case};

#[test]
fn a_case_that_is_not_read_keeps_its_owner_and_what_it_needs() {
    let text = "netcheck: v1\nsuite: s\nvars: { none: { type: host, optional: true }, zones: { type: list, default: [] } }\n\
        defaults: { from: pods, to: pods, probe: icmp, owner: everybody }\ntests:\n  - { id: first }\n\
        \x20 - { id: unread, needs: [first], owner: net, severity: warn, skipIf: [{ if: vars.none is none, because: none }], to: { host: \"${{ vars.none }}\" } }\n\
        \x20 - { id: empty, needs: [first], runbook: docs/x.md, forEach: { z: \"${{ vars.zones }}\" }, empty: skip, to: { pods: { zone: \"${{ z }}\" } } }\n";
    let suite = read(FILE, text.as_bytes(), &[]).suite.unwrap();
    let line = |case: &Case| {
        let About { owner, runbook, weight, .. } = &case.about;
        format!("{} {owner:?} {runbook:?} {weight:?} {:?} {}", case.id.test, case.conduct.needs, case.skip.is_some())
    };
    let lines: Vec<_> = suite.cases.iter().filter(|case| *case.id.test != *"first").map(line).collect();
    let unread = "unread Some(\"net\") None Warns [\"first\"] true";
    assert_eq!(lines, [unread, unread, "empty Some(\"everybody\") Some(\"docs/x.md\") Decides [\"first\"] true"]);
}
