//! The rights of a run as YAML for `kubectl apply`: each with its reason. Pure. It must not know how rights follow from needs.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::needs::Needs;
use super::refusal::one_line;
use super::rights::{Right, Scope, Weight, rights};

/// Who is to have the rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An account that programs use; it is made along with the rights.
    ServiceAccount {
        /// Where it is.
        namespace: String,
        /// Its name in there.
        name: String,
    },
    /// As the API server calls whoever shows their credentials.
    User(String),
    /// All users whom the API server counts in.
    Group(String),
}

impl Default for Subject {
    fn default() -> Self {
        Self::ServiceAccount { namespace: NETCHECK.to_owned(), name: NETCHECK.to_owned() }
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("serviceaccount", name)) => {
                let (namespace, name) = name.split_once('/').ok_or_else(|| expected(text))?;
                let (namespace, name) = (label(namespace)?, name.split('.').map(label).collect::<Result<Vec<_>, _>>()?.join("."));
                Ok(Self::ServiceAccount { namespace, name })
            }
            Some(("user", name)) if !name.is_empty() => Ok(Self::User(name.to_owned())),
            Some(("group", name)) if !name.is_empty() => Ok(Self::Group(name.to_owned())),
            Some(_) | None => Err(expected(text)),
        }
    }
}

impl fmt::Display for Subject {
    /// As it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServiceAccount { namespace, name } => write!(f, "serviceaccount:{namespace}/{name}"),
            Self::User(name) => write!(f, "user:{name}"),
            Self::Group(name) => write!(f, "group:{name}"),
        }
    }
}

fn expected(text: &str) -> String {
    format!("expected serviceaccount:NAMESPACE/NAME, user:NAME or group:NAME, found {text:?}")
}

/// A name of Kubernetes that may also be part of a host's name (RFC 1123): a namespace's.
///
/// # Errors
/// What was expected.
pub fn label(text: &str) -> Result<String, String> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = !text.is_empty() && text.len() <= 63 && text.chars().all(inner) && !text.starts_with('-') && !text.ends_with('-');
    if fits {
        return Ok(text.to_owned());
    }
    Err(format!("expected a name of at most 63 lower-case letters, digits and inner hyphens, found {text:?}"))
}

/// The default subject, the namespace that is made for it, and what the objects are called.
const NETCHECK: &str = "netcheck";

/// Everything that has to be applied so that `subject` can run suites of these needs; `made_by` is the command that asked.
#[must_use]
pub fn rbac(needs: &Needs, subject: &Subject, made_by: &str) -> String {
    let rights = rights(needs);
    let name = name(subject);
    let mut text = head(needs, made_by);
    text.push_str(&accounts(subject));
    let mut scopes: Vec<Option<&str>> = rights.iter().map(|right| namespace(&right.scope)).collect();
    scopes.sort_unstable();
    scopes.dedup();
    for scope in scopes {
        let of_scope: Vec<&Right> = rights.iter().filter(|right| namespace(&right.scope) == scope).collect();
        text.push_str(&role(&name, scope, &of_scope));
        text.push_str(&binding(&name, scope, subject));
    }
    text
}

/// The namespace of a role; none is a cluster role.
const fn namespace(scope: &Scope) -> Option<&str> {
    match scope {
        Scope::Cluster | Scope::Everywhere => None,
        Scope::Within(namespace) => Some(namespace.as_str()),
    }
}

fn head(needs: &Needs, made_by: &str) -> String {
    let confined = "The agents' pods go to namespaces that are there already, and no right on pods holds outside of them.";
    let wide = "The run makes namespaces of its own, whose names nobody knows before. So it may make pods, and run commands in pods, in\n\
                # every namespace, which is nearly all one can do in a cluster. To confine it, make a namespace and name it to this command and\n\
                # to netcheck run: --namespace NAME (and --host-namespace NAME, for suites with agents in the nodes' own network).";
    let reach = if needs.makes_namespaces() { wide } else { confined };
    format!(
        "# What a run needs, and nothing more. To apply it, pipe it into: kubectl apply -f -\n#\n# Made by: {}\n#\n# {reach}\n",
        one_line(made_by)
    )
}

