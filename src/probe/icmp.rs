//! Questions by ICMP echo: through unprivileged datagram sockets where the system gives them (`net.ipv4.ping_group_range`,
//! icmp(7)), else through raw ones (raw(7), `CAP_NET_RAW`), as in a host's network, where no pod may set that. The target's
//! kernel answers, so an answer is known by the question inside it. It must not know when questions are asked.

use std::hash::{BuildHasher, RandomState};
use std::io;

use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::model::family::Family;
use crate::model::outcome::{Obstacle, ObstacleKind};
use crate::model::probe::{Echoes, Splitting};
use crate::wire::IcmpMode;

use super::errand::socket_trouble;
use super::heard::{Came, Quote, Said};
use super::packet::padded::Padded;
use super::packet::{QUESTION_LENGTH, Question, Reading};

const HEADER_LENGTH: usize = 8;

/// The longest header of IPv4.
const IP_HEADER_LIMIT: usize = 60;

/// How an ICMP socket was had, which decides what the kernel does for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    /// A datagram socket: the kernel chooses the identifier, and hands over nothing but the answers to it.
    Datagram,
    /// A raw one: the identifier is ours, and everybody's packets come, on IPv4 with their IP headers.
    Raw {
        /// Random, so that two who ask the same target are told apart before anything else is looked at.
        id: u16,
    },
}

/// What the questions of a burst look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Of a payload, in bytes.
    pub(super) size: usize,
    pub(super) splitting: Splitting,
    /// Into how many packets one is cut.
    pub(super) pieces: u32,
}

impl Shape {
    /// Bare questions.
    pub(super) const PLAIN: Self = Self { size: QUESTION_LENGTH, splitting: Splitting::Allowed, pieces: 1 };

    pub(super) fn of(echoes: &Echoes) -> Self {
        Self { size: usize::try_from(echoes.size).unwrap_or(usize::MAX), splitting: echoes.splitting, pieces: echoes.pieces() }
    }

    /// What a datagram may take at most, with the headers that come along, and one byte more, which shows what is too long.
    pub(super) const fn room(self) -> usize {
        IP_HEADER_LIMIT + HEADER_LENGTH + self.size + 1
    }
}

/// How this process gets ICMP sockets. One setting governs both families, so IPv4 is tried first, and IPv6 only on a machine
/// without IPv4 sockets.
#[must_use]
pub fn icmp_mode() -> IcmpMode {
    match open(Family::V4).or_else(|obstacle| open(Family::V6).map_err(|_| obstacle)) {
        Ok((_, Echo::Datagram)) => IcmpMode::Datagram,
        Ok((_, Echo::Raw { .. })) => IcmpMode::Raw,
        Err(obstacle) => IcmpMode::Unavailable(obstacle.detail),
    }
}

/// A socket: the one that needs no privilege, if there is one.
pub(super) fn open(family: Family) -> Result<(Socket, Echo), Obstacle> {
    let unprivileged = match socket(family, Type::DGRAM) {
        Ok(socket) => return Ok((socket, Echo::Datagram)),
        Err(error) => error,
    };
    match socket(family, Type::RAW) {
        Ok(socket) => Ok((socket, Echo::Raw { id: identifier() })),
        Err(error) if denied(&error) => {
            let Obstacle { kind, detail } = trouble(&unprivileged);
            Err(Obstacle { kind, detail: format!("{detail}; a raw one instead: {error}") })
        }
        Err(error) => Err(trouble(&error)),
    }
}

fn socket(family: Family, kind: Type) -> io::Result<Socket> {
    let (domain, protocol) = match family {
        Family::V4 => (Domain::IPV4, Protocol::ICMPV4),
        Family::V6 => (Domain::IPV6, Protocol::ICMPV6),
    };
    Socket::new(domain, kind, Some(protocol))
}

/// What whoever has no `CAP_NET_RAW` is told.
fn denied(error: &io::Error) -> bool {
    matches!(error.raw_os_error().map(Errno::from_raw), Some(Errno::EPERM | Errno::EACCES))
}

/// The standard library's random keys are the randomness at hand.
fn identifier() -> u16 {
    let [high, low, ..] = RandomState::new().hash_one(0_u8).to_be_bytes();
    u16::from_be_bytes([high, low])
}

