//! The JUnit report: a flat `<testsuite>` for each suite, a `<testcase>` for each case, and one more where set-up failed.
//! It must not know where the text goes.
//!
//! What its readers ask for: GitLab shows the text in the body of an element and not its `message`, and drops the later of two
//! cases with the same `classname` and `name`; test reporters on GitHub need `time` everywhere and no suite within a suite.

mod body;

mod case;

mod collected;

mod harness;

mod reruns;

use std::collections::HashMap;
use std::io;

use quick_junit::{Property, Report, TestSuite};

use super::clean;
use crate::model::case::CaseReport;
use crate::model::run::Run;
use crate::model::suite::Suite;
use crate::model::units::Micros;

/// The most bytes of the file: GitLab takes 30 MB.
const FILE_LIMIT: usize = 20_000_000;

/// How much is told of each case. What follows is tried while the one before makes the file too large.
const SHAPES: [Shape; 3] = [
    Shape { body: 16 << 10, properties: true, collected: 256 << 10 },
    Shape { body: 2 << 10, properties: true, collected: 16 << 10 },
    Shape { body: 0, properties: false, collected: 0 },
];

/// How much is told of a case.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Bytes of the text in the body; the reason stays in any case.
    body: usize,
    /// Whether its figures are told as properties.
    properties: bool,
    /// Bytes of what was collected for a suite, in all; 0 leaves it out.
    collected: usize,
}

/// The report of a run as far as it has come.
///
/// # Errors
/// None is known: what XML forbids is taken out before.
pub(super) fn render(run: &Run) -> io::Result<String> {
    let mut text = String::new();
    for shape in SHAPES {
        text = report(run, shape).to_string().map_err(io::Error::other)?;
        if text.len() <= FILE_LIMIT {
            break;
        }
    }
    Ok(text)
}

fn report(run: &Run, shape: Shape) -> Report {
    let mut report = Report::new("netcheck");
    report.set_time(run.duration.duration());
    let mut names = Names::default();
    for (index, suite) in run.header.suites.iter().enumerate() {
        let cases: Vec<_> = run.cases.iter().filter(|case| case.suite == index).collect();
        let mut element = TestSuite::new(clean::one_line(&suite.id));
        element.set_time(Micros(cases.iter().map(|case| case.duration.0).sum()).duration());
        element.add_properties(properties(run, suite));
        for case in cases {
            element.add_test_case(case::element(case, &names.unique(case), shape));
        }
        if let Some(text) = collected::text(run, &suite.id, shape.collected) {
            element.set_system_out(text);
        }
        report.add_test_suite(element);
    }
    report.add_test_suites(harness::suite(run));
    report
}

/// What a reader wants to know of the run, on each suite: there is no other place that all readers show.
fn properties(run: &Run, suite: &Suite) -> Vec<Property> {
    let header = &run.header;
    let mut properties = vec![
        property("run", &header.id),
        property("version", header.version),
        property("backend", header.backend),
        property("cluster", &run.cluster),
        property("clusterVersion", &run.cluster_version),
        property("seed", &header.seed.to_string()),
        property("planHash", &run.plan_hash),
    ];
    properties.extend(header.shard.as_ref().map(|sharding| property("shard", &sharding.shard.to_string())));
    properties.extend(suite.vars.iter().map(|var| property(&format!("vars.{}", var.name), &var.value)));
    properties
}

fn property(name: &str, value: &str) -> Property {
    Property::new(clean::one_line(name), clean::one_line(value))
}

/// The names that were given so far, to tell two cases of the same name apart.
#[derive(Default)]
struct Names(HashMap<String, usize>);

impl Names {
    /// The case's own name; `#2` follows where there was one like it.
    fn unique(&mut self, case: &CaseReport) -> String {
        let count = self.0.entry(case.id.to_string()).or_default();
        *count += 1;
        let name = clean::one_line(&case.id.name());
        if *count == 1 { name } else { format!("{name}#{count}") }
    }
}
