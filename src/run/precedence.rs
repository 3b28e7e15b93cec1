//! Which cases have to wait for which: what they need is decided before, what is to be alone is alone. It must not know what is
//! measured.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::case::CaseReport;
use crate::model::plan::{Plan, PlannedCase};
use crate::model::suite::Traffic;
use crate::model::verdict::{Skip, Verdict};

/// The cases of each test, by suite and id.
#[derive(Debug, Default)]
pub(super) struct Precedence {
    cases: HashMap<(usize, Arc<str>), Vec<usize>>,
}

impl Precedence {
    /// Of the cases of a plan, in which those that are needed come first.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut cases: HashMap<(usize, Arc<str>), Vec<usize>> = HashMap::new();
        for (index, planned) in plan.cases.iter().enumerate() {
            cases.entry((planned.suite, Arc::clone(&planned.case.id.test))).or_default().push(index);
        }
        Self { cases }
    }

    /// Whether a case may be given out while `next` is the first without a verdict, and all between them are given out.
    pub(super) fn may_begin(&self, plan: &Plan, index: usize, next: usize) -> bool {
        let planned = &plan.cases[index];
        let first = index == next;
        let in_peace = plan.cases.get(next..index).unwrap_or_default().iter().all(|before| before.case.conduct.traffic == Traffic::Shared);
        // Its time begins with it, so nothing before it may use it up.
        let waits_for_all = planned.case.conduct.traffic == Traffic::Alone || planned.case.conduct.deadline.is_some();
        first || (in_peace && !waits_for_all && self.needed(planned).all(|needed| needed < next))
    }

    /// Why a case is skipped whose needed cases have all got their verdicts; `reports` holds them, in the order of the plan.
    pub(super) fn unmet(&self, plan: &Plan, index: usize, reports: &[CaseReport]) -> Option<Skip> {
        self.needed(&plan.cases[index]).find_map(|needed| {
            let report = reports.get(needed)?;
            let why = match &report.verdict {
                // A warning decides nothing, and leaves deciding to those that need it.
                Verdict::Failed(_) if report.warns() => return None,
                Verdict::Failed(_) => format!("it needs {}, which failed", report.id),
                Verdict::Errored(_) => format!("it needs {}, which could not be measured", report.id),
                // Whatever is needed by what is needed is needed too.
                Verdict::Skipped(skip) if skip.code == CODE => skip.why.clone(),
                Verdict::Passed | Verdict::Skipped(_) => return None,
            };
            Some(Skip { code: CODE, why })
        })
    }

    /// Tests that a case needs and that were not selected: it is run all the same, and says so.
    pub(super) fn unselected(&self, planned: &PlannedCase) -> Option<String> {
        let is_absent = |test: &&Arc<str>| !self.cases.contains_key(&(planned.suite, Arc::clone(test)));
        let absent: Vec<&str> = planned.case.conduct.needs.iter().filter(is_absent).map(|test| &**test).collect();
        let were = if absent.len() == 1 { "was" } else { "were" };
        (!absent.is_empty()).then(|| format!("it needs {}, which {were} not selected: measured without", absent.join(" and ")))
    }

    fn needed(&self, planned: &PlannedCase) -> impl Iterator<Item = usize> {
        let tests = planned.case.conduct.needs.iter();
        tests.filter_map(|test| self.cases.get(&(planned.suite, Arc::clone(test)))).flatten().copied()
    }
}

const CODE: &str = "needs";
