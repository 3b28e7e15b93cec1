//! The types of variables: what fits each, and how a text becomes a value of one. It must not know who gave it.

use crate::model::address::{Cidr, Host};
use crate::model::units::{Bytes, Micros, Ppm};
use crate::suite::data;
use crate::suite::remarks::Remarks;
use crate::suite::source::Source;
use crate::suite::tree::{self, Literal, Scalar, Value};

/// The longest text of a variable, in bytes.
pub(crate) const LONGEST_VALUE: usize = 1_000;

/// The longest text from which a list or a map is read, in bytes.
const LONGEST_DATA: usize = 64 << 10;

/// The type of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Whole,
    Bool,
    Duration,
    Percent,
    Size,
    Host,
    Cidr,
    List,
    Map,
}

/// How a text from outside of a file is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As it would be written in a suite.
    Plain,
    /// As it would be written there in quotes.
    Quoted,
}

impl Type {
    const ALL: [Self; 10] =
        [Self::Text, Self::Whole, Self::Bool, Self::Duration, Self::Percent, Self::Size, Self::Host, Self::Cidr, Self::List, Self::Map];

    /// The type of that name in the suite language.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Its name in the suite language.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Whole => "int",
            Self::Bool => "bool",
            Self::Duration => "duration",
            Self::Percent => "percent",
            Self::Size => "size",
            Self::Host => "host",
            Self::Cidr => "cidr",
            Self::List => "list",
            Self::Map => "map",
        }
    }

    /// The type that a default implies.
    pub(crate) fn of(value: &Value) -> Self {
        let scalar = match value {
            Value::Scalar(scalar) => scalar,
            Value::List(_) => return Self::List,
            Value::Map(_) => return Self::Map,
            Value::None => return Self::Text,
        };
        match scalar.literal {
            Literal::Bool(_) => Self::Bool,
            Literal::Whole(_) => Self::Whole,
            Literal::Decimal | Literal::Text if Ppm::parse(&scalar.text).is_ok() => Self::Percent,
            Literal::Decimal | Literal::Text if Micros::parse(&scalar.text).is_ok() => Self::Duration,
            Literal::Decimal | Literal::Text => Self::Text,
        }
    }

    /// In words, for "expected …".
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Whole => "a whole number",
            Self::Duration => "a duration with its unit, such as 10ms",
            Self::Percent => "a percentage, such as 1%",
            Self::Text => "a text of at most 1,000 bytes",
            Self::Size => "a size in bytes, such as 1500, 9KiB or 1MB",
            Self::Host => "a DNS name or an IP address, without a port",
            Self::Cidr => "a network with the length of its prefix, such as 10.0.0.0/8",
            Self::List => "a list, such as [a, b]",
            Self::Map => "a map, such as {a: 1, b: 2}",
        }
    }

    /// A value as this type has it, if it fits; of a size the number of its bytes.
    ///
    /// # Errors
    /// What else there is to say of it, if anything.
    pub(crate) fn fit(self, value: Value) -> Result<Value, Option<String>> {
        let Value::Scalar(scalar) = value else {
            let fits = matches!((self, &value), (Self::List, Value::List(_)) | (Self::Map, Value::Map(_)));
            return if fits { Ok(value) } else { Err(None) };
        };
        if scalar.text.len() > LONGEST_VALUE {
            return Err(None);
        }
        let text = scalar.literal == Literal::Text;
        let fits = match self {
            Self::Text => text,
            Self::Whole => matches!(scalar.literal, Literal::Whole(_)),
            Self::Bool => matches!(scalar.literal, Literal::Bool(_)),
            Self::Duration => text && Micros::parse(&scalar.text).is_ok(),
            Self::Percent => text && Ppm::parse(&scalar.text).is_ok(),
            Self::Size => return size(&scalar).map(Value::Scalar).ok_or(None),
            Self::Host => text && Host::parse(&scalar.text).is_ok(),
            Self::Cidr => {
                return if text {
                    Cidr::parse(&scalar.text).map(|_| Value::Scalar(scalar)).map_err(|words| within(&words))
                } else {
                    Err(None)
                };
            }
            Self::List | Self::Map => false,
        };
        if fits { Ok(Value::Scalar(scalar)) } else { Err(self.advice(&scalar)) }
    }

    /// What a number or a truth value is, where a text is wanted.
    fn advice(self, scalar: &Scalar) -> Option<String> {
        let bare = scalar.literal != Literal::Text;
        match self {
            Self::Text if bare => Some(format!("to have it as a text, quote it: \"{}\"", scalar.text)),
            Self::Duration if bare => Some(format!("a duration has a unit: {}ms or {}s", scalar.text, scalar.text)),
            Self::Percent if bare => Some(format!("a percentage has its sign: {}%", scalar.text)),
            Self::Text
            | Self::Whole
            | Self::Bool
            | Self::Duration
            | Self::Percent
            | Self::Size
            | Self::Host
            | Self::Cidr
            | Self::List
            | Self::Map => None,
        }
    }

    /// What a text from the command line or the environment is as a value of this type.
    ///
    /// # Errors
    /// What else there is to say of it, if anything.
    pub(crate) fn read(self, text: &str, spelling: Spelling) -> Result<Value, Option<String>> {
        let single = |literal| Value::Scalar(Scalar::new(literal, text));
        let value = match (self, spelling) {
            (Self::List | Self::Map, Spelling::Plain) => return data_of(text).ok_or(None).and_then(|value| self.fit(value)),
            (Self::Bool, Spelling::Plain) => text.parse().ok().map(|truth| single(Literal::Bool(truth))),
            (Self::Whole | Self::Size, Spelling::Plain) => text.parse().ok().map(|number| single(Literal::Whole(number))),
            _ => None,
        };
        self.fit(value.unwrap_or_else(|| single(Literal::Text)))
    }

    /// Whether two values that fit it mean the same: 1s is 1000ms.
    pub(crate) fn same(self, one: &Value, other: &Value) -> bool {
        let (Some(first), Some(second)) = (one.scalar(), other.scalar()) else { return one == other };
        match self {
            Self::Duration => Micros::parse(&first.text) == Micros::parse(&second.text),
            Self::Percent => Ppm::parse(&first.text) == Ppm::parse(&second.text),
            Self::Whole | Self::Size | Self::Bool => first.literal == second.literal,
            Self::Host => Host::parse(&first.text) == Host::parse(&second.text),
            Self::Cidr => Cidr::parse(&first.text) == Cidr::parse(&second.text),
            Self::Text | Self::List | Self::Map => first.text == second.text,
        }
    }
}