fn trouble(error: &io::Error) -> Obstacle {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => socket_trouble("opening an ICMP socket", error),
        Some(_) | None => Obstacle { kind: ObstacleKind::NoIcmp, ..socket_trouble("opening an ICMP socket", error) },
    }
}

const fn request(family: Family) -> u8 {
    match family {
        Family::V4 => 8,
        Family::V6 => 128,
    }
}

const fn reply(family: Family) -> u8 {
    match family {
        Family::V4 => 0,
        Family::V6 => 129,
    }
}

impl Echo {
    /// An echo request (RFC 792, RFC 4443 4.1). A datagram socket's checksum and identifier are filled in by the kernel, and so
    /// is every checksum of `ICMPv6`, which covers addresses that only the kernel knows (RFC 3542 3.1).
    pub(super) fn write(self, question: &Question, size: usize, family: Family) -> Vec<u8> {
        self.write_around(question.sequence, &Padded { question: *question, size }.bytes(), family)
    }

    /// The same with any payload.
    pub(super) fn write_around(self, sequence: u32, payload: &[u8], family: Family) -> Vec<u8> {
        let [.., high, low] = sequence.to_be_bytes();
        let [id_high, id_low] = match self {
            Self::Datagram => [0, 0],
            Self::Raw { id } => id.to_be_bytes(),
        };
        let mut bytes = vec![request(family), 0, 0, 0, id_high, id_low, high, low];
        bytes.extend_from_slice(payload);
        if let (Self::Raw { .. }, Family::V4) = (self, family) {
            let sum = checksum(&bytes).to_be_bytes();
            bytes[2..4].copy_from_slice(&sum);
        }
        bytes
    }

    /// An echo reply to this socket, with a whole question of that size in it, or anything else.
    pub(super) fn read(self, bytes: &[u8], size: usize, family: Family) -> Came<'_> {
        self.read_around(bytes, family, |payload| Padded::read(payload).filter(|_| payload.len() == size))
    }

    /// The same, where the question in a payload is read so.
    pub(super) fn read_around(self, bytes: &[u8], family: Family, read: impl FnOnce(&[u8]) -> Option<Question>) -> Came<'_> {
        let message = match (self, family) {
            (Self::Raw { .. }, Family::V4) => behind_ip_header(bytes),
            (Self::Raw { .. }, Family::V6) | (Self::Datagram, _) => Some(bytes),
        };
        let Some((header, payload)) = message.and_then(|message| message.split_at_checked(HEADER_LENGTH)) else {
            return self.stray();
        };
        // The errors that come as packets are in the error queue as well, and counted there.
        if header[0] != reply(family) || !self.owns(header) {
            return self.stray();
        }
        if header[1] != 0 {
            return Came::Noise;
        }
        match read(payload) {
            Some(to) if sequence(header) == low_bits(&to) => Came::Answer(Said { to, name: None }),
            Some(_) => Came::Noise,
            None => Came::Altered { bits: sequence(header), payload },
        }
    }

    /// The question that an error quotes: by its payload, or by the sequence number in its header.
    pub(super) fn quoted(self, quote: &[u8], family: Family) -> Quote {
        self.quoted_around(quote, family, Question::read)
    }

    /// The same, where the question in a payload is read so.
    pub(super) fn quoted_around(self, quote: &[u8], family: Family, read: impl FnOnce(&[u8]) -> Reading<Question>) -> Quote {
        let Some((header, payload)) = quote.split_at_checked(HEADER_LENGTH) else {
            return match self {
                Self::Datagram => Quote::Cut,
                Self::Raw { .. } => Quote::Elsewhere, // whose it was cannot be told
            };
        };
        if matches!(self, Self::Raw { .. }) && (header[0] != request(family) || !self.owns(header)) {
            return Quote::Elsewhere;
        }
        match read(payload) {
            Reading::Whole(question, _) => Quote::Whole(question),
            Reading::Partial => Quote::Bits(sequence(header)),
            Reading::Noise => Quote::Other,
        }
    }

    /// Whether a header has our identifier. The kernel has looked at a datagram socket's.
    const fn owns(self, header: &[u8]) -> bool {
        match self {
            Self::Datagram => true,
            Self::Raw { id } => id == u16::from_be_bytes([header[4], header[5]]),
        }
    }

    /// What something is that is no answer to this socket.
    const fn stray<'a>(self) -> Came<'a> {
        match self {
            Self::Datagram => Came::Noise,
            Self::Raw { .. } => Came::Elsewhere,
        }
    }
}

