//! The verdict over a case, once nothing can change it any more. It must not know what bounds mean.

use crate::judge;
use crate::model::case::CaseReport;

use super::dispatcher::Dispatcher;
use super::{gateways, named};

impl Dispatcher<'_> {
    pub(super) fn verdict(&self, index: usize) -> CaseReport {
        let plan = self.plan.clone();
        let planned = &plan.cases[index];
        if let Some(skip) = planned.skip.as_ref().or_else(|| self.unmet.get(&index)) {
            return judge::skipped(planned, skip.clone());
        }
        if self.settled
            && let Some(lacking) = self.turnout.lacks(planned)
        {
            let must_be_there = plan.suites[planned.suite].expect_families.contains(&planned.case.probe.burst().family);
            return judge::family_absent(planned, lacking, must_be_there);
        }
        let planned = &self.with_names(index, self.with_gateways(self.with_backends(planned)));
        let mut report = judge::judge(planned, &self.results(index));
        report.notes.extend(self.precedence.unselected(planned));
        report.notes.extend(planned.left_out.clone());
        report.notes.extend(planned.too_few.clone());
        report.notes.extend(gateways::note(planned).or_else(|| named::note(planned)));
        report
    }
}