/// The account. Its namespace only if that is ours: others must not go when these objects are deleted.
fn accounts(subject: &Subject) -> String {
    let Subject::ServiceAccount { namespace, name } = subject else { return String::new() };
    let own = "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: netcheck\n";
    let account =
        format!("---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {}\n  namespace: {}\n", word(name), word(namespace));
    if *subject == Subject::default() { format!("{own}{account}") } else { account }
}

/// Of roles and bindings: another subject's are not overwritten. May be any segment of a path, hence no slash and no percent sign.
fn name(subject: &Subject) -> String {
    let of = match subject {
        subject if *subject == Subject::default() => return NETCHECK.to_owned(),
        Subject::ServiceAccount { namespace, name } => format!("serviceaccount:{namespace}:{name}"),
        Subject::User(name) => format!("user:{name}"),
        Subject::Group(name) => format!("group:{name}"),
    };
    format!("{NETCHECK}:{}", of.replace(['/', '%'], "-"))
}

fn object(kind: &str, name: &str, namespace: Option<&str>) -> String {
    let (prefix, place) = match namespace {
        Some(namespace) => ("", format!("  namespace: {}\n", word(namespace))),
        None => ("Cluster", String::new()),
    };
    format!("---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {prefix}{kind}\nmetadata:\n  name: {}\n{place}", word(name))
}

fn role(name: &str, namespace: Option<&str>, rights: &[&Right]) -> String {
    let mut text = object("Role", name, namespace);
    text.push_str("rules:\n");
    for of_right in firsts(rights.iter().map(|right| object_of(right))) {
        let of: Vec<&Right> = rights.iter().filter(|right| object_of(right) == of_right).copied().collect();
        for (verbs, right) in reasons(&of) {
            let dispensable = if right.weight == Weight::Helpful { " (may be left out)" } else { "" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  # {}: {}{dispensable}", verbs.join(", "), right.why);
        }
        // What is wanted for two reasons is one right.
        let verbs = firsts(of.iter().map(|right| right.verb));
        let (resource, group) = of.first().map(|right| right.resource_and_group()).unwrap_or_default();
        let group = if group.is_empty() { "\"\"" } else { group };
        let names = of_right.1.map(|name| format!("\n    resourceNames: [{}]", word(name))).unwrap_or_default();
        let _ = writeln!(text, "  - apiGroups: [{group}]\n    resources: [{resource}]{names}\n    verbs: [{}]", verbs.join(", "));
    }
    text
}

/// Each once, in the order of its first occurrence.
fn firsts<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut firsts, one| {
        if !firsts.contains(&one) {
            firsts.push(one);
        }
        firsts
    })
}

/// What a rule is about: a kind of objects, or one of them.
fn object_of(right: &Right) -> (&'static str, Option<&str>) {
    (right.resource, right.name.as_deref())
}

/// Each reason once, with its verbs.
fn reasons<'a>(rights: &[&'a Right]) -> Vec<(Vec<&'static str>, &'a Right)> {
    let mut reasons: Vec<(Vec<&str>, &Right)> = Vec::new();
    for right in rights {
        match reasons.iter_mut().find(|(_, known)| known.why == right.why) {
            Some((verbs, _)) => verbs.push(right.verb),
            None => reasons.push((vec![right.verb], right)),
        }
    }
    reasons
}

fn binding(name: &str, namespace: Option<&str>, subject: &Subject) -> String {
    let kind = if namespace.is_some() { "Role" } else { "ClusterRole" };
    let who = match subject {
        Subject::ServiceAccount { namespace, name } => {
            format!("  - kind: ServiceAccount\n    name: {}\n    namespace: {}\n", word(name), word(namespace))
        }
        Subject::User(name) => format!("  - kind: User\n    apiGroup: rbac.authorization.k8s.io\n    name: {}\n", word(name)),
        Subject::Group(name) => format!("  - kind: Group\n    apiGroup: rbac.authorization.k8s.io\n    name: {}\n", word(name)),
    };
    let role = format!("roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: {kind}\n  name: {}\n", word(name));
    format!("{}{role}subjects:\n{who}", object("RoleBinding", name, namespace))
}

/// Words that YAML 1.1 takes for something else than text.
const RESERVED: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];

