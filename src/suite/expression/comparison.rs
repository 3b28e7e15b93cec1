//! Comparisons that cannot mean what they say: of a number with a text, which the engine orders by their kinds and says nothing;
//! of texts by the alphabet, in which 9% is more than 10%; of a variable with a text that it can never be. It must not know what
//! a comparison decides.

use std::ops::Range;
use std::sync::OnceLock;

use super::words::{Kind, Word, words};

/// The kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Number,
    Text,
    Truth,
    /// A duration or a percentage, which is text with a unit: one and the same can be written in several ways.
    Quantity,
}

impl Sort {
    const fn noun(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Truth => "true or false",
            Self::Quantity => "a duration or a percentage",
        }
    }
}

/// What is known of a variable where an expression is evaluated.
pub(super) trait Known {
    /// Of what kind its value is; none for lists, maps and none.
    fn sort(&self, name: &str) -> Option<Sort>;

    /// Whether it is a variable of the suite's that has no value.
    fn is_unset(&self, name: &str) -> bool;

    /// The texts that it may be, if there are only some.
    fn choices(&self, name: &str) -> Option<&[String]>;
}

/// A comparison of two operands by themselves, without filters or arithmetic.
#[derive(Debug)]
pub(super) struct Comparison {
    /// Where it stands in the expression.
    at: Range<usize>,
    left: Operand,
    right: Operand,
    /// Whether it asks which is more.
    orders: bool,
    /// Whether the expression names its variables nowhere else: nothing before it asks whether they have a value.
    alone: bool,
    /// That nothing is wrong with it in any case, once that is known.
    sound: OnceLock<()>,
}

#[derive(Debug)]
struct Operand {
    what: What,
    at: Range<usize>,
}

#[derive(Debug)]
enum What {
    Variable(String),
    /// A text as it is meant, unless it has escapes.
    Text(Option<String>),
    Number,
    Truth,
}

/// What is wrong with a part of an expression.
pub(super) struct Wrong {
    pub(super) at: Range<usize>,
    pub(super) message: String,
    pub(super) expected: &'static str,
}

impl Comparison {
    /// What is wrong with it, if something is. Of variables that are the same in every case it is looked at once.
    pub(super) fn wrong(&self, known: &dyn Known) -> Option<Wrong> {
        if self.sound.get().is_some() {
            return None;
        }
        let wrong = self.wrong_here(known);
        if wrong.is_none() && [&self.left, &self.right].into_iter().all(Operand::is_fixed) {
            self.sound.get_or_init(|| ());
        }
        wrong
    }

    fn wrong_here(&self, known: &dyn Known) -> Option<Wrong> {
        if let Some(unset) = [&self.left, &self.right].into_iter().find(|operand| operand.is_unset(known))
            && self.orders
            && self.alone
        {
            let message = format!("`{}` has no value, and nothing is more or less than that", unset.name());
            let expected = "expected a value for it, or that it `is not none` asked before";
            return Some(Wrong { at: self.at.clone(), message, expected });
        }
        let (left, right) = (self.left.sort(known)?, self.right.sort(known)?);
        let wrong = |message, expected| Some(Wrong { at: self.at.clone(), message, expected });
        let with_choices = [&self.left, &self.right].into_iter().find_map(|operand| operand.choices(known));
        let is_choice = with_choices.is_some() && !self.orders;
        if [left, right].contains(&Sort::Quantity) && !is_choice {
            let message = "durations and percentages are not compared in expressions: 1s and 1000ms are the same, and two texts".to_owned();
            return wrong(message, "expected a bound in `expect` to compare them, or a variable with `choices` to tell cases apart");
        }
        if self.orders && left == Sort::Text && right == Sort::Text {
            return wrong("of two texts none is more: in the alphabet 9 comes after 10".to_owned(), "expected numbers");
        }
        if left != right && ![left, right].contains(&Sort::Quantity) {
            let message = format!("this compares {} with {}: they have no order, and are never equal", left.noun(), right.noun());
            return wrong(message, "expected two of one kind");
        }
        let (name, choices) = with_choices?;
        let text = [&self.left, &self.right].into_iter().find(|operand| operand.is_none_of(choices))?;
        let message = format!("`{name}` is never {}: its choices are {}", text.quoted(), choices.join(", "));
        Some(Wrong { at: text.at.clone(), message, expected: "expected one of its choices" })
    }
}

impl Operand {
    /// Whether it is the same in every case of a suite.
    fn is_fixed(&self) -> bool {
        !matches!(&self.what, What::Variable(name) if !name.starts_with("vars."))
    }

    fn name(&self) -> &str {
        match &self.what {
            What::Variable(name) => name,
            What::Text(_) | What::Number | What::Truth => "",
        }
    }

