//! What controller and agent say to each other: one JSON object a line, versioned in `hello`.
//! It must not know how the lines travel, and neither side's reasons.
//!
//! A line is the object, a space, and the CRC-32 (IEEE 802.3) of the object's bytes in eight hexadecimal digits. Without it a
//! changed byte could make another valid number: a latency of 950 µs of one of 250. Whoever hears a line that is no message
//! cannot tell what is missing, and ends the connection.
//!
//! Unknown fields are ignored, unknown kinds are refused, no line is longer than [`LINE_LIMIT`].
//!
//! The agent speaks first: `hello`. The controller answers with its own `hello`, which says from which sequence number
//! it wants to hear. Then it gives shares (`assign`), and the agent tells an `outcome` a pair and one `end` a share, each
//! with the next sequence number, and keeps each until an `ack` covers it. `ask` is answered by a `beat` at once.
//!
//! A connection may end at any byte, and another follow: it begins with both hellos again. The controller wants to hear from
//! the first number that it has not got, gives the shares again that the agent does not know (`known`) and asks again, under
//! its old number, what was not answered. The agent ignores a share that it has, and answers a number that it has answered
//! last as it did then. So everything that counts has one number, and arrives once.

mod pace;
mod peer;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::model::gateway::DefaultRoute;
use crate::model::outcome::Outcome;
use crate::model::probe::Probe;
use crate::model::resolv_conf::ResolvConf;
use crate::model::secret::Secrets;
use crate::model::units::{Micros, Port};

pub use pace::Pace;
pub use peer::{Peer, Who};

/// The version that this program speaks.
pub const VERSION: u32 = 7;

/// The longest line in bytes, its line break left out.
pub const LINE_LIMIT: usize = 1 << 20;

/// The most targets in one share: keeps every `assign` well below [`LINE_LIMIT`].
pub const TARGETS_LIMIT: usize = 1_000;

/// Agent → controller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum FromAgent {
    /// Who speaks; the first line of every connection.
    Hello(AgentHello),
    /// One pair's outcome.
    Outcome(OutcomeRecord),
    /// A share is complete.
    End(EndRecord),
    /// Still alive; every 5 s while attached, and at once after `ask`.
    Beat(Beat),
}

impl FromAgent {
    /// The sequence number of what has to be acknowledged.
    #[must_use]
    pub const fn sequence(&self) -> Option<u64> {
        match self {
            Self::Outcome(record) => Some(record.sequence),
            Self::End(record) => Some(record.sequence),
            Self::Hello(_) | Self::Beat(_) => None,
        }
    }
}

/// Who an agent is and what it can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentHello {
    /// Of the wire.
    pub wire: u32,
    /// Of netcheck.
    pub version: String,
    /// Whose run it belongs to.
    pub run: String,
    /// Its vantage, as it is written everywhere: `node1`, or `node1/host` in the network of the node itself.
    pub node: String,
    /// Where it answers: at most one address a family.
    pub addresses: Vec<IpAddr>,
    /// Where it answers TCP.
    pub tcp: Port,
    /// Where it answers UDP.
    pub udp: Port,
    /// Whether it can ask by ICMP.
    pub icmp: IcmpMode,
    /// Of the interface that holds its first address, in bytes; 0 where it cannot be told.
    pub mtu: u32,
    /// Whom applications in its place ask for names.
    #[serde(default)]
    pub resolver: Resolver,
    /// The default routes of its network: at most one a family.
    #[serde(default)]
    pub routes: Vec<DefaultRoute>,
    /// The sequence number of its next new record; the first is 1.
    pub next: u64,
    /// The highest share that it was given; none before the first. Shares are given in the order of their numbers, so it
    /// knows all of its own up to this one.
    #[serde(default)]
    pub known: Option<u32>,
}

