//! Runs as they might have been, told event by event.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use netcheck::model::agents::AgentTerms;
use netcheck::model::burst::Burst;
use netcheck::model::case::{CaseReport, Coverage, Figures, PairReport, PairState, Power};
use netcheck::model::case_id::CaseId;
use netcheck::model::comparison::{Comparison, Operator};
use netcheck::model::event::{CleanUp, Event, Phase, Problem};
use netcheck::model::exit::Signal;
use netcheck::model::expect::{Bound, Claim, Quantile, Scope};
use netcheck::model::family::Family;
use netcheck::model::inventory::{Inventory, Node, Standing};
use netcheck::model::outcome::{Miss, Missed};
use netcheck::model::plan::{Ends, Plan, PlannedCase};
use netcheck::model::probe::Probe;
use netcheck::model::run::Header;
use netcheck::model::source::Span;
use netcheck::model::suite::{About, Case, Conduct, Group, PairStrategy, SameNode, Source, Suite, Var, VarOrigin};
use netcheck::model::target::{Destination, Pair, Target};
use netcheck::model::units::{Micros, Ppm};
use netcheck::model::vantage::Vantage;
use netcheck::model::verdict::{Cause, Check, CheckResult, Mismatch, Skip, Verdict};

/// A run: what is known before, and what happens.
pub(super) struct Sample {
    pub(super) header: Header,
    pub(super) events: Vec<Event>,
}

const FILE: &str = "suites/overlay.yaml";
const PROTOCOLS: [&str; 3] = ["icmp", "udp", "tcp"];

fn span(line: u32, column: u32, text: &str) -> Span {
    Span { file: FILE.into(), line, column, length: u32::try_from(text.trim().len()).unwrap(), text: text.into() }
}

fn id(suite: &str, proto: &str, family: &str) -> CaseId {
    let key = vec![("proto".to_owned(), proto.to_owned()), ("family".to_owned(), family.to_owned())];
    CaseId { suite: suite.into(), test: "pod-to-pod".into(), key }
}

fn probe(proto: &str) -> Probe {
    let twenty = NonZeroU32::new(20).unwrap();
    let burst = Burst { family: Family::V4, count: twenty, interval: Micros(10_000), timeout: Micros(1_000_000) };
    match proto {
        "icmp" => Probe::icmp(burst),
        "udp" => Probe::udp(burst),
        _ => Probe::Tcp(burst),
    }
}

fn var(name: &str, kind: &'static str, value: &str, origin: VarOrigin) -> Var {
    let declared = span(6, 3, "  lossMax: 1%");
    Var { name: name.to_owned(), kind, value: value.to_owned(), origin, help: None, choices: Vec::new(), declared }
}

fn header(suite: &str) -> Header {
    let vars = vec![
        var("lossMax", "percent", "1%", VarOrigin::Default(span(6, 3, "  lossMax: 1%"))),
        var("p99Max", "duration", "5ms", VarOrigin::Set),
    ];
    let suite = Suite {
        id: suite.into(),
        title: Some("Overlay mesh".to_owned()),
        file: FILE.into(),
        deadline: None,
        agents: AgentTerms::default(),
        expect_families: vec![Family::V4],
        vars,
        cases: Vec::new(),
        pending: Vec::new(),
        wanted: Vec::new(),
        secrets: Vec::new(),
        fixtures: Vec::new(),
    };
    Header {
        id: "7f3c21aa".to_owned(),
        version: "0.1.0",
        backend: "kubernetes",
        started: UNIX_EPOCH + Duration::from_micros(1_795_252_345_678_901),
        suites: vec![Arc::new(suite)],
        seed: 1,
        shard: None,
    }
}

fn pair(source: &str, target: &str) -> Pair {
    Pair { source: Vantage::pod(source), target: Target::Agent(Vantage::pod(target)) }
}

fn node(name: &str, standing: Standing) -> Node {
    Node { zone: Some("eu-1a".to_owned()), ..Node::named(name, standing) }
}

fn windows() -> Standing {
    Standing::Excluded { rule: "not-linux".into(), why: "kubernetes.io/os=windows".to_owned() }
}

