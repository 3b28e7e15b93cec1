//! Label selectors as Kubernetes writes them: a text of requirements joined by commas, all of which must hold.
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>

use std::collections::BTreeMap;
use std::fmt;

/// Labels of a node.
pub type Labels = BTreeMap<String, String>;

/// The longest name or value of a label, in bytes; a key may have a DNS name of up to 253 bytes and `/` before its name.
const LONGEST: usize = 63;

/// The most requirements of a selector.
const REQUIREMENTS_LIMIT: usize = 100;

/// What labels must be like.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Selector {
    requirements: Vec<Requirement>,
    text: String,
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Test {
    /// `key=a`, `key==a`, `key in (a,b)`: the label is there, with one of these values.
    In(Vec<String>),
    /// `key!=a`, `key notin (a,b)`: the label is not there, or has another value.
    NotIn(Vec<String>),
    /// `key`.
    There,
    /// `!key`.
    Absent,
}

impl Selector {
    /// Reads the text of one.
    ///
    /// # Errors
    /// In a line, what is wrong with which part.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = split(text)?;
        if parts.len() > REQUIREMENTS_LIMIT {
            return Err(format!("it has {} requirements, more than {REQUIREMENTS_LIMIT}", parts.len()));
        }
        let requirements = parts.into_iter().map(Requirement::parse).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { requirements, text: text.trim().to_owned() })
    }

    /// Whether labels are like that.
    #[must_use]
    pub fn fits(&self, labels: &Labels) -> bool {
        self.requirements.iter().all(|requirement| requirement.fits(labels))
    }

    /// The key of the first requirement that none of these labels meets, together with the ones before it: what to look at
    /// when nothing fits. None if something fits.
    #[must_use]
    pub fn unmet<'l>(&self, all: &(impl Iterator<Item = &'l Labels> + Clone)) -> Option<&str> {
        let met = |count: usize| all.clone().any(|labels| self.requirements[..count].iter().all(|requirement| requirement.fits(labels)));
        (1..=self.requirements.len()).find(|count| !met(*count)).map(|count| self.requirements[count - 1].key.as_str())
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// At commas outside of brackets.
fn split(text: &str) -> Result<Vec<&str>, String> {
    let (mut parts, mut start, mut inside) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' if inside => return Err("it has `(` within brackets".to_owned()),
            b')' if !inside => return Err("it has `)` without `(`".to_owned()),
            b'(' => inside = true,
            b')' => inside = false,
            b',' if !inside => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    if inside {
        return Err("it has `(` without `)`".to_owned());
    }
    parts.push(text[start..].trim());
    Ok(parts)
}

impl Requirement {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("it has nothing before or after a comma, or nothing at all".to_owned());
        }
        if let Some(key) = text.strip_prefix('!') {
            return Ok(Self { key: key_of(key)?, test: Test::Absent });
        }
        if let Some((key, values)) = text.split_once('(') {
            return Self::of_set(text, key, values);
        }
        if let Some((key, value)) = text.split_once("!=") {
            return Ok(Self { key: key_of(key)?, test: Test::NotIn(vec![value_of(value)?]) });
        }
        if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
            return Ok(Self { key: key_of(key)?, test: Test::In(vec![value_of(value)?]) });
        }
        Ok(Self { key: key_of(text)?, test: Test::There })
    }

    fn of_set(text: &str, before: &str, values: &str) -> Result<Self, String> {
        let values = values.strip_suffix(')').ok_or_else(|| format!("{text:?} goes on after `)`"))?;
        let values = values.split(',').map(value_of).collect::<Result<Vec<_>, _>>()?;
        match before.split_whitespace().collect::<Vec<_>>().as_slice() {
            [key, "in"] => Ok(Self { key: key_of(key)?, test: Test::In(values) }),
            [key, "notin"] => Ok(Self { key: key_of(key)?, test: Test::NotIn(values) }),
            _ => Err(format!("{text:?} is neither `KEY in (…)` nor `KEY notin (…)`")),
        }
    }

    fn fits(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match &self.test {
            Test::In(values) => value.is_some_and(|value| values.contains(value)),
            Test::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            Test::There => value.is_some(),
            Test::Absent => value.is_none(),
        }
    }
}

