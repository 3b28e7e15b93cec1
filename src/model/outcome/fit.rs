//! Whether a tally is one of the probe that was asked for: an agent that tells of something else, or leaves something out, is not
//! believed. It must not know what was expected.

use crate::model::dns::DnsProbe;
use crate::model::path_mtu::{Direction, PathMtu, PmtuProbe};
use crate::model::probe::{Probe, SourcePorts};

use super::{Sight, Tally};

impl Tally {
    /// What in it cannot come of that probe, if anything. That it does not contradict itself is another matter
    /// ([`Tally::contradiction`]).
    #[must_use]
    pub fn misfit(&self, probe: &Probe) -> Option<String> {
        if let Some(stranger) = self.seen.iter().find(|seen| !belongs(&seen.what, probe)) {
            return Some(format!("\"{}\" of a probe {}", stranger.what, probe.kind()));
        }
        if let Some(twice) =
            self.seen.iter().enumerate().find(|(place, seen)| self.seen[..*place].iter().any(|other| other.what == seen.what))
        {
            return Some(format!("\"{}\" told twice", twice.1.what));
        }
        match probe {
            Probe::Icmp(_) => None,
            Probe::Udp(_) | Probe::Tcp(_) | Probe::Http(_) | Probe::Tls(_) => self.misfit_of_answers(),
            Probe::Dns(dns) => self.misfit_of_lookups(dns),
            Probe::Pmtu(pmtu) => self.misfit_of_paths(pmtu),
        }
    }

    /// How often something of that kind was seen.
    fn count(&self, kind: impl Fn(&Sight) -> bool) -> u64 {
        self.seen.iter().filter(|seen| kind(&seen.what)).map(|seen| u64::from(seen.count)).sum()
    }

    /// Whoever tells something of one answer tells it of all, as long as there is room.
    fn misfit_of_answers(&self) -> Option<String> {
        let answered = u64::from(self.answered);
        let told = self.count(|sight| !matches!(sight, Sight::ReusedPort));
        let reused = self.count(|sight| matches!(sight, Sight::ReusedPort));
        let full = self.seen.len() >= Self::SIGHTS;
        if told > answered || (told != 0 && told < answered && !full) {
            return Some(format!("{answered} answered, but something said by {told}"));
        }
        (reused > answered).then(|| format!("{answered} answered, but {reused} over the reused source port"))
    }

    /// Each lookup took queries, and what was found was told of as many; of one that found nothing a query was not answered.
    fn misfit_of_lookups(&self, probe: &DnsProbe) -> Option<String> {
        let lookups = u64::from(probe.burst.count.get());
        let taken = self.count(|sight| matches!(sight, Sight::Queries { .. }));
        if taken != lookups {
            return Some(format!("the queries of {taken} lookups, where {lookups} were to be made"));
        }
        let found = self.count(|sight| matches!(sight, Sight::Answers { .. }));
        if found > lookups.min(self.answered.into()) || (self.lost() == 0 && found != lookups) {
            return Some(format!("what {found} lookups found, of {lookups} with {} answers to {} queries", self.answered, self.sent));
        }
        let (codes, sizes) =
            (self.count(|sight| matches!(sight, Sight::Rcode { .. })), self.count(|sight| matches!(sight, Sight::Size { .. })));
        if codes > found || sizes != found || (codes == 0) != (found == 0) {
            return Some(format!("what {found} lookups found, but the codes of {codes} and the sizes of {sizes}"));
        }
        let cut = self.count(|sight| matches!(sight, Sight::Truncated));
        (cut > self.answered.into()).then(|| format!("{} answered, but {cut} truncated", self.answered))
    }

    /// Where anybody answered, every direction was searched, once and within its bounds; else none.
    fn misfit_of_paths(&self, probe: &PmtuProbe) -> Option<String> {
        let searched: &[Direction] = if self.answered > 0 { probe.over.directions() } else { &[] };
        let found = |direction: Direction| self.paths().filter(|(path, _)| path.direction == direction).count();
        if let Some(direction) = searched.iter().find(|direction| found(**direction) != 1) {
            return Some(format!("{} largest packets {direction}, where one was to be found", found(*direction)));
        }
        let most = probe.ceiling.min(PmtuProbe::MOST);
        let odd =
            self.paths().find(|(path, count)| *count != 1 || !searched.contains(&path.direction) || path.size > most || path.top > most);
        odd.map(|(path, count)| {
            format!("{count} times \"{path}\", where {} answered and packets of {most} bytes were the largest", self.answered)
        })
    }

    fn paths(&self) -> impl Iterator<Item = (&PathMtu, u32)> {
        self.seen.iter().filter_map(|seen| if let Sight::PathMtu(path) = &seen.what { Some((path, seen.count)) } else { None })
    }
}

/// Whether answers to that probe may say it.
fn belongs(sight: &Sight, probe: &Probe) -> bool {
    match sight {
        Sight::Backend { .. } => matches!(probe, Probe::Udp(_) | Probe::Tcp(_)),
        Sight::ReusedPort => matches!(probe, Probe::Udp(flows) if flows.ports == SourcePorts::Both),
        Sight::Http(_) => matches!(probe, Probe::Http(_)),
        Sight::Tls(_) => matches!(probe, Probe::Tls(_)),
        Sight::Rcode { .. }
        | Sight::Answers { .. }
        | Sight::Queries { .. }
        | Sight::Truncated
        | Sight::Size { .. }
        | Sight::NoName { .. } => {
            matches!(probe, Probe::Dns(_))
        }
        Sight::PathMtu(_) => matches!(probe, Probe::Pmtu(_)),
    }
}

#[cfg(test)]
mod tests;
