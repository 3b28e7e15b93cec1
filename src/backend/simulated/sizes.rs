//! How the packets of probes look to faults: their sizes above all, as Linux sends them. It must not know where they go.

use crate::model::family::Family;
use crate::model::units::{Bytes, Port};
use crate::model::world::{Packet, Protocol, Turn};
use crate::probe::packet::{QUESTION_LENGTH, Question, RunTag};

/// From which port to which.
pub(super) type Ports = (Port, Port);

const ICMP_HEADER: usize = 8;
const UDP_HEADER: usize = 8;
const TCP_HEADER: usize = 20;

/// MSS, SACK permitted, time stamps and window scale of a SYN, in 32-bit words.
const SYN_OPTIONS: usize = 20;

/// Time stamps in every other segment (RFC 7323), in 32-bit words.
const OPTIONS: usize = 12;

/// An echo request or reply.
pub(super) fn echo(family: Family, turn: Turn) -> Packet {
    sized_echo(family, turn, QUESTION_LENGTH)
}

/// One with so many bytes behind its header.
pub(super) fn sized_echo(family: Family, turn: Turn, payload: usize) -> Packet {
    packet(family, Protocol::Icmp, None, turn, ICMP_HEADER + payload)
}

/// An ICMP error quotes what it is about as far as it fits into 576 bytes (RFC 1812 4.3.2.3), or 1280 (RFC 4443 2.4 c).
pub(super) fn error_about(question: &Packet) -> Packet {
    let most = match question.family {
        Family::V4 => 576,
        Family::V6 => 1_280,
    };
    let quoted = usize::try_from(question.size.0).unwrap_or(most);
    let whole = packet(question.family, Protocol::Icmp, None, Turn::Answer, ICMP_HEADER.saturating_add(quoted));
    Packet { size: Bytes(whole.size.0.min(most as u64)), ..whole }
}

pub(super) fn question_datagram(family: Family, ports: Ports) -> Packet {
    packet(family, Protocol::Udp, Some(ports), Turn::Question, UDP_HEADER + QUESTION_LENGTH)
}

pub(super) fn answer_datagram(family: Family, ports: Ports, name: &str) -> Packet {
    packet(family, Protocol::Udp, Some(ports), Turn::Answer, UDP_HEADER + answer_length(name))
}

/// A SYN, or with [`Turn::Answer`] a SYN with ACK.
pub(super) fn handshake(family: Family, ports: Ports, turn: Turn) -> Packet {
    packet(family, Protocol::Tcp, Some(ports), turn, TCP_HEADER + SYN_OPTIONS)
}

pub(super) fn reset(family: Family, ports: Ports) -> Packet {
    packet(family, Protocol::Tcp, Some(ports), Turn::Answer, TCP_HEADER)
}

pub(super) fn question_segment(family: Family, ports: Ports) -> Packet {
    packet(family, Protocol::Tcp, Some(ports), Turn::Answer, TCP_HEADER + OPTIONS + QUESTION_LENGTH)
}

pub(super) fn answer_segment(family: Family, ports: Ports, name: &str) -> Packet {
    packet(family, Protocol::Tcp, Some(ports), Turn::Answer, TCP_HEADER + OPTIONS + answer_length(name))
}

/// A message in a datagram.
pub(super) fn datagram(family: Family, ports: Ports, turn: Turn, length: usize) -> Packet {
    packet(family, Protocol::Udp, Some(ports), turn, UDP_HEADER + length)
}

/// A message in a segment of a connection.
pub(super) fn segment(family: Family, ports: Ports, length: usize) -> Packet {
    packet(family, Protocol::Tcp, Some(ports), Turn::Answer, TCP_HEADER + OPTIONS + length)
}

fn answer_length(name: &str) -> usize {
    Question { run: RunTag::of(""), share: 0, pair: 0, sequence: 0, nonce: 0 }.answer(name).len()
}

fn packet(family: Family, protocol: Protocol, ports: Option<Ports>, turn: Turn, behind_ip: usize) -> Packet {
    let header = match family {
        Family::V4 => 20,
        Family::V6 => 40,
    };
    Packet { family, protocol, ports, size: Bytes(header + behind_ip as u64), turn }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_on_the_wire() {
        let port = Port::new(7).unwrap();
        let ports = (port, port);
        let sizes = |family| {
            let question = question_datagram(family, ports);
            let packets = [
                echo(family, Turn::Question),
                question,
                answer_datagram(family, ports, "node1"),
                error_about(&question),
                handshake(family, ports, Turn::Question),
                question_segment(family, ports),
                answer_segment(family, ports, "node1"),
                reset(family, ports),
            ];
            packets.map(|packet| packet.size.0)
        };
        let name = answer_length("node1") as u64;
        assert_eq!(sizes(Family::V4), [64, 64, 28 + name, 92, 60, 88, 52 + name, 40]);
        assert_eq!(sizes(Family::V6), [84, 84, 48 + name, 132, 80, 108, 72 + name, 60]);
        assert!((42..=43).contains(&name));
        let large = Packet { size: Bytes(1_500), ..question_datagram(Family::V4, ports) };
        assert_eq!(error_about(&large).size, Bytes(576));
    }
}
