//! Single values: what each kind accepts, in words and in code.

use std::sync::Arc;

use super::claim::read_claim;
use super::count::{expected_count, read_count};
use super::host::{EXPECTED_ADDRESS, EXPECTED_HOST, read_address, read_host};
use super::numbers::{EXPECTED_SHARE, expected_duration, expected_whole, read_duration, read_share, read_whole};
use super::pick::{expected_pick, read_pick};
use super::units::{DurationRange, ID, LABEL, NamePattern, PORT_NAME, WholeRange, Words};
use super::wrong::Wrong;
use crate::model::address::Host;
use crate::model::expect::Metric;
use crate::model::probe::HttpProbe;
use crate::model::selector::Selector;
use crate::model::service::PortRef;
use crate::model::taint::{Taint, Toleration};
use crate::model::units::{Port, thousands};
use crate::suite::codes;
use crate::suite::remarks::{any_of, did_you_mean};
use crate::suite::source::printable;
use crate::suite::tree::{Literal, Scalar};
use crate::suite::vars::LONGEST_VALUE;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// The longest value of a header, in bytes.
const LONGEST_HEADER: usize = 4_096;

/// Before and behind the name of a secret in a text: a character for private use, which no suite can write into a header.
pub(crate) const SECRET_MARK: char = '\u{f8ff}';

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
    /// Taints that a suite tolerates.
    Toleration,
    /// A taint of a node.
    Taint,
    /// A machine, by its address or its name.
    Host,
    /// A machine, by its address.
    Address,
    /// A port of a Service, by its name or its number.
    Port,
    /// What is asked for at a server.
    UrlPath,
    /// Whom a certificate must name.
    ServerName,
    /// A text that may have secrets in it.
    Secretive,
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
    /// A number of questions, or the word for one that follows from the plan.
    Count,
    /// How many of some pods.
    Pick,
    /// A value of a list axis, which is its label too.
    Label,
    /// A value of a map axis.
    Value,
}

impl Leaf {
    /// In words, for "expected …".
    pub(crate) fn expected(&self) -> String {
        match self {
            Self::Word(words) => any_of(words.now.iter().map(|(word, _)| *word)),
            Self::Id => format!("a name of {}", ID.words),
            Self::Name(pattern) => pattern.words.to_owned(),
            Self::Selector => "a label selector, such as `a=b,c!=d,e in (x,y),!f`".to_owned(),
            Self::Toleration => Toleration::EXPECTED.to_owned(),
            Self::Taint => Taint::EXPECTED.to_owned(),
            Self::Host => EXPECTED_HOST.to_owned(),
            Self::Address => EXPECTED_ADDRESS.to_owned(),
            Self::Port => "a port's number from 1 to 65535, or its name, such as http".to_owned(),
            Self::Share => EXPECTED_SHARE.to_owned(),
            Self::UrlPath => {
                format!("a path of visible characters that begins with /, of at most {} bytes", thousands(HttpProbe::PATH_LIMIT as u64))
            }
            Self::ServerName => "a DNS name or an IP address, such as kubernetes.default.svc".to_owned(),
            Self::Secretive => {
                format!("a text of 1 to {} visible characters, which may have secrets in it", thousands(LONGEST_HEADER as u64))
            }
            Self::Path => format!("a path of at most {LONGEST_PATH} bytes, relative to this file"),
            Self::Line => format!("a text of 1 to {LONGEST_TITLE} characters"),
            Self::Runbook => format!("a URL with http:// or https://, or a path, without spaces, of 1 to {LONGEST_RUNBOOK} characters"),
            Self::Flag => "true or false".to_owned(),
            Self::Title => format!("a text of at most {LONGEST_TITLE} characters"),
            Self::Whole(range) => expected_whole(range),
            Self::Count => expected_count(),
            Self::Pick => expected_pick(),
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
            Self::Toleration => read_toleration(scalar).map(|_| ()),
            Self::Taint => Taint::parse(&scalar.text).map(|_| ()).map_err(|why| Wrong::value(self.expected()).help(Some(why))),
            Self::Host => read_host(scalar).map(|_| ()),
            Self::Address => read_address(scalar).map(|_| ()),
            Self::Port => read_port(scalar).map(|_| ()),
            Self::Share => read_share(scalar).map(|_| ()),
            Self::UrlPath => fits(is_url_path(&scalar.text)),
            Self::ServerName => fits(Host::parse(&scalar.text).is_ok()),
            Self::Secretive => fits(is_secretive(&scalar.text)),
            Self::Path => fits(scalar.text.len() <= LONGEST_PATH && !scalar.text.is_empty() && !scalar.text.starts_with('/')),
            Self::Line => fits((1..=LONGEST_TITLE).contains(&scalar.text.trim().chars().count())),
            Self::Runbook => fits(is_runbook(&scalar.text)),
            Self::Flag => read_flag(scalar).map(|_| ()),
            Self::Title => fits(scalar.text.chars().count() <= LONGEST_TITLE),
            Self::Whole(range) => read_whole(scalar, range).map(|_| ()),
            Self::Count => read_count(scalar).map(|_| ()),
            Self::Pick => read_pick(scalar).map(|_| ()),
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

/// What a request can have in its first line (RFC 9112 3.2.1), without a fragment, which nobody would be sent.
fn is_url_path(text: &str) -> bool {
    text.starts_with('/')
        && text.len() <= HttpProbe::PATH_LIMIT
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'"' | b'<' | b'>' | b'`'))
}

/// What a header can hold; the marks of secrets are no visible characters.
fn is_secretive(text: &str) -> bool {
    let fits = |character: char| character == SECRET_MARK || character == ' ' || character.is_ascii_graphic();
    (1..=LONGEST_HEADER).contains(&text.len()) && text.chars().all(fits)
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

/// Taints that a suite tolerates.
///
/// # Errors
/// [`Wrong`] if they cannot be read, with what is wrong.
pub(crate) fn read_toleration(scalar: &Scalar) -> Result<Toleration, Wrong> {
    Toleration::parse(&scalar.text).map_err(|why| Wrong::value(Leaf::Toleration.expected()).help(Some(why)))
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