    fn is_unset(&self, known: &dyn Known) -> bool {
        matches!(&self.what, What::Variable(name) if known.is_unset(name))
    }

    fn sort(&self, known: &dyn Known) -> Option<Sort> {
        match &self.what {
            What::Variable(name) => known.sort(name),
            What::Text(_) => Some(Sort::Text),
            What::Number => Some(Sort::Number),
            What::Truth => Some(Sort::Truth),
        }
    }

    fn choices<'a>(&'a self, known: &'a dyn Known) -> Option<(&'a str, &'a [String])> {
        match &self.what {
            What::Variable(name) => known.choices(name).map(|choices| (name.as_str(), choices)),
            What::Text(_) | What::Number | What::Truth => None,
        }
    }

    fn is_none_of(&self, choices: &[String]) -> bool {
        matches!(&self.what, What::Text(Some(text)) if !choices.contains(text))
    }

    fn quoted(&self) -> String {
        match &self.what {
            What::Text(Some(text)) => format!("'{text}'"),
            What::Variable(_) | What::Text(None) | What::Number | What::Truth => String::new(),
        }
    }
}

/// Those of an expression, in its order; `v in ['a', 'b']` has one with each.
pub(super) fn comparisons(text: &str) -> Vec<Comparison> {
    let words = words(text);
    let reader = Reader { text, words: &words };
    (0..words.len()).flat_map(|first| reader.comparison(first).into_iter().chain(reader.memberships(first))).collect()
}

struct Reader<'a> {
    text: &'a str,
    words: &'a [Word],
}

