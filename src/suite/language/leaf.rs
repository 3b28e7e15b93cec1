//! Single values: what each kind accepts, in words and in code.

use std::sync::Arc;

use super::expectation::read_claim;
use super::host::read_host;
use super::units::{DurationRange, ID, LABEL, NamePattern, PORT_NAME, WholeRange, Words};
use crate::model::expect::Metric;
use crate::model::selector::Selector;
use crate::model::service::PortRef;
use crate::model::units::{Micros, Port, Ppm, thousands};
use crate::suite::codes;
use crate::suite::remarks::{Remark, any_of, did_you_mean};
use crate::suite::source::printable;
use crate::suite::tree::{Literal, Node, Scalar};
use crate::suite::vars::LONGEST_VALUE;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// The longest path, in bytes: more is none on Linux (`PATH_MAX`).
const LONGEST_PATH: usize = 4_095;
/// The longest runbook, in characters.
const LONGEST_RUNBOOK: usize = 500;

/// The kinds of single values.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Leaf {
    /// One of some words.
    Word(&'static Words),
    /// An id or a tag.
    Id,
    /// A name of another kind.
    Name(&'static NamePattern),
    /// A label selector.
    Selector,
    /// A machine, by its address.
    Host,
    /// A port of a Service, by its name or its number.
    Port,
    /// A line for people.
    Title,
    /// The path of another file.
    Path,
    /// A line for people that says something: an owner, a reason.
    Line,
    /// Where to read on: a URL or a path.
    Runbook,
    /// Whether something is so.
    Flag,
    /// A percentage above 0.
    Share,
    /// A whole number.
    Whole(&'static WholeRange),
    /// A duration with its unit.
    Duration(&'static DurationRange),
    /// An operator and a limit for a metric.
    Bound(Metric),
    /// The default of a variable.
    Variable,
    /// A value of a list axis, which is its label too.
    Label,
    /// A value of a map axis.
    Value,
}

/// Why a value does not fit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Of the remark.
    pub(crate) code: &'static str,
    /// The whole message, where it is not just a wrong value.
    pub(crate) message: Option<String>,
    /// Without "expected".
    pub(crate) expected: String,
    /// What to try.
    pub(crate) help: Option<String>,
}

impl Wrong {
    /// A value of the wrong kind or out of range.
    pub(super) fn value(expected: impl Into<String>) -> Self {
        Self { code: codes::WRONG_VALUE, message: None, expected: expected.into(), help: None }
    }

    pub(super) fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// For the value of a key.
    pub(crate) fn remark(self, name: &str, node: &Node, scalar: &Scalar) -> Remark {
        let message = self.message.unwrap_or_else(|| format!("wrong value for {}", quoted(name)));
        Remark::error(self.code, node.at, message).label(format!("expected {}, {}", self.expected, scalar.found())).help(self.help)
    }
}

/// A key as it is written; `a test` is a word of ours.
pub(crate) fn quoted(name: &str) -> String {
    if name.starts_with("a ") || name.starts_with("an ") { name.to_owned() } else { format!("`{name}`") }
}

impl Leaf {
    /// In words, for "expected …".
    pub(crate) fn expected(&self) -> String {
        match self {
            Self::Word(words) => any_of(words.now.iter().map(|(word, _)| *word)),
            Self::Id => format!("a name of {}", ID.words),
            Self::Name(pattern) => pattern.words.to_owned(),
            Self::Selector => "a label selector, such as `a=b,c!=d,e in (x,y),!f`".to_owned(),
            Self::Host => "an IPv4 or IPv6 address without a port, such as 10.0.0.10 or 2001:db8::1".to_owned(),
            Self::Port => "a port's number from 1 to 65535, or its name, such as http".to_owned(),
            Self::Share => "a percentage above 0% and up to 100%, such as 30%".to_owned(),
            Self::Path => format!("a path of at most {LONGEST_PATH} bytes, relative to this file"),
            Self::Line => format!("a text of 1 to {LONGEST_TITLE} characters"),
            Self::Runbook => format!("a URL with http:// or https://, or a path, without spaces, of 1 to {LONGEST_RUNBOOK} characters"),
            Self::Flag => "true or false".to_owned(),
            Self::Title => format!("a text of at most {LONGEST_TITLE} characters"),
            Self::Whole(range) => expected_whole(range),
            Self::Duration(range) => expected_duration(range),
            Self::Bound(metric) => metric.expected(),
            Self::Variable => format!(
                "a text of at most {} bytes, a whole number, true or false, a duration or a percentage",
                thousands(LONGEST_VALUE as u64)
            ),
            Self::Label => format!("a value of {}", LABEL.words),
            Self::Value => format!("a single value of at most {LONGEST_VALUE} bytes"),
        }
    }

    /// Whether a value fits.
    ///
    /// # Errors
    /// [`Wrong`] if it does not.
    pub(crate) fn check(&self, scalar: &Scalar) -> Result<(), Wrong> {
        let fits = |fits: bool| if fits { Ok(()) } else { Err(Wrong::value(self.expected())) };
        match self {
            Self::Word(words) => read_word(scalar, words).map(|_| ()),
            Self::Id => named(scalar, &ID, self.expected()),
            Self::Name(pattern) => read_name(scalar, pattern).map(|_| ()),
            Self::Selector => read_selector(scalar).map(|_| ()),
            Self::Host => read_host(scalar).map(|_| ()),
            Self::Port => read_port(scalar).map(|_| ()),
            Self::Share => read_share(scalar).map(|_| ()),
            Self::Path => fits(scalar.text.len() <= LONGEST_PATH && !scalar.text.is_empty() && !scalar.text.starts_with('/')),
            Self::Line => fits((1..=LONGEST_TITLE).contains(&scalar.text.trim().chars().count())),
            Self::Runbook => fits(is_runbook(&scalar.text)),
            Self::Flag => read_flag(scalar).map(|_| ()),
            Self::Title => fits(scalar.text.chars().count() <= LONGEST_TITLE),
            Self::Whole(range) => read_whole(scalar, range).map(|_| ()),
            Self::Duration(range) => read_duration(scalar, range).map(|_| ()),
            Self::Bound(metric) => read_claim(scalar, *metric).map(|_| ()),
            Self::Variable => {
                let help = Some(format!("to have it as a text, quote it: \"{}\"", scalar.text));
                let decimal = scalar.literal == Literal::Decimal;
                fits(scalar.text.len() <= LONGEST_VALUE && !decimal).map_err(|wrong| wrong.help(help.filter(|_| decimal)))
            }
            Self::Label => named(scalar, &LABEL, self.expected()),
            Self::Value => fits(scalar.text.len() <= LONGEST_VALUE),
        }
    }
}

/// Whether somebody could open it: reports show it as it is, and a browser would run what `javascript:` says.
fn is_runbook(text: &str) -> bool {
    let bounded = (1..=LONGEST_RUNBOOK).contains(&text.chars().count());
    let plain = text.chars().all(|character| !character.is_whitespace() && printable(character) == character);
    let opens = match text.split_once("://") {
        Some((scheme, rest)) => matches!(scheme, "http" | "https") && !rest.is_empty() && !rest.starts_with('/'),
        None => !text.split('/').next().is_some_and(|first| first.contains(':')),
    };
    bounded && plain && opens
}

/// What a key of a case says of it beside what is measured; nothing where it is left out.
///
/// # Errors
/// [`Wrong`] if it does not fit.
pub(crate) fn read_words(scalar: &Scalar, leaf: Leaf) -> Result<String, Wrong> {
    leaf.check(scalar).map(|()| scalar.text.trim().to_owned())
}

fn named(scalar: &Scalar, pattern: &NamePattern, expected: String) -> Result<(), Wrong> {
    if (pattern.fits)(&scalar.text) { Ok(()) } else { Err(Wrong { code: codes::BAD_NAME, ..Wrong::value(expected) }) }
}

/// A name of that kind.
///
/// # Errors
/// [`Wrong`] if it cannot be one.
pub(crate) fn read_name(scalar: &Scalar, pattern: &'static NamePattern) -> Result<Arc<str>, Wrong> {
    named(scalar, pattern, pattern.words.to_owned()).map(|()| Arc::clone(&scalar.text))
}

/// A label selector.
///
/// # Errors
/// [`Wrong`] if it cannot be read, with what is wrong.
pub(crate) fn read_selector(scalar: &Scalar) -> Result<Selector, Wrong> {
    Selector::parse(&scalar.text).map_err(|why| Wrong::value(Leaf::Selector.expected()).help(Some(why)))
}

/// A port of a Service.
///
/// # Errors
/// [`Wrong`] if no port is called so.
pub(crate) fn read_port(scalar: &Scalar) -> Result<PortRef, Wrong> {
    let number = || scalar.text.parse::<u16>().ok().and_then(Port::new);
    match scalar.literal {
        Literal::Whole(_) => number().map(PortRef::Number).ok_or_else(|| Wrong::value(Leaf::Port.expected())),
        // A name of digits alone is the number of another port to Kubernetes.
        Literal::Text if (PORT_NAME.fits)(&scalar.text) && number().is_none() => Ok(PortRef::Name(Arc::clone(&scalar.text))),
        _ => {
            let help = number().map(|_| "write it without quotes, and an expression without anything around it".to_owned());
            Err(Wrong::value(Leaf::Port.expected()).help(help))
        }
    }
}

/// One of the words.
///
/// # Errors
/// [`Wrong`] if it is another, or one that is not supported yet.
pub(crate) fn read_word(scalar: &Scalar, words: &Words) -> Result<&'static str, Wrong> {
    let known = words.now.iter().map(|(word, _)| *word);
    let expected = any_of(known.clone());
    if let Some(word) = known.clone().find(|word| **word == *scalar.text) {
        return Ok(word);
    }
    if words.later.contains(&&*scalar.text) {
        let message = Some(format!("the {} `{}` is not supported yet", words.what, scalar.text));
        return Err(Wrong { code: codes::NOT_YET, message, expected, help: None });
    }
    Err(Wrong::value(expected).help(did_you_mean(&scalar.text, known)))
}

/// Whether something is so.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_flag(scalar: &Scalar) -> Result<bool, Wrong> {
    if let Literal::Bool(flag) = scalar.literal { Ok(flag) } else { Err(Wrong::value(Leaf::Flag.expected())) }
}

