//! Which gateway each source has, as its agent told it. It must not know how one is asked.

use std::sync::Arc;

use crate::judge::PairResult;
use crate::model::family::Family;
use crate::model::gateway::{DefaultRoute, Gateway};
use crate::model::plan::PlannedCase;
use crate::model::target::{Destination, Pair, Target};
use crate::model::vantage::Vantage;

use super::dispatcher::Dispatcher;

/// The most gateways that a note names.
const NAMED: usize = 5;

impl Dispatcher<'_> {
    /// The default gateway of a source's own network. That there is none is what the case finds.
    pub(super) fn gateway(&self, source: &Vantage, family: Family) -> Result<Gateway, PairResult> {
        let routes = self.roster.hello(source).map(|hello| &hello.routes).ok_or_else(|| PairResult::Unmeasured(self.not_ready(source)))?;
        let found = routes.iter().find(|route| route.family == family).and_then(DefaultRoute::gateway);
        found.ok_or_else(|| PairResult::NoGateway(source.clone(), DefaultRoute::why_none(routes, family)))
    }

    /// The case, with the gateways that its agents told.
    pub(super) fn with_gateways(&self, planned: PlannedCase) -> PlannedCase {
        if planned.case.to != Destination::Gateway {
            return planned;
        }
        let family = planned.case.probe.burst().family;
        let told = |pair: &Pair| Pair { target: Target::Gateway(self.gateway(&pair.source, family).ok().map(Arc::new)), ..pair.clone() };
        PlannedCase { pairs: planned.pairs.iter().map(told).collect(), ..planned }
    }
}

/// `gateways: 10.0.0.1 of node1, 10.0.0.2 of node2`: plans do not have them, so reports tell whom the case asked.
pub(super) fn note(planned: &PlannedCase) -> Option<String> {
    let told = planned.pairs.iter().filter_map(|pair| match &pair.target {
        Target::Gateway(Some(gateway)) => Some(format!("{gateway} of {}", pair.source)),
        Target::Gateway(None)
        | Target::Agent(_)
        | Target::Node { .. }
        | Target::Host(_)
        | Target::Named(..)
        | Target::Resolver
        | Target::Service(_) => None,
    });
    let told: Vec<String> = told.collect();
    let more = told.len().checked_sub(NAMED).filter(|more| *more > 0).map_or_else(String::new, |more| format!(" and {more} more"));
    (!told.is_empty()).then(|| format!("gateways: {}{more}", told[..told.len().min(NAMED)].join(", ")))
}