impl Reader<'_> {
    /// One that begins at that word.
    fn comparison(&self, first: usize) -> Option<Comparison> {
        let (left, end) = self.operand(first).filter(|_| self.begins(first))?;
        let (orders, second) = self.operator(end)?;
        let (right, end) = self.operand(second).filter(|(_, end)| self.ends(*end))?;
        let alone = [&left, &right].into_iter().all(|operand| operand.name().is_empty() || self.names(operand.name()) == 1);
        Some(Comparison { at: left.at.start..self.end_of(end), left, right, orders, alone, sound: OnceLock::new() })
    }

    /// How often the expression has that name.
    fn names(&self, name: &str) -> usize {
        let named = |first: &usize| matches!(self.simple(*first), Some((What::Variable(other), _)) if other == name);
        (0..self.words.len()).filter(named).count()
    }

    /// Those of `v in [ … ]` and `v not in [ … ]`, where `v` begins at that word.
    fn memberships(&self, first: usize) -> Vec<Comparison> {
        let Some((_, end)) = self.operand(first).filter(|_| self.begins(first)) else { return Vec::new() };
        let list = end + usize::from(self.word(end) == "not");
        if self.word(list) != "in" || self.word(list + 1) != "[" {
            return Vec::new();
        }
        let one = |item: usize| {
            let (right, end) = self.operand(item).filter(|(_, end)| matches!(self.word(*end), "," | "]"))?;
            let (left, _) = self.operand(first)?;
            matches!(self.word(item - 1), "," | "[").then(|| Comparison {
                at: right.at.start..self.end_of(end),
                left,
                right,
                orders: false,
                alone: false,
                sound: OnceLock::new(),
            })
        };
        (list + 2..self.words.len()).take_while(|index| self.word(*index) != "]").filter_map(one).collect()
    }

    fn word(&self, index: usize) -> &str {
        self.words.get(index).map_or("", |(_, at)| &self.text[at.clone()])
    }

    /// Where the word before that one ends.
    fn end_of(&self, index: usize) -> usize {
        index.checked_sub(1).and_then(|last| self.words.get(last)).map_or(0, |(_, at)| at.end)
    }

    fn begins(&self, first: usize) -> bool {
        first.checked_sub(1).is_none_or(|before| self.is_edge(before))
    }

    fn ends(&self, end: usize) -> bool {
        end >= self.words.len() || self.is_edge(end)
    }

    /// Whether a word is none of an operand's neighbours: parentheses, and what joins conditions.
    fn is_edge(&self, index: usize) -> bool {
        matches!(self.word(index), "(" | ")" | "[" | "]" | "," | "and" | "or" | "not" | "if" | "else")
    }

    /// An operand, perhaps in parentheses, and the word behind it.
    fn operand(&self, first: usize) -> Option<(Operand, usize)> {
        if self.word(first) == "(" {
            let (inner, end) = self.operand(first + 1)?;
            return (self.word(end) == ")").then_some((inner, end + 1));
        }
        let (what, end) = self.simple(first)?;
        let at = self.words.get(first)?.1.start..self.end_of(end);
        Some((Operand { what, at }, end))
    }

    fn simple(&self, first: usize) -> Option<(What, usize)> {
        match self.words.get(first)?.0 {
            Kind::Quoted => {
                let quoted = self.word(first);
                let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
                Some((What::Text(Some(inner.to_owned()).filter(|inner| !inner.contains('\\'))), first + 1))
            }
            // A number with a point has three words.
            Kind::Number if self.word(first + 1) == "." => Some((What::Number, first + 3)),
            Kind::Number => Some((What::Number, first + 1)),
            Kind::Sign('-') if matches!(self.words.get(first + 1), Some((Kind::Number, _))) => self.simple(first + 1),
            Kind::Name if matches!(self.word(first), "true" | "false" | "True" | "False") => Some((What::Truth, first + 1)),
            Kind::Name => Some(self.name(first)),
            Kind::Sign(_) => None,
        }
    }

    /// A name with its fields.
    fn name(&self, first: usize) -> (What, usize) {
        let mut end = first + 1;
        while self.word(end) == "." && matches!(self.words.get(end + 1), Some((Kind::Name, _))) {
            end += 2;
        }
        (What::Variable((first..end).map(|index| self.word(index)).collect()), end)
    }

    /// Whether a comparing operator asks which is more, and the word behind it.
    fn operator(&self, first: usize) -> Option<(bool, usize)> {
        match (self.word(first), self.word(first + 1)) {
            ("=" | "!", "=") => Some((false, first + 2)),
            ("<" | ">", "=") => Some((true, first + 2)),
            ("<" | ">", _) => Some((true, first + 1)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Table {
        site: Vec<String>,
    }

    impl Known for Table {
        fn is_unset(&self, name: &str) -> bool {
            name == "vars.none"
        }

        fn sort(&self, name: &str) -> Option<Sort> {
            match name {
                "vars.n" => Some(Sort::Number),
                "vars.t" | "svc.name" | "vars.site" => Some(Sort::Text),
                "vars.b" => Some(Sort::Truth),
                "vars.d" | "vars.slow" => Some(Sort::Quantity),
                _ => None,
            }
        }

        fn choices(&self, name: &str) -> Option<&[String]> {
            matches!(name, "vars.site" | "vars.slow").then_some(self.site.as_slice())
        }
    }

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let known = Table { site: vec!["lab".to_owned(), "prod".to_owned()] };
        let wrong = comparisons(text).iter().find_map(|comparison| comparison.wrong(&known));
        assert_eq!(wrong.map(|wrong| &text[wrong.at]), expected, "{text}");
    }

    #[test]
    fn what_cannot_be_compared_is_found() {
        check("vars.n > '3'", Some("vars.n > '3'"));
        check("vars.n == 3 and (vars.n == '5')", Some("vars.n == '5'"));
        check("not vars.b == 'true'", Some("vars.b == 'true'"));
        check("1 if vars.t == 1.5 else 2", Some("vars.t == 1.5"));
        check("svc.name != true", Some("svc.name != true"));
        check("'5' == vars.n", Some("'5' == vars.n"));
        check("(vars.n) == '15'", Some("vars.n) == '15'"));
        check("vars.t == -1", Some("vars.t == -1"));
        check("vars.n in [15, '15']", Some("'15'"));
        check("vars.n not in ['15']", Some("'15'"));
    }

    #[test]
    fn quantities_and_texts_have_no_order() {
        check("vars.d < '20ms'", Some("vars.d < '20ms'"));
        check("vars.d == '20ms'", Some("vars.d == '20ms'"));
        check("vars.d == vars.d", Some("vars.d == vars.d"));
        check("vars.d in ['20ms']", Some("'20ms'"));
        check("vars.t >= 'a'", Some("vars.t >= 'a'"));
        check("vars.slow == 'lab'", None);
        check("vars.slow < 'lab'", Some("vars.slow < 'lab'"));
    }

    #[test]
    fn what_is_none_of_the_choices_is_found() {
        check("vars.site == 'prdo'", Some("'prdo'"));
        check("vars.n == 1 and (\"prdo\" != vars.site)", Some("\"prdo\""));
        check("vars.site in ['lab', 'prdo']", Some("'prdo'"));
        check("vars.site not in ['prdo']", Some("'prdo'"));
        check("1 if vars.site == '' else 2", Some("''"));
        check("vars.slow != 'prdo'", Some("'prdo'"));
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
            "vars.n in [1, -2]",
            "vars.t ~ 'x' == 'ax'",
            "vars.n | string == '5'",
            "vars.site == 'prod'",
            "vars.site in ['lab', 'prod']",
            "vars.site == 'LAB' | lower",
            "vars.site | upper == 'LAB'",
            "vars.site[0] == 'l'",
            "other.vars.site == 'x'",
            "vars.site == 'a\\'b'",
            "vars.sites == 'x'",
            "'x' in vars.site",
            "vars.site in ['x' ~ 'y']",
            "vars.d is none",
            "(",
            "",
        ] {
            check(text, None);
        }
    }
}
