//! The text in the body of an element, within its bounds. It must not know what it says.

use crate::report::clean;

/// The fewest bytes that a body is cut to.
const LEAST: usize = 256;

/// Where a body was cut.
const CUT: &str = "\n… cut here: the JSON report has it all (--report json=FILE)\n";

/// The text, at most so many bytes of it; its first line, the reason, stays in any case.
pub(super) fn body(text: &str, most: usize) -> String {
    let most = most.max(LEAST);
    if text.len() <= most {
        return clean::lines(text);
    }
    clean::lines(clean::cut(text, most - CUT.len())) + CUT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, most: usize, expected: &str) {
        assert_eq!(body(text, most), expected);
    }

    #[test]
    fn a_body_that_is_too_long_is_cut_and_says_so() {
        check("short\n", 1_000, "short\n");
        check(&"x".repeat(2_000), 1_000, &format!("{}{CUT}", "x".repeat(1_000 - CUT.len())));
        check(&"ö".repeat(2_000), 0, &format!("{}{CUT}", "ö".repeat((LEAST - CUT.len()) / 2)));
    }
}