/// How an agent asks by ICMP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IcmpMode {
    /// By unprivileged datagram sockets (`net.ipv4.ping_group_range`).
    Datagram,
    /// By raw sockets (`CAP_NET_RAW`), as in a host's network.
    Raw,
    /// Not at all, and what the system said.
    Unavailable(String),
}

/// What an agent's resolv.conf says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Resolver {
    /// This.
    Conf(ResolvConf),
    /// It could not be read, and what the system said.
    Unreadable(String),
}

impl Default for Resolver {
    fn default() -> Self {
        Self::Unreadable("the agent does not tell its resolv.conf".to_owned())
    }
}

/// One pair's outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutcomeRecord {
    /// The next number.
    pub sequence: u64,
    /// The share it belongs to.
    pub share: u32,
    /// The pair, as the share numbered it.
    pub pair: u32,
    /// That of its share.
    pub attempt: u32,
    /// What was seen.
    pub outcome: Outcome,
}

/// The end of a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndRecord {
    /// The next number.
    pub sequence: u64,
    /// The share.
    pub share: u32,
    /// How many outcomes were told for it.
    pub outcomes: u32,
    /// From its first question to its last outcome.
    pub took: Micros,
}

/// A sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Beat {
    /// The number of the `ask` that it answers; 0 when it comes by itself.
    pub answers: u64,
    /// The share in progress; none when idle.
    pub share: Option<u32>,
    /// The longest that the agent stood still (no CPU) since its last beat that answered an `ask` with another number above 0,
    /// or since its start; 0 where nobody watches. The same number is answered with the same again: the first answer may
    /// have been lost with its connection.
    #[serde(default)]
    pub stalled: Micros,
    /// As in [`AgentHello::known`].
    #[serde(default)]
    pub known: Option<u32>,
}

/// Controller → agent.
#[expect(clippy::large_enum_variant, reason = "a share is made once for each agent and case, and not kept as a message")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ToAgent {
    /// Who speaks; answers the agent's.
    Hello(ControllerHello),
    /// Do this, after the shares that you have.
    Assign(Share),
    /// Are you there? Also the controller's own sign of life, at least every 30 s: an agent that hears nothing for 5 minutes ends.
    Ask {
        /// Comes back in the beat; 0 where nobody waits for the answer.
        number: u64,
    },
    /// All records up to this number have arrived.
    Ack {
        /// The highest of them.
        sequence: u64,
    },
    /// Give that share up; it gets no end.
    Cancel {
        /// Which.
        share: u32,
    },
    /// End.
    Stop,
}

/// Who the controller is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ControllerHello {
    /// Of the wire.
    pub wire: u32,
    /// The run; an agent of another run ends the connection.
    pub run: String,
    /// The first sequence number that it has not got.
    pub from: u64,
}

/// An agent's share of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// Its number; unique in the run.
    pub share: u32,
    /// Which attempt at its pairs it is; from 1.
    #[serde(default = "first")]
    pub attempt: u32,
    /// How to ask.
    pub probe: Probe,
    /// Whom: at most [`TARGETS_LIMIT`].
    pub targets: Vec<Peer>,
    /// From its arrival, also while it waits for its turn: what is not finished then ends as an obstacle.
    pub deadline: Micros,
    /// How fast at most.
    pub pace: Pace,
    /// The values of the secrets that its probe names, and of no others.
    #[serde(default, skip_serializing_if = "Secrets::is_empty")]
    pub secrets: Secrets,
}

const fn first() -> u32 {
    1
}

/// A line that is not a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a message of the wire: {why} (line begins {begins:?})")]
pub struct Garbled {
    /// What is wrong with it.
    pub why: String,
    /// Its first characters.
    pub begins: String,
}

/// A message as a line, without its line break.
#[must_use]
pub fn encode<M: Serialize>(message: &M) -> String {
    // Plain data with string keys: serialization cannot fail, and an empty object is refused on the other side.
    let object = serde_json::to_string(message).unwrap_or_default();
    let checksum = crc32fast::hash(object.as_bytes());
    format!("{object} {checksum:08x}")
}

