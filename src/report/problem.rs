//! Something that went wrong beside the cases, with what belongs to it and what to try.
//! It must not know where the text goes.

use super::snippet;
use super::style::Style;
use crate::model::event::Problem;

/// Lines of text with a line break at the end.
pub(super) fn text(problem: &Problem, style: Style) -> String {
    snippet::placeless(problem.code, &problem.message, &problem.details, &problem.help, style)
}