/// A plan over `node1` to `node3` for the cases of [`PROTOCOLS`], beside a Windows node.
fn planned(header: &Header, cases: &[CaseId]) -> Event {
    let nodes = vec![
        node("node1", Standing::Expected),
        node("node2", Standing::Expected),
        node("node3", Standing::Expected),
        node("win1", windows()),
        node("win2", windows()),
    ];
    let inventory = Inventory {
        cluster: "prod-eu".to_owned(),
        version: "Kubernetes v1.35.4".to_owned(),
        nodes,
        limits: Vec::new(),
        services: None,
        workloads: None,
    };
    let vantages: Vec<_> = ["node1", "node2", "node3"].into_iter().map(Vantage::pod).collect();
    let pairs = vec![pair("node1", "node2"); 6];
    let cases = cases.iter().map(|id| PlannedCase {
        suite: 0,
        case: Case {
            id: id.clone(),
            span: span(20, 5, "  - id: pod-to-pod"),
            tags: Vec::new(),
            about: About::default(),
            conduct: Conduct::default(),
            from: Source::Group(Group::PODS),
            to: Destination::Agents(Group::PODS),
            pairs: PairStrategy::DEFAULT,
            same_node: SameNode::Exclude,
            probe: probe(&id.key[0].1),
            count: netcheck::model::suite::Count::Fixed,
            expect: Vec::new(),
            unjudged: Vec::new(),
            retry: None,
            skip: None,
        },
        pairs: pairs.clone().into(),
        total: 6,
        strategy: "full",
        ends: Ends { sources: 3, targets: 3 },
        left_out: None,
        too_few: None,
        acts_as_zero: None,
        skip: None,
        no_pairs: None,
        refuted: None,
    });
    let (cases, hash) = (cases.collect(), "9c1e5b7a0d42".to_owned());
    Event::Planned {
        plan: Arc::new(Plan { suites: header.suites.clone(), inventory, cases, vantages, stands: Vec::new(), seed: 1, hash }),
        elsewhere: 0,
    }
}

fn ready(names: &[&str]) -> Vec<Event> {
    let told = names.iter().enumerate();
    told.map(|(index, name)| Event::VantageReady { vantage: Vantage::pod(name), ready: index + 1, expected: 3 }).collect()
}

fn lost(name: &str, why: &str) -> Event {
    Event::VantageLost { vantage: Vantage::pod(name), why: why.to_owned() }
}

fn loss(scope: Scope) -> Bound {
    let limit = if scope == Scope::Each { Ppm(100_000) } else { Ppm(10_000) };
    let claim = Claim::Loss(Comparison { operator: Operator::AtMost, limit });
    match scope {
        Scope::Each => Bound { scope, claim, span: span(24, 15, "      each: { loss: <= 10% }"), origin: None },
        Scope::Overall => Bound {
            scope,
            claim,
            span: span(26, 15, "        loss: <= ${{ vars.lossMax }}"),
            origin: Some("vars.lossMax = 1%, default at suites/overlay.yaml:6".to_owned()),
        },
    }
}

fn latency() -> Vec<(Quantile, Micros)> {
    vec![(Quantile::P50, Micros(250)), (Quantile::P95, Micros(900)), (Quantile::P99, Micros(1_800)), (Quantile::Max, Micros(2_345))]
}

/// A case that passed.
fn passed(proto: &str) -> CaseReport {
    let measured = |scope| Check { bound: loss(scope), measured: "0% (0 of 120 packets)".to_owned(), result: CheckResult::Met };
    CaseReport {
        suite: 0,
        id: id("overlay", proto, "v4"),
        span: span(20, 5, "  - id: pod-to-pod"),
        tags: vec!["smoke".to_owned(), "overlay".to_owned()],
        about: About::default(),
        probe: probe(proto),
        verdict: Verdict::Passed,
        duration: Micros(412_345),
        coverage: Coverage { measured: 6, planned: 6, total: 6, strategy: "full" },
        figures: Figures { sent: 120, latency: latency(), ..Figures::default() },
        power: vec![Power { scope: Scope::Each, finds: Ppm(292_000) }, Power { scope: Scope::Overall, finds: Ppm(56_000) }],
        shown: Vec::new(),
        retries: None,
        checks: vec![measured(Scope::Each), measured(Scope::Overall)],
        pairs: Vec::new(),
        pairs_failed: 0,
        pairs_unmeasured: 0,
        notes: Vec::new(),
    }
}

