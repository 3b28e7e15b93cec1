//! Who may be connected: everybody, as long as there are places for all; in turn, where there are more agents than places.
//! It must not know what an agent says in its turn, nor what makes it want one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::vantage::Vantage;

/// Connections at once: each costs the API server, the kubelet and us something for as long as it is there.
pub(super) const PLACES: usize = 64;

/// How long a turn may take while others wait.
const TURN: Duration = Duration::from_secs(20);

/// The places, and who waits for one, in the order of their coming.
#[derive(Debug)]
pub(super) struct Turns {
    places: usize,
    /// Whose turn it is, since when.
    on: BTreeMap<Vantage, Instant>,
    /// Whose turn is over, but not their connection.
    leaving: BTreeSet<Vantage>,
    waiting: VecDeque<Vantage>,
    /// When a turn ended last.
    left: BTreeMap<Vantage, Instant>,
}

impl Turns {
    /// So many places, and nobody there.
    pub(super) fn new(places: usize) -> Self {
        Self { places, on: BTreeMap::new(), leaving: BTreeSet::new(), waiting: VecDeque::new(), left: BTreeMap::new() }
    }

    /// It wants a turn, unless it has one or waits for one.
    pub(super) fn want(&mut self, vantage: &Vantage) {
        if !self.on.contains_key(vantage) && !self.waiting.contains(vantage) {
            self.waiting.push_back(vantage.clone());
        }
    }

    /// Whoever has waited the longest and may be connected now; its turn begins.
    pub(super) fn next(&mut self) -> Option<Vantage> {
        if self.on.len() + self.leaving.len() >= self.places {
            return None;
        }
        let index = self.waiting.iter().position(|vantage| !self.leaving.contains(vantage))?;
        let vantage = self.waiting.remove(index)?;
        self.on.insert(vantage.clone(), Instant::now());
        Some(vantage)
    }

    /// How many more would have to leave for everybody who waits to have a place.
    pub(super) fn short(&self) -> usize {
        let free = self.places.saturating_sub(self.on.len());
        self.waiting.len().saturating_sub(free)
    }

    /// Those whose turn it is, the longest turn first, each with whether it was long enough.
    pub(super) fn on(&self) -> Vec<(Vantage, bool)> {
        let mut on: Vec<_> = self.on.iter().collect();
        on.sort_by_key(|(_, since)| **since);
        on.into_iter().map(|(vantage, since)| (vantage.clone(), since.elapsed() > TURN)).collect()
    }

    /// Whether it is its turn.
    pub(super) fn has(&self, vantage: &Vantage) -> bool {
        self.on.contains_key(vantage)
    }

    /// How long ago its last turn ended; none if it has one now, or had none yet.
    pub(super) fn rested(&self, vantage: &Vantage) -> Option<Duration> {
        self.left.get(vantage).filter(|_| !self.has(vantage)).map(Instant::elapsed)
    }

    /// Its turn is over. Its place is free only once its connection has ended.
    pub(super) fn leave(&mut self, vantage: &Vantage) {
        if self.on.remove(vantage).is_some() {
            self.leaving.insert(vantage.clone());
            self.left.insert(vantage.clone(), Instant::now());
        }
    }

    /// Its connection has ended: its place is free.
    pub(super) fn has_left(&mut self, vantage: &Vantage) {
        self.leaving.remove(vantage);
    }

    /// It will never want a turn again.
    pub(super) fn forget(&mut self, vantage: &Vantage) {
        self.on.remove(vantage);
        self.leaving.remove(vantage);
        self.left.remove(vantage);
        self.waiting.retain(|waiting| waiting != vantage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vantage(number: usize) -> Vantage {
        Vantage::pod(&format!("n{number}"))
    }

    /// Everybody who may come, as numbers.
    fn come(turns: &mut Turns) -> Vec<String> {
        std::iter::from_fn(|| turns.next()).map(|vantage| vantage.to_string()).collect()
    }

    fn end(turns: &mut Turns, number: usize) {
        turns.leave(&vantage(number));
        turns.has_left(&vantage(number));
    }

    #[test]
    fn who_came_first_goes_first() {
        let mut turns = Turns::new(2);
        for number in [1, 2, 3, 4, 3] {
            turns.want(&vantage(number));
        }
        assert_eq!(come(&mut turns), ["n1", "n2"]);
        assert_eq!(turns.short(), 2);
        turns.want(&vantage(1));
        end(&mut turns, 2);
        turns.want(&vantage(2));
        assert_eq!(come(&mut turns), ["n3"]);
        end(&mut turns, 1);
        end(&mut turns, 3);
        assert_eq!(come(&mut turns), ["n4", "n2"]);
        assert_eq!(turns.short(), 0);
    }

    #[test]
    fn a_place_is_free_once_its_connection_has_ended() {
        let mut turns = Turns::new(1);
        turns.want(&vantage(1));
        assert_eq!(come(&mut turns), ["n1"]);
        turns.leave(&vantage(1));
        turns.want(&vantage(1));
        turns.want(&vantage(2));
        assert!(come(&mut turns).is_empty());
        assert!(!turns.has(&vantage(1)));
        turns.has_left(&vantage(1));
        assert_eq!(come(&mut turns), ["n1"]);
        turns.forget(&vantage(1));
        assert_eq!(come(&mut turns), ["n2"]);
    }

    #[test]
    fn with_places_for_all_nobody_waits() {
        let mut turns = Turns::new(PLACES);
        for number in 0..PLACES {
            turns.want(&vantage(number));
        }
        assert_eq!(come(&mut turns).len(), PLACES);
        assert_eq!(turns.short(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_is_long_enough_some_day() {
        let mut turns = Turns::new(2);
        turns.want(&vantage(2));
        come(&mut turns);
        tokio::time::advance(TURN).await;
        turns.want(&vantage(1));
        come(&mut turns);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(turns.on(), [(vantage(2), true), (vantage(1), false)]);
        assert_eq!(turns.rested(&vantage(2)), None);
        end(&mut turns, 2);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(turns.rested(&vantage(2)), Some(Duration::from_secs(3)));
    }

    /// Whoever ends its turn when: nobody who waits sees another have two turns.
    #[test]
    fn turns_are_fair() {
        const AGENTS: usize = 10;
        let mut turns = Turns::new(3);
        (0..AGENTS).for_each(|number| turns.want(&vantage(number)));
        let mut begun: Vec<String> = Vec::new();
        for round in 0..100 {
            begun.extend(come(&mut turns));
            let (leaver, _) = turns.on()[round % 3].clone();
            turns.leave(&leaver);
            turns.has_left(&leaver);
            turns.want(&leaver);
        }
        for between in begun.windows(AGENTS + 1 - 3) {
            let distinct: BTreeSet<_> = between.iter().collect();
            assert_eq!(distinct.len(), between.len(), "{begun:?}");
        }
    }
}
