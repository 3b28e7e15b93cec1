//! The words of an expression with their places: just enough to say where a name stands, and to refuse what expressions
//! may not use. What an expression means is the engine's business.

use std::ops::Range;

/// A word of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name,
    /// A number.
    Number,
    /// A text in quotes.
    Quoted,
    /// One character of anything else.
    Sign(char),
}

/// A word and its place: a range of bytes.
pub(super) type Word = (Kind, Range<usize>);

/// What the engine reads as something else than a variable.
pub(super) const KEYWORDS: [&str; 15] =
    ["and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None", "recursive", "self"];

/// The words of an expression.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((start, first)) = characters.next() {
        let mut end = start + first.len_utf8();
        let mut take_while = |wanted: fn(char) -> bool| {
            while let Some((at, next)) = characters.next_if(|(_, next)| wanted(*next)) {
                end = at + next.len_utf8();
            }
        };
        let kind = match first {
            first if first.is_whitespace() => continue,
            first if first.is_alphabetic() || first == '_' => {
                take_while(|next| next.is_alphanumeric() || next == '_');
                Kind::Name
            }
            first if first.is_ascii_digit() => {
                take_while(|next| next.is_alphanumeric() || next == '_');
                Kind::Number
            }
            '"' | '\'' => {
                let mut escaped = false;
                for (at, next) in characters.by_ref() {
                    end = at + next.len_utf8();
                    if next == first && !escaped {
                        break;
                    }
                    escaped = next == '\\' && !escaped;
                }
                Kind::Quoted
            }
            sign => Kind::Sign(sign),
        };
        words.push((kind, start..end));
    }
    words
}

/// What a name in an expression is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A variable, with its fields: `vars.x`.
    Variable,
    /// After `|`.
    Filter,
    /// After `is`.
    Test,
    /// A function or a method: it has a parenthesis behind it.
    Call,
}

/// A name of an expression, with its fields written as `vars.x`, its role and its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) role: Role,
    pub(super) at: Range<usize>,
}

/// All names but keywords and the names of arguments.
pub(super) fn names(text: &str) -> Vec<Name> {
    let words = words(text);
    let word = |index: usize| words.get(index).map_or("", |(_, at)| &text[at.clone()]);
    let mut names = Vec::new();
    let mut index = 0;
    while index < words.len() {
        let first = index;
        index += 1;
        if words[first].0 != Kind::Name || KEYWORDS.contains(&word(first)) {
            continue;
        }
        let before = |back: usize| first.checked_sub(back).map_or("", word);
        let role = match (before(1), before(2)) {
            ("|", _) => Role::Filter,
            ("is", _) | ("not", "is") => Role::Test,
            _ => Role::Variable,
        };
        let mut full = word(first).to_owned();
        while role == Role::Variable && word(index) == "." && words.get(index + 1).is_some_and(|next| next.0 == Kind::Name) {
            full = full + "." + word(index + 1);
            index += 2;
        }
        let argument = word(index) == "=" && word(index + 1) != "=";
        let role = if role == Role::Variable && word(index) == "(" { Role::Call } else { role };
        if !argument {
            names.push(Name { text: full, role, at: words[first].1.start..words[index - 1].1.end });
        }
    }
    names
}

/// Where a sign stands outside quotes.
pub(super) fn sign(text: &str, wanted: char) -> Option<Range<usize>> {
    words(text).into_iter().find(|(kind, _)| *kind == Kind::Sign(wanted)).map(|(_, at)| at)
}

/// How often that character stands in an expression as a sign of its own.
pub(super) fn signs(text: &str, wanted: char) -> usize {
    words(text).into_iter().filter(|(kind, _)| *kind == Kind::Sign(wanted)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, Role, &str)]) {
        let found = names(text);
        let found: Vec<_> = found.iter().map(|name| (name.text.as_str(), name.role, &text[name.at.clone()])).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn names_have_roles_and_places() {
        use Role::{Call, Filter, Test, Variable};
        check("vars.p99max", &[("vars.p99max", Variable, "vars.p99max")]);
        check(" vars . a + x", &[("vars.a", Variable, "vars . a"), ("x", Variable, "x")]);
        check("a if b == 'c.d' else none", &[("a", Variable, "a"), ("b", Variable, "b")]);
        check("a|default('x', boolean=true)", &[("a", Variable, "a"), ("default", Filter, "default")]);
        check("a is not defined", &[("a", Variable, "a"), ("defined", Test, "defined")]);
        check("not a", &[("a", Variable, "a")]);
        check("range(3) + a.b(1)", &[("range", Call, "range"), ("a.b", Call, "a.b")]);
        check("\"a\\\"b\" ~ 1e5 ~ 1.5", &[]);
        check("ä.ö", &[("ä.ö", Variable, "ä.ö")]);
        check("a. . 'unclosed", &[("a", Variable, "a")]);
    }

    #[test]
    fn signs_in_quotes_do_not_count() {
        assert_eq!(sign("'*' ~ \"*\"", '*'), None);
        assert_eq!(sign("'*' * 3", '*'), Some(4..5));
    }
}
