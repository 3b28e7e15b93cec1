//! Expressions in values: found in the text, compiled, their names compared with what is known, evaluated.
//! It must not know which keys there are.
//!
//! `${{ vars.x }}` is an expression, `$${{` is a literal `${{`, a bare `{{` is a mistake. A value that is exactly one
//! expression keeps the native type of its result, also if that is a list, a map or none; one with several pieces is text, or
//! none if one of them is. Expressions are those of minijinja,
//! without function calls, without `*` and with the filters of `engine::FILTERS`: nothing in them can loop, or make
//! something large of something small, or depend on anything but the suite and its variables.

mod allowed;
mod comparison;
mod compile;
mod context;
mod engine;
mod foreign;
mod misplaced;
mod native;
mod parts;
mod scope;
mod substitute;
mod template;
mod words;

pub(crate) use compile::{compile, compile_bare};
pub(crate) use context::{Context, Facts, Group};
#[cfg(test)]
pub(crate) use engine::{FILTERS, TESTS};
pub(crate) use foreign::{of_braces, of_line};
pub(crate) use parts::{has_expression, literally};
pub(crate) use scope::{ANY, Fact, Lacking, Scope, is_taken};
pub(crate) use substitute::{literal, substituted, substituted_bare};
pub(crate) use template::{NoResult, Template};
