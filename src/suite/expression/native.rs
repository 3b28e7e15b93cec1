//! The engine's values as ours, and ours as the engine's. It must not know whose they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value as Engine;
use minijinja::value::ValueKind;

use crate::suite::tree::{Literal, Scalar, Value};

/// The most values that an expression may give, those in lists and maps counted one by one.
const MOST: usize = 10_000;

/// The deepest nesting of a value that an expression may give.
const DEEPEST: usize = 8;

/// The engine's value as ours.
pub(super) fn value(engine: &Engine) -> Result<Value, &'static str> {
    take(engine, DEEPEST, &mut 0)
}

fn take(engine: &Engine, depth: usize, count: &mut usize) -> Result<Value, &'static str> {
    *count += 1;
    if *count > MOST || depth == 0 {
        return Err("the expression gives more, or deeper nested values than a suite has a use for");
    }
    match engine.kind() {
        ValueKind::Undefined => Err(UNDEFINED),
        ValueKind::None => Ok(Value::None),
        ValueKind::Bool => {
            let truth = engine.is_true();
            Ok(Value::Scalar(Scalar::new(Literal::Bool(truth), if truth { "true" } else { "false" })))
        }
        ValueKind::Number => {
            let literal = i64::try_from(engine.clone()).ok().filter(|_| engine.is_integer()).map_or(Literal::Decimal, Literal::Whole);
            Ok(Value::Scalar(Scalar::new(literal, &engine.to_string())))
        }
        ValueKind::String => Ok(Value::Scalar(Scalar::new(Literal::Text, engine.as_str().unwrap_or_default()))),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = engine.try_iter().map_err(|_| NOT_OURS)?;
            items.map(|item| take(&item, depth - 1, count)).collect::<Result<_, _>>().map(Value::List)
        }
        ValueKind::Map => {
            let keys = engine.try_iter().map_err(|_| NOT_OURS)?;
            let entry = |key: Engine| {
                let inner = engine.get_item(&key).map_err(|_| NOT_OURS)?;
                Ok((Arc::from(key.to_string()), take(&inner, depth - 1, count)?))
            };
            keys.map(entry).collect::<Result<_, _>>().map(Value::Map)
        }
        _ => Err(NOT_OURS),
    }
}

/// What is wrong where there is nothing at all.
pub(super) const UNDEFINED: &str = "the expression gives no value: an `if` without `else`, or a name or an index that is not there";

const NOT_OURS: &str = "the expression gives something that is no value";

/// Our value as the engine's; a map goes by its names there.
pub(super) fn engine(value: &Value) -> Engine {
    match value {
        Value::None => Engine::from(()),
        Value::Scalar(scalar) => single(scalar),
        Value::List(items) => Engine::from(items.iter().map(engine).collect::<Vec<_>>()),
        Value::Map(entries) => {
            Engine::from(entries.iter().map(|(name, value)| (name.to_string(), engine(value))).collect::<BTreeMap<_, _>>())
        }
    }
}

/// A single value of ours as the engine's.
pub(super) fn single(scalar: &Scalar) -> Engine {
    match scalar.literal {
        Literal::Bool(value) => Engine::from(value),
        Literal::Whole(value) => Engine::from(value),
        Literal::Decimal => scalar.text.parse::<f64>().map_or_else(|_| Engine::from(&*scalar.text), Engine::from),
        Literal::Text => Engine::from(&*scalar.text),
    }
}
