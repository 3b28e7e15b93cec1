//! The ranges, words and names that single values are made of, with the checks on them.

use crate::model::selector::{is_label_key, is_label_value};
use crate::model::units::Micros;
use crate::suite::source::printable;

/// Words of a closed set.
#[derive(Debug)]
pub(crate) struct Words {
    /// What one of them is: `probe type`.
    pub(crate) what: &'static str,
    /// Those that are supported, each with what it means.
    pub(crate) now: &'static [(&'static str, &'static str)],
    /// Those that the language has and this version does not support yet.
    pub(crate) later: &'static [&'static str],
}

/// Whole numbers from the first to the last.
#[derive(Debug)]
pub(crate) struct WholeRange {
    pub(crate) least: u32,
    pub(crate) most: u32,
}

/// Durations from the first to the last.
#[derive(Debug)]
pub(crate) struct DurationRange {
    pub(crate) least: Micros,
    pub(crate) most: Micros,
}

/// How something may be called.
#[derive(Debug)]
pub(crate) struct NamePattern {
    /// As a regular expression, for editors and messages.
    pub(crate) pattern: &'static str,
    /// In words.
    pub(crate) words: &'static str,
    /// The check itself.
    pub(crate) fits: fn(&str) -> bool,
}

/// The most characters of an id, a tag, a label or a name.
const LONGEST: usize = 63;

/// Ids and tags.
pub(super) const ID: NamePattern = NamePattern {
    pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
    words: "letters, digits, `.`, `_` and `-`, beginning with a letter or digit, at most 63",
    fits: |name| {
        let rest = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        name.len() <= LONGEST && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric()) && name.bytes().all(rest)
    },
};

/// Variables and axes: what can stand behind the dot in `vars.x`.
pub(crate) const IDENTIFIER: NamePattern = NamePattern {
    pattern: "^[A-Za-z_][A-Za-z0-9_]{0,62}$",
    words: "letters, digits and `_`, not beginning with a digit, at most 63",
    fits: |name| {
        let first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        name.len() <= LONGEST
            && name.bytes().next().is_some_and(first)
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    },
};

/// The values of an axis as they stand in the ids of cases.
pub(crate) const LABEL: NamePattern = NamePattern {
    pattern: "^[^,=\\[\\]/\\s]([^,=\\[\\]/\\x00-\\x1f]{0,61}[^,=\\[\\]/\\s])?$",
    words: "1 to 63 characters without `,`, `=`, `[`, `]`, `/`, control characters, or spaces at the ends",
    fits: |label| {
        let refused = |character: char| matches!(character, ',' | '=' | '[' | ']' | '/') || printable(character) != character;
        (1..=LONGEST).contains(&label.chars().count()) && label.trim() == label && !label.contains(refused)
    },
};

/// Nodes, as Kubernetes names them (RFC 1123).
pub(crate) const NODE_NAME: NamePattern = NamePattern {
    pattern: "^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
    words: "a node's name: lower-case letters, digits, `-` and `.`, at most 253",
    fits: |name| is_dns_name(name, 253, b"-."),
};

/// Pods, as Kubernetes names them (RFC 1123).
pub(crate) const POD_NAME: NamePattern = NamePattern {
    pattern: "^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
    words: "a pod's name: lower-case letters, digits, `-` and `.`, at most 253",
    fits: |name| is_dns_name(name, 253, b"-."),
};

/// Zones: values of a label.
pub(crate) const ZONE_NAME: NamePattern = NamePattern {
    pattern: "^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
    words: "a zone's name: letters, digits, `-`, `_` and `.`, at most 63",
    fits: |name| !name.is_empty() && is_label_value(name),
};

/// Namespaces (RFC 1123 labels).
pub(crate) const NAMESPACE: NamePattern = NamePattern {
    pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    words: "a namespace's name: lower-case letters, digits and `-`, at most 63",
    fits: is_dns_label,
};

/// Names of ports (RFC 1123 labels).
pub(crate) const PORT_NAME: NamePattern = NamePattern {
    pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    words: "a port's name: lower-case letters, digits and `-`, at most 63",
    fits: is_dns_label,
};

