//! Comparisons of what can never be equal: a number and a text, which the engine orders by their kinds and says nothing, or a
//! variable with choices and a text that is none of them. It must not know what a comparison decides.

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

/// The first text that a variable is compared with and can never be, with the variable's name; `choices` gives a variable's choices.
pub(super) fn never<'a>(text: &str, choices: &dyn Fn(&str) -> Option<&'a [String]>) -> Option<(Range<usize>, String, &'a [String])> {
    let words = words(text);
    let reader = Reader { text, words: &words, sort: &|name| choices(name).map(|_| Sort::Text) };
    (0..words.len()).find_map(|first| {
        let name = reader.name(first)?;
        let of_name = choices(&name.text)?;
        let literal = reader.literals(first, name.end).into_iter().find(|index| reader.is_other(*index, of_name))?;
        Some((words[literal].1.clone(), name.text, of_name))
    })
}

struct Reader<'a> {
    text: &'a str,
    words: &'a [Word],
    sort: &'a dyn Fn(&str) -> Option<Sort>,
}

/// A variable in an expression.
struct Variable {
    text: String,
    /// The word behind it.
    end: usize,
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
                let name = self.name(first)?;
                Some(((self.sort)(&name.text)?, name.end))
            }
            Kind::Sign(_) => None,
        }
    }

    /// The name that begins at that word, with its fields.
    fn name(&self, first: usize) -> Option<Variable> {
        let is_name = |index: usize| self.words.get(index).is_some_and(|word| word.0 == Kind::Name);
        let begins = is_name(first) && first.checked_sub(1).is_none_or(|before| self.word(before) != ".");
        let mut end = first + 1;
        while self.word(end) == "." && is_name(end + 1) {
            end += 2;
        }
        begins.then(|| Variable { text: (first..end).map(|index| self.word(index)).collect(), end })
    }

    /// The quoted words that the variable from that word to that one is asked to equal: `v == 'a'`, `'a' != v`, `v in ['a', 'b']`.
    fn literals(&self, first: usize, end: usize) -> Vec<usize> {
        let equals = |index: usize| matches!((self.word(index), self.word(index + 1)), ("=" | "!", "="));
        let alone = |literal: usize| self.words.get(literal).is_some_and(|word| word.0 == Kind::Quoted) && self.is_alone(literal);
        let before = first.checked_sub(3).filter(|literal| equals(literal + 1) && alone(*literal));
        let behind = Some(end + 2).filter(|literal| equals(end) && alone(*literal));
        let list = end + usize::from(self.word(end) == "not");
        let listed = (self.word(list) == "in" && self.word(list + 1) == "[")
            .then(|| (list + 2..self.words.len()).take_while(|index| self.word(*index) != "]").filter(|index| alone(*index)));
        before.into_iter().chain(behind).chain(listed.into_iter().flatten()).collect()
    }

    /// Whether nothing is done with an operand of one word before it is compared.
    fn is_alone(&self, word: usize) -> bool {
        !matches!(self.word(word + 1), "~" | "|" | "[" | ".") && word.checked_sub(1).is_none_or(|before| self.word(before) != "~")
    }

    /// Whether a quoted word is none of these; one with escapes is not read.
    fn is_other(&self, word: usize, choices: &[String]) -> bool {
        let quoted = self.word(word);
        let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        !inner.contains('\\') && !choices.iter().any(|choice| choice == inner)
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
    fn what_is_none_of_the_choices_is_found() {
        let choices = ["lab".to_owned(), "prod".to_owned()];
        let check = |text: &str, expected: Option<&str>| {
            let found = never(text, &|name| (name == "vars.site").then_some(choices.as_slice()));
            assert_eq!(found.map(|(at, _, _)| &text[at]), expected, "{text}");
        };
        check("vars.site == 'prdo'", Some("'prdo'"));
        check("vars.n == 1 and (\"prdo\" != vars.site)", Some("\"prdo\""));
        check("vars.site in ['lab', 'prdo']", Some("'prdo'"));
        check("vars.site not in ['prdo']", Some("'prdo'"));
        check("1 if vars.site == '' else 2", Some("''"));
        for fine in [
            "vars.site == 'prod'",
            "vars.site in ['lab', 'prod']",
            "vars.site ~ 'x' == 'labx'",
            "vars.site == 'LAB' | lower",
            "vars.site | upper == 'LAB'",
            "vars.site[0] == 'l'",
            "vars.site < 'm'",
            "other.vars.site == 'x'",
            "vars.site == 'a\\'b'",
            "vars.sites == 'x'",
            "'x' in vars.site",
        ] {
            check(fine, None);
        }
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
