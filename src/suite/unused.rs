//! What a suite declares and nothing uses: an axis or an item whose cases differ in their names alone, a variable that has no effect, a
//! query whose findings nobody wants, a secret that goes nowhere, a fixture that nobody asks.
//! It must not know what any of them would be used for.

use super::codes;
use super::remarks::{Remark, Remarks};
use super::source::{Place, Source};
use super::tree::{Entry, Node, What};

/// Axes and items, each as expressions know it, that none of the names is, or is a field of.
pub(crate) fn axes(declared: impl Iterator<Item = (String, Place)>, uses: &[&String], remarks: &mut Remarks) {
    for (name, at) in declared.filter(|(name, _)| !uses.iter().any(|used| is_of(used, name))) {
        let remark = Remark::warning(codes::UNUSED_AXIS, at, format!("nothing in the test uses `{name}`"));
        let help = format!("write `${{{{ {name} }}}}` where its values belong, or leave it out");
        remarks.add(remark.label("its cases differ in their names alone").help([help]));
    }
}

fn is_of(used: &str, name: &str) -> bool {
    used.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A kind of names that a suite declares.
struct Kind {
    /// The key that declares them, as expressions call it too.
    root: &'static str,
    noun: &'static str,
    /// What becomes of one that nothing uses.
    idle: &'static str,
    /// What expressions write it for.
    what: &'static str,
}

static KINDS: [Kind; 3] = [
    Kind { root: "vars", noun: "variable", idle: "whatever it is set to has no effect", what: "its value belongs" },
    Kind { root: "discover", noun: "query", idle: "it may take rights, and nothing comes of what it finds", what: "what it finds belongs" },
    Kind { root: "secrets", noun: "secret", idle: "no run reads it", what: "a request needs it" },
];

/// What the suite itself declares, and neither it nor one of its parts uses. What parts declare is for whoever includes them.
pub(crate) fn names(root: &Node, source: &Source, remarks: &mut Remarks) {
    for kind in &KINDS {
        of_kind(kind, root, source, remarks);
    }
}

fn of_kind(Kind { root: group, noun, idle, what }: &Kind, root: &Node, source: &Source, remarks: &mut Remarks) {
    let mut texts = Vec::new();
    let prefix = format!("{group}.");
    for entry in root.entries().iter().filter(|entry| *entry.key.name != **group) {
        gather(&entry.value, &prefix, &mut texts);
    }
    let own = |entry: &&Entry| source.span(entry.key.at).file == *source.main().file();
    let declared = root.get(group).map_or(&[][..], Node::entries).iter().filter(own);
    for key in declared.map(|entry| &entry.key).filter(|key| !texts.iter().any(|text| is_named(text, &prefix, &key.name))) {
        let name = &key.name;
        let remark = Remark::warning(codes::UNUSED_NAME, key.at, format!("nothing uses the {noun} `{name}`"));
        let help = format!("write `${{{{ {group}.{name} }}}}` where {what}, or leave it out");
        remarks.add(remark.label(*idle).help([help]));
    }
}

/// Fixtures that the suite itself declares and no test asks; those of parts are for whoever includes them. `asks` says whether a case
/// does; tests whose cases are not known may ask any that they do not name.
pub(crate) fn fixtures(root: &Node, source: &Source, asks: impl Fn(&str) -> bool, open: bool, remarks: &mut Remarks) {
    let tests = root.get("tests").map_or(&[][..], Node::items).iter().chain(root.get("defaults"));
    let asked: Vec<&str> = tests.filter_map(|test| test.get("to")?.get("fixture")?.scalar()).map(|scalar| &*scalar.text).collect();
    let any = open && asked.iter().any(|text| text.contains("${{"));
    let names = root.get("fixtures").map_or(&[][..], Node::items).iter().filter_map(|fixture| fixture.get("echo")?.get("name"));
    let own = |at: Place| source.span(at).file == *source.main().file();
    for (name, at) in names.filter_map(|name| Some((&*name.scalar()?.text, name.at))).filter(|(_, at)| own(*at)) {
        if any || asked.contains(&name) || asks(name) {
            continue;
        }
        let remark = Remark::warning(codes::UNUSED_FIXTURE, at, format!("no test asks the fixture `{name}`"));
        let help = format!("write `to: {{ fixture: {name} }}` in a test, or leave the fixture out");
        remarks.add(remark.label("it is not even made").help([help]));
    }
}

/// The texts in which there may be a name.
fn gather<'a>(node: &'a Node, prefix: &str, texts: &mut Vec<&'a str>) {
    match &node.what {
        What::Scalar(scalar) if scalar.text.contains(prefix) => texts.push(&scalar.text),
        What::List(items) => items.iter().for_each(|item| gather(item, prefix, texts)),
        What::Map(entries) => entries.iter().for_each(|entry| gather(&entry.value, prefix, texts)),
        What::Nothing | What::Scalar(_) | What::Template(_) | What::Unset(_) | What::Broken => {}
    }
}

/// Whether a text has `vars.NAME` in it, as a whole word, where `vars.` is the prefix.
fn is_named(text: &str, prefix: &str, name: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(prefix).any(|(at, root)| {
        let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(at + root.len()..).unwrap_or_default());
        let whole = |rest: &str| !rest.starts_with(is_word);
        !before.ends_with(is_word) && behind.strip_prefix(name).is_some_and(whole)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_whole_word() {
        let names = |text: &str, name: &str| is_named(text, "vars.", name);
        assert!(names("${{ vars.x }}", "x") && names("vars.x.y == 1", "x") && names("1 if vars.x else 2", "x") && names("(vars.x)", "x"));
        assert!(!names("${{ vars.xy }}", "x") && !names("myvars.x", "x") && !names("vars.y", "x"));
        assert!(is_of("matrix.a", "matrix.a") && is_of("svc.port", "svc") && !is_of("svcs", "svc") && !is_of("matrix.ab", "matrix.a"));
    }
}