fn key_of(text: &str) -> Result<String, String> {
    let key = text.trim();
    if is_label_key(key) { Ok(key.to_owned()) } else { Err(format!("{key:?} is no key of a label")) }
}

fn value_of(text: &str) -> Result<String, String> {
    let value = text.trim();
    if is_label_value(value) { Ok(value.to_owned()) } else { Err(format!("{value:?} is no value of a label")) }
}

/// Whether a label may have that key: `NAME` or `DOMAIN/NAME`.
#[must_use]
pub fn is_label_key(key: &str) -> bool {
    let (domain, name) = key.split_once('/').map_or((None, key), |(domain, name)| (Some(domain), name));
    let in_domain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let fits = |domain: &str| (1..=253).contains(&domain.len()) && domain.bytes().all(in_domain) && is_label_value(&domain[..1]);
    domain.is_none_or(fits) && !name.is_empty() && is_label_value(name)
}

/// Whether a label may have that value: up to 63 letters, digits, `-`, `_` and `.`, with letters or digits at the ends; or none.
#[must_use]
pub fn is_label_value(value: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let end = |byte: Option<u8>| byte.is_none_or(|byte| byte.is_ascii_alphanumeric());
    value.len() <= LONGEST && value.bytes().all(inner) && end(value.bytes().next()) && end(value.bytes().last())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Labels {
        text.split_whitespace().filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    #[track_caller]
    fn check(selector: &str, fitting: &[&str], others: &[&str]) {
        let selector = Selector::parse(selector).unwrap();
        assert!(fitting.iter().all(|text| selector.fits(&labels(text))), "{selector}");
        assert!(!others.iter().any(|text| selector.fits(&labels(text))), "{selector}");
    }

    #[test]
    fn a_selector_fits_as_kubernetes_has_it() {
        check("a=b", &["a=b", "a=b c=d"], &["", "a=c", "c=b"]);
        check("a == b", &["a=b"], &["a=c"]);
        check("a=", &["a="], &["", "a=c"]);
        check("a!=b", &["", "a=c"], &["a=b"]);
        check("a in (x, y)", &["a=x", "a=y"], &["", "a=z"]);
        check("a notin (x,y)", &["", "a=z"], &["a=x"]);
        check("a", &["a=", "a=b"], &["", "b=a"]);
        check("!a", &["", "b=a"], &["a="]);
        check("a=b,c!=d,e in (x,y),!f", &["a=b e=x", "a=b c=e e=y"], &["a=b", "a=b e=x f=", "a=b c=d e=x"]);
        check("topology.kubernetes.io/zone=eu-1a", &["topology.kubernetes.io/zone=eu-1a"], &["zone=eu-1a"]);
    }

    #[track_caller]
    fn refused(selector: &str, expected: &str) {
        assert_eq!(Selector::parse(selector).map(|selector| selector.to_string()), Err(expected.to_owned()), "{selector}");
    }

    #[test]
    fn what_is_no_selector_is_refused_with_its_part() {
        refused("", "it has nothing before or after a comma, or nothing at all");
        refused("a=b,", "it has nothing before or after a comma, or nothing at all");
        refused("a in (x", "it has `(` without `)`");
        refused("a in x)", "it has `)` without `(`");
        refused("a in ((x)", "it has `(` within brackets");
        refused("a in (x) y", "\"a in (x) y\" goes on after `)`");
        refused("a is (x)", "\"a is (x)\" is neither `KEY in (…)` nor `KEY notin (…)`");
        refused("a b", "\"a b\" is no key of a label");
        refused("a=b c", "\"b c\" is no value of a label");
        refused("a>1", "\"a>1\" is no key of a label");
        refused("/a=b", "\"/a\" is no key of a label");
        refused("=b", "\"\" is no key of a label");
        refused(&"a,".repeat(200), "it has 201 requirements, more than 100");
    }

    #[test]
    fn the_requirement_that_leaves_nothing_is_named() {
        let all = [labels("a=b c=d"), labels("a=x c=e")];
        let unmet = |text: &str| Selector::parse(text).unwrap().unmet(&all.iter()).map(str::to_owned);
        assert_eq!((unmet("a=b,c=d"), unmet("a=b,c=e"), unmet("!a")), (None, Some("c".to_owned()), Some("a".to_owned())));
    }
}
