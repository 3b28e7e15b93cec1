//! Suites on their way to a plan: read before anything is contacted, completed once the nodes are known.
//! It must not know the language, nor where the nodes are.

use std::collections::BTreeSet;

use crate::backend::kubernetes::Serving;
use crate::model::collect::Collect;
use crate::model::secret::SecretKey;
use crate::model::service::Wanted;
use crate::model::shard::Shard;
use crate::model::suite::Suite;
use crate::report::Style;
use crate::suite::Seen;

use super::arguments::SuiteArguments;
use super::suites::{Chosen, Files, read_each, selected, split};
use super::{Refusal, secrets};

/// Suites that were read, with what is wanted of them.
pub(super) struct Draft<'a> {
    arguments: &'a SuiteArguments,
    shard: Option<Shard>,
    style: Style,
    files: Files,
    suites: Vec<Suite>,
}

impl<'a> Draft<'a> {
    /// Reads the suites and draws what is to be said of them. Where no case depends on the nodes, what is selected has to be there.
    pub(super) fn read(arguments: &'a SuiteArguments, shard: Option<Shard>, style: Style) -> Result<Self, Refusal> {
        let files = read_each(&arguments.files, None)?;
        let suites = files.suites(files.tell(style), &arguments.files)?;
        let draft = Self { arguments, shard, style, files, suites };
        if !draft.is_pending() {
            selected(draft.suites.clone(), arguments)?;
        }
        Ok(draft)
    }

    /// Whether cases depend on the nodes.
    pub(super) fn is_pending(&self) -> bool {
        self.suites.iter().any(|suite| !suite.pending.is_empty())
    }

    /// What the suites have to know of the cluster's Services, each once.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        wanted(&self.suites)
    }

    /// What the suites make beside agents.
    pub(super) fn serving(&self) -> Serving {
        serving(&self.suites)
    }

    /// What the suites want collected when a case fails.
    pub(super) fn collects(&self) -> BTreeSet<Collect> {
        collects(&self.suites)
    }

    /// The values that the suites take from Secrets of the cluster.
    pub(super) fn secrets(&self) -> Vec<SecretKey> {
        secrets::of_cluster(&self.suites)
    }

    /// What is asked for as far as it is known: what is pending stays so. A case may be asked for that only the nodes show: then all of it.
    pub(super) fn known(&self) -> Chosen {
        let suites = self.suites.clone();
        split(selected(suites.clone(), self.arguments).unwrap_or(suites), self.shard)
    }

    /// The cases that are wanted, by what the cluster has; draws what only that shows.
    pub(super) fn complete(&self, seen: Seen<'_>) -> Result<Chosen, Refusal> {
        let suites = self.files.completed(seen, &self.arguments.files, self.style)?;
        Ok(split(selected(suites, self.arguments)?, self.shard))
    }

    /// What stands for the cases where nobody came to know the nodes: in every shard, since nobody knows which they would be in.
    pub(super) fn unknown(&self) -> Chosen {
        let stand_in = |mut suite: Suite| {
            suite.cases.extend(std::mem::take(&mut suite.pending).into_iter().map(|pending| pending.stand_in));
            suite
        };
        let (here, sharding) = self.known();
        (here.into_iter().map(stand_in).collect(), sharding)
    }
}

/// What suites have to know of the cluster's Services, each once.
pub(super) fn wanted<'a>(suites: impl IntoIterator<Item = &'a Suite>) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for wanted in suites.into_iter().flat_map(|suite| &suite.wanted) {
        if !all.contains(wanted) {
            all.push(wanted.clone());
        }
    }
    all
}

/// What they make beside agents: the Services of fixtures that a case asks, or may ask.
pub(super) fn serving<'a>(suites: impl IntoIterator<Item = &'a Suite>) -> Serving {
    let asks = |suite: &Suite| {
        let open = !suite.fixtures.is_empty() && suite.pending.iter().any(|pending| pending.may_ask_fixture);
        open || suite.cases.iter().any(|case| case.skip.is_none() && case.to.fixture().is_some())
    };
    if suites.into_iter().any(asks) { Serving::Services } else { Serving::Nothing }
}

/// What suites want collected when a case fails, also one that only the nodes show.
pub(super) fn collects<'a>(suites: impl IntoIterator<Item = &'a Suite>) -> BTreeSet<Collect> {
    let cases = suites.into_iter().flat_map(|suite| suite.cases.iter().chain(suite.pending.iter().map(|pending| &pending.stand_in)));
    cases.flat_map(|case| case.conduct.collect.iter().copied()).collect()
}
