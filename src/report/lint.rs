//! What `netcheck lint` has found, for programs: `netcheck.lint/v1`, and annotations of GitHub. Within v1, fields are only ever added.
//! It must not know how a file is read.

use schemars::JsonSchema;
use serde::Serialize;

use super::clean;
use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::source::Span;

/// The most annotations of a kind: GitHub shows ten of a step, and the tenth says how many more there are.
const ANNOTATIONS: usize = 9;

/// A file that was linted.
#[derive(Debug, Clone, Copy)]
pub struct Linted<'a> {
    /// As the user named it.
    pub file: &'a str,
    /// How many cases its suite has; none if it cannot be run.
    pub cases: Option<usize>,
    /// All remarks, in the order of the file.
    pub remarks: &'a [Diagnostic],
}

/// What `netcheck lint --format json` prints. Within v1, fields are only ever added.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Document {
    /// The name and version of this shape: `netcheck.lint/v1`.
    schema: Version,
    /// Whether netcheck exits with 0: there is no error, and no warning that is denied.
    ok: bool,
    /// How many remarks are errors.
    errors: usize,
    /// How many remarks are warnings.
    warnings: usize,
    /// The files, in the order of the command line.
    files: Vec<FileDocument>,
    /// All remarks, file by file, in the order of the file. Of one file at most 100; the last then counts the rest.
    remarks: Vec<RemarkDocument>,
}

/// The versions of the shape.
#[derive(Debug, Serialize, JsonSchema)]
enum Version {
    /// The first.
    #[serde(rename = "netcheck.lint/v1")]
    V1,
}

/// A file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FileDocument {
    /// As it was named on the command line.
    file: String,
    /// How many cases its suite expands to; null if it cannot be run.
    cases: Option<usize>,
}

/// One thing to say about a file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RemarkDocument {
    /// The file that it is about: one of those named, or a part or a file of values.
    file: String,
    /// Where in it; null if the remark is about the file as a whole.
    place: Option<PlaceDocument>,
    /// Stable; `netcheck explain` says more of it.
    code: &'static str,
    /// `error`: the suite cannot run. `warning`: it runs, but perhaps not as its author thinks.
    severity: SeverityDocument,
    /// What is wrong, in a line without a full stop.
    message: String,
    /// What is expected, and what was found; may be empty.
    label: String,
    /// What to try; a line each.
    help: Vec<String>,
    /// Other places that belong to it.
    related: Vec<RelatedDocument>,
}

/// A place within one line of a file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PlaceDocument {
    /// From 1.
    line: u32,
    /// From 1, in characters.
    column: u32,
    /// In characters; at least 1.
    length: u32,
}

/// Another place.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RelatedDocument {
    /// The file.
    file: String,
    /// Where in it.
    place: PlaceDocument,
    /// What it has to do with the remark.
    message: String,
}

/// How bad a remark is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum SeverityDocument {
    /// The suite cannot run.
    Error,
    /// The suite runs, but perhaps not as its author thinks.
    Warning,
}

