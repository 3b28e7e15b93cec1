//! Values for variables, gathered from the environment, from files and from flags, those that win last.
//! It must not know which variables there are.

use crate::model::diagnostic::Diagnostic;
use crate::model::units::counted;
use crate::suite::{self, Given};

use super::Refusal;
use super::arguments::{SetFlag, VariableArguments};
use super::content::content;

/// What the names of environment variables begin with that give variables values.
const PREFIX: &str = "NETCHECK_VAR_";

/// What was gathered.
pub(super) struct Gathered {
    /// Those that win last.
    pub(super) given: Vec<Given>,
    /// What is to be said of the files, by their names.
    pub(super) remarks: Vec<(String, Vec<Diagnostic>)>,
}

/// Reads the files and the environment.
pub(super) fn gather(arguments: &VariableArguments) -> Result<Gathered, Refusal> {
    let mut gathered = Gathered { given: environment(std::env::vars_os())?, remarks: Vec::new() };
    for path in &arguments.files {
        let bytes = content(path).map_err(|error| {
            Refusal::usage(format!("cannot read file of values {}: {error}", path.display()))
                .help("it is a YAML map from variables to values, such as `lossMax: 1%`")
        })?;
        let file = path.to_string_lossy().into_owned();
        let (given, remarks) = suite::read_values(&file, &bytes);
        gathered.remarks.push((file, remarks));
        gathered.given.extend(given);
    }
    gathered.given.extend(arguments.sets.0.iter().map(|set| match set.flag {
        SetFlag::Set => suite::set(&set.name, &set.value),
        SetFlag::SetString => suite::set_string(&set.name, &set.value),
    }));
    Ok(gathered)
}

/// In the order of their names, so that remarks are always the same.
fn environment(variables: impl Iterator<Item = (std::ffi::OsString, std::ffi::OsString)>) -> Result<Vec<Given>, Refusal> {
    let mut found = Vec::new();
    for (name, value) in variables {
        let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        let Some(value) = value.to_str() else {
            return Err(Refusal::usage(format!("the value of {PREFIX}{name} in the environment is not text in UTF-8")));
        };
        found.push((name.to_owned(), value.to_owned()));
    }
    found.sort();
    Ok(found.iter().map(|(name, value)| suite::environment(name, value)).collect())
}

/// `1 error in 2 suite files`, or in the files of values, too.
pub(super) fn in_files((count, noun): (usize, &str), suites: usize, arguments: &VariableArguments) -> String {
    let values = match arguments.files.len() {
        0 => String::new(),
        1 => " and 1 file of values".to_owned(),
        files => format!(" and {files} files of values"),
    };
    format!("{} in {}{values}", counted(count, noun), counted(suites, "suite file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_variables_count_and_in_order() {
        let variables = [("NETCHECK_VAR_b", "1"), ("NETCHECK_IMAGE", "x"), ("NETCHECK_VAR_a", "2"), ("HOME", "/")];
        let found = environment(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        let found: Vec<_> = found.unwrap().iter().map(|given| format!("{given:?}")).collect();
        assert!(found.len() == 2 && found[0].contains("\"a\"") && found[1].contains("\"b\""), "{found:?}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_text_is_refused_by_name() {
        use std::os::unix::ffi::OsStringExt;
        let value = std::ffi::OsString::from_vec(vec![0xff]);
        let refusal = environment(std::iter::once(("NETCHECK_VAR_a".into(), value))).unwrap_err();
        assert_eq!(refusal.message, "the value of NETCHECK_VAR_a in the environment is not text in UTF-8");
    }
}
