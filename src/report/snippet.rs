//! Draws a remark with its place: `file:line:column`, the source line, a caret, the words under it, what to try.
//! It must not know whether the remark is about a suite or about a network, nor where the drawing goes.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer};

use super::clean;
use super::style::Style;
use super::window::Window;
use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::source::Span;
use crate::model::units::counted;
use crate::model::verdict::{Check, CheckResult};

/// A remark about a suite, as lines of text with a line break at the end.
#[must_use]
pub fn diagnostic(diagnostic: &Diagnostic, style: Style) -> String {
    Drawing {
        level: level(diagnostic.severity),
        code: diagnostic.code,
        title: &diagnostic.message,
        place: diagnostic.span.as_ref().map(|span| (span, diagnostic.label.as_str())),
        related: &diagnostic.related,
        notes: &[],
        help: &diagnostic.help,
    }
    .draw(style)
}

/// A bound that was missed, or that could not be told, with what was wanted and measured; lines with a line break at the end.
#[must_use]
pub fn missed(check: &Check, severity: Severity, style: Style) -> String {
    let bound = &check.bound;
    let (level, code, title) = match &check.result {
        CheckResult::Met => (Level::NOTE, "", format!("{bound} is met")),
        CheckResult::Missed { .. } | CheckResult::Unanswered { .. } => (level(severity), bound.claim.code(), format!("{bound} is missed")),
        CheckResult::Counted { pairs } => {
            (Level::NOTE, "", format!("{bound} is missed by {}, which `overall.pairsOk` counts", counted(*pairs, "pair")))
        }
        CheckResult::Unknown(cause) => (Level::ERROR, cause.code(), format!("{bound} cannot be told: {cause}")),
    };
    // What was measured elsewhere says nothing of the pair that had too few answers.
    let told = !check.measured.is_empty() && !matches!(check.result, CheckResult::Unknown(_));
    let measured = if told { format!(", measured {}", check.measured) } else { String::new() };
    let label = format!("wanted {}{measured}", bound.claim.wanted());
    let notes: Vec<_> = bound.origin.iter().cloned().collect();
    Drawing { level, code, title: &title, place: Some((&bound.span, &label)), related: &[], notes: &notes, help: &[] }.draw(style)
}

const fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    }
}

/// An error that belongs to a place as a whole.
pub(super) fn at(severity: Severity, (code, title): (&str, &str), span: &Span, style: Style) -> String {
    Drawing { level: level(severity), code, title, place: Some((span, "")), related: &[], notes: &[], help: &[] }.draw(style)
}

/// An error that has no place in a file.
pub(super) fn placeless(code: &str, title: &str, notes: &[String], help: &[String], style: Style) -> String {
    Drawing { level: Level::ERROR, code, title, place: None, related: &[], notes, help }.draw(style)
}

/// All that is drawn, in words that are not clean yet.
struct Drawing<'a> {
    level: Level<'static>,
    /// May be empty.
    code: &'a str,
    title: &'a str,
    /// With the words under the caret.
    place: Option<(&'a Span, &'a str)>,
    related: &'a [(Span, String)],
    notes: &'a [String],
    help: &'a [String],
}

