//! Collects everything that is wrong with a file while the reading goes on, so that no error hides another.
//! It must not know what the remarks are about.

use std::collections::BTreeMap;

use super::codes;
use super::source::{Place, Source, printable};
use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::source::Span;

/// The most remarks that are shown.
const SHOWN: usize = 100;

/// The most remarks that are kept for sorting; what comes after is only counted.
const KEPT: usize = 1_000;

/// The longest message, label or help, in characters: they quote what the file says.
const LONGEST_WORDS: usize = 500;

/// One thing to say about the file.
#[derive(Debug)]
pub(crate) struct Remark {
    code: &'static str,
    severity: Severity,
    place: Option<Place>,
    /// The place, where that is in another file.
    elsewhere: Option<Span>,
    message: String,
    label: String,
    related: Vec<(Place, String)>,
    help: Vec<String>,
    case: Option<String>,
    more_cases: usize,
}

impl Remark {
    /// The suite cannot run.
    pub(crate) fn error(code: &'static str, place: impl Into<Option<Place>>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            place: place.into(),
            elsewhere: None,
            message: message.into(),
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
            case: None,
            more_cases: 0,
        }
    }

    /// The suite runs, but perhaps not as its author thinks.
    pub(crate) fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// An error that is in another file than the one that is read, or in none.
    pub(crate) fn elsewhere(code: &'static str, span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Self { elsewhere: span.into(), ..Self::error(code, None, message) }
    }

    /// By itself, without a file: the places of this one count for nothing.
    pub(crate) fn alone(self) -> Diagnostic {
        self.diagnostic(&Source::new("", String::new()))
    }

    /// With the words under the caret.
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With one more place that belongs to it.
    pub(crate) fn related(mut self, place: Place, words: impl Into<String>) -> Self {
        self.related.push((place, words.into()));
        self
    }

    /// With things to try.
    pub(crate) fn help(mut self, help: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.help.extend(help.into_iter().map(Into::into));
        self
    }

    /// Seen while that case was expanded, if it was one.
    pub(crate) fn case(mut self, case: Option<&str>) -> Self {
        self.case = case.map(str::to_owned);
        self
    }

    fn diagnostic(self, source: &Source) -> Diagnostic {
        let case = self.case.map(|case| match self.more_cases {
            0 => format!("while expanding {case}"),
            1 => format!("while expanding {case} and one more case"),
            more => format!("while expanding {case} and {more} more cases"),
        });
        Diagnostic {
            code: self.code,
            severity: self.severity,
            message: tidy(&self.message),
            span: self.elsewhere.or_else(|| self.place.map(|place| source.span(place))),
            label: tidy(&self.label),
            related: self.related.into_iter().map(|(place, words)| (source.span(place), tidy(&words))).collect(),
            help: self.help.iter().chain(&case).map(|words| tidy(words)).collect(),
        }
    }
}

/// What may be no mistake at all with what a missing part says: its tests, its fixtures, and its defaults, which complete a test.
const OPEN: [&str; 12] = [
    codes::AUTO_FOR_NOTHING,
    codes::FAMILY_UNASKED,
    codes::FIXTURE_UNKNOWN,
    codes::MISSING_KEY,
    codes::NEVER_JUDGED,
    codes::NO_RESPONDER,
    codes::NO_SIZE,
    codes::PROBE_KEY,
    codes::RESCUES_NOTHING,
    codes::UNKNOWN_TEST,
    codes::UNTRIED,
    codes::UNTRUSTED,
];

/// All remarks about one file.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    kept: Vec<Remark>,
    at: BTreeMap<(Place, Severity), usize>,
    dropped: usize,
    errors: usize,
    /// Whether a part is missing.
    lacking: bool,
}

impl Remarks {
    /// From here on only what no part could answer is a mistake. That the part is missing has its remark.
    pub(crate) const fn lack_a_part(&mut self) {
        self.lacking = true;
    }

