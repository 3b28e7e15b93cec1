//! What a resolv.conf says (resolv.conf(5)): whom an application asks for names, and which names it tries. It must not know files.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::dns::DnsProbe;
use super::family::Family;

pub use name_server::NameServer;

mod name_server;

/// The part of a resolv.conf that decides which queries are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolvConf {
    /// Asked in this order; at most [`ResolvConf::SERVERS_LIMIT`].
    pub nameservers: Vec<NameServer>,
    /// Added to names, in this order; without a dot at the end. At most [`ResolvConf::SEARCH_LIMIT`].
    pub search: Vec<String>,
    /// A name with so many dots is tried first as it is.
    pub ndots: u32,
    /// How often each server is asked at most for one name.
    pub attempts: u32,
    /// How long the reply to a query is waited for, in seconds.
    pub timeout: u32,
}

impl ResolvConf {
    /// More name servers are ignored by the C library (`MAXNS`).
    pub const SERVERS_LIMIT: usize = 3;
    /// Kubernetes allows as many, since 1.28.
    pub const SEARCH_LIMIT: usize = 32;
    /// The largest file that is read, in bytes.
    pub const SIZE_LIMIT: u64 = 65_536;
    /// `ndots` is at most this (`RES_MAXNDOTS`).
    const NDOTS_LIMIT: u32 = 15;
    /// `attempts` is at most this (`RES_MAXRETRY`).
    const ATTEMPTS_LIMIT: u32 = 5;
    /// `timeout` is at most this (`RES_MAXRETRANS`).
    const TIMEOUT_LIMIT: u32 = 30;

    /// What a text says. As in the C library, what is not understood is passed over, and the last of `search` and `domain` counts.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut conf = Self { nameservers: Vec::new(), search: Vec::new(), ndots: 1, attempts: 2, timeout: 5 };
        for line in text.lines().filter(|line| !line.starts_with(['#', ';'])) {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => conf.nameservers.extend(words.next().and_then(|word| word.parse::<NameServer>().ok())),
                Some("search") => conf.search = words.filter_map(domain).collect(),
                Some("domain") => conf.search = words.next().into_iter().filter_map(domain).collect(),
                Some("options") => words.for_each(|option| conf.option(option)),
                Some(_) | None => {}
            }
        }
        conf.nameservers.truncate(Self::SERVERS_LIMIT);
        conf.search.truncate(Self::SEARCH_LIMIT);
        conf
    }

    fn option(&mut self, option: &str) {
        let number = |name: &str| option.strip_prefix(name)?.strip_prefix(':')?.parse::<u32>().ok();
        if let Some(ndots) = number("ndots") {
            self.ndots = ndots.min(Self::NDOTS_LIMIT);
        }
        if let Some(attempts) = number("attempts") {
            self.attempts = attempts.clamp(1, Self::ATTEMPTS_LIMIT);
        }
        if let Some(timeout) = number("timeout") {
            self.timeout = timeout.clamp(1, Self::TIMEOUT_LIMIT);
        }
    }

    /// How long the reply to a query is waited for.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        Duration::from_secs(self.timeout as u64)
    }

    /// Its name servers of that family.
    pub fn of(&self, family: Family) -> impl Iterator<Item = &NameServer> {
        self.nameservers.iter().filter(move |server| Family::of(server.address) == family)
    }

    /// The names that are tried for a name, in this order, each with a dot at its end.
    #[must_use]
    pub fn candidates(&self, name: &str) -> Vec<String> {
        let whole = name.strip_suffix('.');
        if let Some(whole) = whole {
            return vec![format!("{whole}.")];
        }
        let dots = u32::try_from(name.matches('.').count()).unwrap_or(u32::MAX);
        let itself = std::iter::once(format!("{name}."));
        let searched = self.search.iter().map(|domain| if domain.is_empty() { format!("{name}.") } else { format!("{name}.{domain}.") });
        let mut all: Vec<String> = if dots >= self.ndots { itself.chain(searched).collect() } else { searched.chain(itself).collect() };
        // What is longer than a name can be is tried by nobody.
        all.retain(|name| name.len() <= DnsProbe::NAME_LIMIT);
        let mut seen = std::collections::HashSet::new();
        all.retain(|name| seen.insert(name.clone()));
        all
    }
}

/// Without the dot at its end; a single dot is the root. None if it is longer than any name.
fn domain(word: &str) -> Option<String> {
    let domain = word.strip_suffix('.').unwrap_or(word);
    (domain.len() <= DnsProbe::NAME_LIMIT).then(|| domain.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n";

    #[test]
    fn what_counts_is_read_and_everything_else_passed_over() {
        let text = "# a comment\n; another\nnameserver 10.96.0.10\nnameserver fd00::a # with words\nnameserver nonsense\nnameserver\n\
                    domain left.out\nsearch a.example. . b.example\nsortlist 10.0.0.0\noptions ndots:99 attempts:0 timeout:99 rotate ndots:x edns0\n";
        let conf = ResolvConf::parse(text);
        let servers: Vec<String> = conf.nameservers.iter().map(ToString::to_string).collect();
        assert_eq!(servers, ["10.96.0.10", "fd00::a"]);
        assert_eq!(conf.search, ["a.example", "", "b.example"]);
        assert_eq!((conf.ndots, conf.attempts, conf.timeout), (15, 1, 30));
        assert_eq!(conf.of(Family::V6).map(ToString::to_string).collect::<Vec<_>>(), ["fd00::a"]);
    }

    #[test]
    fn nothing_says_what_the_c_library_takes_for_granted() {
        let expected = ResolvConf { nameservers: Vec::new(), search: Vec::new(), ndots: 1, attempts: 2, timeout: 5 };
        for text in ["", "\0\u{fffd}", "nameserver 300.1.1.1", "options"] {
            assert_eq!(ResolvConf::parse(text), expected, "{text}");
        }
        let many = "nameserver 10.0.0.1\n".repeat(100) + "search " + &"x ".repeat(1_000);
        let conf = ResolvConf::parse(&many);
        assert_eq!((conf.nameservers.len(), conf.search.len()), (3, 32));
    }

    #[track_caller]
    fn check(name: &str, expected: &[&str]) {
        assert_eq!(ResolvConf::parse(POD).candidates(name), expected, "{name}");
    }

    #[test]
    fn names_are_tried_in_the_order_of_the_c_library() {
        let searched =
            ["kubernetes.default.shop.svc.cluster.local.", "kubernetes.default.svc.cluster.local.", "kubernetes.default.cluster.local."];
        check("kubernetes.default", &[&searched[..], &["kubernetes.default."]].concat());
        check("kubernetes.default.", &["kubernetes.default."]);
        let dotted =
            ["a.b.c.d.e.f.", "a.b.c.d.e.f.shop.svc.cluster.local.", "a.b.c.d.e.f.svc.cluster.local.", "a.b.c.d.e.f.cluster.local."];
        check("a.b.c.d.e.f", &dotted);
        let long = "x.".repeat(121) + "x";
        check(&long, &[&format!("{long}.")]);
    }
}
