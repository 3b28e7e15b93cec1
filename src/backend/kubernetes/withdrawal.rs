//! Removes the Services of a run's fixtures from a namespace of others; from its own they go with it. It must not know who asked them.

use futures::StreamExt;
use k8s_openapi::api::core::v1::Service;
use kube::Api;
use kube::api::{DeleteParams, ListParams};

use super::claim::claim_of_service;
use super::client::{AT_ONCE, Link};
use super::names;
use super::outage::Patience;
use super::refusal::{Operation, Refusal};

/// The Services of a run in a namespace, and how much time there is to remove them.
pub(super) struct Services<'a> {
    link: &'a Link,
    api: Api<Service>,
    namespace: &'a str,
    run: &'a str,
    patience: Patience,
}

impl<'a> Services<'a> {
    pub(super) fn of(link: &'a Link, namespace: &'a str, run: &'a str, patience: Patience) -> Self {
        Self { link, api: Api::namespaced(link.client.clone(), namespace), namespace, run, patience }
    }

    /// Removes those that are there now, side by side.
    ///
    /// # Errors
    /// What is left, in a line.
    pub(super) async fn remove(&self) -> Result<(), String> {
        let ours = ListParams::default().labels(&names::of_run(self.run));
        let found = self.link.insist_within(&self.patience, || self.api.list_metadata(&ours)).await;
        let found = found.map_err(|refusal| self.left("Services", "list", &refusal))?;
        let ours = found.items.into_iter().filter(|service| claim_of_service(&service.metadata).is_ok());
        let deletions = ours.filter_map(|service| service.metadata.name).map(|name| async move {
            let refusal = self.delete(&name).await?;
            Some((name, refusal))
        });
        let deleted = futures::stream::iter(deletions).buffer_unordered(AT_ONCE);
        let mut refused: Vec<(String, Refusal)> = deleted.filter_map(std::future::ready).collect().await;
        refused.sort_by(|one, other| one.0.cmp(&other.0));
        let Some((_, refusal)) = refused.first() else { return Ok(()) };
        let names: Vec<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
        Err(self.left(&format!("Services {}", names.join(", ")), "delete", refusal))
    }

    /// Why it is still there, if it is.
    async fn delete(&self, name: &str) -> Option<Refusal> {
        let how = DeleteParams::default();
        let deleted = self.link.insist_within(&self.patience, || self.api.delete(name, &how)).await;
        deleted.err().filter(|refusal| refusal.code() != Some(404))
    }

    fn left(&self, what: &str, verb: &'static str, refusal: &Refusal) -> String {
        let why = self.link.error(refusal, &Operation::within(verb, "services", self.namespace)).message;
        format!("{what} of run {} in {}: {why}", self.run, self.namespace)
    }
}
