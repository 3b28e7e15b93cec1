//! Long lists, asked of the API server in pages. It must not know what is on them.

use std::fmt::Debug;

use kube::Api;
use kube::api::ListParams;
use serde::de::DeserializeOwned;

use super::client::Link;
use super::refusal::Refusal;

/// Objects in one answer: of nodes some 10 MB of JSON.
const PAGE: u32 = 500;

/// All that there are. How long that may take is the caller's.
pub(super) async fn pages<T>(link: &Link, api: &Api<T>, params: ListParams) -> Result<Vec<T>, Refusal>
where
    T: Clone + DeserializeOwned + Debug,
{
    let mut items = Vec::new();
    let mut page = params.limit(PAGE);
    loop {
        let list = link.call(|| api.list(&page)).await?;
        items.extend(list.items);
        match list.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => page = page.continue_token(&token),
            None => return Ok(items),
        }
    }
}
