//! Requests by HTTP to one target, each over a connection of its own. One of our own has answered only if nonce and name come back
//! over it; of somebody else any response is an answer, whatever it says, and what it says is told.
//! It must not know how shares are put together.

pub mod echo;

mod conversation;

pub(crate) mod note;

mod request;

mod stamped;

use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::model::certificate::{TlsSight, Trusted};
use crate::model::outcome::{Layer, Miss, Obstacle, Sight, Stage, Step, Tally};
use crate::model::probe::{HttpProbe, TlsProbe, TlsSettings};
use crate::model::response::HttpSight;

use super::connections::{self, Answered, End, Fate, connect};
use super::errand::Errand;
use super::kit::Kit;
use super::packet::printable;
use super::tls::{Terms, shake};
use conversation::{Response, converse};
use echo::Said;
use request::{Confidence, Request};

/// What is spoken over TLS (RFC 7301 6).
const HTTP1: &[u8] = b"http/1.1";

/// What is the same for all requests of a burst.
struct Plan {
    request: Request,
    terms: Option<Terms>,
}

/// Asks one target, from the warm-up to the last response.
pub(super) async fn ask(probe: &HttpProbe, errand: Errand, kit: &Kit) -> Result<Tally, Obstacle> {
    let terms = |settings: &TlsSettings| Terms::of(settings, &errand, kit, Some(HTTP1));
    let plan = Plan { request: Request::of(probe, &errand, kit)?, terms: probe.tls.as_ref().map(terms).transpose()? };
    connections::ask(&errand, |sequence, limit| question(&errand, &plan, sequence, limit)).await
}

/// Shakes hands with one target, from the warm-up to the last handshake.
pub(super) async fn ask_tls(probe: &TlsProbe, errand: Errand, kit: &Kit) -> Result<Tally, Obstacle> {
    let terms = Terms::of(&probe.tls, &errand, kit, None)?;
    connections::ask(&errand, |_, limit| handshake(&errand, &terms, limit)).await
}

/// How far a connection came: a timeout says where.
#[derive(Default)]
struct Progress {
    stage: Option<Stage>,
    foreign: u32,
    steps: Vec<(Step, Duration)>,
}

impl Progress {
    /// In time, late, or not at all.
    fn fate(self, ended: Result<Result<Answered, End>, tokio::time::error::Elapsed>, limit: Duration) -> Fate {
        let end = match ended {
            Ok(Ok(answered)) => answered.within(limit),
            Ok(Err(end)) => end,
            Err(_elapsed) => End::Missed(self.stage.map_or(Miss::TimedOut, |at| Miss::Stalled { at })),
        };
        Fate { end, foreign: self.foreign }
    }
}

async fn question(errand: &Errand, plan: &Plan, sequence: u32, limit: Duration) -> Fate {
    let mut progress = Progress::default();
    let ended = tokio::time::timeout(limit, exchange(errand, plan, sequence, &mut progress)).await;
    progress.fate(ended, limit)
}

async fn handshake(errand: &Errand, terms: &Terms, limit: Duration) -> Fate {
    let mut progress = Progress::default();
    let shaken = async {
        let (start, stream) = connected(errand, &mut progress).await?;
        let (_stream, sight) = secured(stream, terms, &mut progress).await?;
        Ok(answered(start.elapsed(), &mut progress, Sight::Tls(sight)))
    };
    let ended = tokio::time::timeout(limit, shaken).await;
    progress.fate(ended, limit)
}

fn answered(total: Duration, progress: &mut Progress, sight: Sight) -> Answered {
    Answered { latency: total, total, steps: std::mem::take(&mut progress.steps), sight: Some(Box::new(sight)) }
}

/// A connection, and when it was begun.
async fn connected(errand: &Errand, progress: &mut Progress) -> Result<(Instant, TcpStream), End> {
    let start = Instant::now();
    let (stream, took) = connect(errand).await;
    let stream = stream?;
    progress.steps.push((Step::Connect, took));
    Ok((start, stream))
}

async fn secured(
    stream: TcpStream,
    terms: &Terms,
    progress: &mut Progress,
) -> Result<(tokio_rustls::client::TlsStream<TcpStream>, TlsSight), End> {
    progress.stage = Some(Stage::Tls);
    let start = Instant::now();
    let secured = shake(stream, terms).await.map_err(End::Missed)?;
    progress.steps.push((Step::Tls, start.elapsed()));
    Ok(secured)
}

/// One request over one connection.
async fn exchange(errand: &Errand, plan: &Plan, sequence: u32, progress: &mut Progress) -> Result<Answered, End> {
    let (start, stream) = connected(errand, progress).await?;
    let question = errand.peer.name().map(|_| errand.question(sequence));
    let request = |confidence| plan.request.build(question.as_ref(), confidence).map_err(End::NotTried);
    let (response, tls) = match &plan.terms {
        None => (converse(stream, request(Confidence::Given)?, progress).await, None),
        Some(terms) => {
            let (stream, sight) = secured(stream, terms, progress).await?;
            (converse(stream, request(confidence(&sight))?, progress).await, Some(sight))
        }
    };
    let response = response.map_err(End::Missed)?;
    let total = start.elapsed();
    if let Some((name, question)) = errand.peer.name().zip(question) {
        named(name, &echo::read(&question, response.status, &response.body), &response, progress)?;
    }
    Ok(answered(total, progress, Sight::Http(seen(&plan.request, &response, tls))))
}

/// A handshake goes on whatever the certificate is, and so a token must not go along to whoever came between.
fn confidence(sight: &TlsSight) -> Confidence {
    match sight.trusted {
        // The suite wants to look at no certificate.
        Trusted::Unchecked | Trusted::Yes => Confidence::Given,
        Trusted::Expired | Trusted::NotYet | Trusted::UnknownIssuer | Trusted::WrongName { .. } | Trusted::Other { .. } => {
            Confidence::Withheld
        }
    }
}

/// Whether it was the one that was asked.
fn named(expected: &str, said: &Said<'_>, response: &Response, progress: &mut Progress) -> Result<(), End> {
    match said {
        Said::Name(name) if *name == expected => Ok(()),
        Said::Name(name) => Err(End::Missed(Miss::WrongPeer { name: printable(name.as_bytes()) })),
        Said::Stale => {
            progress.foreign += 1;
            Err(End::Missed(Miss::broken(Layer::Http, "it answers another question than was asked")))
        }
        Said::Other => {
            let name = format!("status {} {}", response.status, note::first_line(&response.body));
            Err(End::Missed(Miss::WrongPeer { name: printable(name.trim_end().as_bytes()) }))
        }
    }
}

/// What a response said, without any secret that it repeats.
fn seen(request: &Request, response: &Response, tls: Option<TlsSight>) -> HttpSight {
    let body = String::from_utf8_lossy(&response.body);
    let found = request.find().map(|wanted| body.contains(wanted));
    let success = matches!(response.status, 200..=299);
    let withheld = request.has_credentials() && tls.as_ref().is_some_and(|tls| confidence(tls) == Confidence::Withheld);
    let note = match () {
        () if success && found != Some(false) => String::new(),
        () if withheld => note::of("no credentials were sent to a server whose certificate is not trusted"),
        () => note::of(&request.redacted(&body)),
    };
    HttpSight { status: response.status, found, note, tls }
}
