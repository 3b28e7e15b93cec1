//! What is to be said of braces that begin no expression. It must not know what expressions are made of.

use std::ops::Range;

use super::foreign::of_braces;
use super::parts::Mistake;
use crate::suite::codes;
use crate::suite::remarks::Remark;
use crate::suite::source::Place;

/// About a mistake in that text; `place` gives the place of a range of its bytes.
pub(super) fn misplaced(text: &str, mistake: Mistake, place: &dyn Fn(Range<usize>) -> Place) -> Remark {
    match mistake {
        Mistake::Unclosed(at) => Remark::error(codes::UNCLOSED, place(at.clone()), "this expression is not closed")
            .label("expected `}}` at its end")
            .help([format!("in YAML ` #` begins a comment; if the text goes on behind one, write it in quotes: \"{} … }}}}\"", &text[at])]),
        Mistake::Bare(at) => {
            let written = &text[at.clone()];
            let inner = written.trim_start_matches('{').trim_end_matches('}');
            let help = of_braces(inner).map_or_else(|| format!("write `${written}`"), str::to_owned);
            Remark::error(codes::BARE_BRACES, place(at), "an expression begins with `${{`").help([help])
        }
        Mistake::Statement(at) => Remark::error(codes::BAD_EXPRESSION, place(at), "a suite has no statements")
            .label("expected a value or an expression")
            .help(["to repeat a test use `matrix`; to choose a value use an expression: `${{ a if b else c }}`"]),
    }
}
