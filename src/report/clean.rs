//! Makes text that others wrote (node names, messages of the system, lines of a suite) safe to show.
//! It must not know where the text goes.

use std::iter::Peekable;
use std::str::Chars;

const ESCAPE: char = '\u{1b}';

/// The text without escape sequences, without characters that act on a terminal or turn the direction of writing, and
/// without those that XML 1.0 forbids. Line breaks and tabs become a space: what was one line stays one.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            ESCAPE => skip_sequence(&mut rest),
            '\n' | '\t' => out.push(' '),
            _ if is_harmful(character) => {}
            _ => out.push(character),
        }
    }
    out
}

/// The same for text of several lines, which it stays.
pub(super) fn lines(text: &str) -> String {
    text.split('\n').map(one_line).collect::<Vec<_>>().join("\n")
}

/// A character of a source line, in which columns are counted: what is harmful becomes a sign that something is there.
pub(super) fn visible(character: char) -> char {
    if character != '\t' && is_harmful(character) { char::REPLACEMENT_CHARACTER } else { character }
}

/// At most so many bytes of the text, whole characters.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Passes over what follows an escape (ECMA-48): a control sequence up to its final byte, a string up to its end, or one character.
fn skip_sequence(rest: &mut Peekable<Chars<'_>>) {
    match rest.next() {
        Some('[') => while rest.next().is_some_and(|character| !('@'..='~').contains(&character)) {},
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(rest),
        _ => {}
    }
}

/// A string ends with a bell or with ESC and backslash.
fn skip_string(rest: &mut Peekable<Chars<'_>>) {
    while let Some(character) = rest.next() {
        match character {
            '\u{7}' => return,
            ESCAPE => {
                rest.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

/// Control characters of both sets, line and direction marks (Unicode TR 36), and what is no character at all.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || matches!(character as u32 & 0xffff, 0xfffe | 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(one_line(text), expected, "{text:?}");
    }

    #[test]
    fn what_acts_on_a_terminal_is_taken_out() {
        check("\u{1b}[31mred\u{1b}[0m", "red");
        check("\u{1b}]0;title\u{7}node", "node");
        check("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link");
        check("\u{1b}[2J\u{1b}cgone", "gone");
        check("\u{9b}31mC1", "31mC1");
        check("bell\u{7} back\u{8} nul\0 del\u{7f}", "bell back nul del");
        check("cut \u{1b}[", "cut ");
        check("cut \u{1b}", "cut ");
    }

    #[test]
    fn lines_stay_lines() {
        check("two\nlines\r\nand a\ttab", "two lines and a tab");
        assert_eq!(lines("two\r\nlines\u{7}"), "two\nlines");
    }

    #[test]
    fn what_xml_forbids_or_turns_text_around_is_taken_out() {
        check("a\u{fffe}b\u{ffff}c\u{1ffff}d", "abcd");
        check("a\u{202e}b\u{2066}c\u{200f}", "abc");
        check("größe → 節点 👍", "größe → 節点 👍");
    }

    #[test]
    fn cuts_between_characters() {
        assert_eq!(cut("größe", 3), "gr");
        assert_eq!(cut("größe", 4), "grö");
        assert_eq!(cut("", 10), "");
    }
}
