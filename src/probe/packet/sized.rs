//! Questions and answers of a wanted length, for the search after the largest packet of a path. Pure: it must not know the
//! sockets that carry them.
//!
//! A question is that of every probe under a magic of its own, then the length that its answer is to have (2 bytes), then padding
//! up to its own length. Its answer is that of every probe, then padding. A notice takes the place of an answer that is too big
//! for the way back: the head of the question under a third magic, what the next link takes (4), and who says so: 4 or 6 and
//! the address, or 0 for whoever answers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{ANSWER, Answer, QUESTION_LENGTH, Question, Reading, short};
use crate::probe::pace::mix;

const SIZED: [u8; 8] = *b"netchkM1";
const NOTICE: [u8; 8] = *b"netchkN1";

/// The longest of these datagrams, in bytes: it fills the largest IP packet that any probe asks for ([`crate::model::probe::PmtuProbe::MOST`]).
/// A responder never answers with more, whatever it is asked for.
pub const SIZED_LIMIT: usize = 9_216 - 20 - 8;

/// The head of a question, behind which there is only padding.
pub const SIZED_HEAD: usize = QUESTION_LENGTH + 2;

/// The longest notice.
const NOTICE_LIMIT: usize = QUESTION_LENGTH + 4 + 1 + 16;

/// A question whose answer is to have a certain length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizedQuestion {
    /// The question.
    pub question: Question,
    /// How many bytes its answer is to have; an answer is never shorter than the name in it makes it.
    pub answer: u16,
}

/// "The answer to this is too big for the way back."
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// The question.
    pub to: Question,
    /// Who said so; none for the interface of whoever answers.
    pub by: Option<IpAddr>,
    /// What the next link takes, in bytes; 0 where it is not said.
    pub mtu: u32,
}

impl SizedQuestion {
    /// Its bytes, as many as wanted, but no fewer than its head and no more than [`SIZED_LIMIT`].
    #[must_use]
    pub fn bytes(&self, length: usize) -> Vec<u8> {
        let mut bytes = self.question.under(SIZED).to_vec();
        bytes.extend(self.answer.to_be_bytes());
        pad(&mut bytes, length.min(SIZED_LIMIT), self.question.nonce);
        bytes
    }

    /// Reads a question: all of these bytes.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (question, answer) = Self::read_head(bytes)?;
        is_padding(&bytes[SIZED_HEAD..], SIZED_HEAD, question.nonce).then_some(Self { question, answer })
    }

    fn read_head(bytes: &[u8]) -> Option<(Question, u16)> {
        let Reading::Whole(question, end) = Question::read_under(SIZED, bytes) else { return None };
        let &[high, low] = bytes.get(end..SIZED_HEAD)? else { return None };
        Some((question, u16::from_be_bytes([high, low])))
    }

    /// The question that an error quotes, perhaps cut; [`Reading::Partial`] where it is cut too short to tell.
    #[must_use]
    pub fn quoted(quote: &[u8]) -> Reading<Question> {
        Question::read_under(SIZED, quote)
    }

    /// The bytes of its answer by the one of that name: as many as it wants, within [`SIZED_LIMIT`].
    #[must_use]
    pub fn answered_by(&self, name: &str) -> Vec<u8> {
        let mut bytes = self.question.answer(name);
        pad(&mut bytes, usize::from(self.answer).min(SIZED_LIMIT), self.question.nonce);
        bytes
    }
}

/// Reads an answer, which fills all of these bytes.
#[must_use]
pub fn read_answer(bytes: &[u8]) -> Option<Answer<'_>> {
    let Reading::Whole(answer, end) = Answer::read(bytes) else { return None };
    is_padding(&bytes[end..], end, answer.to.nonce).then_some(answer)
}

/// The question whose answer an error quotes.
#[must_use]
pub fn quoted_answer(quote: &[u8]) -> Option<Question> {
    match Question::read_under(ANSWER, quote) {
        Reading::Whole(question, _) => Some(question),
        Reading::Partial | Reading::Noise => None,
    }
}

