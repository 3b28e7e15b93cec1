//! The bytes of a question and of its answer. Pure: it must not know the sockets that carry them.
//!
//! A question is 36 bytes: a magic of 8, then in network order the tag of the run (8), share (4), pair (4), sequence (4)
//! and nonce (8). An answer is the same with the other magic, then the length of a name (2) and the name (at most 258).

pub(in crate::probe) mod padded;
pub mod sized;

use sha2::{Digest, Sha256};

const QUESTION: [u8; 8] = *b"netchkQ1";
const ANSWER: [u8; 8] = *b"netchkA2";

/// The length of a question in bytes.
pub const QUESTION_LENGTH: usize = 36;

/// The most bytes of a name: that of a DNS name (RFC 1035 2.3.4), which a node's name is, and what marks its host network.
pub const NAME_LIMIT: usize = 253 + "/host".len();

/// Before a name, in bytes.
const NAME_HEAD: usize = 2;

/// The longest answer in bytes.
pub const ANSWER_LIMIT: usize = QUESTION_LENGTH + NAME_HEAD + NAME_LIMIT;

/// Tells the packets of a run from those of any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunTag(u64);

impl RunTag {
    /// The tag of the run of that name.
    #[must_use]
    pub fn of(run: &str) -> Self {
        let mut head = [0; 8];
        for (to, from) in head.iter_mut().zip(Sha256::digest(run.as_bytes())) {
            *to = from;
        }
        Self(u64::from_be_bytes(head))
    }
}

/// What every packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Whose run.
    pub run: RunTag,
    /// Of which share.
    pub share: u32,
    /// Of which pair in it; share and pair together are the flow.
    pub pair: u32,
    /// 0 for the warm-up, then from 1.
    pub sequence: u32,
    /// What the answer has to repeat.
    pub nonce: u64,
}

/// A question come back, with the name of who answered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The question.
    pub to: Question,
    /// The name; may be no UTF-8 where it is not ours.
    pub name: &'a [u8],
}

/// What the beginning of some bytes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading<T> {
    /// A whole one, which ends at this byte.
    Whole(T, usize),
    /// As far as it goes it could be one.
    Partial,
    /// None.
    Noise,
}

impl Question {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; QUESTION_LENGTH] {
        self.under(QUESTION)
    }

    fn under(&self, magic: [u8; 8]) -> [u8; QUESTION_LENGTH] {
        let mut bytes = [0; QUESTION_LENGTH];
        bytes[..8].copy_from_slice(&magic);
        bytes[8..16].copy_from_slice(&self.run.0.to_be_bytes());
        bytes[16..20].copy_from_slice(&self.share.to_be_bytes());
        bytes[20..24].copy_from_slice(&self.pair.to_be_bytes());
        bytes[24..28].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[28..36].copy_from_slice(&self.nonce.to_be_bytes());
        bytes
    }

    /// Reads a question.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Reading<Self> {
        Self::read_under(QUESTION, bytes)
    }

    fn read_under(magic: [u8; 8], bytes: &[u8]) -> Reading<Self> {
        let known = bytes.len().min(magic.len());
        if bytes[..known] != magic[..known] {
            return Reading::Noise;
        }
        let Some(body) = bytes.get(8..QUESTION_LENGTH) else {
            return Reading::Partial;
        };
        let question = Self {
            run: RunTag(number(&body[..8])),
            share: short(&body[8..12]),
            pair: short(&body[12..16]),
            sequence: short(&body[16..20]),
            nonce: number(&body[20..28]),
        };
        Reading::Whole(question, QUESTION_LENGTH)
    }

    /// The bytes of its answer by the one of that name, which is cut to [`NAME_LIMIT`] bytes.
    #[must_use]
    pub fn answer(&self, name: &str) -> Vec<u8> {
        let name = &name.as_bytes()[..name.len().min(NAME_LIMIT)];
        let mut bytes = self.under(ANSWER).to_vec();
        bytes.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(name);
        bytes
    }
}

impl<'a> Answer<'a> {
    /// Reads an answer.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Reading<Self> {
        let (to, head) = match Question::read_under(ANSWER, bytes) {
            Reading::Whole(to, head) => (to, head),
            Reading::Partial => return Reading::Partial,
            Reading::Noise => return Reading::Noise,
        };
        let Some(&[high, low]) = bytes.get(head..head + NAME_HEAD) else {
            return Reading::Partial;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > NAME_LIMIT {
            return Reading::Noise;
        }
        let end = head + NAME_HEAD + length;
        bytes.get(head + NAME_HEAD..end).map_or(Reading::Partial, |name| Reading::Whole(Self { to, name }, end))
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn short(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// Bytes of an unknown speaker as text for a report: printable, and cut like a name.
#[must_use]
pub fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|character| !character.is_control()).take(NAME_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        Question { run: RunTag::of("r1"), share: 2, pair: 3, sequence: 4, nonce: 0x0123_4567_89ab_cdef }
    }

    fn check(bytes: &[u8], expected: Reading<&[u8]>) {
        let found = match Answer::read(bytes) {
            Reading::Whole(answer, end) => {
                assert_eq!(answer.to, question());
                Reading::Whole(answer.name, end)
            }
            Reading::Partial => Reading::Partial,
            Reading::Noise => Reading::Noise,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn every_cut_of_an_answer_is_partial_and_every_other_beginning_is_noise() {
        let answer = question().answer("node1");
        for end in 0..answer.len() {
            check(&answer[..end], Reading::Partial);
        }
        check(&answer, Reading::Whole(b"node1", 43));
        check(&[answer.as_slice(), b"more"].concat(), Reading::Whole(b"node1", 43));
        check(&question().bytes(), Reading::Noise);
        check(b"SSH-2.0", Reading::Noise);
        let mut long = answer;
        long[36..38].copy_from_slice(&259_u16.to_be_bytes());
        check(&long, Reading::Noise);
    }

    #[test]
    fn a_question_survives_its_way() {
        assert_eq!(Question::read(&question().bytes()), Reading::Whole(question(), 36));
        assert_eq!(Question::read(&question().bytes()[..35]), Reading::Partial);
        assert_ne!(RunTag::of("r1"), RunTag::of("r2"));
    }

    #[test]
    fn names_are_cut() {
        assert_eq!(question().answer(&"n".repeat(400)).len(), ANSWER_LIMIT);
        let longest = format!("{}/host", "n".repeat(253));
        check(&question().answer(&longest), Reading::Whole(longest.as_bytes(), ANSWER_LIMIT));
        assert_eq!(printable(b"SSH-2.0\x1b[31m\r\n\xff"), "SSH-2.0[31m\u{fffd}");
    }
}
