//! The attempts at a pair, and which of them decides what: a later one rescues what is asked once, and nothing that is counted.
//! It must not know why there was no further one.

use crate::model::expect::Claim;
use crate::model::outcome::Tally;
use crate::model::suite::Case;

/// What the attempts at a pair came to: all but the last failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    first: Box<Tally>,
    later: Vec<Tally>,
}

impl Attempts {
    /// The only one.
    #[must_use]
    pub fn once(first: Tally) -> Self {
        Self { first: Box::new(first), later: Vec::new() }
    }

    /// This one, after those before it.
    #[must_use]
    pub fn after(last: Tally, before: &[Tally]) -> Self {
        let mut later: Vec<Tally> = before.iter().skip(1).cloned().collect();
        match before.first() {
            None => Self { first: Box::new(last), later },
            Some(first) => {
                later.push(last);
                Self { first: Box::new(first.clone()), later }
            }
        }
    }

    /// The first.
    #[must_use]
    pub fn first(&self) -> &Tally {
        &self.first
    }

    /// The last.
    #[must_use]
    pub fn last(&self) -> &Tally {
        self.later.last().unwrap_or(&self.first)
    }

    /// All, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Tally> {
        std::iter::once(&*self.first).chain(&self.later)
    }

    /// Those before the last, if there is more than one.
    pub(super) fn before_the_last(&self) -> Option<impl Iterator<Item = &Tally>> {
        (!self.later.is_empty()).then(|| self.iter().take(self.later.len()))
    }

    /// The attempt that a claim about the pair is held against.
    pub(super) fn decisive(&self, case: &Case, claim: &Claim) -> &Tally {
        match (claim, &case.retry) {
            // A case that is asked again has no bound on the loss but that it is reachable: the connection is made, or is not.
            (Claim::Loss(_) | Claim::Seen(_), Some(_)) => self.last(),
            (Claim::Loss(_) | Claim::Seen(_), None)
            | (Claim::Latency(..) | Claim::Jitter(..) | Claim::Count(..) | Claim::PairsOk(_), _) => &self.first,
        }
    }
}
