//! What only http and tls have: their keys in `probe`, and what of `expect` goes with them. It must not know how they are asked.

use super::expect::{Expectation, Wanted, Wish as Said};
use super::reader::Reader;
use super::settings::{AnyProbe, Ask};
use crate::model::burst::Burst;
use crate::model::expect::{Claim, Metric, Scope};
use crate::model::probe::{Auth, Header, HttpProbe, Method, TlsProbe, TlsSettings, Trust};
use crate::model::suite::Destination;
use crate::model::web_wish::{Authority, Statuses};
use crate::model::wish::{Subject, Wish};
use crate::suite::codes;
use crate::suite::language::{AUTHS, Leaf, METHODS, SCHEMES};
use crate::suite::remarks::Remark;
use crate::suite::source::Place;
use crate::suite::tree::Entry;

/// The keys of `probe` that http has, and not all others.
const OF_HTTP: [&str; 8] = ["scheme", "path", "method", "serverName", "ca", "auth", "token", "headers"];

/// Those that tls has.
const OF_TLS: [&str; 2] = ["serverName", "ca"];

/// Those that make sense over TLS alone.
const OVER_TLS: [&str; 2] = ["serverName", "ca"];

impl Reader<'_> {
    /// By HTTP, with what it is searched for and trusted still open: `expect` says that.
    pub(super) fn http(&mut self, burst: Burst) -> Option<Ask> {
        let scheme = self.parameter("scheme").map_or(Some("http"), |entry| self.word(entry, &SCHEMES));
        let path = self.parameter("path").map_or(Some("/".to_owned()), |entry| self.words(entry, Leaf::UrlPath));
        let method = self.parameter("method").map_or(Some("GET"), |entry| self.word(entry, &METHODS));
        let (auth, headers) = (self.auth(), self.headers());
        let tls = if scheme == Some("http") { None } else { Some(self.tls_settings()) };
        if tls.is_none() && self.refuse(&OVER_TLS, "http is spoken in the clear", "write `scheme: https`, or leave it out") {
            return None;
        }
        scheme?;
        let method = if method? == "HEAD" { Method::Head } else { Method::Get };
        // Of mistakes in the rest nothing else follows.
        let (path, headers, auth) = (path.unwrap_or_default(), headers.unwrap_or_default(), auth.unwrap_or_default());
        Some(Ask::Http(Box::new(HttpProbe { burst, method, path, headers, auth, find: None, tls })))
    }

    /// By handshakes.
    pub(super) fn tls(&mut self, burst: Burst) -> Ask {
        let tls = self.tls_settings();
        Ask::Tls(Box::new(TlsProbe { burst, tls }))
    }

    /// Of mistakes in them nothing else follows: who gives certificates that cannot be read means to give some.
    fn tls_settings(&mut self) -> TlsSettings {
        let server_name = self.parameter("serverName").and_then(|entry| self.words(entry, Leaf::ServerName));
        let trust = self.parameter("ca").map_or(Trust::None, |entry| Trust::Given(self.certificates(entry).unwrap_or_default()));
        TlsSettings { server_name, trust }
    }

    /// The content of a file.
    fn certificates(&mut self, entry: &Entry) -> Option<String> {
        let path = self.words(entry, Leaf::Path)?;
        let why = match self.files.read(entry.value.at, &path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => return Some(text),
                Ok(_) | Err(_) => "it has no certificate in PEM".to_owned(),
            },
            Err(why) => why,
        };
        let remark = Remark::error(codes::BAD_CA, entry.value.at, format!("cannot use {path} as `ca`: {why}"));
        self.remarks.add(
            remark.help(["the path is relative to this file, whose certificates begin with -----BEGIN CERTIFICATE-----"]).case(self.case),
        );
        None
    }

    #[expect(clippy::option_option, reason = "nobody asks, or what is written is wrong: as of all readers of this module")]
    fn auth(&mut self) -> Option<Option<Auth>> {
        match (self.parameter("auth"), self.parameter("token")) {
            (None, None) => Some(None),
            (Some(auth), None) => self.word(auth, &AUTHS).map(|_| Some(Auth::ServiceAccount)),
            (None, Some(token)) => self.secretive("token", &token.value).map(|text| Some(Auth::Token(text))),
            (Some(_), Some(token)) => {
                let remark = Remark::error(codes::PROBE_KEY, token.key.at, "a request has one `authorization`: `auth` or `token`");
                self.remarks.add(remark.help(["leave one of them out"]).case(self.case));
                None
            }
        }
    }

    /// All are read before the first that is wrong counts.
    fn headers(&mut self) -> Option<Vec<Header>> {
        let Some(entry) = self.parameter("headers") else { return Some(Vec::new()) };
        if entry.value.entries().len() > HttpProbe::HEADERS_LIMIT {
            let message = format!("{} headers are more than a request may have", entry.value.entries().len());
            let remark = Remark::error(codes::TOO_BIG, entry.value.at, message);
            self.remarks.add(remark.label(format!("expected at most {}", HttpProbe::HEADERS_LIMIT)).case(self.case));
            return None;
        }
        let header = |header: &Entry| {
            let name = header.key.name.to_string();
            self.secretive(&name.clone(), &header.value).map(|value| Header { name, value })
        };
        let headers: Vec<_> = entry.value.entries().iter().map(header).collect();
        headers.into_iter().collect()
    }

    /// Keys of a test that have no effect, as `kind` has it.
    pub(super) fn foreign_keys(&mut self, kind: &str) -> bool {
        let own: &[&str] = match kind {
            "http" => &OF_HTTP,
            "tls" => &OF_TLS,
            _ => &[],
        };
        let foreign: Vec<_> = OF_HTTP.into_iter().filter(|name| !own.contains(name)).collect();
        self.refuse(&foreign, &format!("{kind} has no such key"), "leave it out")
    }

    /// Refuses the keys among these that the test itself has; what the defaults say is meant for other tests.
    fn refuse(&mut self, names: &[&str], why: &str, help: &str) -> bool {
        let found: Vec<_> = names.iter().filter_map(|name| self.own_parameter(name)).collect();
        for entry in &found {
            let remark = Remark::error(codes::PROBE_KEY, entry.key.at, format!("`{}` would have no effect", entry.key.name));
            self.remarks.add(remark.label(why.to_owned()).help([help.to_owned()]).case(self.case));
        }
        !found.is_empty()
    }

    /// What `expect` says of responses and certificates goes to the probe, and what it leaves out is added to it. What does not fit is
    /// among the remarks.
    pub(super) fn agree(&mut self, probe: &mut AnyProbe, to: &Destination, expect: &mut Expectation, place: Place) {
        self.odd_target(probe, to, expect);
        self.torn(expect);
        let tls = match &mut probe.ask {
            Ask::Http(http) => {
                self.bodiless(http, expect);
                http.find = expect.wanted.iter().find_map(|wanted| match &wanted.claim {
                    Claim::Seen(Wish::Body(text)) => Some(text.clone()),
                    _ => None,
                });
                if expect.wish == Said::Reachable {
                    expect.wanted.push(each(Claim::Seen(Wish::Status(Statuses::success())), place));
                }
                http.tls.as_mut()
            }
            Ask::Tls(tls) => Some(&mut tls.tls),
            Ask::Icmp { .. } | Ask::Udp(_) | Ask::Tcp | Ask::Dns(_) | Ask::Pmtu { .. } => None,
        };
        // Agents have none.
        if let Some(tls) = tls.filter(|_| !matches!(to, Destination::Agents(_))) {
            self.trust(tls, expect, place);
        }
        self.gives_away(probe, to, expect);
    }

    /// Refuses secrets for a host that is known by nothing but its name: whoever answers for that in DNS would have them.
    fn gives_away(&mut self, probe: &AnyProbe, to: &Destination, expect: &Expectation) {
        let (Destination::Named(host), Ask::Http(http)) = (to, &probe.ask) else { return };
        // Whom it trusts may be said by what cannot be read, or not yet.
        if expect.unread && http.tls.is_some() {
            return;
        }
        let is_checked = http.tls.as_ref().is_some_and(|tls| tls.trust != Trust::None);
        let headers = || http.headers.iter().any(|header| header.value.secrets().next().is_some());
        let key = match &http.auth {
            Some(Auth::ServiceAccount) => "auth",
            Some(Auth::Token(_)) => "token",
            None if headers() => "headers",
            None => return,
        };
        let Some(entry) = self.parameter(key).filter(|_| !is_checked) else { return };
        let message = format!("whoever answers for `{}` in DNS would get a secret: nothing shows that it is that host", host.name);
        let help = "ask by `scheme: https`, with `ca: FILE` in the probe or `tls: clusterCA` in `expect`, or name the host by its address";
        self.remarks.add(Remark::error(codes::UNTRUSTED, entry.key.at, message).help([help]).case(self.case));
    }

    /// Refuses a second text or authority: a response is searched for one text, and certificates are checked against one authority.
    fn torn(&mut self, expect: &Expectation) {
        let said = |subject| expect.wanted.iter().filter(move |wanted| wanted.claim.of() == Metric::Seen(subject));
        let second = |(subject, code)| {
            let first = said(subject).next()?;
            said(subject).find(|wanted| wanted.claim != first.claim).map(|second| (first.claim.clone(), second.at, code))
        };
        for (first, at, code) in [(Subject::Body, codes::PROBE_KEY), (Subject::Tls, codes::UNTRUSTED)].into_iter().filter_map(second) {
            let before = format!("`{}: {}`", first.metric(), first.wanted());
            let message = format!("the test wants {before} as well, and its responses are held against one of them alone");
            self.remarks.add(Remark::error(code, at, message).help(["leave one of them out, or make two tests"]).case(self.case));
        }
    }

    /// Whom the certificates have to be of.
    fn trust(&mut self, tls: &mut TlsSettings, expect: &mut Expectation, place: Place) {
        let said = expect.wanted.iter().find_map(|wanted| match &wanted.claim {
            Claim::Seen(Wish::Tls(authority)) => Some((*authority, wanted.at)),
            _ => None,
        });
        let given = matches!(tls.trust, Trust::Given(_));
        let remark = match said {
            Some((Authority::Given, _)) if given => return,
            Some((Authority::Cluster, _)) if !given => {
                tls.trust = Trust::ClusterCa;
                return;
            }
            Some((Authority::Any, _)) if !given => return,
            None if given => {
                expect.wanted.push(each(Claim::Seen(Wish::Tls(Authority::Given)), place));
                return;
            }
            // It may be said by what cannot be read.
            None if expect.unread => return,
            None => Remark::error(codes::UNTRUSTED, place, "nothing says whose the certificates have to be").help([
                "for an API server write `expect: { loss: 0%, tls: clusterCA }`",
                "for another server give its authority in the probe, `ca: FILE`; to trust anybody, write `tls: none` in `expect`",
            ]),
            Some((Authority::Given, at)) => {
                Remark::error(codes::UNTRUSTED, at, "the probe gives no certificates to trust").help(["write `ca: FILE` in the probe"])
            }
            Some((authority, at)) => {
                Remark::error(codes::UNTRUSTED, at, format!("`tls: {}` contradicts the `ca` of the probe", authority.word()))
                    .help(["write `tls: ca`, or leave `ca` out"])
            }
        };
        self.remarks.add(remark.case(self.case));
    }

    /// Refuses a text that no response has: those to HEAD are without a body (RFC 9110 9.3.2).
    fn bodiless(&mut self, http: &HttpProbe, expect: &Expectation) {
        let body = expect.wanted.iter().find(|wanted| wanted.claim.of() == Metric::Seen(Subject::Body));
        if let Some(wanted) = body.filter(|_| http.method == Method::Head) {
            let message = format!("no response meets `body {}`", wanted.claim.wanted());
            let remark = Remark::error(codes::NEVER_MET, wanted.at, message).label("responses to HEAD have no body");
            self.remarks.add(remark.help(["leave it out, or ask by `method: GET`"]).case(self.case));
        }
    }

    /// What no agent's answer has: its body is its own, and its status is 200.
    fn unmet_by_agents(&mut self, expect: &Expectation) {
        let unmet = |wanted: &&Wanted| match &wanted.claim {
            Claim::Seen(Wish::Body(_)) => true,
            Claim::Seen(Wish::Status(statuses)) => !statuses.contain(200),
            Claim::Seen(_) | Claim::Loss(_) | Claim::Latency(..) | Claim::Jitter(..) | Claim::Count(..) | Claim::PairsOk(_) => false,
        };
        for wanted in expect.wanted.iter().filter(unmet) {
            let message = format!("no agent meets `{} {}`", wanted.claim.metric(), wanted.claim.wanted());
            let remark = Remark::error(codes::NEVER_MET, wanted.at, message).label(OF_AGENTS);
            self.remarks.add(remark.help(["leave it out, or ask a host"]).case(self.case));
        }
    }

    /// Agents answer HTTP with nonce and name, whatever they are asked for, and no TLS.
    fn odd_target(&mut self, probe: &AnyProbe, to: &Destination, expect: &Expectation) {
        if !matches!(to, Destination::Agents(_)) {
            return;
        }
        match &probe.ask {
            Ask::Http(_) => {
                self.refuse(&OF_HTTP, OF_AGENTS, "leave it out, or ask a host");
                self.unmet_by_agents(expect);
            }
            Ask::Tls(_) => {
                let Some(to) = self.entry("to") else { return };
                let remark = Remark::error(codes::AGENTS_WITHOUT_TLS, to.key.at, "agents have no certificates");
                self.remarks
                    .add(remark.help(["ask a host: `to: { host: 10.0.0.1, port: 443 }`", "between agents ask by `http`"]).case(self.case));
            }
            Ask::Icmp { .. } | Ask::Udp(_) | Ask::Tcp | Ask::Dns(_) | Ask::Pmtu { .. } => {}
        }
    }
}

/// What agents answer.
const OF_AGENTS: &str = "agents answer http with nonce and name, and nothing else";

const fn each(claim: Claim, at: Place) -> Wanted {
    Wanted { scope: Scope::Each, claim, at, uses: Vec::new() }
}
