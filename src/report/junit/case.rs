//! A case as a `<testcase>`. It must not know the suite around it.

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus};

use super::body::body;
use super::{Shape, property, reruns};
use crate::model::case::CaseReport;
use crate::model::suite::Weight;
use crate::model::verdict::Verdict;
use crate::report::evidence::{self, Extent};
use crate::report::figures;
use crate::report::{Style, clean};

/// The worst pairs that a body names; the JSON report has them all.
const EXTENT: Extent<'static> = Extent { pairs: 20, rest: "in the JSON report" };

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
        Verdict::Passed => {
            let mut status = TestCaseStatus::success();
            status.add_reruns(reruns::of(case, shape.body));
            return status;
        }
        // Green would hide it, and red would stop the pipeline: readers show what was skipped as neither, with its words.
        Verdict::Failed(_) if case.warns() => TestCaseStatus::skipped(),
        Verdict::Failed(_) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Errored(_) => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Skipped(_) => TestCaseStatus::skipped(),
    };
    let warning = if case.warns() { "failed, told as a warning (severity: warn): " } else { "" };
    let reason = format!("{warning}{}", clean::one_line(&case.verdict.reason()));
    status.set_type(case.verdict.code());
    status.set_message(reason.as_str());
    status.set_description(body(&text(case, &reason), shape.body));
    status.set_rerun_kind(reruns::kind(case));
    status.add_reruns(reruns::of(case, shape.body));
    status
}

/// Readers that show the body alone must see the reason there.
fn text(case: &CaseReport, reason: &str) -> String {
    let figures = figures::row(case);
    let place = format!("{}:{}", clean::one_line(&case.span.file), case.span.line);
    let figures = if figures.is_empty() { String::new() } else { format!("  {figures}") };
    let evidence = evidence::text(case, Style::Plain, EXTENT);
    let space = if evidence.is_empty() { "" } else { "\n" };
    format!("{reason}\n{place}{figures}\n{space}{evidence}")
}

fn properties(case: &CaseReport) -> Vec<Property> {
    let mut properties = if case.coverage.planned == 0 { Vec::new() } else { measured(case) };
    if !case.tags.is_empty() {
        properties.push(property("tags", &case.tags.join(",")));
    }
    let about = &case.about;
    let words = [("title", &about.title), ("owner", &about.owner), ("runbook", &about.runbook)];
    properties.extend(words.iter().filter_map(|(name, words)| Some(property(name, words.as_deref()?))));
    if let Some(retries) = &case.retries {
        properties.push(property("pairsRescued", &retries.pairs_rescued.to_string()));
        properties.push(property("flaky", retries.retry.flaky.word()));
    }
    if about.weight == Weight::Warns {
        properties.push(property("severity", about.weight.word()));
    }
    properties
}

fn measured(case: &CaseReport) -> Vec<Property> {
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
    if let Some((mean, rfc3550)) = figures.jitter {
        properties.extend([property("jitter", &mean.to_string()), property("jitter.rfc3550", &rfc3550.to_string())]);
    }
    let steps = figures.steps.iter().flat_map(|(step, latency)| latency.iter().map(|(quantile, value)| (quantile.name_of(*step), value)));
    properties.extend(steps.map(|(name, value)| property(name, &value.to_string())));
    properties.extend(figures.seen.iter().map(|(what, count)| property("seen", &format!("{count} {what}"))));
    properties.extend(case.shown.iter().map(|shown| {
        let metric = &shown.metric;
        property(&format!("unjudged.{}.{}", metric.scope, metric.metric.name()), &shown.measured)
    }));
    properties.extend(case.power.iter().map(|power| property(&format!("findsLoss.{}", power.scope), &power.finds.to_string())));
    properties
}
