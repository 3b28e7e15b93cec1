//! What the name of a host led each source to, as its agent told it, and whether it may be believed. It must not know how names are
//! looked up.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::address::is_of_one;
use crate::model::family::Family;
use crate::model::outcome::{Outcome, Step, Tally};
use crate::model::plan::PlannedCase;
use crate::model::target::{Destination, Pair, Target};
use crate::model::units::thousands;
use crate::model::unresolved::{Resolved, Unresolved};
use crate::wire::Peer;

use super::dispatcher::Dispatcher;

/// The most sources and addresses that a note names.
const NAMED: usize = 5;

/// How the targets of a share are told to an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// By their addresses.
    Addresses,
    /// By a name that it has to look up.
    Name,
}

impl Told {
    /// How these are.
    pub(super) fn of(targets: &[Peer]) -> Self {
        if targets.iter().any(|peer| peer.looked_up().is_some()) { Self::Name } else { Self::Addresses }
    }

    /// What an outcome says of a name that nobody gave its agent, or leaves out of one that it got.
    pub(super) fn misfit(self, outcome: &Outcome, family: Family) -> Option<String> {
        match (self, outcome) {
            (_, Outcome::NotMeasured(_)) => None,
            (Self::Addresses, Outcome::Unresolved(_)) => Some("a name without an address, where no name was to be looked up".to_owned()),
            (Self::Name, Outcome::Unresolved(unresolved)) => too_many(unresolved),
            (told, Outcome::Measured(tally)) => told.misfit_of(tally, family),
        }
    }

    fn misfit_of(self, tally: &Tally, family: Family) -> Option<String> {
        let lookups: u64 = tally.steps.iter().filter(|part| part.step == Step::Lookup).map(|part| part.samples.count()).sum();
        match (self, tally.resolved) {
            (Self::Addresses, None) if lookups == 0 => None,
            (Self::Addresses, _) => Some("a lookup, where no name was to be looked up".to_owned()),
            (Self::Name, None) => Some("nothing of the address that a name led to".to_owned()),
            (Self::Name, Some(Resolved { address, .. })) if Family::of(address) != family || !is_of_one(address) => {
                Some(format!("{address} as the {} address of a host", family.words()))
            }
            (Self::Name, Some(Resolved { of: 0, .. })) => Some("an address among none".to_owned()),
            (Self::Name, Some(_)) if lookups != 1 => Some(format!("{lookups} lookups, where a name was to be looked up once")),
            (Self::Name, Some(_)) => None,
        }
    }
}

fn too_many(unresolved: &Unresolved) -> Option<String> {
    let servers = unresolved.by.len();
    (servers > Unresolved::SERVERS).then(|| format!("{servers} name servers, more than {}", Unresolved::SERVERS))
}

impl Dispatcher<'_> {
    /// The case, with what the name of its host led each source to.
    pub(super) fn with_names(&self, index: usize, planned: PlannedCase) -> PlannedCase {
        let Destination::Named(named) = &planned.case.to else { return planned };
        let named = Arc::new(named.clone());
        let found = |number: u32| match &self.ledger.entry(index, number)?.outcome {
            Outcome::Measured(tally) => tally.resolved,
            Outcome::Unresolved(_) | Outcome::NotMeasured(_) => None,
        };
        let told = |(number, pair): (u32, &Pair)| Pair { target: Target::Named(Arc::clone(&named), found(number)), ..pair.clone() };
        PlannedCase { pairs: (0..).zip(planned.pairs.iter()).map(told).collect(), ..planned }
    }
}

/// `shop.example is 10.9.0.7 for 3 sources`: plans do not have it, so reports tell whom the case asked.
pub(super) fn note(planned: &PlannedCase) -> Option<String> {
    let mut found: BTreeMap<Resolved, Vec<String>> = BTreeMap::new();
    let mut name = None;
    for pair in planned.pairs.iter() {
        let Target::Named(named, Some(resolved)) = &pair.target else { continue };
        name = Some(&named.name);
        found.entry(*resolved).or_default().push(pair.source.to_string());
    }
    let name = name?;
    let few = found.values().map(Vec::len).sum::<usize>() <= NAMED;
    let told = found.iter().take(NAMED).map(|(Resolved { address, of }, sources)| {
        let among = if *of > 1 { format!(" (the lowest of {of})") } else { String::new() };
        let whose = if few { sources.join(", ") } else { format!("{} sources", thousands(sources.len() as u64)) };
        format!("{address}{among} for {whose}")
    });
    let told: Vec<String> = told.collect();
    let more = found.len().checked_sub(NAMED).filter(|more| *more > 0).map_or_else(String::new, |more| format!(" and {more} more"));
    Some(format!("{name} is {}{more}", told.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::{Samples, StepSamples};
    use crate::model::units::Micros;
    use crate::model::unresolved::Unfound;

    fn measured(address: Option<&str>, lookups: usize) -> Outcome {
        let resolved = address.map(|address| Resolved { address: address.parse().unwrap(), of: 1 });
        let steps = if lookups == 0 {
            Vec::new()
        } else {
            vec![StepSamples { step: Step::Lookup, samples: Samples::Raw(vec![Micros(1); lookups]) }]
        };
        Outcome::Measured(Tally { steps, resolved, ..Tally::empty() })
    }

    #[track_caller]
    fn check(told: Told, outcome: &Outcome, expected: Option<&str>) {
        assert_eq!(told.misfit(outcome, Family::V4).as_deref(), expected);
    }

    #[test]
    fn whoever_was_given_a_name_says_where_it_led_once() {
        check(Told::Addresses, &measured(None, 0), None);
        check(Told::Addresses, &measured(Some("10.0.0.1"), 0), Some("a lookup, where no name was to be looked up"));
        check(Told::Addresses, &measured(None, 1), Some("a lookup, where no name was to be looked up"));
        check(Told::Name, &measured(Some("10.0.0.1"), 1), None);
        check(Told::Name, &measured(None, 1), Some("nothing of the address that a name led to"));
        check(Told::Name, &measured(Some("fd00::1"), 1), Some("fd00::1 as the IPv4 address of a host"));
        check(Told::Name, &measured(Some("0.0.0.0"), 1), Some("0.0.0.0 as the IPv4 address of a host"));
        check(Told::Name, &measured(Some("10.0.0.1"), 0), Some("0 lookups, where a name was to be looked up once"));
        check(Told::Name, &measured(Some("10.0.0.1"), 2), Some("2 lookups, where a name was to be looked up once"));
        let unresolved = |servers| Outcome::Unresolved(Unresolved { why: Unfound::NoAnswer, by: vec![[10, 0, 0, 1].into(); servers] });
        check(Told::Addresses, &unresolved(1), Some("a name without an address, where no name was to be looked up"));
        check(Told::Name, &unresolved(3), None);
        check(Told::Name, &unresolved(4), Some("4 name servers, more than 3"));
    }
}
