//! The variables that expressions may name at a place, and what is told of a name that is none of them. It must not know expressions.

use super::words::{KEYWORDS, Name, Role};
use crate::suite::codes;
use crate::suite::remarks::{any_of, did_you_mean, nearest};

/// The groups of variables.
const GROUPS: [&str; 6] = ["cluster", "discover", "matrix", "run", "secrets", "vars"];

/// Those of facts of the place and of the run.
const FACTUAL: [&str; 2] = ["cluster", "run"];

/// What is no group of variables, though it may be taken for one, and what is instead.
const NO_GROUPS: [(&str, &str); 2] = [
    ("each", "an item of `forEach` is called as the list is: `svc.port` of `forEach: { svc: … }`"),
    ("env", "declare a variable, so that plan and reports show it: the environment gives it a value by `NETCHECK_VAR_NAME`"),
];

/// Among the names of a group: there may be others.
pub(crate) const ANY: &str = "*";

/// The variables that are known at a place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The suite's, with the fields of those that are maps: `map`, `map.key`. A name that ends in `*` stands for all that begin so.
    pub(crate) vars: &'a [String],
    /// The axes of the test's matrix; none outside a test.
    pub(crate) matrix: Option<&'a [String]>,
    /// The items of its `forEach`, with their fields: `svc`, `svc.port`; `svc.*` where these are not known beforehand.
    pub(crate) items: &'a [String],
    /// What the suite discovers; none where that is not known.
    pub(crate) discovered: Option<&'a [String]>,
    /// The suite's secrets; none where they may not stand.
    pub(crate) secrets: Option<&'a [String]>,
    /// The facts of the place and of the run; none where cases get their names.
    pub(crate) facts: Option<&'a [Fact]>,
}

/// A fact of the place or of the run.
#[derive(Debug)]
pub(crate) struct Fact {
    /// What expressions call it: `cluster.nodes`.
    pub(crate) name: &'static str,
    /// Why there is none here, if there is none.
    pub(crate) lacking: Option<Lacking>,
}

/// Why there is no such fact.
#[derive(Debug, Clone)]
pub(crate) struct Lacking {
    /// What is wrong.
    pub(crate) message: String,
    /// What to try.
    pub(crate) help: String,
}

/// Whether expressions know something by that name, so that no item can be called so.
pub(crate) fn is_taken(name: &str) -> bool {
    KEYWORDS.contains(&name) || GROUPS.contains(&name) || NO_GROUPS.iter().any(|(group, _)| *group == name)
}

impl Scope<'_> {
    /// Whether it is a secret of the suite, or is meant to be one.
    pub(super) fn is_secret(self, name: &Name) -> bool {
        self.secrets.is_some() && name.role == Role::Variable && name.text.starts_with("secrets.")
    }

    /// What is wrong with a name, and what to try.
    pub(super) fn trouble(self, name: &str) -> Option<(&'static str, String, Option<String>)> {
        let (root, field) = name.split_once('.').map_or((name, None), |(root, field)| (root, Some(field)));
        if self.items.iter().any(|item| item == root) {
            let known = self.items.iter().any(|item| item == name || is_open(item, name));
            return (!known)
                .then(|| (codes::UNKNOWN_VARIABLE, format!("unknown variable `{name}`"), Some(field_of(root, name, self.items))));
        }
        if FACTUAL.contains(&root) {
            return fact((root, name), self.facts);
        }
        let known = match (root, self.matrix) {
            ("vars", _) => self.vars,
            ("discover", _) => match self.discovered {
                Some(names) => names,
                None => return Some((codes::UNKNOWN_VARIABLE, format!("`{name}` is not known here"), Some(UNDISCOVERED.to_owned()))),
            },
            ("secrets", _) => match self.secrets {
                Some(names) => names,
                None => {
                    return Some((
                        codes::NO_SECRETS,
                        format!("`{name}` is not known here"),
                        Some("secrets are for `token` and `headers` of a probe".to_owned()),
                    ));
                }
            },
            ("matrix", Some(axes)) => axes,
            ("matrix", None) => {
                let help =
                    "a matrix is known in its own test alone, but not in a `matrix` or a `forEach`: these are what cases are made by";
                return Some((codes::UNKNOWN_VARIABLE, format!("`{name}` is not known here"), Some(help.to_owned())));
            }
            (root, _) => return Some((codes::UNKNOWN_VARIABLE, format!("unknown variable `{name}`"), self.meant((root, name)))),
        };
        match field {
            Some(field) if known.iter().any(|known| known == field || is_open(known, field)) => None,
            Some(field) => Some((codes::UNKNOWN_VARIABLE, format!("unknown variable `{name}`"), Some(among(root, field, known)))),
            None => Some((
                codes::UNKNOWN_VARIABLE,
                format!("`{root}` is not a value"),
                Some(format!("name one of its variables: `{root}.NAME`")),
            )),
        }
    }

    /// What may have been meant by a name of no group.
    fn meant(self, (root, name): (&str, &str)) -> Option<String> {
        if let Some((_, instead)) = NO_GROUPS.iter().find(|(group, _)| *group == root) {
            return Some((*instead).to_owned());
        }
        let all = self.vars.iter().map(|var| format!("vars.{var}"));
        let all = all.chain(self.matrix.unwrap_or_default().iter().map(|axis| format!("matrix.{axis}")));
        let all = all.chain(self.discovered.unwrap_or_default().iter().map(|query| format!("discover.{query}")));
        let all = all.chain(self.facts.unwrap_or_default().iter().map(|fact| fact.name.to_owned()));
        let all: Vec<_> = all.chain(self.items.iter().cloned()).filter(|name| !name.ends_with(ANY)).collect();
        let same = all.iter().find(|other| other.split_once('.').is_some_and(|(_, field)| field == root));
        let near = same.map(|same| format!("did you mean `{same}`?")).or_else(|| did_you_mean(name, all.iter().map(String::as_str)));
        let near = near.or_else(|| truth(name).map(|value| format!("`{name}` is no truth value: write `{value}`")));
        near.or_else(|| (root == name).then(|| format!("to declare it, write it under `vars` and call it `vars.{root}`")))
    }
}