fn failed_pair(source: &str, target: &str, lost: u32) -> PairReport {
    let missed = vec![Missed { how: Miss::TimedOut, count: lost }];
    let figures = Figures { sent: 20, lost: lost.into(), missed, ..Figures::default() };
    PairReport {
        pair: pair(source, target),
        state: PairState::Failed { figures, why: format!("{lost} of 20 packets lost: timed out"), attempts: Vec::new() },
    }
}

/// UDP to node3 is lost; the last of the pairs was not measured.
fn failed() -> CaseReport {
    let by = Some("10.0.3.7".parse().unwrap());
    let missed = vec![Missed { how: Miss::TimedOut, count: 30 }, Missed { how: Miss::Refused { by }, count: 2 }];
    let measured = "100% (20 of 20 packets) at worst, node1 → node3; missed by 2 of 5 pairs".to_owned();
    let unmeasured = Cause::Incomplete { vantage: Vantage::pod("node3"), why: "120 sent, but 119 answered and 0 missed".to_owned() };
    CaseReport {
        verdict: Verdict::Failed(Mismatch {
            code: "loss",
            message: "wanted each.loss <= 10%, missed by 2 of 6 pairs: node1 → node3, node2 → node3".to_owned(),
        }),
        duration: Micros(1_412_000),
        coverage: Coverage { measured: 5, planned: 6, total: 182, strategy: "circulant" },
        figures: Figures { sent: 100, lost: 32, missed, foreign: 3, latency: latency(), ..Figures::default() },
        shown: Vec::new(),
        checks: vec![
            Check { bound: loss(Scope::Each), measured, result: CheckResult::Missed { pairs: 2 } },
            Check { bound: loss(Scope::Overall), measured: "32% (32 of 100 packets)".to_owned(), result: CheckResult::Missed { pairs: 0 } },
        ],
        pairs: vec![
            failed_pair("node1", "node3", 20),
            failed_pair("node2", "node3", 12),
            PairReport { pair: pair("node3", "node1"), state: PairState::Unmeasured(unmeasured) },
        ],
        pairs_failed: 2,
        pairs_unmeasured: 1,
        notes: vec!["2 pairs accepted as not measured (--agents-min 2)".to_owned()],
        ..passed("udp")
    }
}

/// Nothing is known, for that cause.
fn errored(proto: &str, cause: &Cause) -> CaseReport {
    let pairs = [("node1", "node3"), ("node3", "node1")];
    CaseReport {
        verdict: Verdict::Errored(cause.clone()),
        coverage: Coverage { measured: 4, planned: 6, total: 6, strategy: "full" },
        figures: Figures { sent: 80, latency: latency(), ..Figures::default() },
        pairs: pairs.iter().map(|(a, b)| PairReport { pair: pair(a, b), state: PairState::Unmeasured(cause.clone()) }).collect(),
        pairs_unmeasured: 2,
        ..passed(proto)
    }
}

/// Nothing was asked.
fn unasked(proto: &str, family: &str, verdict: Verdict) -> CaseReport {
    CaseReport {
        id: id("overlay", proto, family),
        verdict,
        duration: Micros(0),
        coverage: Coverage::default(),
        figures: Figures::default(),
        power: Vec::new(),
        shown: Vec::new(),
        checks: Vec::new(),
        ..passed(proto)
    }
}

fn finished(cases: Vec<CaseReport>) -> Vec<Event> {
    cases.into_iter().map(|case| Event::CaseFinished(Box::new(case))).collect()
}

fn phases(phases: &[(Phase, u64)]) -> Vec<Event> {
    phases.iter().map(|(phase, millis)| Event::PhaseFinished(*phase, Micros(millis * 1_000))).collect()
}

/// The phases until all agents are settled.
fn settled() -> Vec<Event> {
    phases(&[(Phase::Create, 300), (Phase::Start, 4_100), (Phase::Attach, 1_700)])
}

