//! A text with compiled expressions in it, and what becomes of it once the variables have values.

use std::ops::Range;

use super::comparison::{Comparison, Wrong, comparisons};
use super::context::Context;
use super::engine::{Compiled, Trouble};
use super::native;
use super::words::signs;
use crate::suite::tree::{Literal, Scalar, Value};

/// The longest text that an evaluation may give, in bytes.
const LONGEST_RESULT: usize = 4_096;

/// The most bytes that the joins of one evaluation may copy.
const MOST_COPIED: usize = 4 << 20;

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
    Expression(Expression),
}

/// An expression in a text.
#[derive(Debug)]
pub(super) struct Expression {
    compiled: Compiled,
    /// Where it stands in the text.
    at: Range<usize>,
    comparisons: Vec<Comparison>,
    /// How often it joins texts.
    joins: usize,
}

impl Expression {
    /// One that stands there in its template's text.
    pub(super) fn of(compiled: Compiled, text: &str, at: Range<usize>) -> Self {
        Self { compiled, at, comparisons: comparisons(text), joins: signs(text, '~') }
    }
}

/// Why a template gives no value.
#[derive(Debug)]
pub(crate) enum NoResult {
    /// It only follows from a mistake that has its remark: a variable without a usable value.
    Follows,
    /// Something is wrong with it.
    Wrong {
        /// What.
        message: String,
        /// Which part of its text is to blame: a range of its bytes.
        at: Range<usize>,
        /// What is expected there; nothing if that is what the place wants.
        expected: Option<&'static str>,
    },
}

impl NoResult {
    /// What is wrong with a part of a text where the place wants something else.
    pub(crate) const fn wrong(message: String, at: Range<usize>) -> Self {
        Self::Wrong { message, at, expected: None }
    }
}

impl Template {
    /// The variable that it is, if it is one and nothing else.
    pub(crate) fn variable(&self) -> Option<&str> {
        let [Piece::Expression(Expression { at, .. })] = self.pieces.as_slice() else { return None };
        let [only] = self.uses.as_slice() else { return None };
        (self.text.get(at.clone())?.trim() == only).then_some(only)
    }

    /// Its value, which may be a list, a map or none if it is exactly one expression. Text in which one of the expressions gives
    /// none is none as a whole.
    ///
    /// # Errors
    /// [`NoResult`] if an expression fails, or gives nothing at all, or too much.
    pub(crate) fn value(&self, context: &Context) -> Result<Value, NoResult> {
        if context.is_broken(&self.uses) {
            return Err(NoResult::Follows);
        }
        let mut value = match self.pieces.as_slice() {
            [Piece::Expression(expression)] => self.evaluate(expression, context)?,
            pieces => self.joined(pieces, context)?,
        };
        if let Value::Scalar(scalar) = &mut value {
            self.bounded(&scalar.text)?;
            scalar.uses.clone_from(&self.uses);
        }
        Ok(value)
    }

    /// Its value, which has to be a single one.
    ///
    /// # Errors
    /// [`NoResult`], also if it is none, a list or a map.
    pub(crate) fn expand(&self, context: &Context) -> Result<Scalar, NoResult> {
        let message = match self.value(context)? {
            Value::Scalar(scalar) => return Ok(scalar),
            Value::None => match context.without_value(&self.uses).as_slice() {
                [] => "the expression gives none".to_owned(),
                unset => format!(
                    "the expression gives none: {} no value",
                    if unset.len() == 1 { format!("`{}` has", unset[0]) } else { format!("`{}` have", unset.join("` and `")) }
                ),
            },
            Value::List(_) => "the expression gives a list where one value is wanted".to_owned(),
            Value::Map(_) => "the expression gives a map where one value is wanted".to_owned(),
        };
        let at = match self.pieces.as_slice() {
            [Piece::Expression(expression)] => expression.at.clone(),
            _ => 0..self.text.len(),
        };
        Err(NoResult::wrong(message, at))
    }
}

impl Template {
    fn joined(&self, pieces: &[Piece], context: &Context) -> Result<Value, NoResult> {
        let mut text = String::new();
        let mut none = false;
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Expression(expression) => match self.evaluate(expression, context)? {
                    Value::Scalar(scalar) => text.push_str(&scalar.text),
                    Value::None => none = true,
                    Value::List(_) | Value::Map(_) => {
                        let message = "the expression gives several values, which cannot stand within a text".to_owned();
                        return Err(NoResult::wrong(message, expression.at.clone()));
                    }
                },
            }
            // Before the next one adds to it: there may be thousands.
            self.bounded(&text)?;
        }
        Ok(if none { Value::None } else { Value::Scalar(Scalar::new(Literal::Text, &text)) })
    }

    fn bounded(&self, text: &str) -> Result<(), NoResult> {
        let message = || format!("the value has {} bytes or more, and {LONGEST_RESULT} are allowed", text.len());
        if text.len() > LONGEST_RESULT { Err(NoResult::wrong(message(), 0..self.text.len())) } else { Ok(()) }
    }

    fn evaluate(&self, expression: &Expression, context: &Context) -> Result<Value, NoResult> {
        let Expression { compiled, at, comparisons, joins } = expression;
        if let Some(Wrong { at: part, message, expected }) = comparisons.iter().find_map(|comparison| comparison.wrong(context)) {
            return Err(NoResult::Wrong { message, at: at.start + part.start..at.start + part.end, expected: Some(expected) });
        }
        // Each join copies what was joined before it.
        if *joins > 0 && context.weight(&self.uses).saturating_mul(joins * joins) > MOST_COPIED {
            return Err(NoResult::wrong("the expression joins more text than a suite has a use for".to_owned(), at.clone()));
        }
        match evaluate(compiled, at, context) {
            // A field of a map that nobody gave a value has none either.
            Err(NoResult::Wrong { message, .. }) if message == native::UNDEFINED && context.has_field_of_none(&self.uses) => {
                Ok(Value::None)
            }
            other => other,
        }
    }
}

fn evaluate(compiled: &Compiled, at: &Range<usize>, context: &Context) -> Result<Value, NoResult> {
    let value = compiled.eval(context.root()).map_err(|error| {
        let trouble = Trouble::from(error);
        let at = trouble.at.map_or_else(|| at.clone(), |part| at.start + part.start..at.start + part.end);
        NoResult::wrong(format!("the expression cannot be evaluated: {}", trouble.words), at)
    })?;
    native::value(&value).map_err(|message| NoResult::wrong(message.to_owned(), at.clone()))
}
