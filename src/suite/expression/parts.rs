//! Tells the expressions in a text from what is around them. It must not know what is in them.

use std::ops::Range;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Text as it is.
    Text(String),
    /// What is between `${{` and `}}`: a range of bytes.
    Expression(Range<usize>),
}

/// What is wrong with a text: a range of bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// `${{` without `}}`.
    Unclosed(Range<usize>),
    /// `{{ }}` without the `$`.
    Bare(Range<usize>),
    /// `{% %}`.
    Statement(Range<usize>),
}

/// Whether there is anything in a text that [`parts`] has to look at.
pub(crate) fn has_expression(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// What a text says that has no expression in it, `$${{` being `${{`; none if it has one, or a mistake.
pub(crate) fn literally(text: &str) -> Option<String> {
    let parts = parts(text).ok()?;
    let said = parts.into_iter().map(|part| match part {
        Part::Text(text) => Some(text),
        Part::Expression(_) => None,
    });
    said.collect()
}

/// The pieces of a text.
pub(super) fn parts(text: &str) -> Result<Vec<Part>, Mistake> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("{{").map(|found| at + found) {
        let before = &text[at..found];
        statement(before, at)?;
        if let Some(before) = before.strip_suffix("$$") {
            plain.push_str(before);
            plain.push_str("${{");
            at = found + 2;
        } else if let Some(before) = before.strip_suffix('$') {
            plain.push_str(before);
            let end = end_of(text, found + 2).ok_or(Mistake::Unclosed(found - 1..text.len()))?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Expression(found + 2..end));
            at = end + 2;
        } else {
            let end = text[found..].find("}}").map_or(text.len(), |end| found + end + 2);
            return Err(Mistake::Bare(found..end));
        }
    }
    statement(&text[at..], at)?;
    plain.push_str(&text[at..]);
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(parts)
}

fn statement(text: &str, at: usize) -> Result<(), Mistake> {
    match text.find("{%") {
        Some(found) => Err(Mistake::Statement(at + found..at + found + text[found..].find("%}").map_or(2, |end| end + 2))),
        None => Ok(()),
    }
}

/// Where the `}}` is that closes an expression: outside quotes and inner braces.
fn end_of(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut quote, mut depth, mut at) = (None, 0_usize, start);
    while let Some(byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'\'' | b'"') => quote = Some(*byte),
            (None, b'{') => depth += 1,
            (None, b'}') if depth > 0 => depth -= 1,
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            (Some(_) | None, _) => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&[&str], Mistake>) {
        let found = parts(text).map(|parts| {
            let words = parts.iter().map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Expression(range) => format!("<{}>", &text[range.clone()]),
            });
            words.collect::<Vec<_>>()
        });
        assert_eq!(found, expected.map(|parts| parts.iter().map(ToString::to_string).collect()), "{text}");
    }

    #[test]
    fn expressions_are_told_from_text() {
        check("", Ok(&[]));
        check("a", Ok(&["a"]));
        check("${{ a }}", Ok(&["< a >"]));
        check("<= ${{ a }} b${{c}}", Ok(&["<= ", "< a >", " b", "<c>"]));
        check("$${{ a }} $x {x}", Ok(&["${{ a }} $x {x}"]));
        check("${{ '}}' }}${{ \"\\\"}}\" }}", Ok(&["< '}}' >", "< \"\\\"}}\" >"]));
        check("${{ {'a': {}} }}", Ok(&["< {'a': {}} >"]));
        check("ä ${{ ä }}", Ok(&["ä ", "< ä >"]));
    }

    #[test]
    fn mistakes_are_found() {
        check("x ${{ a", Err(Mistake::Unclosed(2..7)));
        check("${{ 'a }}", Err(Mistake::Unclosed(0..9)));
        check("x {{ a }} y", Err(Mistake::Bare(2..9)));
        check("x {{ a", Err(Mistake::Bare(2..6)));
        check("{% if x %}y", Err(Mistake::Statement(0..10)));
        check("${{ a }} {%", Err(Mistake::Statement(9..11)));
    }
}
