//! What suites say of the agents that ask for them. It must not know how agents are launched.

use super::suite::Suite;
use super::taint::Tolerations;
use super::units::Micros;

/// The terms of one suite, as far as it says any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentTerms {
    /// Its `readyWithin`: from the launch until an agent counts as not coming.
    pub ready_within: Option<Micros>,
    /// Its `tolerations`: nodes with other taints it does not use.
    pub tolerations: Tolerations,
}

impl AgentTerms {
    /// `readyWithin` of a suite that does not say.
    pub const READY_WITHIN: Micros = Micros(60_000_000);

    /// How long agents may take that several suites share: as long as the most patient of them allows. Suites that ask for nothing
    /// wait for nobody. None where no suite says anything.
    #[must_use]
    pub fn patience<'s>(suites: impl IntoIterator<Item = &'s Suite>) -> Option<Micros> {
        let asking: Vec<Self> = suites.into_iter().filter(|suite| !suite.cases.is_empty()).map(|suite| suite.agents.clone()).collect();
        asking.iter().any(|terms| terms.ready_within.is_some()).then(|| Self::longest(&asking))
    }

    fn longest(shared: &[Self]) -> Micros {
        shared.iter().map(|terms| terms.ready_within.unwrap_or(Self::READY_WITHIN)).max().unwrap_or(Self::READY_WITHIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_patient_suite_decides() {
        let minute = 60;
        for (suites, seconds) in [
            (&[][..], minute),
            (&[None], minute),
            (&[Some(5)], 5),
            (&[Some(5), Some(7)], 7),
            (&[Some(5), None], minute),
            (&[None, Some(90), Some(5)], 90),
        ] {
            let terms = suites
                .iter()
                .map(|seconds| AgentTerms { ready_within: seconds.map(|seconds| Micros(seconds * 1_000_000)), ..AgentTerms::default() });
            assert_eq!(AgentTerms::longest(&terms.collect::<Vec<_>>()), Micros(seconds * 1_000_000), "{suites:?}");
        }
    }
}
