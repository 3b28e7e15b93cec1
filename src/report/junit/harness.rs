//! What went wrong beside the cases, as a suite of its own: a pipeline that shows nothing but JUnit must see it too.
//! It must not know what a case is.

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::body::body;
use crate::model::event::Problem;
use crate::model::run::Run;
use crate::report::{clean, problem};

const NAME: &str = "netcheck.harness";

/// The suite, if anything went wrong.
pub(super) fn suite(run: &Run) -> Option<TestSuite> {
    let error = match (run.problems.first(), run.interrupted) {
        (Some(refusal), _) if run.refused.is_some() => error(refusal.code, &refusal.message, &refused(refusal)),
        (Some(first), _) => error(first.code, &first.message, &text(&run.problems)),
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

/// As the terminal has it: what is wrong comes first, and how many there are of it last.
fn refused(refusal: &Problem) -> String {
    let end = format!("error: {}", refusal.message);
    let help = refusal.help.iter().map(|line| format!("   help: {line}"));
    refusal.details.iter().cloned().chain([end]).chain(help).collect::<Vec<_>>().join("\n")
}

fn text(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem::text(problem, crate::report::Style::Plain)).collect::<Vec<_>>().join("\n")
}