impl Notice {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.to.under(NOTICE).to_vec();
        bytes.extend(self.mtu.to_be_bytes());
        match self.by {
            None => bytes.push(0),
            Some(IpAddr::V4(by)) => {
                bytes.push(4);
                bytes.extend(by.octets());
            }
            Some(IpAddr::V6(by)) => {
                bytes.push(6);
                bytes.extend(by.octets());
            }
        }
        bytes
    }

    /// Reads a notice: all of these bytes.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let Reading::Whole(to, end) = Question::read_under(NOTICE, bytes) else { return None };
        let rest = bytes.get(end..NOTICE_LIMIT.min(bytes.len())).filter(|_| bytes.len() <= NOTICE_LIMIT)?;
        let (mtu, by) = rest.split_at_checked(4)?;
        let by = match by.split_first()? {
            (0, []) => None,
            (4, by) => Some(Ipv4Addr::from(<[u8; 4]>::try_from(by).ok()?).into()),
            (6, by) => Some(Ipv6Addr::from(<[u8; 16]>::try_from(by).ok()?).into()),
            _ => return None,
        };
        Some(Self { to, by, mtu: short(mtu) })
    }
}

/// Fills bytes up to a length. Zeros would be squeezed by tunnels that compress, and prove a way that carries them alone.
pub(super) fn pad(bytes: &mut Vec<u8>, length: usize, nonce: u64) {
    bytes.extend((bytes.len()..length).map(|at| padding(nonce, at)));
}

pub(super) fn is_padding(bytes: &[u8], from: usize, nonce: u64) -> bool {
    bytes.iter().zip(from..).all(|(byte, at)| *byte == padding(nonce, at))
}

/// The byte of padding at that place of a datagram.
fn padding(nonce: u64, at: usize) -> u8 {
    let [low, ..] = mix(nonce ^ (at as u64) << 48).to_le_bytes();
    low
}

#[cfg(test)]
mod tests {
    use super::super::RunTag;
    use super::*;

    fn question(answer: u16) -> SizedQuestion {
        let question = Question { run: RunTag::of("r1"), share: 2, pair: 3, sequence: 4, nonce: 0x0123_4567_89ab_cdef };
        SizedQuestion { question, answer }
    }

    #[test]
    fn a_question_has_the_length_that_is_wanted_within_limits() {
        for (wanted, length) in [(0, SIZED_HEAD), (37, SIZED_HEAD), (39, 39), (1_422, 1_422), (60_000, SIZED_LIMIT)] {
            let bytes = question(700).bytes(wanted);
            assert_eq!(bytes.len(), length);
            assert_eq!(SizedQuestion::read(&bytes), Some(question(700)));
        }
    }

    #[test]
    fn an_answer_has_the_length_that_is_asked_for_but_no_less_than_its_name_takes_and_no_more_than_the_limit() {
        for (wanted, length) in [(0, 43), (43, 43), (44, 44), (1_422, 1_422), (u16::MAX, SIZED_LIMIT)] {
            let bytes = question(wanted).answered_by("node1");
            assert_eq!(bytes.len(), length);
            let answer = read_answer(&bytes).unwrap();
            assert_eq!((answer.to, answer.name), (question(0).question, b"node1".as_slice()));
        }
    }

    #[test]
    fn what_was_changed_or_cut_on_the_way_is_none() {
        let whole = question(0).bytes(100);
        for end in 0..SIZED_HEAD {
            assert_eq!(SizedQuestion::read(&whole[..end]), None);
        }
        let mut changed = whole.clone();
        changed[99] ^= 1;
        assert_eq!(SizedQuestion::read(&changed), None);
        assert_eq!(SizedQuestion::read(&question(0).question.bytes()), None);
        assert_eq!(Question::read(&whole), Reading::Noise);
        assert_eq!(SizedQuestion::quoted(&whole[..36]), Reading::Whole(question(0).question, 36));
        assert_eq!(SizedQuestion::quoted(&whole[..35]), Reading::Partial);
        let mut answer = question(500).answered_by("node1");
        answer[499] ^= 1;
        assert!(read_answer(&answer).is_none());
        assert_eq!(quoted_answer(&answer[..50]), Some(question(0).question));
        assert_eq!(quoted_answer(&answer[..30]), None);
    }

    #[test]
    fn notices_survive_their_way_and_nothing_else_is_one() {
        for by in [None, Some([10, 0, 0, 1].into()), Some(Ipv6Addr::LOCALHOST.into())] {
            let notice = Notice { to: question(0).question, by, mtu: 1_300 };
            let bytes = notice.bytes();
            assert_eq!(Notice::read(&bytes), Some(notice));
            for end in 0..bytes.len() {
                assert_eq!(Notice::read(&bytes[..end]), None, "{end} of {bytes:?}");
            }
            assert_eq!(Notice::read(&[bytes.as_slice(), b"x"].concat()), None);
        }
        assert_eq!(Notice::read(&question(0).question.answer("node1")), None);
    }
}
