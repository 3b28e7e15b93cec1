//! What a look before the run has found, for a terminal. It must not know who looked.

use super::clean;
use super::style::{Style, Tone};
use crate::model::exit::Exit;
use crate::model::finding::{Finding, Grade};
use crate::model::units::counted;

/// The column in which the words of rows end, as in a run's.
const WORD: usize = 11;

/// What the findings come to: what is wrong keeps a run from measuring everything.
#[must_use]
pub fn exit(findings: &[Finding]) -> Exit {
    if findings.iter().any(|finding| finding.grade == Grade::Wrong) { Exit::NotMeasured } else { Exit::Passed }
}

/// A row for each finding with what to try, and a summary.
#[must_use]
pub fn findings(findings: &[Finding], style: Style) -> String {
    let mut text: String = findings.iter().map(|finding| rows(finding, style)).collect();
    text.push_str(&row(style, tone(worst(findings)), "Summary", &summary(findings)));
    text
}

fn rows(finding: &Finding, style: Style) -> String {
    let mut text = row(style, tone(finding.grade), finding.grade.word(), &format!("{}: {}", finding.topic, finding.what));
    for line in &finding.help {
        text.push_str(&row(style, Tone::Quiet, "", &format!("  help: {line}")));
    }
    text
}

fn row(style: Style, tone: Tone, word: &str, text: &str) -> String {
    let space = " ".repeat(WORD.saturating_sub(word.chars().count()));
    format!("{space}{}  {}\n", style.paint(tone, word), clean::one_line(text).trim_end())
}

const fn tone(grade: Grade) -> Tone {
    match grade {
        Grade::Fine => Tone::Good,
        Grade::Unchecked => Tone::Quiet,
        Grade::Doubtful => Tone::Troubled,
        Grade::Wrong => Tone::Bad,
    }
}

fn worst(findings: &[Finding]) -> Grade {
    findings.iter().map(|finding| finding.grade).max().unwrap_or(Grade::Fine)
}

fn summary(findings: &[Finding]) -> String {
    let count = |grade| findings.iter().filter(|finding| finding.grade == grade).count();
    let parts: Vec<String> =
        Grade::ALL.into_iter().filter(|grade| count(*grade) > 0).map(|grade| format!("{} {}", count(grade), grade.word())).collect();
    let exit = exit(findings);
    let meaning = if exit == Exit::Passed { "nothing found that stops a run" } else { "a run would not measure everything" };
    format!("{}: {} · exit {} ({meaning})", counted(findings.len() as u64, "finding"), parts.join(", "), exit.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(grades: &[Grade], code: u8, expected: &str) {
        let found: Vec<Finding> = grades.iter().map(|grade| Finding::new(*grade, "topic", "what")).collect();
        assert_eq!(exit(&found).code(), code);
        let text = findings(&found, Style::Plain);
        assert_eq!(text.lines().last().unwrap(), expected);
    }

    #[test]
    fn what_is_wrong_decides_and_nothing_else() {
        use Grade::{Doubtful, Fine, Unchecked, Wrong};
        check(&[Fine], 0, "    Summary  1 finding: 1 ok · exit 0 (nothing found that stops a run)");
        check(&[Fine, Unchecked, Doubtful], 0, "    Summary  3 findings: 1 ok, 1 skip, 1 warn · exit 0 (nothing found that stops a run)");
        check(&[Wrong, Fine, Wrong], 3, "    Summary  3 findings: 1 ok, 2 fail · exit 3 (a run would not measure everything)");
    }

    #[test]
    fn a_finding_is_a_row_with_what_to_try_below() {
        let finding = Finding::new(Grade::Wrong, "rights", "list\nnodes \u{1b}[31mis denied").help(["ask jane"]);
        let text = findings(&[finding], Style::Plain);
        assert!(text.starts_with("       fail  rights: list nodes is denied\n               help: ask jane\n"), "{text}");
    }
}
