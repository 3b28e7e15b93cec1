//! A suite after expansion: typed cases that need nothing more from the file they came from.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::agents::AgentTerms;
use super::burst::Burst;
use super::case_id::CaseId;
use super::collect::Collect;
use super::expect::{Bound, Unjudged};
use super::family::Family;
use super::fixture::Fixture;
pub use super::pace::PaceLimit;
pub use super::pairs::{Beyond, Division, Group, PairStrategy, SameNode, Selection, Strategy};
pub use super::pending::Pending;
use super::probe::Probe;
use super::retry::Retry;
use super::secret::Declared;
use super::service::Wanted;
use super::source::Span;
pub use super::target::{Destination, Endpoint, Named, NodeAddress, Offer, PortOfNode, Whose};
use super::units::Micros;
use super::verdict::Skip;
pub use super::workload::{Pick, Source, Which, Workload};

/// One suite file, expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// Its `suite:` key.
    pub id: Arc<str>,
    /// Its `title:`.
    pub title: Option<String>,
    /// The file as the user named it.
    pub file: Arc<str>,
    /// Its `deadline:`, from the beginning of its first case.
    pub deadline: Option<Micros>,
    /// Its `agents:`.
    pub agents: AgentTerms,
    /// Families that must be there: their absence fails cases instead of skipping them.
    pub expect_families: Vec<Family>,
    /// Every variable with the value that it has in this run.
    pub vars: Vec<Var>,
    /// In the order of the file, matrix axes in declared order, the last one turning fastest.
    pub cases: Vec<Case>,
    /// What has no cases yet, since they depend on the nodes; none once there was an inventory.
    pub pending: Vec<Pending>,
    /// What its queries, its sources and its targets have to know of the cluster beside its nodes, each once.
    pub wanted: Vec<Wanted>,
    /// Its secrets, in the order of the file.
    pub secrets: Vec<Declared>,
    /// What it brings along, each name once.
    pub fixtures: Vec<Fixture>,
}

impl Suite {
    /// Its terms for agents, if it may ask anything: one whose cases are all skipped takes none.
    #[must_use]
    pub fn terms(&self) -> Option<&AgentTerms> {
        let asks = self.cases.iter().any(|case| case.skip.is_none()) || !self.pending.is_empty();
        asks.then_some(&self.agents)
    }
}

/// A variable's value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Var {
    /// Its name, without `vars.`.
    pub name: String,
    /// The word for its type; empty where the suite does not say one that there is.
    pub kind: &'static str,
    /// As `--set` takes it; empty where it has none.
    pub value: String,
    /// Who gave it the value.
    pub origin: VarOrigin,
    /// What it is for.
    pub help: Option<String>,
    /// The values that it may have; any where there are none.
    pub choices: Vec<String>,
    /// Where it is declared.
    pub declared: Span,
}

impl Var {
    /// Whether it has a value in this run.
    #[must_use]
    pub const fn has_value(&self) -> bool {
        !matches!(self.origin, VarOrigin::Unset | VarOrigin::Missing)
    }
}

/// Who gave a variable its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VarOrigin {
    /// The suite itself, here.
    Default(Span),
    /// `--set` on the command line.
    Set,
    /// `--set-string` on the command line.
    SetString,
    /// A file of values, here.
    File(Span),
    /// `NETCHECK_VAR_` and its name in the environment.
    Environment,
    /// Nobody: it is optional, and has none.
    Unset,
    /// Nobody, or only with a mistake, though it must have one: the suite cannot be run.
    Missing,
}

impl VarOrigin {
    /// In words, for a variable of that name: `default at suites/overlay.yaml:6`, `set by --set`.
    #[must_use]
    pub fn words(&self, name: &str) -> String {
        match self {
            Self::Default(span) => format!("default at {}:{}", span.file, span.line),
            Self::Set => "set by --set".to_owned(),
            Self::SetString => "set by --set-string".to_owned(),
            Self::File(span) => format!("set at {}:{}", span.file, span.line),
            Self::Environment => format!("set by NETCHECK_VAR_{name}"),
            Self::Unset => "optional".to_owned(),
            Self::Missing => "no value".to_owned(),
        }
    }
}