/// The truth value of a word that was one before YAML 1.2.
fn truth(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "on" => Some(true),
        "no" | "off" => Some(false),
        _ => None,
    }
}

/// What is wrong with the name of a fact, and what to try.
fn fact((root, name): (&str, &str), facts: Option<&[Fact]>) -> Option<(&'static str, String, Option<String>)> {
    let Some(facts) = facts else {
        return Some((codes::UNKNOWN_VARIABLE, format!("`{name}` is not known here"), Some(NAMELESS.to_owned())));
    };
    if let Some(fact) = facts.iter().find(|fact| fact.name == name) {
        return fact.lacking.as_ref().map(|lacking| (codes::FACT_MISSING, lacking.message.clone(), Some(lacking.help.clone())));
    }
    let of_root = || facts.iter().map(|fact| fact.name).filter(|fact| fact.starts_with(root));
    if name == root {
        let all = of_root().map(|fact| format!("`{fact}`")).collect::<Vec<_>>();
        let help = format!("there is {}", any_of(all.iter().map(String::as_str)));
        return Some((codes::UNKNOWN_VARIABLE, format!("`{root}` is not a value"), Some(help)));
    }
    let near = did_you_mean(name, of_root()).unwrap_or_else(|| format!("there is {}", any_of(of_root())));
    Some((codes::UNKNOWN_VARIABLE, format!("unknown variable `{name}`"), Some(near)))
}

/// Where facts may stand.
const NAMELESS: &str =
    "`cluster` and `run` are known in tests and in `defaults` alone, and there in no `matrix` and no `forEach`: cases are called by these";

/// Where the names of `discover` may stand.
const UNDISCOVERED: &str =
    "what is discovered is known in tests and in `defaults`, but not in a `matrix`; to repeat a test over it, use `forEach`";

/// What an item has instead of the field that it has not.
fn field_of(item: &str, found: &str, items: &[String]) -> String {
    let fields: Vec<&str> = items.iter().map(String::as_str).filter(|name| name.starts_with(&format!("{item}."))).collect();
    did_you_mean(found, fields.iter().copied()).unwrap_or_else(|| match fields.as_slice() {
        [] => format!("`{item}` is a single value: write `{item}`"),
        fields => format!("there is {}", any_of(fields.iter().copied())),
    })
}

/// Whether `map.*` is known, of which `map.key` is one: the fields of a map without a value are not known beforehand.
fn is_open(known: &str, field: &str) -> bool {
    known.strip_suffix('*').is_some_and(|open| field.starts_with(open))
}

fn among(root: &str, field: &str, known: &[String]) -> String {
    // A field belongs to its variable: `vars.map.kye` is more likely `vars.map.key` than another variable.
    let near = field.rsplit_once('.').and_then(|(map, key)| {
        let fields = known.iter().filter_map(|name| name.strip_prefix(map)?.strip_prefix('.')).filter(|name| !name.contains(['.', '*']));
        let fields: Vec<_> = fields.collect();
        nearest(key, fields.iter().copied()).map(|near| format!("did you mean `{root}.{map}.{near}`?")).or_else(|| {
            let all: Vec<_> = fields.iter().take(20).map(|name| format!("`{root}.{map}.{name}`")).collect();
            (!all.is_empty()).then(|| format!("there is {}", any_of(all.iter().map(String::as_str))))
        })
    });
    if let Some(near) = near {
        return near;
    }
    let known: Vec<_> = known.iter().filter(|name| !name.contains('.')).collect();
    if let Some(near) = nearest(field, known.iter().map(|name| name.as_str())) {
        return format!("did you mean `{root}.{near}`?");
    }
    let all: Vec<_> = known.iter().take(20).map(|name| format!("`{root}.{name}`")).collect();
    match (root, all.as_slice()) {
        ("vars", []) => "the suite declares no variables".to_owned(),
        ("secrets", []) => "the suite declares no secrets: write one under `secrets:`".to_owned(),
        ("discover", []) => "the suite discovers nothing: write a query under `discover:`".to_owned(),
        (_, []) => "the test has no matrix".to_owned(),
        (_, all) => format!("there is {}", any_of(all.iter().map(String::as_str))),
    }
}
