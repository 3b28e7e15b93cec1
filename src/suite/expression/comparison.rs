//! Comparisons of what can never be equal, nor more or less: a number and a text. The engine orders them by their kinds, and says
//! nothing. It must not know what a comparison decides.

use std::ops::Range;

use super::words::{Kind, Word, words};

/// The kinds of values that can be compared with their like alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Number,
    Text,
    Truth,
}

impl Sort {
    const fn noun(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Truth => "true or false",
        }
    }
}

/// The first comparison of two kinds, and what is wrong with it; `sort` gives the kind of a variable's value, if it is one of these.
pub(super) fn mixed(text: &str, sort: &dyn Fn(&str) -> Option<Sort>) -> Option<(Range<usize>, String)> {
    let words = words(text);
    let reader = Reader { text, words: &words, sort };
    (0..words.len()).find_map(|index| reader.comparison(index))
}

struct Reader<'a> {
    text: &'a str,
    words: &'a [Word],
    sort: &'a dyn Fn(&str) -> Option<Sort>,
}

impl Reader<'_> {
    /// A comparison that begins at that word: two operands by themselves, without filters or arithmetic.
    fn comparison(&self, first: usize) -> Option<(Range<usize>, String)> {
        let begins = first.checked_sub(1).is_none_or(|before| self.is_edge(before));
        let (left, operator) = self.operand(first).filter(|_| begins)?;
        let (right, end) = self.operand(self.operator(operator)?)?;
        let ends = end >= self.words.len() || self.is_edge(end);
        let at = self.words[first].1.start..self.words[end - 1].1.end;
        let message = || format!("this compares {} with {}: they have no order, and are never equal", left.noun(), right.noun());
        (ends && left != right).then(|| (at, message()))
    }

    fn word(&self, index: usize) -> &str {
        self.words.get(index).map_or("", |(_, at)| &self.text[at.clone()])
    }

    /// Whether a word is none of an operand's neighbours: parentheses, and what joins conditions.
    fn is_edge(&self, index: usize) -> bool {
        matches!(self.word(index), "(" | ")" | "[" | "]" | "," | "and" | "or" | "not" | "if" | "else")
    }

    /// The kind of an operand, and the word behind it.
    fn operand(&self, first: usize) -> Option<(Sort, usize)> {
        match self.words.get(first)?.0 {
            Kind::Quoted => Some((Sort::Text, first + 1)),
            // A number with a point has three words.
            Kind::Number if self.word(first + 1) == "." => Some((Sort::Number, first + 3)),
            Kind::Number => Some((Sort::Number, first + 1)),
            Kind::Name if matches!(self.word(first), "true" | "false" | "True" | "False") => Some((Sort::Truth, first + 1)),
            Kind::Name => {
                let mut end = first + 1;
                while self.word(end) == "." && self.words.get(end + 1).is_some_and(|next| next.0 == Kind::Name) {
                    end += 2;
                }
                let name: String = (first..end).map(|index| self.word(index)).collect();
                Some(((self.sort)(&name)?, end))
            }
            Kind::Sign(_) => None,
        }
    }

    /// The word behind a comparing operator.
    fn operator(&self, first: usize) -> Option<usize> {
        match (self.word(first), self.word(first + 1)) {
            ("=" | "!" | "<" | ">", "=") => Some(first + 2),
            ("<" | ">", _) => Some(first + 1),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let sort = |name: &str| match name {
            "vars.n" => Some(Sort::Number),
            "vars.t" | "svc.name" => Some(Sort::Text),
            "vars.b" => Some(Sort::Truth),
            _ => None,
        };
        assert_eq!(mixed(text, &sort).map(|(at, _)| &text[at]), expected, "{text}");
    }

    #[test]
    fn what_cannot_be_compared_is_found() {
        check("vars.n > '3'", Some("vars.n > '3'"));
        check("vars.n == 3 and (vars.n == '5')", Some("vars.n == '5'"));
        check("not vars.b == 'true'", Some("vars.b == 'true'"));
        check("1 if vars.t <= 1.5 else 2", Some("vars.t <= 1.5"));
        check("svc.name != true", Some("svc.name != true"));
        check("'5' == vars.n", Some("'5' == vars.n"));
    }

    #[test]
    fn what_can_be_compared_or_is_not_known_is_left_alone() {
        for text in [
            "vars.n > 3",
            "vars.t == 'a'",
            "vars.b == false",
            "vars.list == '5'",
            "vars.t | length > 3",
            "vars.n + 1 == 2",
            "vars.n in [1, 2]",
            "vars.t ~ 'x' == 'ax'",
            "vars.n | string == '5'",
            "",
        ] {
            check(text, None);
        }
    }
}