/// The other phases, the end, and a clean-up.
fn end(interrupted: Option<Signal>, clean_up: CleanUp) -> Vec<Event> {
    let mut events = phases(&[(Phase::Probe, 2_400), (Phase::Judge, 3)]);
    events.push(Event::Finished { interrupted, duration: Micros(8_503_000) });
    events.extend(phases(&[(Phase::CleanUp, 6_200)]));
    events.push(Event::CleanedUp(clean_up));
    events
}

fn ids() -> Vec<CaseId> {
    PROTOCOLS.iter().map(|proto| id("overlay", proto, "v4")).collect()
}

/// Everything passes.
pub(super) fn healthy() -> Sample {
    let header = header("overlay");
    let mut events = vec![planned(&header, &ids())];
    events.extend(ready(&["node1", "node2", "node3"]));
    events.extend(settled());
    events.push(Event::PairFinished { case: 0, finished: 1, planned: 18 });
    events.extend(finished(PROTOCOLS.iter().map(|proto| passed(proto)).collect()));
    events.extend(end(None, CleanUp::default()));
    Sample { header, events }
}

/// UDP fails, two cases lack an agent for the same reason, one is skipped; something stays behind.
pub(super) fn broken() -> Sample {
    let header = header("overlay");
    let why = "ErrImageNeverPull: image \"localhost/netcheck:0.1.0\" is not present with pull policy of Never";
    let cause = Cause::AgentNotReady { vantage: Vantage::pod("node3"), why: why.to_owned() };
    let no_family = Skip { code: "no-family", why: "no agent has an IPv6 address".to_owned() };
    let mut events = vec![planned(&header, &ids())];
    events.extend(ready(&["node1", "node2"]));
    events.push(lost("node3", why));
    events.extend(settled());
    events.push(Event::Problem(Problem {
        code: "agents",
        message: "1 of 3 agents not ready".to_owned(),
        details: vec![format!("node3: {why}")],
        help: vec!["load the image on the node, or name a registry: --image".to_owned(), "accept less coverage: --agents-min 2".to_owned()],
    }));
    let cases = vec![errored("icmp", &cause), failed(), errored("tcp", &cause), unasked("udp", "v6", Verdict::Skipped(no_family))];
    events.extend(finished(cases));
    events.push(Event::NodesChanged {
        added: vec![node("node4", Standing::Expected), node("win0", windows())],
        deleted: vec!["node2".into(), "win2".into()],
    });
    events.push(Event::Note("which nodes came or went while the run went on is not known: no answer within 5 s".to_owned()));
    events
        .extend(end(None, CleanUp { kept: Vec::new(), left: vec!["namespace netcheck-7f3c21aa: still Terminating after 15s".to_owned()] }));
    Sample { header, events }
}

/// Ctrl-C after the first case, before the last agent.
pub(super) fn interrupted() -> Sample {
    let header = header("overlay");
    let cause = Cause::Interrupted { signal: "SIGINT" };
    let mut events = vec![planned(&header, &ids())];
    events.extend(ready(&["node1", "node2"]));
    let unmeasured = |proto| unasked(proto, "v4", Verdict::Errored(cause.clone()));
    events.extend(finished(vec![passed("icmp"), unmeasured("udp"), unmeasured("tcp")]));
    events.extend(settled());
    events.extend(end(Some(Signal::Interrupt), CleanUp { kept: vec!["namespace netcheck-7f3c21aa".to_owned()], left: Vec::new() }));
    Sample { header, events }
}

/// The API server was not there.
pub(super) fn set_up_failed() -> Sample {
    let header = header("overlay");
    let why = "listing nodes: the API server at 10.0.0.1:6443 did not answer within 15s";
    let mut events = vec![Event::Problem(Problem {
        code: "api-unreachable",
        message: why.to_owned(),
        details: vec!["context prod-eu of ~/.kube/config".to_owned()],
        help: vec!["kubectl --context prod-eu get nodes must answer from this machine".to_owned()],
    })];
    let unmeasured = |proto: &&str| unasked(proto, "v4", Verdict::Errored(Cause::SetUp { why: why.to_owned() }));
    events.extend(finished(PROTOCOLS.iter().map(unmeasured).collect()));
    events.push(Event::Finished { interrupted: None, duration: Micros(15_012_000) });
    events.push(Event::PhaseFinished(Phase::CleanUp, Micros(4_000)));
    events.push(Event::CleanedUp(CleanUp::default()));
    Sample { header, events }
}

