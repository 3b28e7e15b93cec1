//! How remarks and tables are drawn for whoever started the program. It must not know what they are about.

use std::io::IsTerminal;

use crate::model::diagnostic::{Diagnostic, Severity};
use crate::report::{Style, snippet};

use super::arguments::ColorArgument;
use super::say;

/// Draws all remarks on a file; says how many of them are errors.
pub(super) fn tell(file: &str, diagnostics: &[Diagnostic], style: Style) -> usize {
    drawn(file, diagnostics, style).for_each(|text| say(&text));
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
}

/// The same remarks for a file, line by line.
pub(super) fn plain(file: &str, diagnostics: &[Diagnostic]) -> Vec<String> {
    drawn(file, diagnostics, Style::Plain).flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn drawn(file: &str, diagnostics: &[Diagnostic], style: Style) -> impl Iterator<Item = String> {
    diagnostics.iter().map(move |diagnostic| {
        if diagnostic.span.is_some() || file.is_empty() {
            return snippet::diagnostic(diagnostic, style);
        }
        // Without a place, nothing else would name the file.
        let message = format!("{file}: {}", diagnostic.message);
        snippet::diagnostic(&Diagnostic { message, ..diagnostic.clone() }, style)
    })
}

/// Whether standard error is drawn in colours (<https://no-color.org>, <https://bixense.com/clicolors>).
pub(super) fn style(color: ColorArgument) -> Style {
    painted(color, std::io::stderr().is_terminal())
}

/// The same for what is, or is not, a terminal.
pub(super) fn painted(color: ColorArgument, terminal: bool) -> Style {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    let coloured = match color {
        ColorArgument::Always => true,
        ColorArgument::Never => false,
        ColorArgument::Auto if set("CLICOLOR_FORCE") => true,
        ColorArgument::Auto => !set("NO_COLOR") && terminal,
    };
    if coloured { Style::Coloured } else { Style::Plain }
}