/// A line as a message.
///
/// # Errors
/// [`Garbled`] if it is not one.
pub fn decode<M: for<'de> Deserialize<'de>>(line: &str) -> Result<M, Garbled> {
    let garbled = |why| Garbled { why, begins: line.chars().take(80).collect() };
    let object = checked(line).map_err(|why| garbled(why.to_owned()))?;
    serde_json::from_str(object).map_err(|error| garbled(error.to_string()))
}

/// The object of a line whose checksum fits.
fn checked(line: &str) -> Result<&str, &'static str> {
    let (object, checksum) = line.rsplit_once(' ').ok_or("no checksum")?;
    if checksum.len() != 8 || !checksum.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return Err("no checksum");
    }
    match u32::from_str_radix(checksum, 16) {
        Ok(checksum) if checksum == crc32fast::hash(object.as_bytes()) => Ok(object),
        Ok(_) | Err(_) => Err("its checksum does not fit"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(object: &str, expected: Result<ToAgent, &str>) {
        let line = format!("{object} {:08x}", crc32fast::hash(object.as_bytes()));
        match (decode::<ToAgent>(&line), expected) {
            (Ok(message), Ok(wanted)) => assert_eq!(message, wanted),
            (Err(garbled), Err(part)) => assert!(garbled.to_string().contains(part), "{garbled}"),
            (found, wanted) => panic!("{line}: {found:?}, not {wanted:?}"),
        }
    }

    #[test]
    fn unknown_fields_are_ignored_and_unknown_kinds_refused() {
        check(r#"{"kind":"ask","number":7,"colour":"red"}"#, Ok(ToAgent::Ask { number: 7 }));
        check(r#"{"kind":"stop"}"#, Ok(ToAgent::Stop));
        check(r#"{"kind":"dance"}"#, Err("unknown variant `dance`"));
        check(r#"{"kind":"ask"}"#, Err("missing field `number`"));
        check("", Err("EOF"));
        let object = r#"{"kind":"beat","answers":7,"share":null}"#;
        let line = format!("{object} {:08x}", crc32fast::hash(object.as_bytes()));
        let beat = Beat { answers: 7, share: None, stalled: Micros(0), known: None };
        assert_eq!(decode(&line), Ok(FromAgent::Beat(beat)));
        check("\u{1b}[31mnoise", Err("expected value"));
    }

    #[test]
    fn a_line_without_its_checksum_is_no_message() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
        let line = encode(&ToAgent::Ask { number: 250 });
        assert_eq!(decode(&line), Ok(ToAgent::Ask { number: 250 }));
        for (wrong, why) in [
            (line.replace("250", "950"), "its checksum does not fit"),
            (line.to_uppercase(), "no checksum"),
            (line.replace(' ', ""), "no checksum"),
            (line[..line.len() - 1].to_owned(), "no checksum"),
            (line[..line.len() - 9].to_owned(), "no checksum"),
            (format!("{line}0"), "no checksum"),
            (String::new(), "no checksum"),
        ] {
            let garbled = decode::<ToAgent>(&wrong).unwrap_err();
            assert_eq!(garbled.why, why, "{wrong}");
        }
    }

    /// No line becomes another message by one changed bit, wherever it is.
    #[test]
    fn a_changed_bit_is_noticed_anywhere() {
        let line = encode(&FromAgent::End(EndRecord { sequence: 1_234, share: 5, outcomes: 678, took: Micros(9_012) }));
        for (index, bit) in (0..line.len()).flat_map(|index| (0..8).map(move |bit| (index, bit))) {
            let mut bytes = line.clone().into_bytes();
            bytes[index] ^= 1 << bit;
            if let Ok(wrong) = String::from_utf8(bytes) {
                assert!(decode::<FromAgent>(&wrong).is_err(), "{wrong}");
            }
        }
    }
}
