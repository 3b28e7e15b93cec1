//! Fills the document of a case. It must not know how the document is written.

use super::build::millis;
use super::case::{
    CaseDocument, CoverageDocument, ExpectationDocument, FailingPair, FindsLoss, ResultDocument, SeverityDocument, Status,
    UnjudgedDocument, UnmeasuredPair,
};
use super::figures::Figures;
use super::retries::RetriesDocument;
use crate::model::case::{CaseReport, Coverage, PairReport, PairState, Power};
use crate::model::expect::Scope;
use crate::model::suite::Weight;
use crate::model::verdict::{Check, CheckResult, Shown, Verdict};

impl CaseDocument {
    /// The document of a case.
    pub(super) fn of(case: &CaseReport) -> Self {
        Self {
            id: case.id.to_string(),
            name: case.id.name(),
            key: case.id.key.iter().map(|(label, value)| (label.clone(), value.clone().into())).collect(),
            file: case.span.file.to_string(),
            line: case.span.line,
            tags: case.tags.clone(),
            title: case.about.title.clone(),
            owner: case.about.owner.clone(),
            runbook: case.about.runbook.clone(),
            severity: SeverityDocument::of(case.about.weight),
            status: Status::of(&case.verdict),
            code: Some(case.verdict.code().to_owned()).filter(|code| !code.is_empty()),
            reason: Some(case.verdict.reason()).filter(|reason| !reason.is_empty()),
            duration_ms: millis(case.duration),
            expectations: case.checks.iter().map(ExpectationDocument::of).collect(),
            unjudged: case.shown.iter().map(UnjudgedDocument::of).collect(),
            metrics: Figures::of(&case.figures),
            finds_loss_ppm: FindsLoss::of(&case.power),
            coverage: CoverageDocument::of(&case.coverage),
            failing_pairs: case.pairs.iter().filter_map(FailingPair::of).collect(),
            unmeasured_pairs: case.pairs.iter().filter_map(UnmeasuredPair::of).collect(),
            pairs_failed: case.pairs_failed,
            pairs_unmeasured: case.pairs_unmeasured,
            flaky: case.retries.as_ref().map(|_| case.flaky().is_some()),
            retries: case.retries.as_ref().map(RetriesDocument::of),
            notes: case.notes.clone(),
        }
    }
}

impl SeverityDocument {
    const fn of(weight: Weight) -> Self {
        match weight {
            Weight::Decides => Self::Error,
            Weight::Warns => Self::Warn,
        }
    }
}

impl Status {
    const fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::Passed,
            Verdict::Failed(_) => Self::Failed,
            Verdict::Errored(_) => Self::Errored,
            Verdict::Skipped(_) => Self::Skipped,
        }
    }
}

impl ExpectationDocument {
    fn of(check: &Check) -> Self {
        let bound = &check.bound;
        let (result, pairs_missed, reason) = match &check.result {
            CheckResult::Met => (ResultDocument::Met, None, None),
            CheckResult::Missed { pairs } | CheckResult::Unanswered { pairs } => match bound.scope {
                Scope::Each => (ResultDocument::Missed, Some(*pairs), None),
                Scope::Overall => (ResultDocument::Missed, None, None),
            },
            CheckResult::Counted { pairs } => (ResultDocument::Counted, Some(*pairs), None),
            CheckResult::Unknown(cause) => (ResultDocument::Unknown, None, Some(cause.to_string())),
        };
        Self {
            path: format!("{}.{}", bound.scope, bound.claim.metric()),
            wanted: bound.claim.wanted(),
            measured: check.measured.clone(),
            result,
            pairs_missed,
            reason,
            file: bound.span.file.to_string(),
            line: bound.span.line,
            column: bound.span.column,
            origin: bound.origin.clone(),
        }
    }
}

impl UnjudgedDocument {
    fn of(shown: &Shown) -> Self {
        let metric = &shown.metric;
        Self {
            path: format!("{}.{}", metric.scope, metric.metric.name()),
            measured: shown.measured.clone(),
            file: metric.span.file.to_string(),
            line: metric.span.line,
            column: metric.span.column,
            origin: metric.origin.clone(),
        }
    }
}

impl FindsLoss {
    fn of(power: &[Power]) -> Self {
        let find = |scope| power.iter().find(|power| power.scope == scope).map(|power| power.finds.0);
        Self { each: find(Scope::Each), overall: find(Scope::Overall) }
    }
}

impl CoverageDocument {
    fn of(coverage: &Coverage) -> Self {
        let Coverage { measured, planned, total, strategy } = *coverage;
        Self { measured, planned, total, strategy: strategy.to_owned() }
    }
}

impl FailingPair {
    fn of(report: &PairReport) -> Option<Self> {
        match &report.state {
            PairState::Failed { figures, why, attempts } => Some(Self {
                source: report.pair.source.to_string(),
                target: report.pair.target.to_string(),
                why: why.clone(),
                metrics: Figures::of(figures),
                attempts: attempts.clone(),
            }),
            PairState::Unmeasured(_) => None,
        }
    }
}

impl UnmeasuredPair {
    fn of(report: &PairReport) -> Option<Self> {
        match &report.state {
            PairState::Failed { .. } => None,
            PairState::Unmeasured(cause) => Some(Self {
                source: report.pair.source.to_string(),
                target: report.pair.target.to_string(),
                code: cause.code().to_owned(),
                why: cause.to_string(),
            }),
        }
    }
}
