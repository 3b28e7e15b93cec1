//! What a look at the cluster has to know of the run to come. It must not know what is looked at.

use std::collections::BTreeSet;

use crate::backend::kubernetes::needs::Serving;
use crate::backend::kubernetes::rbac::Subject;
use crate::model::agents::IcmpAccess;
use crate::model::collect::Collect;
use crate::model::inventory::Inventory;
use crate::model::secret::SecretKey;
use crate::model::service::Wanted;
use crate::model::vantage::{Station, Vantage};

/// What a look before the run has to know of it.
pub struct Examination<'a> {
    /// How agents stand that the suites need, whatever the nodes.
    pub stations: BTreeSet<Station>,
    /// How agents in the pod network come by ICMP.
    pub icmp: IcmpAccess,
    /// What the suites have to know of Services, and what they make beside agents.
    pub wanted: (Vec<Wanted>, Serving),
    /// What suites want collected when a case fails.
    pub collects: BTreeSet<Collect>,
    /// The values that suites take from Secrets.
    pub secrets: Vec<SecretKey>,
    /// The plan that is made of that inventory: what it leaves of it, and its vantages.
    pub planned: &'a (dyn Fn(Inventory) -> (Inventory, Vec<Vantage>) + Sync),
    /// How many agents are enough, if so many nodes take part.
    pub enough: &'a (dyn Fn(usize) -> usize + Sync),
    /// The command that prints the rights for that subject, or for the default one.
    pub rights: &'a (dyn Fn(Option<&Subject>) -> String + Sync),
    /// The architecture of this program, as OCI calls it: `amd64`.
    pub architecture: &'a str,
}