    /// Takes note. A second remark of the same severity at the same place is the same mistake seen again, by a later stage
    /// or in another case: it is counted with the first.
    pub(crate) fn add(&mut self, remark: Remark) {
        if self.lacking && (remark.severity == Severity::Warning || OPEN.contains(&remark.code)) {
            return;
        }
        if let Some(index) = remark.place.and_then(|place| self.at.get(&(place, remark.severity))) {
            self.kept[*index].more_cases += usize::from(remark.case.is_some());
            return;
        }
        self.errors += usize::from(remark.severity == Severity::Error);
        if self.kept.len() >= KEPT {
            self.dropped += 1;
            return;
        }
        if let Some(place) = remark.place {
            self.at.insert((place, remark.severity), self.kept.len());
        }
        self.kept.push(remark);
    }

    /// Takes note of an error that is only made if it is kept: there may be as many of them as the file has keys.
    pub(crate) fn error(&mut self, make: impl FnOnce() -> Remark) {
        if self.kept.len() >= KEPT {
            self.errors += 1;
            self.dropped += 1;
        } else {
            self.add(make());
        }
    }

    /// Whether there is an error.
    pub(crate) const fn failed(&self) -> bool {
        self.errors > 0
    }

    /// In the order of the file. When there are too many, warnings are left out before errors.
    pub(crate) fn finish(mut self, source: &Source) -> Vec<Diagnostic> {
        self.kept.sort_by_key(|remark| (std::cmp::Reverse(remark.severity), remark.place));
        let hidden = self.dropped + self.kept.len().saturating_sub(SHOWN);
        let last = if self.failed() { Severity::Error } else { Severity::Warning };
        self.kept.truncate(SHOWN);
        self.kept.sort_by_key(|remark| remark.place);
        let mut diagnostics: Vec<_> = self.kept.into_iter().map(|remark| remark.diagnostic(source)).collect();
        if hidden > 0 {
            let more = Remark { severity: last, ..Remark::error(codes::AND_MORE, None, format!("and {hidden} more")) };
            diagnostics.push(more.diagnostic(source));
        }
        diagnostics
    }
}

/// Bounded and printable: words may quote the file.
fn tidy(words: &str) -> String {
    let mut characters = words.chars().map(printable);
    let mut text: String = characters.by_ref().take(LONGEST_WORDS).collect();
    if characters.next().is_some() {
        text.push('…');
    }
    text
}

/// The known name nearest to the one that was found, if it is near enough for a slip of the finger.
pub(crate) fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Distances are quadratic in length, and nothing longer resembles a key.
    if found.chars().count() > 64 {
        return None;
    }
    // One letter resembles every other one.
    let allowed = if found.chars().count() == 1 { 0 } else { (found.chars().count() / 3).max(1) };
    let distance = |name: &str| strsim::osa_distance(&found.to_lowercase(), &name.to_lowercase());
    known.into_iter().map(|name| (distance(name), name)).filter(|(distance, _)| *distance <= allowed).min().map(|(_, name)| name)
}

/// "did you mean", if there is something near.
pub(crate) fn did_you_mean<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(found, known).map(|name| format!("did you mean `{name}`?"))
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn any_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.into_iter().collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_sorted_counted_and_capped() {
        let source = Source::new("suite.yaml", "x".repeat(500));
        let mut remarks = Remarks::default();
        for start in (0..250).rev() {
            let place = Place { start, end: start + 1 };
            remarks.add(Remark::warning(codes::COARSE, place, "slow").case(Some("a")));
            remarks.add(Remark::error(codes::NOT_YET, place, format!("{start}")).case(Some("a")));
            remarks.add(Remark::error(codes::NOT_YET, place, "again").case(Some("b")));
        }
        let diagnostics = remarks.finish(&source);
        assert_eq!(diagnostics.len(), SHOWN + 1);
        assert_eq!(diagnostics[7].message, "7");
        assert_eq!(diagnostics[7].help, ["while expanding a and one more case"]);
        assert_eq!(diagnostics[SHOWN].message, "and 400 more");
    }

    #[test]
    fn near_names_are_suggested() {
        for (found, expected) in [("cuont", Some("count")), ("COUNT", Some("count")), ("p99max", Some("p99Max")), ("zebra", None)] {
            assert_eq!(nearest(found, ["count", "interval", "p99Max"]), expected, "{found}");
        }
    }
}
