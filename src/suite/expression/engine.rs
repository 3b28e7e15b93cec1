//! The expression engine, minijinja, with nothing in it that could surprise: an empty environment and a few filters and
//! tests. Only this module and `template` know it.

use std::ops::Range;
use std::sync::OnceLock;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Expression, State, UndefinedBehavior, Value, filters, tests};

/// The filters that expressions may use.
pub(crate) const FILTERS: [&str; 17] = [
    "abs",
    "bool",
    "capitalize",
    "count",
    "default",
    "first",
    "float",
    "int",
    "last",
    "length",
    "lower",
    "max",
    "min",
    "round",
    "string",
    "title",
    "upper",
];

/// The tests that expressions may use.
pub(crate) const TESTS: [&str; 11] =
    ["boolean", "divisibleby", "endingwith", "even", "integer", "none", "number", "odd", "sameas", "startingwith", "string"];

/// Steps that one evaluation may take; there are no loops, so it is far more than any takes.
const FUEL: u64 = 10_000;

/// What the engine has against an expression, and where: a range of bytes in the expression.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) words: String,
    pub(super) at: Option<Range<usize>>,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let at = error.range();
        let words = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
        Self { words, at }
    }
}

/// An expression, ready to be evaluated.
pub(super) type Compiled = Expression<'static, 'static>;

/// The expression of a text.
pub(super) fn compile(text: &str) -> Result<Compiled, Trouble> {
    Ok(engine().compile_expression_owned(text.to_owned())?)
}

fn engine() -> &'static Environment<'static> {
    static ENGINE: OnceLock<Environment<'static>> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut engine = Environment::empty();
        engine.set_debug(true);
        engine.set_fuel(Some(FUEL));
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        add_filters(&mut engine);
        add_tests(&mut engine);
        engine
    })
}

fn add_filters(engine: &mut Environment<'static>) {
    engine.add_filter("abs", filters::abs);
    engine.add_filter("bool", filters::bool);
    engine.add_filter("capitalize", filters::capitalize);
    engine.add_filter("count", filters::length);
    engine.add_filter("default", filters::default);
    engine.add_filter("first", filters::first);
    engine.add_filter("float", filters::float);
    engine.add_filter("int", filters::int);
    engine.add_filter("last", filters::last);
    engine.add_filter("length", filters::length);
    engine.add_filter("lower", filters::lower);
    engine.add_filter("max", |state: &State, values: Value, kwargs: Kwargs| filters::max(state, numbers(values)?, kwargs));
    engine.add_filter("min", |state: &State, values: Value, kwargs: Kwargs| filters::min(state, numbers(values)?, kwargs));
    engine.add_filter("round", filters::round);
    engine.add_filter("string", filters::string);
    engine.add_filter("title", filters::title);
    engine.add_filter("upper", filters::upper);
}

/// The list itself, if it has an order: of texts, 9% would be the greatest of 9% and 10%.
fn numbers(values: Value) -> Result<Value, Error> {
    let is_text = |value: Value| value.kind() == ValueKind::String;
    if values.try_iter()?.any(is_text) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "of texts none is the least or the greatest: durations and percentages are texts",
        ));
    }
    Ok(values)
}

/// The engine's own panics where there is no remainder.
fn is_divisible(value: i64, by: i64) -> Result<bool, Error> {
    let rest = if by == -1 { Some(0) } else { value.checked_rem(by) };
    rest.map(|rest| rest == 0).ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "nothing is divisible by 0"))
}

fn add_tests(engine: &mut Environment<'static>) {
    engine.add_test("boolean", tests::is_boolean);
    engine.add_test("divisibleby", is_divisible);
    engine.add_test("endingwith", tests::is_endingwith);
    engine.add_test("even", tests::is_even);
    engine.add_test("integer", tests::is_integer);
    engine.add_test("none", |value: &Value| value.is_none() || value.is_undefined());
    engine.add_test("number", tests::is_number);
    engine.add_test("odd", tests::is_odd);
    engine.add_test("sameas", tests::is_sameas);
    engine.add_test("startingwith", tests::is_startingwith);
    engine.add_test("string", tests::is_string);
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn the_lists_are_what_the_engine_has() {
        for filter in FILTERS {
            let error = compile(&format!("'x'|{filter}")).unwrap().eval(()).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!error.contains("unknown filter"), "{error}");
        }
        for test in TESTS {
            let error = compile(&format!("'x' is {test}")).unwrap().eval(()).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!error.contains("unknown test"), "{error}");
        }
    }
}
