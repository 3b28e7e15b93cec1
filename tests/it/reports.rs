//! Reports of runs as they might have been, read as their readers do: by eye (compared with files beside this one), by an XML
//! Schema, by a JSON Schema. To write the files anew, run with `NETCHECK_UPDATE=1` and read the difference aloud.

mod sample;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use netcheck::model::run::Run;
use netcheck::report::{Console, ConsoleOptions, Destination, FileReport, Format, Reporter, Style, Verbosity, results_schema};

use sample::Sample;

/// Tells the run to the reporters, event by event, as a run does.
fn play(sample: &Sample, reporters: &mut [Box<dyn Reporter>]) -> Run {
    let mut run = Run::new(sample.header.clone());
    for event in &sample.events {
        run.apply(event);
        for reporter in reporters.iter_mut() {
            reporter.event(event, &run).unwrap();
        }
    }
    run
}

/// Keeps what is written for whoever holds a clone.
#[derive(Clone, Default)]
struct Terminal(Arc<Mutex<Vec<u8>>>);

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn console(sample: &Sample, verbosity: Verbosity, style: Style) -> String {
    let reports =
        vec![(Format::Junit, Destination::File("out/junit.xml".into())), (Format::Json, Destination::File("out/results.json".into()))];
    told(sample, ConsoleOptions { style, verbosity, live: false, reports })
}

fn told(sample: &Sample, options: ConsoleOptions) -> String {
    let terminal = Terminal::default();
    play(sample, &mut [Box::new(Console::new(Box::new(terminal.clone()), options))]);
    let bytes = terminal.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn file(sample: &Sample, format: Format) -> String {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("made/on/the/way/report");
    let report = FileReport::new(format, Destination::File(path.clone()));
    report.check().unwrap();
    play(sample, &mut [Box::new(report)]);
    fs::read_to_string(path).unwrap()
}

fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/reports").join(name);
    same(&path, found);
}

fn same(path: &PathBuf, found: &str) {
    if std::env::var_os("NETCHECK_UPDATE").is_some() {
        fs::write(path, found).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, expected, "{} differs: NETCHECK_UPDATE=1 writes it anew", path.display());
}

#[test]
fn the_terminal_tells_each_run() {
    for (name, sample) in [
        ("healthy.txt", sample::healthy()),
        ("broken.txt", sample::broken()),
        ("interrupted.txt", sample::interrupted()),
        ("set-up-failed.txt", sample::set_up_failed()),
        ("large.txt", sample::large(1, 5_000)),
        ("hostile.txt", sample::hostile()),
    ] {
        golden(name, &console(&sample, Verbosity::Normal, Style::Plain));
    }
}

#[test]
fn the_terminal_tells_less_and_more() {
    golden("broken-quiet.txt", &console(&sample::broken(), Verbosity::Quiet, Style::Plain));
    golden("healthy-quiet.txt", &console(&sample::healthy(), Verbosity::Quiet, Style::Plain));
    golden("healthy-verbose.txt", &console(&sample::healthy(), Verbosity::Verbose, Style::Plain));
}

#[test]
fn a_bar_changes_no_line() {
    let options = |live| ConsoleOptions { style: Style::Plain, verbosity: Verbosity::Normal, live, reports: Vec::new() };
    let lines = told(&sample::broken(), options(false));
    assert_eq!(told(&sample::broken(), options(true)), lines);
    assert!(!lines.contains("reports:"));
}

#[test]
fn the_terminal_is_safe_from_foreign_text() {
    let plain = console(&sample::hostile(), Verbosity::Verbose, Style::Plain);
    let harmful =
        |character: char| character != '\n' && (character.is_control() || matches!(character, '\u{202e}' | '\u{fffe}' | '\u{ffff}'));
    assert!(!plain.contains(harmful), "{plain:?}");
    // A CI system would act on a line that begins so.
    assert!(!plain.lines().any(|line| line.trim_start().starts_with("::")), "{plain}");
    let coloured = console(&sample::hostile(), Verbosity::Verbose, Style::Coloured);
    assert!(coloured.contains("\u{1b}[") && !coloured.contains("\u{1b}]"), "{coloured:?}");
}

#[test]
fn junit_tells_each_run() {
    for (name, sample) in [
        ("healthy.xml", sample::healthy()),
        ("broken.xml", sample::broken()),
        ("interrupted.xml", sample::interrupted()),
        ("interrupted-at-once.xml", sample::interrupted_at_once()),
        ("set-up-failed.xml", sample::set_up_failed()),
        ("hostile.xml", sample::hostile()),
    ] {
        golden(name, &file(&sample, Format::Junit));
    }
}

/// What the vendored XML Schema says against a document.
fn against_junit(text: &str) -> Vec<String> {
    let schema = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/junit/junit.xsd")).unwrap();
    let validator = uppsala::XsdValidator::from_schema(&uppsala::parse(&schema).unwrap()).unwrap();
    match uppsala::parse(text) {
        Ok(document) => validator.validate(&document).into_iter().map(|error| error.message).collect(),
        Err(error) => vec![error.to_string()],
    }
}