/// Names of headers (RFC 9110 5.1), but for those that a request has anyway.
pub(crate) const HEADER: NamePattern = NamePattern {
    pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,63}$",
    words: "the name of a header, of at most 63 characters, other than host, authorization, and those of connections and bodies",
    fits: |name| {
        let own = ["host", "authorization", "connection", "content-length", "transfer-encoding", "upgrade", "expect", "te", "trailer"];
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+.^_`|~-".contains(&byte);
        (1..=LONGEST).contains(&name.len()) && name.bytes().all(token) && !own.iter().any(|own| name.eq_ignore_ascii_case(own))
    },
};

/// Services with their namespaces.
pub(crate) const SERVICE_NAME: NamePattern = NamePattern {
    pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    words: "a namespace and the name of a Service, such as kube-system/kube-dns",
    fits: |name| name.split_once('/').is_some_and(|(namespace, name)| is_dns_label(namespace) && is_dns_label(name)),
};

/// A key of a Secret, with the Secret's namespace and name.
pub(crate) const SECRET_KEY: NamePattern = NamePattern {
    pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/[A-Za-z0-9._-]{1,253}$",
    words: "the namespace and the name of a Secret and one of its keys, such as shop/api-token/token",
    fits: is_secret_key,
};

fn is_secret_key(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let [namespace, name, key] = parts.as_slice() else { return false };
    let in_key = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    is_dns_label(namespace) && is_dns_name(name, 253, b".-") && (1..=253).contains(&key.len()) && key.bytes().all(in_key)
}

/// Fixtures: the names of their Services are made of it, and have at most 63 characters (RFC 1035 labels).
pub(crate) const FIXTURE_NAME: NamePattern = NamePattern {
    pattern: "^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$",
    words: "a fixture's name: lower-case letters, digits and `-`, a letter first, at most 40",
    fits: |name| is_dns_name(name, 40, b"-") && name.starts_with(|first: char| first.is_ascii_lowercase()),
};

fn is_dns_label(name: &str) -> bool {
    is_dns_name(name, LONGEST, b"-")
}

/// Lower-case letters and digits, and these within.
fn is_dns_name(name: &str, longest: usize, within: &[u8]) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let end = |byte: Option<u8>| byte.is_some_and(alphanumeric);
    name.len() <= longest
        && name.bytes().all(|byte| alphanumeric(byte) || within.contains(&byte))
        && end(name.bytes().next())
        && end(name.bytes().last())
}

/// Keys of labels.
pub(crate) const LABEL_KEY: NamePattern = NamePattern {
    pattern: "^([a-z0-9][a-z0-9.-]{0,252}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
    words: "a label's key, such as `pool` or `example.com/pool`",
    fits: is_label_key,
};

/// Values of labels.
pub(crate) const LABEL_VALUE: NamePattern = NamePattern {
    pattern: "^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$",
    words: "a label's value: letters, digits, `-`, `_` and `.`, at most 63",
    fits: is_label_value,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &NamePattern, good: &[&str], bad: &[&str]) {
        for name in good {
            assert!((pattern.fits)(name), "{name}");
        }
        for name in bad {
            assert!(!(pattern.fits)(name), "{name}");
        }
    }

    #[test]
    fn names_fit_or_do_not() {
        let long = "a".repeat(64);
        check(&ID, &["a", "pod-to-pod", "9.x_Y"], &["", "-a", "a b", "ä", "a/b", "a[b]", &long]);
        check(&IDENTIFIER, &["a", "_a1", "lossMax"], &["", "1a", "a-b", "a.b", &long]);
        check(&NODE_NAME, &["a", "ip-10-0-0-1.eu.internal"], &["", "A", "-a", "a.", "a/b", &"a".repeat(254)]);
        check(&POD_NAME, &["cart-0", "a.b"], &["", "A", "-a", "a.", "shop/a", &"a".repeat(254)]);
        check(&ZONE_NAME, &["a", "eu-1a", "A_1.b"], &["", "-a", "a b", &long]);
        check(&NAMESPACE, &["a", "0", "kube-system"], &["", "A", "-a", "a-", "a.b", "a/b", &long]);
        check(&SECRET_KEY, &["shop/api.token/tls.key", "a/0/_"], &["", "a/b", "a/b/", "a//c", "A/b/c", "a/b./c", "a/b/c/d", "a/b/ä"]);
        check(&SERVICE_NAME, &["kube-system/kube-dns", "a/0"], &["", "a", "a/", "/a", "a/b/c", "A/b", "a/b."]);
        check(&FIXTURE_NAME, &["a", "nc-echo", "a0"], &["", "0a", "A", "-a", "a-", "a.b", &"a".repeat(49)]);
        check(&LABEL_KEY, &["a", "example.com/a", "A_b"], &["", "/a", "a/", "A/b", "a b", &long]);
        check(&LABEL_VALUE, &["", "a", "A_b.c"], &["-", "a b", &long]);
        check(&LABEL, &["a", "10ms", "ä ö", "a.b-c:d"], &["", " a", "a,b", "a=b", "a[", "a]", "a/b", "a\tb", "a\u{7f}", &long]);
    }
}
