//! Variables in expressions replaced by their values, as the text of an expression spells these. It must not know whose text it is.

use super::parts::{Part, parts};
use super::words::{Role, names};
use crate::suite::tree::{Literal, Scalar, Value};

/// Of a name such as `vars.map.key` its value; none for names that are to stay.
pub(crate) type Values<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// A text with `${{ }}` in it, in which those names are values.
pub(crate) fn substituted(text: &str, values: Values<'_>) -> String {
    let mut out = text.to_owned();
    // From the end, so that what comes before stays where it is. A text that cannot be taken apart has its remark, and stays.
    for part in parts(text).unwrap_or_default().into_iter().rev() {
        if let Part::Expression(at) = part {
            out.replace_range(at.clone(), &substituted_bare(&text[at], values));
        }
    }
    out
}

/// An expression in which those names are values.
pub(crate) fn substituted_bare(expression: &str, values: Values<'_>) -> String {
    let mut out = expression.to_owned();
    for name in names(expression).into_iter().rev().filter(|name| name.role == Role::Variable) {
        if let Some(value) = values(&name.text) {
            out.replace_range(name.at, &literal(&value));
        }
    }
    out
}

/// A value as expressions write it.
pub(crate) fn literal(value: &Value) -> String {
    match value {
        Value::None => "none".to_owned(),
        Value::Scalar(scalar) => single(scalar),
        Value::List(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries: Vec<_> = entries.iter().map(|(name, value)| format!("{}: {}", quoted(name), literal(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

fn single(scalar: &Scalar) -> String {
    match scalar.literal {
        Literal::Bool(value) => value.to_string(),
        Literal::Whole(value) => signed(value.to_string()),
        // As the engine takes it: `.5` is 0.5.
        Literal::Decimal => match scalar.text.parse::<f64>() {
            Ok(value) if value.is_finite() => signed(format!("{value:?}")),
            Ok(_) => signed(scalar.text.to_string()),
            Err(_) => quoted(&scalar.text),
        },
        Literal::Text => quoted(&scalar.text),
    }
}

/// Behind another sign, or before a filter, a sign of its own would mean something else.
fn signed(number: String) -> String {
    if number.starts_with(['-', '+']) { format!("({number})") } else { number }
}

fn quoted(text: &str) -> String {
    if text.contains(['\'', '\\']) || text.contains(char::is_control) {
        serde_json::Value::from(text).to_string()
    } else {
        format!("'{text}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::expression::{Context, Group, Scope, compile};
    use crate::suite::source::Place;

    fn values() -> Vec<(&'static str, Value)> {
        let scalar = |literal, text| Value::Scalar(Scalar::new(literal, text));
        vec![
            ("vars.s", scalar(Literal::Text, "it's \"a\" \\ \n }} {{ ä")),
            ("vars.p", scalar(Literal::Text, "1%")),
            ("vars.b", scalar(Literal::Bool(false), "false")),
            ("vars.n", scalar(Literal::Whole(-5), "-5")),
            ("vars.d", scalar(Literal::Decimal, ".5")),
            ("vars.e", scalar(Literal::Decimal, "1e300")),
            ("vars.o", Value::None),
            ("vars.l", Value::List(vec![scalar(Literal::Text, "a"), scalar(Literal::Whole(2), "2")])),
            ("vars.m", Value::Map(vec![("k".into(), Value::Map(vec![("j".into(), scalar(Literal::Text, "x"))]))])),
        ]
    }

    fn value(name: &str) -> Option<Value> {
        values().into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    #[test]
    fn names_become_values_and_the_rest_stays() {
        for (text, expected) in [
            ("<= ${{ vars.p }}", "<= ${{ '1%' }}"),
            (
                "$${{ vars.p }} ${{ vars . p if matrix.x == 'vars.p' else vars.o }}",
                "$${{ vars.p }} ${{ '1%' if matrix.x == 'vars.p' else none }}",
            ),
            ("${{ vars.n }}${{ 3 - vars.n }}", "${{ (-5) }}${{ 3 - (-5) }}"),
            ("${{ vars.m['k'].j ~ vars.l[1] }}", "${{ {'k': {'j': 'x'}}['k'].j ~ ['a', 2][1] }}"),
            ("${{ matrix.p|default(vars.d) }}", "${{ matrix.p|default(0.5) }}"),
        ] {
            assert_eq!(substituted(text, &value), expected);
        }
        assert_eq!(substituted_bare("not vars.b and matrix.p == vars.p", &value), "not false and matrix.p == '1%'");
    }

    /// What is written is read again as the same value.
    #[test]
    fn literals_are_the_values_that_they_stand_for() {
        let place = |part: std::ops::Range<usize>| Place { start: part.start, end: part.end };
        let context = Context::new([("vars", Group::of([]))], []);
        for (name, wanted) in values() {
            let text = substituted(&format!("${{{{ {name} }}}}"), &value);
            let template =
                compile(&text, Scope { vars: &[], matrix: None, items: &[], discovered: None, secrets: None, facts: None }, &place)
                    .unwrap();
            let found = template.value(&context).unwrap();
            match (&wanted, &found) {
                (Value::Scalar(wanted), Value::Scalar(found)) if wanted.literal == Literal::Decimal => {
                    assert_eq!(found.text.parse::<f64>(), wanted.text.parse::<f64>(), "{text}");
                }
                _ => assert_eq!(found, wanted, "{text}"),
            }
        }
    }
}