/// A whole number in the range.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_whole(scalar: &Scalar, range: &WholeRange) -> Result<u32, Wrong> {
    let number = if let Literal::Whole(number) = scalar.literal { u32::try_from(number).ok() } else { None };
    let quoted = scalar.literal == Literal::Text && scalar.text.parse::<u32>().is_ok();
    let help = quoted.then(|| "write it without quotes, and an expression without anything around it".to_owned());
    number.filter(|number| (range.least..=range.most).contains(number)).ok_or_else(|| Wrong::value(expected_whole(range)).help(help))
}

fn expected_whole(range: &WholeRange) -> String {
    format!("a whole number from {} to {}", thousands(range.least.into()), thousands(range.most.into()))
}

/// A percentage above 0.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_share(scalar: &Scalar) -> Result<Ppm, Wrong> {
    let bare = matches!(scalar.literal, Literal::Whole(_) | Literal::Decimal);
    let help = bare.then(|| format!("a percentage has its sign: {}%", scalar.text));
    let share = Ppm::parse(&scalar.text).ok().filter(|share| share.0 > 0);
    share.ok_or_else(|| Wrong::value(Leaf::Share.expected()).help(help))
}

/// A duration in the range.
///
/// # Errors
/// [`Wrong`] if it is something else.
pub(crate) fn read_duration(scalar: &Scalar, range: &DurationRange) -> Result<Micros, Wrong> {
    let bare = matches!(scalar.literal, Literal::Whole(_) | Literal::Decimal);
    let help = bare.then(|| format!("a duration has a unit: {}ms or {}s", scalar.text, scalar.text));
    let duration = Micros::parse(&scalar.text).ok().filter(|_| scalar.literal == Literal::Text);
    let fits = duration.filter(|duration| (range.least..=range.most).contains(duration));
    fits.ok_or_else(|| Wrong::value(expected_duration(range)).help(help))
}

fn expected_duration(range: &DurationRange) -> String {
    let example = if range.least.0 < 1_000_000 { "10ms" } else { "30s" };
    format!("a duration from {} to {} with its unit, such as {example}", range.least, range.most)
}
