//! A name as the C library looks it up: which query comes next, and what the replies come to. Pure, so that the simulation resolves
//! as the agent does. It must not know what carries queries, nor how long they take.
//!
//! As glibc's `res_search` and `res_send`: names in the order of resolv.conf; for each, server after server while they fail or say
//! nothing; a name that does not exist or has no such record is followed by the next one, silence of all servers by none.

use crate::model::dns::{DnsProbe, Rcode, Transport};
use crate::model::resolv_conf::{NameServer, ResolvConf};

use super::message::{Reply, is_name};

/// A lookup in progress.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    names: Vec<String>,
    /// What the search path makes that is no name: passed over, as by musl; the C library of GNU would give up there.
    skipped: Vec<String>,
    servers: Vec<NameServer>,
    transport: Transport,
    /// How many servers are asked for one name at most, counting each as often as it is asked.
    tries: usize,
    name: usize,
    tried: usize,
    queries: u32,
    /// Answers that did not fit.
    truncated: u32,
    /// The last answer did not fit: the same question goes by TCP next.
    again: bool,
    /// A name with enough dots was tried as it is: what was said of it counts in the end.
    whole_first: bool,
    /// What was said of names that led to nothing.
    said: Vec<Finding>,
    end: Option<End>,
}

#[derive(Debug, Clone)]
enum End {
    Found(Finding),
    /// Nobody answered.
    Unanswered,
}

/// What a lookup came to, with all that reports tell of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub(crate) queries: u32,
    /// Answers that had to be asked for again by TCP.
    pub(crate) truncated: u32,
    /// Of the search path, without being names.
    pub(crate) skipped: Vec<String>,
    /// None if there was no answer.
    pub(crate) finding: Option<Finding>,
}

/// What a question came to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) rcode: Rcode,
    /// As in [`Reply`].
    pub(crate) answers: Vec<String>,
    pub(crate) more: u32,
    /// Of the message, in bytes.
    pub(crate) size: u32,
}

impl From<Reply> for Finding {
    fn from(reply: Reply) -> Self {
        Self { rcode: reply.rcode, answers: reply.answers, more: reply.more, size: reply.size }
    }
}

impl Lookup {
    /// Of one query for the name as it is.
    pub(crate) fn raw(name: &str, server: NameServer, transport: Transport) -> Self {
        Self::over(vec![name.to_owned()], (vec![server], transport), 1, true)
    }

    /// As an application looks that name up with these of its servers.
    pub(crate) fn of(name: &str, conf: &ResolvConf, servers: Vec<NameServer>, transport: Transport) -> Self {
        let (names, skipped): (Vec<_>, Vec<_>) = conf.candidates(name).into_iter().partition(|name| is_name(name));
        let whole_first = names.first().is_some_and(|first| first.trim_end_matches('.') == name.trim_end_matches('.'));
        let tries = servers.len().saturating_mul(conf.attempts as usize);
        Self { skipped, ..Self::over(names, (servers, transport), tries, whole_first) }
    }

    fn over(names: Vec<String>, (servers, transport): (Vec<NameServer>, Transport), tries: usize, whole_first: bool) -> Self {
        let (skipped, said) = (Vec::new(), Vec::new());
        let (name, tried, queries, truncated, again, end) = (0, 0, 0, 0, false, None);
        Self { names, skipped, servers, transport, tries, name, tried, queries, truncated, again, whole_first, said, end }
    }

    /// The next query: for which name, to whom, by what. None when it is over.
    pub(crate) fn next(&self) -> Option<(&str, &NameServer, Transport)> {
        // The last place is kept for an answer that does not fit.
        let room = if self.again { DnsProbe::QUERIES_LIMIT } else { DnsProbe::QUERIES_LIMIT - 1 };
        let name = self.names.get(self.name).filter(|_| self.end.is_none() && self.queries < room)?;
        let server = self.servers.get(self.tried.checked_rem(self.servers.len())?)?;
        Some((name, server, self.carrier()))
    }

    const fn carrier(&self) -> Transport {
        if self.again { Transport::Tcp } else { self.transport }
    }

    /// Queries so far.
    pub(crate) const fn queries(&self) -> u32 {
        self.queries
    }

    /// A query was sent: it counts, whatever becomes of it.
    pub(crate) const fn asked(&mut self) {
        self.queries += 1;
    }

    /// Its reply came.
    pub(crate) fn replied(&mut self, reply: Reply) {
        if reply.truncated {
            return self.cut();
        }
        self.again = false;
        let finding = Finding::from(reply);
        let alone = self.names.len() == 1 && self.tries == 1;
        match finding.rcode {
            _ if alone => self.end = Some(End::Found(finding)),
            Rcode::NO_ERROR if !finding.answers.is_empty() => self.end = Some(End::Found(finding)),
            Rcode::NO_ERROR | Rcode::NO_SUCH_NAME => self.next_name(finding),
            Rcode::SERVER_FAILURE | Rcode::NOT_IMPLEMENTED | Rcode::REFUSED => self.next_server(Some(finding)),
            _ => self.end = Some(End::Found(finding)),
        }
    }