/// A text as a YAML scalar: plain where nobody can take it for anything else, otherwise as JSON quotes it.
fn word(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !RESERVED.contains(&text);
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::model::vantage::Station;

    fn objects(text: &str) -> Vec<Value> {
        text.split("---\n").skip(1).map(|document| serde_saphyr::from_str(document).unwrap()).collect()
    }

    fn check(subject: &str, expected: Result<&[&str], &str>) {
        match (subject.parse::<Subject>(), expected) {
            (Ok(subject), Ok(expected)) => {
                let needs = Needs::of(&BTreeSet::from([Station::Pod]), Some("tests"), None);
                let objects = objects(&rbac(&needs, &subject, "netcheck rbac a.yaml"));
                let kinds: Vec<String> = objects
                    .iter()
                    .map(|object| format!("{} {}", object["kind"].as_str().unwrap(), object["metadata"]["name"].as_str().unwrap()))
                    .collect();
                assert_eq!(kinds, expected, "{objects:?}");
            }
            (Err(why), Err(part)) => assert!(why.contains(part), "{why}"),
            (found, expected) => panic!("{subject}: {found:?}, not {expected:?}"),
        }
    }

    #[test]
    fn each_subject_has_objects_of_its_own() {
        check(
            "serviceaccount:netcheck/netcheck",
            Ok(&[
                "Namespace netcheck",
                "ServiceAccount netcheck",
                "ClusterRole netcheck",
                "ClusterRoleBinding netcheck",
                "Role netcheck",
                "RoleBinding netcheck",
            ]),
        );
        check(
            "serviceaccount:ci/gate.v1",
            Ok(&[
                "ServiceAccount gate.v1",
                "ClusterRole netcheck:serviceaccount:ci:gate.v1",
                "ClusterRoleBinding netcheck:serviceaccount:ci:gate.v1",
                "Role netcheck:serviceaccount:ci:gate.v1",
                "RoleBinding netcheck:serviceaccount:ci:gate.v1",
            ]),
        );
        let of = |name: &str| ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].map(|kind| format!("{kind} netcheck:{name}"));
        for (subject, name) in [("user:https://issuer#50%", "user:https:--issuer#50-"), ("group:a: \"b\"\n", "group:a: \"b\"\n")] {
            let expected = of(name);
            check(subject, Ok(&expected.each_ref().map(String::as_str)));
        }
        for text in ["netcheck", "", "user:", "group:", "role:x"] {
            check(text, Err("expected serviceaccount:NAMESPACE/NAME, user:NAME or group:NAME"));
        }
        check("serviceaccount:netcheck", Err("expected serviceaccount:NAMESPACE/NAME"));
        for text in ["serviceaccount:/a", "serviceaccount:a/", "serviceaccount:A/b", "serviceaccount:a/b/c", "serviceaccount:-a/b"] {
            check(text, Err("lower-case letters"));
        }
    }

    #[test]
    fn every_right_is_in_a_rule_and_no_other() {
        let needs = Needs::of(&BTreeSet::from([Station::Pod, Station::Host]), Some("true"), Some("host-tests"));
        let objects = objects(&rbac(&needs, &Subject::User("no".to_owned()), "netcheck rbac a.yaml"));
        let mut found = Vec::new();
        for role in objects.iter().filter(|object| object["kind"].as_str().unwrap().ends_with("Role")) {
            let place = role["metadata"]["namespace"].as_str().map(|name| format!(" in namespace {name}")).unwrap_or_default();
            for rule in role["rules"].as_array().unwrap() {
                assert_eq!((&rule["apiGroups"], rule["resources"].as_array().unwrap().len()), (&serde_json::json!([""]), 1));
                let verbs = rule["verbs"].as_array().unwrap().iter().map(|verb| verb.as_str().unwrap());
                found.extend(verbs.map(|verb| format!("{verb} {}{place}", rule["resources"][0].as_str().unwrap())));
            }
        }
        let mut expected: Vec<String> = rights(&needs).iter().map(Right::to_string).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        for binding in objects.iter().filter(|object| object["kind"].as_str().unwrap().ends_with("Binding")) {
            assert_eq!(binding["subjects"][0]["name"], "no");
            assert_eq!(binding["roleRef"]["name"], "netcheck:user:no");
        }
    }

    #[test]
    fn what_made_it_stays_in_its_comment() {
        let needs = Needs::of(&BTreeSet::new(), None, None);
        let text = rbac(&needs, &Subject::default(), "netcheck rbac a.yaml --set a=b\n---\nkind: Secret");
        assert_eq!(objects(&text).len(), 4, "{text}");
        assert!(text.contains("--set a=b --- kind: Secret\n"), "{text}");
    }
}
