//! Which Services of fixtures a plan needs: those that a case of it asks, and no others. It must not know how they are made.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::fixture::{Front, Stand};
use crate::model::plan::PlannedCase;
use crate::model::service::Transport;
use crate::model::suite::{Offer, Suite};

/// Each once, by name. Fixtures of one name in several suites have the same agents behind them: they share their Services.
pub(super) fn stands(suites: &[Arc<Suite>], cases: &[PlannedCase]) -> Vec<Stand> {
    let mut serve: BTreeMap<(Arc<str>, Front), Vec<Transport>> = BTreeMap::new();
    for planned in cases.iter().filter(|planned| !planned.pairs.is_empty()) {
        let Some((name, front)) = planned.case.to.fixture().zip(planned.case.to.offer().and_then(Offer::front)) else { continue };
        let fixture = suites.get(planned.suite).and_then(|suite| suite.fixtures.iter().find(|fixture| fixture.name == *name));
        let served = serve.entry((name.clone(), front)).or_default();
        served.extend(fixture.into_iter().flat_map(|fixture| &fixture.serve));
        served.sort_unstable();
        served.dedup();
    }
    serve.into_iter().map(|((fixture, front), serve)| Stand { fixture, front, serve }).collect()
}