#[test]
fn the_xml_schema_finds_what_is_wrong() {
    let suite =
        |inner: &str| format!(r#"<testsuites><testsuite name="a" tests="1" failures="0" errors="0">{inner}</testsuite></testsuites>"#);
    assert_eq!(against_junit(&suite(r#"<testcase name="a" file="f" line="1"/>"#)), Vec::<String>::new());
    for wrong in [
        suite(r#"<testcase classname="no name"/>"#),
        suite(r#"<testcase name="a" line="none"/>"#),
        suite(r#"<testcase name="a" colour="red"/>"#),
        suite(r#"<testcase name="a"><failed/></testcase>"#),
        suite(r#"<testcase name="a"><failure/><properties/></testcase>"#),
        suite("text"),
        r#"<testsuites><testsuite name="a"/></testsuites>"#.to_owned(),
        r"<testresults/>".to_owned(),
        suite("<testcase name=\"a\"><failure>\u{8}</failure></testcase>"),
    ] {
        assert!(!against_junit(&wrong).is_empty(), "taken: {wrong}");
    }
}

#[test]
fn junit_is_valid_whatever_happens() {
    for sample in [
        sample::healthy(),
        sample::broken(),
        sample::interrupted(),
        sample::interrupted_at_once(),
        sample::set_up_failed(),
        sample::hostile(),
        sample::large(3, 5_000),
    ] {
        let text = file(&sample, Format::Junit);
        assert_eq!(against_junit(&text), Vec::<String>::new(), "{text}");
        assert!(quick_junit_reads(&text));
    }
}

fn quick_junit_reads(text: &str) -> bool {
    quick_junit::Report::deserialize_from_str(text).is_ok()
}

#[test]
fn junit_keeps_its_limits() {
    let body_limit = 16 << 10;
    let one = file(&sample::large(1, 5_000), Format::Junit);
    assert!(one.contains("4,980 more in the JSON report") && one.len() < body_limit, "{}", one.len());
    let many = file(&sample::wordy(250, 16 << 10), Format::Junit);
    assert!(many.len() <= 20_000_000, "{}", many.len());
    assert_eq!((many.matches("<testcase ").count(), many.matches("… cut here").count()), (250, 250));
}

#[test]
fn json_tells_each_run() {
    for (name, sample) in [("broken.json", sample::broken()), ("set-up-failed.json", sample::set_up_failed())] {
        golden(name, &file(&sample, Format::Json));
    }
}

#[test]
fn json_is_valid_whatever_happens() {
    let validator = jsonschema::validator_for(&results_schema()).unwrap();
    for sample in [
        sample::healthy(),
        sample::broken(),
        sample::interrupted(),
        sample::interrupted_at_once(),
        sample::set_up_failed(),
        sample::hostile(),
        sample::large(1, 5_000),
    ] {
        let document: serde_json::Value = serde_json::from_str(&file(&sample, Format::Json)).unwrap();
        let errors: Vec<_> = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn the_json_schema_finds_what_is_wrong() {
    let validator = jsonschema::validator_for(&results_schema()).unwrap();
    let sound: serde_json::Value = serde_json::from_str(&file(&sample::broken(), Format::Json)).unwrap();
    for (pointer, wrong) in [
        ("/schema", "netcheck.results/v2".into()),
        ("/suites/0/cases/0/status", "green".into()),
        ("/suites/0/cases/0/metrics/lost", "many".into()),
        ("/run/phases/createMs", (-1).into()),
        ("/nodes", serde_json::Value::Null),
    ] {
        let mut document = sound.clone();
        *document.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&document), "{pointer}");
    }
}

#[test]
fn every_failing_pair_is_in_json() {
    let document: serde_json::Value = serde_json::from_str(&file(&sample::large(1, 5_000), Format::Json)).unwrap();
    assert_eq!(document["suites"][0]["cases"][0]["failingPairs"].as_array().unwrap().len(), 5_000);
}

#[test]
fn the_schema_of_results_is_the_committed_one() {
    let schema = serde_json::to_string_pretty(&results_schema()).unwrap() + "\n";
    same(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/results.schema.json"), &schema);
}

#[test]
fn reports_are_there_before_clean_up_and_completed_by_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("results.json");
    let mut sample = sample::broken();
    let cleaned = sample.events.split_off(sample.events.len() - 2);
    let report = || Box::new(FileReport::new(Format::Json, Destination::File(path.clone())));
    play(&sample, &mut [report()]);
    let read = || serde_json::from_slice::<serde_json::Value>(&fs::read(&path).unwrap()).unwrap();
    assert_eq!((&read()["cleanUp"], &read()["run"]["phases"]["cleanUpMs"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    sample.events.extend(cleaned);
    play(&sample, &mut [report()]);
    assert_eq!(read()["run"]["phases"]["cleanUpMs"], 6_200);
    assert_eq!(read()["cleanUp"]["left"][0], "namespace netcheck-7f3c21aa: still Terminating after 15s");
}

#[test]
fn a_report_that_cannot_be_written_is_found_before_and_told_after() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    let mut report = FileReport::new(Format::Junit, Destination::File(home.path().join("file/junit.xml")));
    for error in [report.check().unwrap_err(), {
        let sample = sample::healthy();
        let event = netcheck::model::event::Event::Finished { interrupted: None, duration: netcheck::model::units::Micros(1) };
        report.event(&event, &Run::new(sample.header)).unwrap_err()
    }] {
        let words = error.to_string();
        assert!(words.contains("file/junit.xml cannot be written: its directory") && words.contains("cannot be made"), "{words}");
    }
    assert!(FileReport::new(Format::Json, Destination::Stdout).check().is_ok());
}