/// Ctrl-C before there was a plan, and no case in the suite.
pub(super) fn interrupted_at_once() -> Sample {
    let events =
        vec![Event::Finished { interrupted: Some(Signal::Terminate), duration: Micros(1_000) }, Event::CleanedUp(CleanUp::default())];
    Sample { header: header("overlay"), events }
}

/// Whoever named and worded things meant harm.
pub(super) fn hostile() -> Sample {
    const HARM: &str = "]]>&<\"'\u{1b}[31m\u{1b}]0;title\u{7}\u{0}\u{8}\u{85}\u{9b}2J\u{202e}\u{ffff}\u{fffe}\r\n::error::injected\t𝄞";
    let mut header = header(HARM);
    header.id = format!("7f3c{HARM}");
    let mut case = failed();
    case.id = CaseId { suite: HARM.into(), test: HARM.into(), key: vec![(HARM.to_owned(), HARM.to_owned())] };
    case.span.text = HARM.into();
    case.span.file = HARM.into();
    case.tags = vec![HARM.to_owned()];
    case.notes = vec![HARM.to_owned()];
    case.verdict = Verdict::Failed(Mismatch { code: "loss", message: HARM.to_owned() });
    case.checks[0].bound.origin = Some(HARM.to_owned());
    case.checks[0].bound.span.text = format!("\t{HARM}{HARM}").into();
    HARM.clone_into(&mut case.checks[0].measured);
    case.pairs[0].pair = pair(HARM, HARM);
    case.pairs[2].state = PairState::Unmeasured(Cause::SetUp { why: HARM.to_owned() });
    let mut twin = case.clone();
    twin.verdict = Verdict::Errored(Cause::SourceLost { vantage: Vantage::pod(HARM), why: HARM.to_owned() });
    let mut events = vec![planned(&header, &ids()), lost("node3", HARM)];
    events.push(Event::NodesChanged { added: vec![node(HARM, Standing::Expected)], deleted: vec!["node2".into()] });
    events.push(Event::Note(HARM.to_owned()));
    events.push(Event::Problem(Problem {
        code: "forbidden",
        message: HARM.to_owned(),
        details: vec![HARM.to_owned()],
        help: vec![HARM.to_owned()],
    }));
    let skipped = unasked("tcp", "v6", Verdict::Skipped(Skip { code: "no-family", why: HARM.to_owned() }));
    events.extend(finished(vec![case, twin, skipped]));
    events.extend(end(None, CleanUp { kept: vec![HARM.to_owned()], left: vec![HARM.to_owned()] }));
    Sample { header, events }
}

/// So many cases with so many failing pairs each.
pub(super) fn large(cases: usize, pairs: usize) -> Sample {
    let header = header("overlay");
    let names: Vec<_> = (0..pairs).map(|number| format!("worker-{number:04}.eu-1a.compute.internal")).collect();
    let mut case = failed();
    case.pairs = names.iter().map(|name| failed_pair(name, "worker-7", 20)).collect();
    case.pairs_failed = pairs as u64;
    case.pairs_unmeasured = 0;
    case.coverage = Coverage { measured: pairs as u64, planned: pairs as u64, total: pairs as u64, strategy: "full" };
    let numbered = (0..cases).map(|number| CaseReport { id: id("overlay", "udp", &number.to_string()), ..case.clone() });
    let mut events = vec![planned(&header, &ids())];
    events.extend(finished(numbered.collect()));
    events.extend(end(None, CleanUp::default()));
    Sample { header, events }
}

/// So many cases that say so many quotation marks each, of which XML makes six bytes.
pub(super) fn wordy(cases: usize, marks: usize) -> Sample {
    let mut sample = large(cases, 1);
    for event in &mut sample.events {
        if let Event::CaseFinished(case) = event {
            case.notes = vec!["\"".repeat(marks)];
        }
    }
    sample
}
