//! What went wrong beside the cases, as a suite of its own: a pipeline that shows nothing but JUnit must see it too.
//! It must not know what a case is.

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::body::body;
use crate::model::run::Run;
use crate::report::{clean, problem};

const NAME: &str = "netcheck.harness";

/// The suite, if anything went wrong.
pub(super) fn suite(run: &Run) -> Option<TestSuite> {
    let error = match (run.problems.first(), run.interrupted) {
        (Some(first), _) => error(first.code, &first.message, &text(run)),
        (None, Some(signal)) if run.cases.is_empty() => {
            let message = format!("interrupted by {} before there was a plan", signal.name());
            error("interrupted", &message, &message)
        }
        (None, _) => return None,
    };
    let mut case = TestCase::new("setup", error);
    case.set_classname(NAME);
    case.set_time(std::time::Duration::ZERO);
    let mut suite = TestSuite::new(NAME);
    suite.set_time(std::time::Duration::ZERO);
    suite.add_test_case(case);
    Some(suite)
}

fn error(code: &str, message: &str, text: &str) -> TestCaseStatus {
    let message = clean::one_line(message);
    let mut error = TestCaseStatus::non_success(NonSuccessKind::Error);
    error.set_type(code);
    error.set_message(message.as_str());
    error.set_description(body(text, super::SHAPES[0].body));
    error
}

/// As the terminal has it: remarks come first, and how many there are of them last.
fn text(run: &Run) -> String {
    let told = run.refused.iter().map(|refused| refused.told.join("\n")).filter(|told| !told.is_empty());
    let problems = run.problems.iter().map(|problem| problem::text(problem, crate::report::Style::Plain));
    told.chain(problems).collect::<Vec<_>>().join("\n")
}
