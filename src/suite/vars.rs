//! The suite's variables: defaults that give the type, and what `--set` makes of them. It must not know what they are for.

use super::codes;
use super::remarks::{Remark, Remarks, did_you_mean};
use super::source::{Place, Source};
use super::tree::{Literal, Node, Scalar};
use crate::model::suite::{Var, VarOrigin};
use crate::model::units::{Micros, Ppm};

/// A declared variable with its value.
#[derive(Debug)]
pub(crate) struct Variable {
    /// Its name, without `vars.`.
    pub(crate) name: String,
    /// Its value in this run.
    pub(crate) value: Scalar,
    /// Its default.
    default: Place,
    origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Default,
    Set,
}

/// The type that a default implies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Bool,
    Whole,
    Duration,
    Percent,
    Text,
}

impl Type {
    fn of(scalar: &Scalar) -> Self {
        match scalar.literal {
            Literal::Bool(_) => Self::Bool,
            Literal::Whole(_) => Self::Whole,
            Literal::Decimal | Literal::Text if Ppm::parse(&scalar.text).is_ok() => Self::Percent,
            Literal::Decimal | Literal::Text if Micros::parse(&scalar.text).is_ok() => Self::Duration,
            Literal::Decimal | Literal::Text => Self::Text,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Whole => "a whole number",
            Self::Duration => "a duration with its unit, such as 10ms",
            Self::Percent => "a percentage, such as 1%",
            Self::Text => "a text",
        }
    }

    /// What a text from the command line is as a value of this type.
    fn value(self, text: &str) -> Option<Scalar> {
        let literal = match self {
            Self::Bool => Literal::Bool(text.parse().ok()?),
            Self::Whole => Literal::Whole(text.parse().ok()?),
            Self::Duration => Micros::parse(text).ok().map(|_| Literal::Text)?,
            Self::Percent => Ppm::parse(text).ok().map(|_| Literal::Text)?,
            Self::Text => Literal::Text,
        };
        Some(Scalar::new(literal, text))
    }
}

impl Variable {
    /// For the suite.
    pub(crate) fn var(&self, source: &Source) -> Var {
        let origin = match self.origin {
            Origin::Default => VarOrigin::Default(source.span(self.default)),
            Origin::Set => VarOrigin::Set,
        };
        Var { name: self.name.clone(), value: self.value.text.to_string(), origin }
    }

    /// Where the value came from: `vars.lossMax = 1%, default at suites/overlay.yaml:6`.
    pub(crate) fn provenance(&self, source: &Source) -> String {
        let from = match self.origin {
            Origin::Default => format!("default at {}:{}", source.of(self.default).file(), source.of(self.default).line(self.default)),
            Origin::Set => "set by --set".to_owned(),
        };
        format!("vars.{} = {}, {from}", self.name, self.value.text)
    }
}

/// The variables of a suite, in the order of the file, with their values in this run; a later `--set` wins.
pub(crate) fn read(root: &Node, sets: &[(String, String)], remarks: &mut Remarks) -> Vec<Variable> {
    let entries = root.get("vars").map_or(&[][..], Node::entries);
    let declared = entries.iter().filter_map(|entry| {
        let value = entry.value.scalar()?.clone();
        Some(Variable { name: entry.key.name.to_string(), value, default: entry.value.at, origin: Origin::Default })
    });
    let mut variables: Vec<_> = declared.collect();
    for (name, text) in sets {
        match variables.iter_mut().find(|variable| variable.name == *name) {
            Some(variable) => set(variable, text, remarks),
            // A variable with a broken default has its remark already.
            None if entries.iter().any(|entry| *entry.key.name == **name) => {}
            None => remarks.add(undeclared(name, root, &variables)),
        }
    }
    variables
}

fn set(variable: &mut Variable, text: &str, remarks: &mut Remarks) {
    let wanted = Type::of(&variable.value);
    let Some(value) = wanted.value(text) else {
        let remark = Remark::error(codes::SET_WRONG, variable.default, format!("`--set {}={text}` does not fit", variable.name));
        let label = format!("expected {}, as this default is, found {text:?}", wanted.words());
        return remarks.add(remark.label(label));
    };
    variable.value = value;
    variable.origin = Origin::Set;
}

fn undeclared(name: &str, root: &Node, variables: &[Variable]) -> Remark {
    let known = variables.iter().map(|variable| variable.name.as_str());
    let place = root.entry("vars").map(|entry| entry.key.at);
    let help = did_you_mean(name, known.clone()).unwrap_or_else(|| match known.clone().collect::<Vec<_>>().as_slice() {
        [] => "the suite declares no variables".to_owned(),
        names => format!("it declares {}", names.join(", ")),
    });
    // Without a place of its own: two of them are two mistakes.
    let remark = Remark::error(codes::SET_UNKNOWN, None, format!("`--set {name}=…`: the suite has no variable `{name}`"));
    let remark = remark.help([help]);
    if let Some(place) = place { remark.related(place, "variables are declared here") } else { remark }
}