/// How many remarks of that severity there are.
#[must_use]
pub fn count(files: &[Linted<'_>], severity: Severity) -> usize {
    files.iter().flat_map(|linted| linted.remarks).filter(|remark| remark.severity == severity).count()
}

/// The files as `netcheck.lint/v1`, with a line break at the end; `ok` says whether netcheck exits with 0.
///
/// # Errors
/// None is known: the document is plain data with string keys.
pub fn json(files: &[Linted<'_>], ok: bool) -> std::io::Result<String> {
    let document = Document {
        schema: Version::V1,
        ok,
        errors: count(files, Severity::Error),
        warnings: count(files, Severity::Warning),
        files: files.iter().map(|linted| FileDocument { file: linted.file.to_owned(), cases: linted.cases }).collect(),
        remarks: files.iter().flat_map(|linted| linted.remarks.iter().map(|remark| RemarkDocument::of(linted.file, remark))).collect(),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

impl RemarkDocument {
    fn of(file: &str, remark: &Diagnostic) -> Self {
        let related = |(span, words): &(Span, String)| RelatedDocument {
            file: span.file.to_string(),
            place: PlaceDocument::of(span),
            message: words.clone(),
        };
        Self {
            file: file_of(file, remark).to_owned(),
            place: remark.span.as_ref().map(PlaceDocument::of),
            code: remark.code,
            severity: match remark.severity {
                Severity::Error => SeverityDocument::Error,
                Severity::Warning => SeverityDocument::Warning,
            },
            message: remark.message.clone(),
            label: remark.label.clone(),
            help: remark.help.clone(),
            related: remark.related.iter().map(related).collect(),
        }
    }
}

/// The file that a remark is about: of a suite's parts the one that it is in.
fn file_of<'a>(file: &'a str, remark: &'a Diagnostic) -> &'a str {
    remark.span.as_ref().map_or(file, |span| &span.file)
}

impl PlaceDocument {
    const fn of(span: &Span) -> Self {
        Self { line: span.line, column: span.column, length: span.length }
    }
}

/// The JSON Schema (2020-12) of `netcheck.lint/v1`.
#[must_use]
pub fn schema() -> serde_json::Value {
    super::schema::of::<Document>("netcheck.lint/v1")
}

/// Annotations: a workflow command of GitHub's runner for each remark, errors first; at most ten of a kind.
/// (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>)
#[must_use]
pub fn github(files: &[Linted<'_>]) -> String {
    [Severity::Error, Severity::Warning].into_iter().map(|severity| annotations(files, severity)).collect()
}

fn annotations(files: &[Linted<'_>], severity: Severity) -> String {
    let word = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let remarks = files.iter().flat_map(|linted| linted.remarks.iter().map(|remark| (linted.file, remark)));
    let all: Vec<_> = remarks.filter(|(_, remark)| remark.severity == severity).collect();
    let shown = if all.len() > ANNOTATIONS + 1 { ANNOTATIONS } else { all.len() };
    let rest = all.len() - shown;
    let last = (rest > 0).then(|| format!("::{word} title=netcheck::and {rest} more: the log of this step shows all\n"));
    all.iter().take(shown).map(|(file, remark)| annotation(word, file, remark)).chain(last).collect()
}

fn annotation(word: &str, file: &str, remark: &Diagnostic) -> String {
    let place = remark.span.as_ref().map_or_else(String::new, |span| {
        let Span { line, column, length, .. } = span;
        format!(",line={line},endLine={line},col={column},endColumn={}", column.saturating_add(*length))
    });
    let label = Some(&remark.label).filter(|label| !label.is_empty()).cloned();
    let help = remark.help.iter().map(|help| format!("help: {help}"));
    let explain = format!("netcheck explain {}", remark.code);
    let lines: Vec<_> = std::iter::once(remark.message.clone()).chain(label).chain(help).chain([explain]).collect();
    format!(
        "::{word} file={}{place},title={}::{}\n",
        property(file_of(file, remark)),
        property(&format!("netcheck {}", remark.code)),
        data(&lines.join("\n"))
    )
}

/// What follows the second pair of colons: the runner takes `%25`, `%0D` and `%0A` for what would end it.
fn data(text: &str) -> String {
    clean::lines(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property ends at a comma, and the list of them at a colon, so these two are escaped as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remark(severity: Severity, message: &str) -> Diagnostic {
        let span = Span { file: "a.yaml".into(), line: 3, column: 5, length: 4, text: "x".into() };
        Diagnostic { severity, ..Diagnostic::error("NC1008", span, message).label("expected 5%").help("try: a, b") }
    }

    #[test]
    fn what_would_end_a_command_is_escaped() {
        let mut remarks = [remark(Severity::Error, "50%\r\n::warning::x")];
        remarks[0].span.iter_mut().for_each(|span| span.file = "a,b:c%.yaml".into());
        let found = github(&[Linted { file: "a,b:c%.yaml", cases: None, remarks: &remarks }]);
        let expected = "::error file=a%2Cb%3Ac%25.yaml,line=3,endLine=3,col=5,endColumn=9,title=netcheck NC1008::\
            50%25%0A::warning::x%0Aexpected 5%25%0Ahelp: try: a, b%0Anetcheck explain NC1008\n";
        assert_eq!(found, expected);
    }

    #[test]
    fn of_many_the_last_annotation_counts_the_rest() {
        let check = |errors: usize, expected: usize, last: &str| {
            let remarks = vec![remark(Severity::Error, "x"); errors];
            let found = github(&[Linted { file: "a", cases: None, remarks: &remarks }]);
            assert_eq!(found.lines().count(), expected, "{found}");
            assert!(found.lines().next_back().unwrap_or_default().contains(last), "{found}");
        };
        check(0, 0, "");
        check(10, 10, "NC1008");
        check(11, 10, "and 2 more");
    }

    #[test]
    fn a_remark_about_a_whole_file_has_no_place() {
        let remarks = [Diagnostic { span: None, ..remark(Severity::Warning, "x") }];
        let linted = [Linted { file: "a", cases: Some(1), remarks: &remarks }];
        assert!(github(&linted).starts_with("::warning file=a,title=netcheck NC1008::x%0A"));
        let value: serde_json::Value = serde_json::from_str(&json(&linted, true).unwrap()).unwrap();
        assert_eq!((&value["remarks"][0]["place"], &value["files"][0]["cases"]), (&serde_json::Value::Null, &1.into()));
    }
}
