//! Skipped cases that follow each other for the same reason: one row for all of them. The files name each.
//! It must not know the reasons.

use super::page::Page;
use super::{case, some};
use crate::model::case::CaseReport;
use crate::model::units::{Micros, counted};
use crate::model::verdict::Verdict;

/// Names of tests that are written out.
const TESTS: usize = 5;

/// Cases that wait for one that is not like them.
#[derive(Default)]
pub(super) struct Skips(Vec<CaseReport>);

impl Skips {
    /// Takes a case in, if it is skipped; the row of those that wait is written before a case that is not like them.
    pub(super) fn take(&mut self, page: &mut Page, case: &CaseReport, id_width: usize) -> bool {
        if self.0.first().is_some_and(|first| first.verdict != case.verdict) {
            self.tell(page, id_width);
        }
        let skipped = matches!(case.verdict, Verdict::Skipped(_));
        if skipped {
            self.0.push(case.clone());
        }
        skipped
    }

    /// Writes the row of those that wait.
    pub(super) fn tell(&mut self, page: &mut Page, id_width: usize) {
        let cases = std::mem::take(&mut self.0);
        match cases.as_slice() {
            [] => {}
            [only] => case::row(page, only, id_width),
            [first, ..] => {
                let (tone, word) = case::word(first);
                let mut tests: Vec<String> = cases.iter().map(|case| format!("{}/{}", case.id.suite, case.id.test)).collect();
                tests.dedup();
                let count = counted(cases.len() as u64, "case");
                page.row(tone, word, &format!("{} {} ({count})  {}", case::time(Micros(0)), some(&tests, TESTS), first.verdict.reason()));
            }
        }
    }
}
