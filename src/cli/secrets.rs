//! The values of secrets, from where suites say that they are: of those alone that a case needs, and only for a run. No message has one
//! in it. It must not know what they are for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::model::secret::{Declared, Origin, Secrets};
use crate::model::suite::Suite;

use super::Refusal;
use super::content::at_most;

/// The longest value, in bytes: longer than any token.
const LONGEST: usize = 65_536;

/// The values of the secrets of each suite, by its file.
pub(super) fn of(suites: &[Suite]) -> Result<BTreeMap<Arc<str>, Secrets>, Refusal> {
    suites.iter().map(|suite| Ok((Arc::clone(&suite.file), values(suite)?))).collect()
}

fn values(suite: &Suite) -> Result<Secrets, Refusal> {
    let asked = suite.cases.iter().filter(|case| case.skip.is_none());
    let needed: BTreeSet<&str> = asked.flat_map(|case| case.probe.secrets()).collect();
    let mut secrets = Secrets::default();
    for secret in suite.secrets.iter().filter(|secret| needed.contains(secret.name.as_str())) {
        let value = value(secret).map_err(|why| {
            let message = format!("the secret {} of {} has no value: {why}", secret.name, suite.file);
            Refusal::usage(message).help("give it one, or leave out the tests that need it (`-t`, `--case`)")
        })?;
        secrets.insert(&secret.name, value);
    }
    Ok(secrets)
}

/// It may not be empty: nothing would be hidden of it, and nobody means that.
fn value(secret: &Declared) -> Result<String, String> {
    let (value, place) = match &secret.origin {
        Origin::Environment(name) => match std::env::var(name) {
            Ok(value) => (value, name.clone()),
            Err(std::env::VarError::NotPresent) => return Err(format!("{name} is not in the environment")),
            Err(std::env::VarError::NotUnicode(_)) => return Err(format!("{name} in the environment is not text in UTF-8")),
        },
        Origin::File(path) => (read(path)?, path.clone()),
    };
    match value.trim_end_matches(['\n', '\r']) {
        "" => Err(format!("{place} is empty")),
        value => Ok(value.to_owned()),
    }
}

fn read(path: &str) -> Result<String, String> {
    let bytes = at_most(Path::new(path), LONGEST).map_err(|error| format!("{path}: {error}"))?;
    if bytes.len() > LONGEST {
        return Err(format!("{path} has more than {LONGEST} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| format!("{path} is not text in UTF-8"))
}
