//! What suites say of the agents that ask for them. It must not know how agents are launched.

use super::taint::Tolerations;
use super::units::Micros;
use super::vantage::Station;

/// The terms of one suite, as far as it says any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentTerms {
    /// Its `readyWithin`: from the launch until an agent counts as not coming.
    pub ready_within: Option<Micros>,
    /// Its `tolerations`: nodes with other taints it does not use.
    pub tolerations: Tolerations,
    /// Its `icmp`.
    pub icmp: IcmpAccess,
}

/// How agents in the pod network come by ICMP. Those elsewhere have the capability `NET_RAW` in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IcmpAccess {
    /// By unprivileged sockets, which their pod is given by a sysctl.
    #[default]
    Auto,
    /// By raw sockets, with user 0 and `NET_RAW`: where that sysctl is refused.
    Raw,
}

impl IcmpAccess {
    /// As a suite writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Raw => "raw",
        }
    }

    /// Whether raw sockets would help an agent that stands so, and has no ICMP socket.
    #[must_use]
    pub const fn lacks_raw(self, station: Station) -> bool {
        match (self, station) {
            (Self::Auto, Station::Pod) => true,
            (Self::Auto, Station::Host | Station::Workload) | (Self::Raw, _) => false,
        }
    }
}

impl AgentTerms {
    /// `readyWithin` of a suite that does not say.
    pub const READY_WITHIN: Micros = Micros(60_000_000);

    /// How long agents may take that several suites share: as long as the most patient of them allows. None where no suite says
    /// anything. Suites that ask for nothing have no terms among these.
    #[must_use]
    pub fn patience<'t>(terms: impl IntoIterator<Item = &'t Self>) -> Option<Micros> {
        let all: Vec<_> = terms.into_iter().map(|terms| terms.ready_within).collect();
        all.iter().any(Option::is_some).then(|| Self::longest(&all))
    }

    /// How agents come by ICMP that several suites share: by raw sockets, if any suite that asks for agents says so. The others are
    /// content with either.
    #[must_use]
    pub fn icmp_access<'t>(terms: impl IntoIterator<Item = &'t Self>) -> IcmpAccess {
        if terms.into_iter().any(|terms| terms.icmp == IcmpAccess::Raw) { IcmpAccess::Raw } else { IcmpAccess::Auto }
    }

    fn longest(all: &[Option<Micros>]) -> Micros {
        all.iter().map(|one| one.unwrap_or(Self::READY_WITHIN)).max().unwrap_or(Self::READY_WITHIN)
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
            let all: Vec<_> = suites.iter().map(|seconds| seconds.map(|seconds| Micros(seconds * 1_000_000))).collect();
            assert_eq!(AgentTerms::longest(&all), Micros(seconds * 1_000_000), "{suites:?}");
        }
    }
}
