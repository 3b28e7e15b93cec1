//! From a scalar's text to a template, with a remark for everything that is wrong with its expressions.

use std::ops::Range;

use super::allowed::refused;
use super::engine::{self, Compiled};
use super::foreign::of_braces;
use super::misplaced::misplaced;
use super::parts::{Part, parts};
use super::scope::Scope;
use super::template::{Expression, Piece, Template};
use super::words::{Name, Role, names, sign};
use crate::suite::codes;
use crate::suite::remarks::Remark;
use crate::suite::source::Place;

/// The longest expression, in bytes.
const LONGEST: usize = 1_000;
/// The most of them in one text.
const MOST: usize = 100;

/// The template of a text. `place` gives the place of a range of its bytes.
pub(crate) fn compile(text: &str, scope: Scope<'_>, place: &dyn Fn(Range<usize>) -> Place) -> Result<Template, Vec<Remark>> {
    let parts = parts(text).map_err(|mistake| vec![misplaced(text, mistake, place)])?;
    let mut expressions = parts.iter().filter_map(|part| if let Part::Expression(at) = part { Some(at) } else { None });
    if let Some(at) = expressions.nth(MOST) {
        let remark = Remark::error(codes::BAD_EXPRESSION, place(at.clone()), format!("this text has more than {MOST} expressions"));
        return Err(vec![remark.help(["compute it in fewer: `${{ a ~ b }}`"])]);
    }
    let mut template = Template { pieces: Vec::new(), text: text.to_owned(), uses: Vec::new() };
    let mut remarks = Vec::new();
    for part in parts {
        match part {
            Part::Text(text) => template.pieces.push(Piece::Text(text)),
            Part::Expression(at) => {
                let shifted = |part: Range<usize>| place(at.start + part.start..at.start + part.end);
                let expression = &text[at.clone()];
                match one(expression, scope, &shifted) {
                    Ok(compiled) => template.pieces.push(Piece::Expression(Expression::of(compiled, expression, at.clone()))),
                    Err(more) => remarks.extend(more),
                }
                note_uses(expression, &mut template.uses);
            }
        }
    }
    if remarks.is_empty() { Ok(template) } else { Err(remarks) }
}

/// The template of a text that is an expression as a whole, without `${{ }}`.
pub(crate) fn compile_bare(text: &str, scope: Scope<'_>, place: &dyn Fn(Range<usize>) -> Place) -> Result<Template, Vec<Remark>> {
    let compiled = one(text, scope, place)?;
    let mut uses = Vec::new();
    note_uses(text, &mut uses);
    Ok(Template { pieces: vec![Piece::Expression(Expression::of(compiled, text, 0..text.len()))], text: text.to_owned(), uses })
}

/// The variables of an expression, each once.
fn note_uses(expression: &str, uses: &mut Vec<String>) {
    for name in names(expression).into_iter().filter(|name| name.role == Role::Variable) {
        if !uses.contains(&name.text) {
            uses.push(name.text);
        }
    }
}

fn one(text: &str, scope: Scope<'_>, place: &dyn Fn(Range<usize>) -> Place) -> Result<Compiled, Vec<Remark>> {
    let bad = |at: Range<usize>, message: String| Remark::error(codes::BAD_EXPRESSION, place(at), message);
    if text.len() > LONGEST {
        return Err(vec![bad(0..text.len(), format!("this expression has {} bytes, more than {LONGEST}", text.len()))]);
    }
    if let Some(at) = sign(text, '*') {
        return Err(vec![bad(at, "expressions have no `*`".to_owned()).help(["it would let a small file make a large value"])]);
    }
    let names = names(text);
    let refused: Vec<_> =
        names.iter().filter_map(|name| refused(name).map(|(message, help)| bad(name.at.clone(), message).help(help))).collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    let compiled = engine::compile(text).map_err(|trouble| {
        let at = trouble.at.filter(|at| at.end <= text.len()).unwrap_or(0..text.len());
        let help = Some(text).filter(|text| text.trim_start().starts_with('.')).and_then(of_braces);
        vec![bad(at, format!("this expression cannot be read: {}", trouble.words)).help(help)]
    })?;
    let unknown = unknown(&compiled, &names, text, scope);
    if !unknown.is_empty() {
        return Err(unknown.into_iter().map(|(at, remark)| remark(place(at))).collect());
    }
    match names.iter().find(|name| scope.is_secret(name)) {
        Some(secret) if text.split_whitespace().collect::<String>() != secret.text => {
            let several = names.iter().any(|name| scope.is_secret(name) && name.text != secret.text);
            Err(vec![changed(secret, place(secret.at.clone()), several)])
        }
        Some(_) | None => Ok(compiled),
    }
}

/// A secret of which something would be made.
fn changed(secret: &Name, at: Place, several: bool) -> Remark {
    let remark = Remark::error(codes::SECRET_PLACE, at, "a secret can be used only as it is");
    let help = format!("write `${{{{ {} }}}}`, with text around it but nothing else in it", secret.text);
    let remark = remark.label("what else would be made of it could not be kept out of reports").help([help]);
    remark.help(several.then_some("to use one of several, make a test for each, with `when`"))
}

type Unknown = Box<dyn FnOnce(Place) -> Remark>;

/// The names that the engine finds undeclared and the scope does not know, in the order of the text.
fn unknown(compiled: &Compiled, names: &[Name], text: &str, scope: Scope<'_>) -> Vec<(Range<usize>, Unknown)> {
    let mut undeclared: Vec<_> = compiled.undeclared_variables(true).into_iter().collect();
    undeclared.sort();
    let mut unknown: Vec<(Range<usize>, Unknown)> = Vec::new();
    for name in undeclared {
        let Some((code, message, help)) = scope.trouble(&name) else { continue };
        let mut places: Vec<_> = names.iter().filter(|other| other.text == name).map(|other| other.at.clone()).collect();
        if places.is_empty() {
            places.push(0..text.len());
        }
        for at in places {
            let (message, help) = (message.clone(), help.clone());
            unknown.push((at, Box::new(move |place| Remark::error(code, place, message).help(help))));
        }
    }
    unknown.sort_by_key(|(at, _)| at.start);
    unknown
}
