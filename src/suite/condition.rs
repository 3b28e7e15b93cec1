//! `when` and the `if` of `skipIf`: an expression that decides whether a case is run; for `when` also the words that say why it is not.
//! It must not know what else a case is made of.

use super::codes;
use super::expand::Sight;
use super::expression::{Context, NoResult, Template, compile_bare, has_expression};
use super::remarks::{Remark, Remarks};
use super::source::{Place, Source, printable};
use super::tree::{Entry, Literal, place_within};
use crate::model::verdict::Skip;

/// The longest expression and the longest value that a reason quotes, in characters.
const QUOTED: usize = 100;

/// A condition, ready to be evaluated.
#[derive(Debug)]
pub(crate) struct Condition {
    template: Template,
    at: Place,
}

impl Condition {
    /// Of a key's value; none if it is none, which is then among the remarks.
    pub(crate) fn of(entry: &Entry, sight: Sight<'_>, remarks: &mut Remarks) -> Option<Self> {
        let (text, at) = (&entry.value.scalar()?.text, entry.value.at);
        if has_expression(text) {
            // The shape check has said so.
            return None;
        }
        let place = |part| place_within(sight.source, at, text, part);
        match compile_bare(text, sight.scope, &place) {
            Ok(template) => Some(Self { template, at }),
            Err(mistakes) => {
                for remark in mistakes {
                    remarks.add(remark);
                }
                None
            }
        }
    }

    /// The variables that it uses.
    pub(crate) fn uses(&self) -> &[String] {
        &self.template.uses
    }

    /// Whether it is true in that context.
    ///
    /// # Errors
    /// It cannot be evaluated, or is neither true nor false.
    pub(crate) fn holds(&self, context: &Context, source: &Source) -> Result<bool, Box<Remark>> {
        let wrong = |at, message: String, label| Box::new(Remark::error(codes::NO_RESULT, at, message).label(label));
        let value = match self.template.expand(context) {
            Ok(value) => value,
            // The mistake that it follows from has its remark, and ends the reading; or there is no inventory yet, and no case.
            Err(NoResult::Follows) => return Ok(true),
            Err(NoResult::Wrong { message, at, expected }) => {
                let label = expected.unwrap_or("expected true or false").to_owned();
                return Err(wrong(place_within(source, self.at, &self.template.text, at), message, label));
            }
        };
        match value.literal {
            Literal::Bool(value) => Ok(value),
            Literal::Whole(_) | Literal::Decimal | Literal::Text => Err(wrong(
                self.at,
                "the condition is neither true nor false".to_owned(),
                format!("expected true or false, {}", value.found()),
            )),
        }
    }

    /// Why a case is skipped for which it is false; `value` gives the value of a name such as `vars.hosts`.
    pub(crate) fn reason(&self, value: &dyn Fn(&str) -> Option<String>) -> Skip {
        let text = self.template.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (name, negated) = text.strip_prefix("not ").map_or((text.as_str(), false), |rest| (rest, true));
        let why = match (self.template.uses.as_slice(), name.strip_prefix("vars.")) {
            ([only], Some(variable))
                if only == name && !variable.contains('.') && value(only).is_some_and(|value| value == negated.to_string()) =>
            {
                format!("{name} is {negated}: give --set {variable}={}", !negated)
            }
            ([], _) => format!("its condition is always false: {}", quoted(&text)),
            (uses, _) => {
                let values: Vec<_> = uses.iter().filter_map(|name| Some(format!("{name} = {}", quoted(&value(name)?)))).collect();
                format!("`{}` is false, as {}{}", quoted(&text), values.join(" and "), remedy(uses))
            }
        };
        Skip { code: "when", why }
    }
}

/// How to change the variables of a condition; axes are not changed from outside.
fn remedy(uses: &[String]) -> String {
    let variables = uses.iter().filter_map(|name| name.strip_prefix("vars.")?.split('.').next());
    let mut settings: Vec<_> = variables.map(|variable| format!("--set {variable}=VALUE")).collect();
    settings.dedup();
    if settings.is_empty() { String::new() } else { format!(": {} may change that", settings.join(" or ")) }
}

/// On one line, printable and bounded.
fn quoted(text: &str) -> String {
    let mut characters = text.chars().map(printable);
    let short: String = characters.by_ref().take(QUOTED).collect();
    if characters.next().is_some() { short + "…" } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::expression::Scope;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let known = ["hosts", "n"].map(str::to_owned);
        let scope = Scope { vars: &known, matrix: Some(&["proto".to_owned()]), items: &[], discovered: None, secrets: None, facts: None };
        let template = compile_bare(text, scope, &|part| Place { start: part.start, end: part.end }).unwrap();
        let condition = Condition { template, at: Place { start: 0, end: text.len() } };
        let value = |name: &str| {
            Some(if name == "vars.n" {
                "3".to_owned()
            } else if name == "vars.hosts" {
                text.starts_with("not").to_string()
            } else {
                "udp".to_owned()
            })
        };
        assert_eq!(condition.reason(&value).why, expected);
    }

    #[test]
    fn reasons_are_made_from_the_expression() {
        check("vars.hosts", "vars.hosts is false: give --set hosts=true");
        check("not  vars.hosts", "vars.hosts is true: give --set hosts=false");
        check("not vars.n", "`not vars.n` is false, as vars.n = 3: --set n=VALUE may change that");
        check("vars.n > 5", "`vars.n > 5` is false, as vars.n = 3: --set n=VALUE may change that");
        check("matrix.proto == 'tcp'", "`matrix.proto == 'tcp'` is false, as matrix.proto = udp");
        let expected =
            "`vars.n > 5 and matrix.proto == 'tcp'` is false, as vars.n = 3 and matrix.proto = udp: --set n=VALUE may change that";
        check("vars.n > 5 and\n matrix.proto == 'tcp'", expected);
        check("false", "its condition is always false: false");
    }
}