/// Of an address in a network, which network it is.
fn within(words: &str) -> Option<String> {
    words.rsplit_once("the network ").map(|(_, network)| format!("did you mean {network}?"))
}

/// A size as its number of bytes, with the text that it was written in.
fn size(scalar: &Scalar) -> Option<Scalar> {
    let bytes = match scalar.literal {
        Literal::Whole(number) => number,
        Literal::Text => i64::try_from(Bytes::parse(&scalar.text).ok()?.0).ok()?,
        Literal::Bool(_) | Literal::Decimal => return None,
    };
    (bytes >= 0).then(|| Scalar { literal: Literal::Whole(bytes), ..scalar.clone() })
}

/// The list or the map that a text is, written as in YAML.
fn data_of(text: &str) -> Option<Value> {
    if text.len() > LONGEST_DATA {
        return None;
    }
    let source = Source::new("", text.to_owned());
    let mut remarks = Remarks::default();
    let node = tree::parse(source.main(), &mut remarks)?;
    // A name that is there twice, for example.
    if remarks.failed() || !data::is_sound(&node) { None } else { data::value(&node) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::language::VARIABLE_TYPES;

    #[test]
    fn the_language_names_every_type() {
        let words: Vec<_> = VARIABLE_TYPES.now.iter().map(|(word, _)| *word).collect();
        assert_eq!(words, Type::ALL.map(Type::word));
        assert!(words.iter().all(|word| Type::named(word).is_some()));
    }

    #[track_caller]
    fn check(word: &str, text: &str, expected: Option<&str>) {
        let value = Type::named(word).unwrap().read(text, Spelling::Plain);
        assert_eq!(value.ok().map(|value| value.to_string()).as_deref(), expected, "{word} {text}");
    }

    #[test]
    fn texts_are_read_as_their_type_is_written() {
        let good = [
            ("string", "5"),
            ("string", ""),
            ("int", "-3"),
            ("bool", "true"),
            ("duration", "1m30s"),
            ("percent", "0.5%"),
            ("size", "1500"),
            ("size", "9KiB"),
            ("host", "api.example.com"),
            ("host", "2001:db8::1"),
            ("cidr", "10.0.0.0/8"),
            ("list", "[]"),
            ("list", "[\"a\", 1, true, [\"b\"]]"),
            ("map", "{\"a\": 1, \"b\": {\"c\": \"d\"}}"),
        ];
        for (word, text) in good {
            check(word, text, Some(text));
        }
        check("list", "[a, b]", Some("[\"a\", \"b\"]"));
        check("map", "{a: x}", Some("{\"a\": \"x\"}"));
        let bad = [
            ("int", "three"),
            ("int", "1.5"),
            ("bool", "yes"),
            ("duration", "5"),
            ("percent", "5"),
            ("percent", "101%"),
            ("size", "-1"),
            ("size", "1.0001KiB"),
            ("size", "9 kib"),
            ("host", "a:80"),
            ("cidr", "10.0.0.1/8"),
            ("list", "a, b"),
            ("list", "[1.5]"),
            ("list", "[[[[a]]]]"),
            ("list", "{a: 1}"),
            ("list", "[${{ vars.a }}]"),
            ("map", "[a]"),
            ("map", "a"),
            ("map", "{a: }"),
            ("map", "{a: 1, a: 2}"),
        ];
        for (word, text) in bad {
            check(word, text, None);
        }
    }

    #[test]
    fn quoted_texts_are_texts_alone() {
        let fits = |word: &str, text: &str| Type::named(word).unwrap().read(text, Spelling::Quoted).is_ok();
        for (word, text) in [("string", "5"), ("string", "true"), ("duration", "5ms"), ("percent", "1%"), ("size", "9KiB"), ("host", "a")] {
            assert!(fits(word, text), "{word} {text}");
        }
        for (word, text) in [("int", "5"), ("bool", "true"), ("list", "[a]"), ("map", "{a: 1}")] {
            assert!(!fits(word, text), "{word} {text}");
        }
    }

    #[test]
    fn the_same_may_be_written_in_several_ways() {
        let same = |word: &str, one: &str, other: &str| {
            let kind = Type::named(word).unwrap();
            kind.same(&kind.read(one, Spelling::Plain).unwrap(), &kind.read(other, Spelling::Plain).unwrap())
        };
        assert!(
            same("duration", "1s", "1000ms")
                && same("percent", "1%", "1.0%")
                && same("size", "1KiB", "1024")
                && same("list", "[a]", "['a']")
        );
        assert!(!same("string", "a", "A") && !same("duration", "1s", "1ms") && !same("size", "1KB", "1KiB"));
    }
}