    /// Its reply came without what it should say. By TCP nothing is cut: whoever says so there has said nothing.
    fn cut(&mut self) {
        match self.carrier() {
            Transport::Udp => (self.again, self.truncated) = (true, self.truncated + 1),
            Transport::Tcp => self.unanswered(),
        }
    }

    /// No reply came.
    pub(crate) fn unanswered(&mut self) {
        self.again = false;
        self.next_server(None);
    }

    fn next_server(&mut self, said: Option<Finding>) {
        self.tried += 1;
        if self.tried < self.tries {
            return;
        }
        match said {
            Some(finding) if finding.rcode == Rcode::SERVER_FAILURE => self.next_name(finding),
            Some(finding) => self.end = Some(End::Found(finding)),
            None => self.end = Some(End::Unanswered),
        }
    }

    fn next_name(&mut self, finding: Finding) {
        self.said.push(finding);
        (self.name, self.tried) = (self.name + 1, 0);
    }

    /// What it came to in the end.
    pub(crate) fn found(self) -> Found {
        let finding = self.finding();
        Found { queries: self.queries, truncated: self.truncated, skipped: self.skipped, finding }
    }

    /// None if that is silence, or there was nobody to ask.
    fn finding(&self) -> Option<Finding> {
        match &self.end {
            Some(End::Found(finding)) => return Some(finding.clone()),
            Some(End::Unanswered) => return None,
            None => {}
        }
        let whole = if self.whole_first { self.said.first() } else { None };
        let of = |rcode: Rcode| self.said.iter().find(|finding| finding.rcode == rcode);
        let told = whole.or_else(|| of(Rcode::NO_ERROR)).or_else(|| of(Rcode::SERVER_FAILURE)).or_else(|| self.said.last());
        told.cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONF: &str = "nameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch a.example b.example\noptions ndots:2 attempts:1\n";

    /// Looks a name up where the servers say that, in order ("-" is silence, "OK" an address), and tells the queries and the end.
    #[track_caller]
    fn check(name: &str, replies: &[&str], expected_queries: &[&str], expected: Option<&str>) {
        let conf = ResolvConf::parse(CONF);
        let mut lookup = Lookup::of(name, &conf, conf.nameservers.clone(), Transport::Udp);
        let (mut queries, mut replies) = (Vec::new(), replies.iter());
        while let Some((name, server, transport)) = lookup.next() {
            let by = if transport == Transport::Tcp { " by TCP" } else { "" };
            queries.push(format!("{name} {}{by}", server.to_string().trim_start_matches("10.0.0.")));
            lookup.asked();
            match *replies.next().unwrap() {
                "-" => lookup.unanswered(),
                "cut" => lookup.replied(Reply { truncated: true, ..reply("NOERROR", &[]) }),
                "OK" => lookup.replied(reply("NOERROR", &["10.1.1.1"])),
                rcode => lookup.replied(reply(rcode, &[])),
            }
        }
        assert_eq!(queries, expected_queries);
        assert_eq!(lookup.queries() as usize, queries.len());
        let finding = lookup.finding().map(|finding| format!("{} {}", finding.rcode, finding.answers.join(" ")).trim().to_owned());
        assert_eq!((finding.as_deref(), replies.count()), (expected, 0));
    }

    fn reply(rcode: &str, answers: &[&str]) -> Reply {
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        Reply { rcode: Rcode::named(rcode).unwrap(), answers, more: 0, truncated: false, size: 40 }
    }

    #[test]
    fn names_that_do_not_exist_or_say_nothing_are_followed_by_the_next() {
        check("x", &["OK"], &["x.a.example. 1"], Some("NOERROR 10.1.1.1"));
        check("x", &["NXDOMAIN", "OK"], &["x.a.example. 1", "x.b.example. 1"], Some("NOERROR 10.1.1.1"));
        check("x", &["NOERROR", "NXDOMAIN", "OK"], &["x.a.example. 1", "x.b.example. 1", "x. 1"], Some("NOERROR 10.1.1.1"));
        check("x", &["NXDOMAIN"; 3], &["x.a.example. 1", "x.b.example. 1", "x. 1"], Some("NXDOMAIN"));
        check("x", &["NXDOMAIN", "NOERROR", "NXDOMAIN"], &["x.a.example. 1", "x.b.example. 1", "x. 1"], Some("NOERROR"));
        check("x.", &["NXDOMAIN"], &["x. 1"], Some("NXDOMAIN"));
    }

    #[test]
    fn a_name_with_dots_enough_is_tried_first_as_it_is_and_that_answer_counts() {
        check("x.y.z", &["OK"], &["x.y.z. 1"], Some("NOERROR 10.1.1.1"));
        check("x.y.z", &["NXDOMAIN", "NOERROR", "NOERROR"], &["x.y.z. 1", "x.y.z.a.example. 1", "x.y.z.b.example. 1"], Some("NXDOMAIN"));
    }

    #[test]
    fn whoever_fails_or_is_silent_is_followed_by_the_next_server() {
        check("x", &["SERVFAIL", "OK"], &["x.a.example. 1", "x.a.example. 2"], Some("NOERROR 10.1.1.1"));
        check("x", &["-", "OK"], &["x.a.example. 1", "x.a.example. 2"], Some("NOERROR 10.1.1.1"));
        check("x", &["-", "-"], &["x.a.example. 1", "x.a.example. 2"], None);
        check("x", &["REFUSED", "REFUSED"], &["x.a.example. 1", "x.a.example. 2"], Some("REFUSED"));
        check("x", &["FORMERR"], &["x.a.example. 1"], Some("FORMERR"));
        let all = ["x.a.example. 1", "x.a.example. 2", "x.b.example. 1", "x.b.example. 2", "x. 1", "x. 2"];
        check("x", &["SERVFAIL"; 6], &all, Some("SERVFAIL"));
    }

    #[test]
    fn what_is_cut_is_asked_for_again_by_tcp_and_what_is_cut_there_is_no_answer() {
        check("x.", &["cut", "OK"], &["x. 1", "x. 1 by TCP"], Some("NOERROR 10.1.1.1"));
        check("x.", &["cut", "-", "OK"], &["x. 1", "x. 1 by TCP", "x. 2"], Some("NOERROR 10.1.1.1"));
        check("x.", &["cut", "cut", "OK"], &["x. 1", "x. 1 by TCP", "x. 2"], Some("NOERROR 10.1.1.1"));
        check("x.", &["cut"; 4], &["x. 1", "x. 1 by TCP", "x. 2", "x. 2 by TCP"], None);
        let mut lookup = Lookup::raw("x.", "10.0.0.1".parse().unwrap(), Transport::Tcp);
        lookup.asked();
        lookup.replied(Reply { truncated: true, ..reply("NOERROR", &[]) });
        let found = lookup.found();
        assert_eq!((found.queries, found.truncated, found.finding), (1, 0, None));
    }

    #[test]
    fn what_the_search_path_makes_without_being_a_name_is_passed_over_and_told() {
        let long = "x".repeat(64);
        let conf = ResolvConf::parse(&format!("nameserver 10.0.0.1\nsearch a..b {long}.example good.example\noptions ndots:2\n"));
        let mut lookup = Lookup::of("db", &conf, conf.nameservers.clone(), Transport::Udp);
        let mut asked = Vec::new();
        while let Some((name, ..)) = lookup.next() {
            asked.push(name.to_owned());
            lookup.asked();
            lookup.replied(reply("NXDOMAIN", &[]));
        }
        assert_eq!(asked, ["db.good.example.", "db."]);
        assert_eq!(lookup.found().skipped, ["db.a..b.".to_owned(), format!("db.{long}.example.")]);
    }

    #[test]
    fn a_raw_question_is_one_query_whatever_the_reply() {
        for rcode in ["NXDOMAIN", "SERVFAIL", "NOERROR"] {
            let mut lookup = Lookup::raw("x.", "10.0.0.1".parse().unwrap(), Transport::Udp);
            lookup.asked();
            lookup.replied(reply(rcode, &[]));
            assert_eq!(lookup.next(), None);
            assert_eq!(lookup.finding().unwrap().rcode.to_string(), rcode);
        }
    }

    #[test]
    fn no_resolv_conf_makes_it_ask_for_ever() {
        let search = (0..40).map(|number| format!("d{number}.example")).collect::<Vec<_>>().join(" ");
        let conf = ResolvConf::parse(&format!("nameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch {search}\noptions ndots:5 attempts:5\n"));
        let mut lookup = Lookup::of("x", &conf, conf.nameservers.clone(), Transport::Udp);
        // Were every answer cut, the last of them would be, too.
        while let Some((.., transport)) = lookup.next() {
            lookup.asked();
            let truncated = transport == Transport::Udp && lookup.queries() > DnsProbe::QUERIES_LIMIT - 6;
            lookup.replied(Reply { truncated, ..reply("SERVFAIL", &[]) });
        }
        assert_eq!((lookup.queries(), lookup.again), (DnsProbe::QUERIES_LIMIT, false));
        assert_eq!(lookup.finding().unwrap().rcode, Rcode::SERVER_FAILURE);
    }
}
