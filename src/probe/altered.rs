//! What came back in place of a question by ICMP, told in a bounded number of ways. It must not know sockets.

use std::collections::BTreeSet;

use crate::model::outcome::{Alteration, Miss};

use super::packet::padded::Padded;

/// So many lengths are told apart: whoever answers with one of its own each time gets no more room than others.
const LENGTHS: usize = 16;

/// The altered answers of a burst.
#[derive(Debug, Default)]
pub(super) struct Alterations {
    lengths: BTreeSet<u32>,
}

impl Alterations {
    /// What this is, which came in place of what was sent.
    pub(super) fn told(&mut self, sent: &Padded, came: &[u8]) -> Miss {
        Miss::Altered { what: self.bounded(sent.alteration(came)) }
    }

    fn bounded(&mut self, what: Alteration) -> Alteration {
        let Alteration::Length { came, .. } = what else { return what };
        if self.lengths.len() < LENGTHS || self.lengths.contains(&came) {
            self.lengths.insert(came);
            return what;
        }
        Alteration::Lengths
    }
}

#[cfg(test)]
mod tests {
    use super::super::packet::{Question, RunTag};
    use super::*;

    #[test]
    fn whoever_cuts_every_answer_elsewhere_is_told_in_a_few_ways() {
        let question = Question { run: RunTag::of("r1"), share: 1, pair: 1, sequence: 1, nonce: 1 };
        let sent = Padded { question, size: 1_000 };
        let (bytes, mut alterations) = (sent.bytes(), Alterations::default());
        let ways: BTreeSet<String> = (0..1_000).map(|length| alterations.told(&sent, &bytes[..length]).to_string()).collect();
        assert_eq!(ways.len(), LENGTHS + 1);
        assert!(ways.contains("answered with more or fewer bytes than were sent"), "{ways:?}");
        assert_eq!(alterations.told(&sent, &bytes[..7]).to_string(), "answered with 7 of 1000 bytes");
    }
}
