//! What names of functions, filters and tests an expression may have. It must not know what its variables stand for.

use super::engine::{self, FILTERS, TESTS};
use super::words::{Name, Role, names};
use crate::suite::remarks::{any_of, did_you_mean};

/// Whether it is an expression, whatever its names stand for.
pub(super) fn is_readable(text: &str) -> bool {
    names(text).iter().all(|name| refused(name).is_none()) && engine::compile(text).is_ok()
}

/// Why a name may not be used in the role that it has, and what to try.
pub(super) fn refused(name: &Name) -> Option<(String, Vec<String>)> {
    let (kind, known): (&str, &[&str]) = match name.role {
        Role::Filter if !FILTERS.contains(&name.text.as_str()) => ("filter", &FILTERS),
        Role::Test if !TESTS.contains(&name.text.as_str()) => ("test", &TESTS),
        Role::Call => {
            return Some(("expressions have no functions".to_owned(), vec!["they have filters, tests and `a if b else c`".to_owned()]));
        }
        Role::Filter | Role::Test | Role::Variable => return None,
    };
    let near = did_you_mean(&name.text, known.iter().copied()).unwrap_or_else(|| format!("there are {}", any_of(known.iter().copied())));
    Some((format!("expressions have no {kind} `{}`", name.text), vec![near]))
}
