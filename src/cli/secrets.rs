//! The values of secrets, from where suites say that they are: of those alone that a case needs, and only for a run. No message has one
//! in it. It must not know what they are for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::backend::{Backend, BackendError, NO_SECRET};
use crate::model::exit::Exit;
use crate::model::secret::{Declared, Origin, SecretKey, Secrets};
use crate::model::suite::Suite;

use super::Refusal;
use super::content::at_most;

/// The longest value, in bytes: longer than any token.
const LONGEST: usize = 65_536;

/// What to do besides, whatever the trouble is.
const DO_WITHOUT: &str = "give it one, or leave out the tests that need it (`-t`, `--case`)";

/// The values of the secrets of each suite, by its file. Without a backend nothing is read of a cluster.
pub(super) async fn of(suites: &[Suite], backend: Option<&dyn Backend>) -> Result<BTreeMap<Arc<str>, Secrets>, Refusal> {
    let mut all = BTreeMap::new();
    for suite in suites {
        all.insert(Arc::clone(&suite.file), values(suite, backend).await?);
    }
    Ok(all)
}

/// The values that suites take from Secrets of the cluster, each once: those that a case needs, and all of a suite whose cases are not
/// known yet.
pub(super) fn of_cluster<'a>(suites: impl IntoIterator<Item = &'a Suite>) -> Vec<SecretKey> {
    let of_suite = |suite: &'a Suite| {
        let needed = needed(suite);
        suite.secrets.iter().filter(move |secret| !suite.pending.is_empty() || needed.contains(secret.name.as_str()))
    };
    let keys = suites.into_iter().flat_map(of_suite).filter_map(|secret| match &secret.origin {
        Origin::Cluster(at) => Some(at.clone()),
        Origin::Environment(_) | Origin::File(_) => None,
    });
    keys.collect::<BTreeSet<_>>().into_iter().collect()
}

fn needed(suite: &Suite) -> BTreeSet<&str> {
    suite.cases.iter().filter(|case| case.skip.is_none()).flat_map(|case| case.probe.secrets()).collect()
}

async fn values(suite: &Suite, backend: Option<&dyn Backend>) -> Result<Secrets, Refusal> {
    let needed = needed(suite);
    let mut secrets = Secrets::default();
    for secret in suite.secrets.iter().filter(|secret| needed.contains(secret.name.as_str())) {
        let value = match (&secret.origin, backend) {
            (Origin::Environment(name), _) => of_environment(name).map_err(|why| valueless(secret, &why)),
            (Origin::File(path), _) => read(path).and_then(|value| told(&value, path)).map_err(|why| valueless(secret, &why)),
            (Origin::Cluster(at), Some(backend)) => in_cluster(secret, at, backend).await,
            (Origin::Cluster(_), None) => continue,
        };
        secrets.insert(&secret.name, value?);
    }
    Ok(secrets)
}

fn valueless(secret: &Declared, why: &str) -> Refusal {
    Refusal::usage(format!("{}: the secret `{}` has no value: {why}", secret.span, secret.name)).help(DO_WITHOUT)
}

async fn in_cluster(secret: &Declared, at: &SecretKey, backend: &dyn Backend) -> Result<String, Refusal> {
    let bytes = backend.secret(at).await.map_err(|error| refused(secret, error))?;
    let place = format!("the key {} of the Secret {}", at.key, at.secret());
    let value = if bytes.len() > LONGEST { Err(format!("{place} has more than {LONGEST} bytes")) } else { text(bytes, &place) };
    value.and_then(|value| told(&value, &place)).map_err(|why| valueless(secret, &why))
}

/// What is not there is the suite's mistake; else the place did not give it, and may another time.
fn refused(secret: &Declared, error: BackendError) -> Refusal {
    let exit = if error.code == NO_SECRET { Exit::Usage } else { Exit::NotMeasured };
    let BackendError { message, details, help, .. } = error;
    let refusal = valueless(secret, &message);
    Refusal { exit, details, help: help.into_iter().chain(refusal.help).collect(), ..refusal }
}

fn of_environment(name: &str) -> Result<String, String> {
    match std::env::var(name) {
        Ok(value) => told(&value, name),
        Err(std::env::VarError::NotPresent) => Err(format!("{name} is not in the environment")),
        Err(std::env::VarError::NotUnicode(_)) => Err(format!("{name} in the environment is not text in UTF-8")),
    }
}

/// It may not be empty: nothing would be hidden of it, and nobody means that.
fn told(value: &str, place: &str) -> Result<String, String> {
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
    text(bytes, path)
}

fn text(bytes: Vec<u8>, place: &str) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| format!("{place} is not text in UTF-8"))
}
