//! `netcheck rbac`: the least rights that suites need, for `kubectl apply`. Contacts nobody: the suites decide.

use std::sync::Arc;

use crate::backend::kubernetes::{self, Needs, Subject};
use crate::model::exit::Exit;
use crate::plan;

use super::arguments::{ColorArgument, FileArguments, RbacArguments};
use super::draft::{collects, serving, wanted};
use super::remarks::style;
use super::suites::read_all;
use super::{Outcome, print, secrets};

/// Prints them.
pub(super) fn execute(arguments: &RbacArguments) -> Outcome {
    let suites = read_all(&arguments.files, None, style(ColorArgument::Auto))?;
    let (wanted, serving, collects, secrets) = (wanted(&suites), serving(&suites), collects(&suites), secrets::of_cluster(&suites));
    let stations = plan::stations(&suites.into_iter().map(Arc::new).collect::<Vec<_>>());
    let namespaces = (arguments.namespace.as_deref(), arguments.host_namespace.as_deref());
    let needs = Needs::of(&stations, namespaces.0, namespaces.1).discovering(wanted).serving(serving).collecting(collects).reading(secrets);
    let subject = arguments.subject.clone().unwrap_or_default();
    let given = arguments.subject.as_ref().map(Subject::to_string);
    let made_by = command(&arguments.files, namespaces, given.as_deref());
    print(&kubernetes::rbac(&needs, &subject, &made_by))?;
    Ok(Exit::Passed)
}

/// The command that prints the rights for these suites with these flags, as a shell reads it.
pub(super) fn command(files: &FileArguments, (namespace, host_namespace): (Option<&str>, Option<&str>), subject: Option<&str>) -> String {
    let mut words = vec!["netcheck".to_owned(), "rbac".to_owned()];
    words.extend(files.paths.iter().map(|path| quoted(&path.to_string_lossy())));
    let mut flag = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
    for path in &files.variables.files {
        flag("--vars", &path.to_string_lossy());
    }
    for set in &files.variables.sets.0 {
        flag(&format!("--{}", set.flag.name()), &format!("{}={}", set.name, set.value));
    }
    for (name, value) in [("--namespace", namespace), ("--host-namespace", host_namespace), ("--subject", subject)] {
        if let Some(value) = value {
            flag(name, value);
        }
    }
    words.join(" ")
}

/// A word as a POSIX shell takes it for itself.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:=,@%+-".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::super::arguments::{SetFlag, Sets, Setting, VariableArguments};
    use super::*;

    #[test]
    fn a_shell_reads_the_command_as_it_was_meant() {
        let set = |flag, name: &str, value: &str| Setting { flag, name: name.to_owned(), value: value.to_owned() };
        let sets = Sets(vec![set(SetFlag::Set, "hosts", "true"), set(SetFlag::SetString, "title", "it's mine")]);
        let variables = VariableArguments { sets, files: vec!["my vars.yaml".into()] };
        let files = FileArguments { paths: vec!["suites/overlay.yaml".into(), "my suite.yaml".into()], variables };
        let found = command(&files, (Some("a"), None), Some("user:jane"));
        let expected = "netcheck rbac suites/overlay.yaml 'my suite.yaml' --vars 'my vars.yaml' --set hosts=true --set-string 'title=it'\\''s mine' --namespace a --subject user:jane";
        assert_eq!(found, expected);
        assert_eq!(
            command(&FileArguments { paths: vec!["a.yaml".into()], variables: VariableArguments::default() }, (None, Some("b")), None),
            "netcheck rbac a.yaml --host-namespace b"
        );
    }
}
