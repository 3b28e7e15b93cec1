//! What only ICMP echo has: how much is sent, and whether it may be cut. It must not know how it is sent.

use super::reader::Reader;
use super::settings::Ask;
use crate::model::probe::{Echoes, Splitting};
use crate::suite::language::ECHO_SIZE;

/// The keys of a probe that only this one has.
pub(super) const KEYS: [&str; 2] = ["size", "df"];

impl Reader<'_> {
    /// The keys of `icmp`. Both are read before the first that is wrong counts.
    pub(super) fn echoes(&mut self) -> Option<Ask> {
        let size = self.parameter("size").map_or(Some(Echoes::LEAST), |entry| self.whole(entry, &ECHO_SIZE));
        let whole = self.parameter("df").map_or(Some(false), |entry| self.flag(entry));
        let splitting = if whole? { Splitting::Forbidden } else { Splitting::Allowed };
        Some(Ask::Icmp { size: size?, splitting })
    }
}
