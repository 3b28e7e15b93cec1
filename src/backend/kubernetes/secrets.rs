//! Values from the cluster's Secrets, which suites name. It must not know what they are for, and shows none of them.

use k8s_openapi::api::core::v1::Secret;
use kube::Api;

use super::client::Link;
use super::refusal::{Operation, Refusal};
use crate::backend::{BackendError, NO_SECRET};
use crate::model::secret::SecretKey;

/// The most keys that a message lists.
const LISTED: usize = 10;

/// The value of that key.
pub(super) async fn read(link: &Link, at: &SecretKey) -> Result<Vec<u8>, BackendError> {
    let api: Api<Secret> = Api::namespaced(link.client.clone(), &at.namespace);
    let secret = link.call(|| api.get(&at.name)).await.map_err(|refusal| refused(link, &refusal, at))?;
    let mut data = secret.data.unwrap_or_default();
    data.remove(&*at.key).map(|value| value.0).ok_or_else(|| without_key(at, data.keys().map(String::as_str)))
}

fn refused(link: &Link, refusal: &Refusal, at: &SecretKey) -> BackendError {
    let context = &link.place.context;
    if refusal.code() == Some(404) {
        return not_there(
            format!("there is no Secret {}", at.secret()),
            format!("kubectl --context {context} get secrets -n {} lists those of its namespace", at.namespace),
        );
    }
    let error = link.error(refusal, &Operation::within("get", "secrets", &at.namespace));
    if !refusal.wants_a_right() {
        return error;
    }
    // A right on that one alone is not one on all of them, which the general question is about.
    let question = format!("kubectl --context {context} auth can-i get secrets/{} -n {}", at.name, at.namespace);
    BackendError { help: std::iter::once(question).chain(error.help.into_iter().skip(1)).collect(), ..error }
}

fn without_key<'k>(at: &SecretKey, keys: impl Iterator<Item = &'k str>) -> BackendError {
    let keys: Vec<&str> = keys.collect();
    let there = match keys.as_slice() {
        [] => "it is empty".to_owned(),
        [first @ .., _] if keys.len() > LISTED => {
            format!("it has the keys {} and {} more", first[..LISTED].join(", "), keys.len() - LISTED)
        }
        all => format!("it has the keys {}", all.join(", ")),
    };
    not_there(format!("the Secret {} has no key {}", at.secret(), at.key), there)
}

fn not_there(message: String, help: String) -> BackendError {
    BackendError { code: NO_SECRET, message, details: Vec::new(), help: vec![help] }
}
