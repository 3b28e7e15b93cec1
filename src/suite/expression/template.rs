//! A text with compiled expressions in it, and what becomes of it once the variables have values.

use std::collections::BTreeMap;
use std::ops::Range;

use minijinja::Value;
use minijinja::value::ValueKind;

use super::engine::{Compiled, Trouble};
use crate::suite::tree::{Literal, Scalar};

/// The longest text that an evaluation may give, in bytes.
const LONGEST_RESULT: usize = 4_096;

/// A text with expressions in it.
#[derive(Debug)]
pub(crate) struct Template {
    pub(super) pieces: Vec<Piece>,
    /// The text as it was written.
    pub(crate) text: String,
    /// The variables that it uses, such as `vars.lossMax`, in order.
    pub(crate) uses: Vec<String>,
}

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Expression { compiled: Compiled, at: Range<usize> },
}

/// The values of all variables in a case.
#[derive(Debug, Clone)]
pub(crate) struct Context(Value);

/// Why a template gives no value, and which part of its text is to blame.
#[derive(Debug)]
pub(crate) struct NoResult {
    /// What is wrong.
    pub(crate) message: String,
    /// A range of bytes of the template's text.
    pub(crate) at: Range<usize>,
}

impl Context {
    /// Of named groups of variables, such as `vars` and `matrix`.
    pub(crate) fn new<'a>(groups: impl IntoIterator<Item = (&'static str, Vec<(&'a str, &'a Scalar)>)>) -> Self {
        let group = |members: Vec<(&str, &Scalar)>| {
            let values = members.into_iter().map(|(name, scalar)| (name.to_owned(), engine_value(scalar)));
            Value::from(values.collect::<BTreeMap<_, _>>())
        };
        let groups = groups.into_iter().map(|(name, members)| (name.to_owned(), group(members)));
        Self(Value::from(groups.collect::<BTreeMap<_, _>>()))
    }
}

impl Template {
    /// Its value.
    ///
    /// # Errors
    /// [`NoResult`] if an expression fails, or gives nothing or something that is no single value.
    pub(crate) fn expand(&self, context: &Context) -> Result<Scalar, NoResult> {
        let mut scalar = match self.pieces.as_slice() {
            [Piece::Expression { compiled, at }] => evaluate(compiled, at, context)?,
            pieces => Scalar::new(Literal::Text, &joined(pieces, context)?),
        };
        if scalar.text.len() > LONGEST_RESULT {
            let message = format!("the value has {} bytes, more than the {LONGEST_RESULT} that are allowed", scalar.text.len());
            return Err(NoResult { message, at: 0..self.text.len() });
        }
        scalar.uses.clone_from(&self.uses);
        Ok(scalar)
    }
}

fn joined(pieces: &[Piece], context: &Context) -> Result<String, NoResult> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Expression { compiled, at } => text.push_str(&evaluate(compiled, at, context)?.text),
        }
    }
    Ok(text)
}

fn evaluate(compiled: &Compiled, at: &Range<usize>, context: &Context) -> Result<Scalar, NoResult> {
    let value = compiled.eval(context.0.clone()).map_err(|error| {
        let trouble = Trouble::from(error);
        let at = trouble.at.map_or_else(|| at.clone(), |part| at.start + part.start..at.start + part.end);
        NoResult { message: format!("the expression cannot be evaluated: {}", trouble.words), at }
    })?;
    scalar(&value).map_err(|message| NoResult { message: message.to_owned(), at: at.clone() })
}

/// The engine's value as ours.
fn scalar(value: &Value) -> Result<Scalar, &'static str> {
    match value.kind() {
        ValueKind::Undefined => Err("the expression gives no value: an `if` without `else`, or a name that is not there"),
        ValueKind::None => Err("the expression gives none"),
        ValueKind::Bool => {
            let truth = value.is_true();
            Ok(Scalar::new(Literal::Bool(truth), if truth { "true" } else { "false" }))
        }
        ValueKind::Number => {
            let literal = i64::try_from(value.clone()).ok().filter(|_| value.is_integer()).map_or(Literal::Decimal, Literal::Whole);
            Ok(Scalar::new(literal, &value.to_string()))
        }
        ValueKind::String => Ok(Scalar::new(Literal::Text, value.as_str().unwrap_or_default())),
        _ => Err("the expression gives several values where one is wanted"),
    }
}

fn engine_value(scalar: &Scalar) -> Value {
    match scalar.literal {
        Literal::Bool(value) => Value::from(value),
        Literal::Whole(value) => Value::from(value),
        Literal::Decimal => scalar.text.parse::<f64>().map_or_else(|_| Value::from(&*scalar.text), Value::from),
        Literal::Text => Value::from(&*scalar.text),
    }
}