impl Drawing<'_> {
    fn draw(self, style: Style) -> String {
        let mut title = self.level.clone().primary_title(clean::one_line(self.title));
        if !self.code.is_empty() {
            title = title.id(self.code.to_owned());
        }
        let mut group = Group::with_title(title);
        let windows = self.windows();
        let misplaced: Vec<_> = windows.iter().filter_map(Window::misplaced).collect();
        for window in windows {
            group = group.elements(window.elements());
        }
        group = group.elements(self.notes.iter().map(|note| Level::NOTE.message(clean::one_line(note))));
        group = group.elements(self.help.iter().map(|help| Level::HELP.message(clean::one_line(help))));
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        };
        let drawn = format!("{}\n", renderer.render(&[group]));
        misplaced.into_iter().fold(drawn, |drawn, (wrong, right)| drawn.replacen(&wrong, &right, 1))
    }

    /// The places line by line, in the order of their naming: what stands on one line is drawn once.
    fn windows(&self) -> Vec<Window> {
        let mut windows: Vec<Window> = Vec::new();
        let related = self.related.iter().map(|(span, words)| (AnnotationKind::Context, span, words.as_str()));
        let primary = self.place.iter().map(|(span, label)| (AnnotationKind::Primary, *span, *label));
        for (kind, span, words) in primary.chain(related) {
            if !windows.iter_mut().any(|window| window.take(kind, span, words)) {
                windows.push(Window::on(kind, span, words));
            }
        }
        windows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::comparison::{Comparison, Operator};
    use crate::model::expect::{Bound, Claim, Scope};
    use crate::model::units::Ppm;
    use crate::model::verdict::Cause;

    fn span(line: u32, column: u32, length: u32, text: &str) -> Span {
        Span { file: "suites/overlay.yaml".into(), line, column, length, text: text.into() }
    }

    fn check(remark: &Diagnostic, expected: &str) {
        assert_eq!(diagnostic(remark, Style::Plain), format!("{}\n", expected.trim()));
    }

    #[test]
    fn an_error_shows_its_line_and_what_to_try() {
        let place = span(27, 21, 10, "        p99: <= ${{ vars.p99max }}");
        let remark = Diagnostic::error("NC1007", place, "unknown variable `vars.p99max`").label("no such variable");
        check(
            &remark.help("did you mean `vars.p99Max`?").help("declare it under `vars:`"),
            "
error[NC1007]: unknown variable `vars.p99max`
  --> suites/overlay.yaml:27:21
   |
27 |         p99: <= ${{ vars.p99max }}
   |                     ^^^^^^^^^^ no such variable
   |
   = help: did you mean `vars.p99Max`?
   = help: declare it under `vars:`",
        );
    }

    #[test]
    fn related_places_are_drawn_once_a_line() {
        let remark = Diagnostic::warning("NC1201", span(9, 3, 4, "  vars: {}"), "key `vars` twice")
            .label("again here")
            .related(span(4, 3, 4, "  vars:"), "first here")
            .related(span(9, 9, 2, "  vars: {}"), "empty");
        check(
            &remark,
            "
warning[NC1201]: key `vars` twice
 --> suites/overlay.yaml:9:3
  |
9 |   vars: {}
  |   ^^^^  -- empty
  |   |
  |   again here
  |
 ::: suites/overlay.yaml:4:3
  |
4 |   vars:
  |   ---- first here",
        );
    }

    #[test]
    fn places_that_cannot_be_drawn_are_told() {
        let far = span(1, 3_000_000, 4, &"[".repeat(5_000_000));
        check(
            &Diagnostic::error("NC1001", far, "too deep").label("level 129").help("use fewer levels"),
            "
error[NC1001]: too deep
--> suites/overlay.yaml:1:3000000
 = note: level 129
 = help: use fewer levels",
        );
        let nowhere = Diagnostic { span: None, ..Diagnostic::error("NC1002", span(1, 1, 1, ""), "the file is empty") };
        check(&nowhere.help("begin with `netcheck: v1`"), "error[NC1002]: the file is empty\n |\n = help: begin with `netcheck: v1`");
    }

    #[test]
    fn a_window_of_a_long_line_keeps_the_column_of_the_file() {
        let text = format!("…{}wrong{}…", "x".repeat(60), "y".repeat(40));
        let remark = Diagnostic::error("NC1004", span(3, 70_000, 5, &text), "wrong").label("here").related(span(1, 1, 1, "x"), "there");
        check(
            &remark,
            &format!(
                "
error[NC1004]: wrong
 --> suites/overlay.yaml:3:70000
  |
3 | {text}
  | {}^^^^^ here
  |
 ::: suites/overlay.yaml:1:1
  |
1 | x
  | - there",
                " ".repeat(61)
            ),
        );
    }

    #[test]
    fn spans_that_lie_break_nothing() {
        let past_the_end = Diagnostic::error("NC1003", span(9, 900, 100, "\tshort"), "lies").label("here");
        check(&past_the_end, "error[NC1003]: lies\n --> suites/overlay.yaml:9:900\n  |\n9 |     short\n  |         ^ here");
        let zero = Diagnostic::error("NC1003", span(0, 0, 0, ""), "lies").related(span(0, 7, u32::MAX, ""), "");
        assert!(diagnostic(&zero, Style::Plain).starts_with("error[NC1003]: lies\n"));
    }

    #[test]
    fn foreign_control_characters_never_come_through() {
        let hostile = "\u{1b}[31m\u{7}\u{202e}\u{ffff}red";
        let remark = Diagnostic::error("NC1003", span(1, 5, 3, hostile), hostile).label(hostile).help(hostile);
        let drawn = diagnostic(&remark, Style::Plain);
        assert!(!drawn.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{ffff}']), "{drawn:?}");
        assert!(drawn.starts_with("error[NC1003]: red\n"), "{drawn:?}");
    }

    fn bound(scope: Scope) -> Bound {
        let claim = Claim::Loss(Comparison { operator: Operator::AtMost, limit: Ppm(10_000) });
        let origin = Some("vars.lossMax = 1%, default at suites/overlay.yaml:6".to_owned());
        Bound { scope, claim, span: span(26, 15, 22, "        loss: <= ${{ vars.lossMax }}"), origin }
    }

    fn check_missed(scope: Scope, result: CheckResult, expected: &str) {
        let check = Check { bound: bound(scope), measured: "8.33% (220 of 2,640 packets)".to_owned(), result };
        let drawn = missed(&check, Severity::Error, Style::Plain);
        assert!(drawn.contains(expected), "{drawn}");
    }

    #[test]
    fn a_missed_bound_shows_wanted_measured_and_where_the_limit_came_from() {
        check_missed(
            Scope::Overall,
            CheckResult::Missed { pairs: 0 },
            "error[NC2001]: overall.loss <= 1% is missed
  --> suites/overlay.yaml:26:15
   |
26 |         loss: <= ${{ vars.lossMax }}
   |               ^^^^^^^^^^^^^^^^^^^^^^ wanted <= 1%, measured 8.33% (220 of 2,640 packets)
   |
   = note: vars.lossMax = 1%, default at suites/overlay.yaml:6
",
        );
        check_missed(Scope::Each, CheckResult::Missed { pairs: 2 }, "error[NC2001]: each.loss <= 1% is missed\n");
    }

    #[test]
    fn a_bound_that_cannot_be_told_says_why() {
        let cause = Cause::TooFewSamples { metric: "each.p99".to_owned(), have: 12, need: 100 };
        check_missed(Scope::Each, CheckResult::Unknown(cause), "error[too-few-samples]: each.loss <= 1% cannot be told: too few answers");
        check_missed(Scope::Overall, CheckResult::Met, "note: overall.loss <= 1% is met\n");
    }

    #[test]
    fn colours_are_there_when_asked_for() {
        assert!(diagnostic(&Diagnostic::error("NC1003", span(1, 1, 1, "x"), "red"), Style::Coloured).contains("\u{1b}["));
    }
}