/// One expanded test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub id: CaseId,
    /// Where its test begins.
    pub span: Span,
    /// For `-t`.
    pub tags: Vec<String>,
    /// What reports say of it beside its verdict.
    pub about: About,
    /// How it goes among the others.
    pub conduct: Conduct,
    /// Who asks.
    pub from: Source,
    /// Who is asked.
    pub to: Destination,
    /// Which of the pairs between them.
    pub pairs: PairStrategy,
    /// What of the pairs of a node with itself.
    pub same_node: SameNode,
    /// How to ask.
    pub probe: Probe,
    /// Whether the number of its questions is that of the probe.
    pub count: Count,
    /// What should be true; empty only where there is nothing to go over.
    pub expect: Vec<Bound>,
    /// What is measured and shown beside it.
    pub unjudged: Vec<Unjudged>,
    /// Pairs that fail are asked again; only where something is asked once, and then `expect` says that it is reachable and no more.
    pub retry: Option<Retry>,
    /// Why the suite itself leaves it out: its condition is false.
    pub skip: Option<Skip>,
}

/// How many questions each pair is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Count {
    /// As many as the probe says.
    #[default]
    Fixed,
    /// As many as it takes to hear of every backend, were they asked by pure chance; the probe says the least.
    Auto,
}

/// What reports say of a test beside its verdicts: whom a failure concerns, and how much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Its `title:`, a line for people.
    pub title: Option<String>,
    /// Its `owner:`, who is to be asked.
    pub owner: Option<String>,
    /// Its `runbook:`, a URL or a path.
    pub runbook: Option<String>,
    /// Its `severity:`.
    pub weight: Weight,
}

/// What a failure means for the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Weight {
    /// It fails the run: `severity: error`.
    #[default]
    Decides,
    /// It is told as a warning, and the run goes on to be judged by the others: `severity: warn`.
    Warns,
}

impl Weight {
    /// As the language and the reports call it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Decides => "error",
            Self::Warns => "warn",
        }
    }
}

/// How the cases of a test go among others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conduct {
    /// Tests of the same suite; if a case of them failed or was not measured, this one is skipped. They come before it.
    /// The cases of a test share one list.
    pub needs: Arc<[Arc<str>]>,
    /// Whether others may be measured at the same time.
    pub traffic: Traffic,
    /// How long it may take; it begins when all cases before it have their verdicts.
    pub deadline: Option<Micros>,
    /// How fast it asks at most.
    pub pace: PaceLimit,
    /// What is collected if it fails or is not measured; it changes no verdict. Each once, in the order of [`Collect::ALL`].
    pub collect: Vec<Collect>,
}

/// What may be measured while a case is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Traffic {
    /// Other cases too.
    #[default]
    Shared,
    /// Nothing else: `exclusive: true`.
    Alone,
}

impl Case {
    /// How fast it asks at most: as the suite says, and gently where it is a host of somebody else's that all sources ask at once.
    #[must_use]
    pub fn pace(&self) -> PaceLimit {
        let own = self.conduct.pace;
        match &self.to {
            // Each source has a gateway of its own.
            Destination::Agents(_)
            | Destination::Nodes { .. }
            | Destination::Gateway
            | Destination::Service(Offer { whose: Whose::Fixture { .. }, .. }) => own,
            Destination::Host(_)
            | Destination::Named(_)
            | Destination::Resolver
            | Destination::Service(Offer { whose: Whose::Named { .. }, .. }) => {
                PaceLimit { total: own.total.or(Some(PaceLimit::TO_A_HOST)), ..own }
            }
        }
    }

    /// A case of which nobody knows what it would ask: that of a test that has nothing to go over, or does not know yet what.
    #[must_use]
    pub fn of_nothing(id: CaseId, span: Span, tags: Vec<String>, skip: Option<Skip>) -> Self {
        let burst = Burst { family: Family::V4, count: NonZeroU32::MIN, interval: Micros(1_000), timeout: Micros(1_000) };
        Self {
            id,
            span,
            tags,
            about: About::default(),
            conduct: Conduct::default(),
            from: Source::Group(Group::PODS),
            to: Destination::Agents(Group::PODS),
            pairs: PairStrategy::DEFAULT,
            same_node: SameNode::Exclude,
            probe: Probe::icmp(burst),
            count: Count::Fixed,
            expect: Vec::new(),
            unjudged: Vec::new(),
            retry: None,
            skip,
        }
    }
}
