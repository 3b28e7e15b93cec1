//! Questions of a wanted length that come back as they were sent: by ICMP echo. Pure: it must not know the sockets that carry them.
//!
//! A question as every probe asks it, then padding that its nonce decides, up to its own length.

use super::sized::{is_padding, pad};
use super::{Question, Reading};
use crate::model::outcome::Alteration;

/// A question with padding behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::probe) struct Padded {
    pub(in crate::probe) question: Question,
    /// Of all of it, in bytes; no less than a question has.
    pub(in crate::probe) size: usize,
}

impl Padded {
    pub(in crate::probe) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.question.bytes().to_vec();
        pad(&mut bytes, self.size, self.question.nonce);
        bytes
    }

    /// Reads a question that fills all of these bytes.
    pub(in crate::probe) fn read(bytes: &[u8]) -> Option<Question> {
        let Reading::Whole(question, end) = Question::read(bytes) else { return None };
        is_padding(&bytes[end..], end, question.nonce).then_some(question)
    }

    /// What these bytes are that came back in its place.
    pub(in crate::probe) fn alteration(&self, came: &[u8]) -> Alteration {
        if came.len() == self.size {
            return Alteration::Content;
        }
        let bytes = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Alteration::Length { came: bytes(came.len()), sent: bytes(self.size) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{QUESTION_LENGTH, RunTag};
    use super::*;
    use crate::model::probe::Echoes;

    fn padded(size: usize) -> Padded {
        Padded { question: Question { run: RunTag::of("r1"), share: 2, pair: 3, sequence: 4, nonce: 5 }, size }
    }

    #[test]
    fn every_byte_that_is_changed_and_every_one_that_is_missing_shows() {
        for size in [QUESTION_LENGTH, QUESTION_LENGTH + 1, 300] {
            let question = padded(size);
            let bytes = question.bytes();
            assert_eq!((bytes.len(), Padded::read(&bytes)), (size, Some(question.question)));
            for at in 0..size {
                let mut changed = bytes.clone();
                changed[at] ^= 1;
                assert_ne!(Padded::read(&changed), Some(question.question), "byte {at} of {size}");
                assert_eq!(question.alteration(&changed), Alteration::Content);
                let came = u32::try_from(at).unwrap();
                assert_eq!(question.alteration(&bytes[..at]), Alteration::Length { came, sent: u32::try_from(size).unwrap() });
            }
        }
    }

    #[test]
    fn the_largest_that_a_suite_may_want_is_written_whole() {
        let most = usize::try_from(Echoes::MOST).unwrap();
        assert_eq!(padded(most).bytes().len(), most);
        assert_eq!(usize::try_from(Echoes::LEAST).unwrap(), QUESTION_LENGTH);
    }
}