const fn sequence(header: &[u8]) -> u16 {
    u16::from_be_bytes([header[6], header[7]])
}

const fn low_bits(question: &Question) -> u16 {
    let [.., high, low] = question.sequence.to_be_bytes();
    u16::from_be_bytes([high, low])
}

/// What is behind an IPv4 header, whose length in words is in its first byte (RFC 791 3.1).
fn behind_ip_header(bytes: &[u8]) -> Option<&[u8]> {
    let words = usize::from(bytes.first()? & 0x0f);
    bytes.get(words * 4..)
}

/// The Internet checksum (RFC 1071) of a message whose own field is 0.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | pair.get(1).copied().map_or(0, u32::from));
    let sum = words.fold(0_u32, |sum, word| {
        let sum = sum + word;
        (sum & 0xffff) + (sum >> 16)
    });
    !u16::try_from(sum).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::packet::RunTag;
    use super::*;

    const OURS: Echo = Echo::Raw { id: 0x1234 };

    fn question() -> Question {
        Question { run: RunTag::of("r1"), share: 2, pair: 3, sequence: 0x0001_0004, nonce: 0x0123_4567_89ab_cdef }
    }

    /// An answer to our question as it comes over IPv4: 20 bytes of IP header, with these bytes of the message changed.
    fn answer(changes: &[(usize, u8)]) -> Vec<u8> {
        let mut message = OURS.write(&question(), QUESTION_LENGTH, Family::V4);
        message[0] = 0;
        for (at, byte) in changes {
            message[*at] = *byte;
        }
        let mut bytes = vec![0; 20];
        bytes[0] = 0x45;
        bytes.extend(message);
        bytes
    }

    fn check(bytes: &[u8], expected: &Came<'_>) {
        assert_eq!(OURS.read(bytes, QUESTION_LENGTH, Family::V4), *expected, "{bytes:02x?}");
    }

    #[test]
    fn only_what_bears_our_identifier_is_ours_and_only_the_whole_question_is_an_answer() {
        check(&answer(&[]), &Came::Answer(Said { to: question(), name: None }));
        for elsewhere in [(0, 8), (0, 3), (4, 0), (5, 0)] {
            check(&answer(&[elsewhere]), &Came::Elsewhere);
        }
        for noise in [(1, 1), (6, 9), (7, 9)] {
            check(&answer(&[noise]), &Came::Noise);
        }
        let whole = answer(&[]);
        let longer = [whole.as_slice(), b"x"].concat();
        for altered in [&answer(&[(8, 0)]), &whole[..whole.len() - 1], &whole[..28], &longer] {
            check(altered, &Came::Altered { bits: 4, payload: &altered[28..] });
        }
        for end in 0..28 {
            check(&whole[..end], &Came::Elsewhere);
        }
    }

    #[test]
    fn ip_options_are_skipped() {
        let mut whole = answer(&[]);
        whole[0] = 0x46;
        whole.splice(20..20, [1, 1, 1, 0]);
        check(&whole, &Came::Answer(Said { to: question(), name: None }));
    }

    #[test]
    fn an_error_is_ours_if_it_quotes_our_identifier() {
        let sent = OURS.write(&question(), QUESTION_LENGTH, Family::V6);
        let quoted = |quote: &[u8]| OURS.quoted(quote, Family::V6);
        assert_eq!(quoted(&sent), Quote::Whole(question()));
        assert_eq!(quoted(&sent[..20]), Quote::Bits(4));
        assert_eq!(quoted(&sent[..8]), Quote::Bits(4));
        assert_eq!(quoted(&sent[..7]), Quote::Elsewhere);
        let mut foreign = sent.clone();
        foreign[4] = 0;
        assert_eq!(quoted(&foreign), Quote::Elsewhere);
        let mut noise = sent;
        noise[8] = 0;
        assert_eq!(quoted(&noise), Quote::Other);
    }

    #[test]
    fn the_checksum_makes_the_sum_of_all_words_whole() {
        let sent = OURS.write(&question(), QUESTION_LENGTH, Family::V4);
        assert_ne!(sent[2..4], [0, 0]);
        assert_eq!(checksum(&sent), 0);
        assert_eq!(checksum(&[0xff]), 0x00ff);
        assert_eq!(OURS.write(&question(), QUESTION_LENGTH, Family::V6)[2..4], [0, 0]);
    }
}
