//! A case as a `<testcase>`. It must not know the suite around it.

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus};

use super::{Shape, property};
use crate::model::run::CaseReport;
use crate::model::verdict::Verdict;
use crate::report::evidence::{self, Extent};
use crate::report::figures;
use crate::report::{Style, clean};

/// The worst pairs that a body names; the JSON report has them all.
const EXTENT: Extent<'static> = Extent { pairs: 20, rest: "in the JSON report" };

/// Where a body was cut.
const CUT: &str = "\n… cut here: the JSON report has it all (--report json=FILE)\n";

/// The element of a case, under a name that is unique in its suite.
pub(super) fn element(case: &CaseReport, name: &str, shape: Shape) -> TestCase {
    let mut element = TestCase::new(name, status(case, shape));
    element.set_classname(format!("netcheck.{}", clean::one_line(&case.id.suite)));
    element.set_time(case.duration.duration());
    let file = clean::one_line(&case.span.file);
    element.extra.insert("file".into(), file.strip_prefix("./").unwrap_or(&file).into());
    element.extra.insert("line".into(), case.span.line.to_string().into());
    if shape.properties {
        element.add_properties(properties(case));
    }
    element
}

fn status(case: &CaseReport, shape: Shape) -> TestCaseStatus {
    let mut status = match &case.verdict {
        Verdict::Passed => return TestCaseStatus::success(),
        Verdict::Failed(_) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Errored(_) => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Skipped(_) => TestCaseStatus::skipped(),
    };
    let reason = clean::one_line(&case.verdict.reason());
    status.set_type(case.verdict.code());
    status.set_message(reason.as_str());
    status.set_description(body(&reason, || text(case), shape.body));
    status
}

/// The reason, then the evidence, at most so many bytes.
pub(super) fn body(reason: &str, rest: impl FnOnce() -> String, most: usize) -> String {
    // Readers that show the body alone must see at least the reason.
    let mut body = format!("{}\n", clean::cut(reason, most.max(200)));
    body.push_str(&clean::lines(&rest()));
    if body.len() > most.max(200) {
        body.truncate(clean::cut(&body, most.max(200).saturating_sub(CUT.len())).len());
        body.push_str(CUT);
    }
    body
}

fn text(case: &CaseReport) -> String {
    let figures = figures::row(case);
    let place = format!("{}:{}", clean::one_line(&case.span.file), case.span.line);
    let figures = if figures.is_empty() { String::new() } else { format!("  {figures}") };
    format!("{place}{figures}\n\n{}", evidence::text(case, Style::Plain, EXTENT))
}

fn properties(case: &CaseReport) -> Vec<Property> {
    let figures = &case.figures;
    let counts = [
        ("pairsMeasured", case.coverage.measured),
        ("pairsPlanned", case.coverage.planned),
        ("pairsTotal", case.coverage.total),
        ("pairsFailed", case.pairs_failed),
        ("pairsUnmeasured", case.pairs_unmeasured),
        ("sent", figures.sent),
        ("lost", figures.lost),
        ("duplicates", figures.duplicates),
        ("reordered", figures.reordered),
        ("foreign", figures.foreign),
    ];
    let mut properties: Vec<_> = counts.iter().map(|(name, count)| property(name, &count.to_string())).collect();
    if figures.sent > 0 {
        properties.push(property("loss", &figures.loss().to_string()));
    }
    properties.extend(figures.latency.iter().map(|(quantile, value)| property(quantile.name(), &value.to_string())));
    properties.extend(case.power.iter().map(|power| property(&format!("findsLoss.{}", power.scope), &power.finds.to_string())));
    if !case.tags.is_empty() {
        properties.push(property("tags", &case.tags.join(",")));
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rest: &str, most: usize, expected: &str) {
        assert_eq!(body("loss", || rest.to_owned(), most), expected);
    }

    #[test]
    fn a_body_that_is_too_long_is_cut_and_says_so() {
        check("short\n", 1_000, "loss\nshort\n");
        let kept = "x".repeat(1_000 - "loss\n".len() - CUT.len());
        check(&"x".repeat(2_000), 1_000, &format!("loss\n{kept}{CUT}"));
        let kept = "ö".repeat((200 - "loss\n".len() - CUT.len()) / 2);
        check(&"ö".repeat(2_000), 0, &format!("loss\n{kept}{CUT}"));
    }
}
