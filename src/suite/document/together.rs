//! Whether the cases of a suite can all be over in the time that it is given: those that the same agents ask come one after the other, and
//! those that are exclusive come one after the other. It must not know which nodes there are: what it counts holds on every cluster.

use std::collections::HashMap;

use super::deadline::Deadline;
use crate::model::family::Family;
use crate::model::suite::{Case, Destination, Group, PairStrategy, SameNode, Selection, Source, Strategy, Traffic};
use crate::model::units::Micros;
use crate::suite::codes;
use crate::suite::remarks::Remark;

/// Who surely asks in a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Askers<'a> {
    /// Everyone of them.
    All(&'a Source),
    /// Some of them, the same ones wherever all of this is the same.
    Some(&'a Source, &'a Destination, PairStrategy, SameNode),
}

/// What takes the longest, whatever the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sum {
    asking: Micros,
    /// Cases that the same agents ask.
    one_by_one: usize,
    /// Cases that are exclusive.
    alone: usize,
}

impl Sum {
    const NONE: Self = Self { asking: Micros(0), one_by_one: 0, alone: 0 };

    const fn with(self, other: Self) -> Self {
        let Self { asking: Micros(asking), one_by_one, alone } = self;
        Self {
            asking: Micros(asking.saturating_add(other.asking.0)),
            one_by_one: one_by_one + other.one_by_one,
            alone: alone + other.alone,
        }
    }
}

/// What is to be said of the deadline of a suite that none of its cases exceeds by itself. `expected` are the families that must be there.
pub(crate) fn remark(deadline: Deadline, cases: &[Case], expected: &[Family]) -> Option<Remark> {
    let Deadline { limit, at, .. } = deadline;
    let asked: Vec<&Case> = cases.iter().filter(|case| case.skip.is_none()).collect();
    // That has a remark of its own.
    if asked.iter().any(|case| asking(case) >= limit) {
        return None;
    }
    let of = |families: &[Family]| sum(asked.iter().copied().filter(|case| families.contains(&case.probe.burst().family)));
    // A cluster may lack any family that nobody demands; its cases are skipped then.
    let sum = Family::ALL.into_iter().map(|family| of(&[family])).chain([of(expected)]).max().unwrap_or(Sum::NONE);
    if sum.asking < limit {
        return None;
    }
    let message = format!("the suite cannot be over in {limit}: its cases ask for {}", sum.asking);
    let many = |count: usize| if count == 1 { "1 case".to_owned() } else { format!("{count} cases") };
    let parts = [
        (sum.one_by_one > 0).then(|| format!("{} that the same agents ask one after the other", many(sum.one_by_one))),
        (sum.alone > 0).then(|| format!("{} that must be alone", many(sum.alone))),
    ];
    let why = parts.into_iter().flatten().collect::<Vec<_>>().join(" and ");
    let help = "give it a longer `deadline`, or its cases a lower `count` or a shorter `interval`";
    Some(Remark::warning(codes::NEVER_IN_TIME, at, message).label(why).help([help]))
}

fn sum<'a>(cases: impl Iterator<Item = &'a Case>) -> Sum {
    let (mut alone, mut beside) = (Sum::NONE, HashMap::<Askers<'_>, Sum>::new());
    for case in cases {
        let asking = case.conduct.deadline.map_or(asking(case), |own| asking(case).min(own));
        if case.conduct.traffic == Traffic::Alone {
            alone = alone.with(Sum { asking, one_by_one: 0, alone: 1 });
        } else {
            let own = beside.entry(askers(case)).or_insert(Sum::NONE);
            *own = own.with(Sum { asking, one_by_one: 1, alone: 0 });
        }
    }
    let of = |askers: &Askers<'_>| beside.get(askers).copied().unwrap_or(Sum::NONE);
    let longest = beside.keys().map(|askers| askers.ask_too().iter().map(of).fold(of(askers), Sum::with)).max();
    alone.with(longest.unwrap_or(Sum::NONE))
}

/// Agents of every node in a network.
static EVERYWHERE: [Source; 2] = [Source::Group(Group::PODS), Source::Group(Group::NODES)];

impl<'a> Askers<'a> {
    /// The other cases in which everyone of them asks.
    fn ask_too(&self) -> Vec<Askers<'a>> {
        let (Self::All(source) | Self::Some(source, ..)) = self;
        let whole = EVERYWHERE.iter().find(|whole| whole.station() == source.station()).filter(|whole| *whole != *source);
        let own = matches!(self, Self::Some(..)).then_some(Askers::All(source));
        own.into_iter().chain(whole.map(Askers::All)).collect()
    }
}

/// From its first question to its last.
fn asking(case: &Case) -> Micros {
    let burst = case.probe.burst();
    let gap = burst.interval.max(case.conduct.pace.apart(1, 1));
    Micros(gap.0.saturating_mul(u64::from(burst.count.get()) - 1))
}

/// With any strategy but one each source has somebody to ask among all.
fn askers(case: &Case) -> Askers<'_> {
    let strategies = [Some(case.pairs.strategy), case.pairs.beyond.map(|beyond| beyond.strategy)];
    let sampled = strategies.iter().any(|strategy| matches!(strategy, Some(Strategy::Representatives { .. })));
    let everyone = match &case.to {
        Destination::Agents(group) => group.only == Selection::All && !sampled,
        Destination::Nodes { only, .. } => *only == Selection::All && !sampled,
        Destination::Service(_) => !sampled,
        Destination::Host(_) | Destination::Named(_) | Destination::Gateway | Destination::Resolver => true,
    };
    if everyone { Askers::All(&case.from) } else { Askers::Some(&case.from, &case.to, case.pairs, case.same_node) }
}
