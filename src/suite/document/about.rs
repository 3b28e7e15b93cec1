//! What a test says of itself for whoever reads its failure: title, owner, runbook, and how much it weighs.
//! It must not know what is measured.

use super::reader::Reader;
use crate::model::suite::{About, Weight};
use crate::suite::language::{Leaf, SEVERITIES};

impl Reader<'_> {
    /// `title`, `owner`, `runbook` and `severity`; all but the title may be the defaults'.
    pub(super) fn about(&mut self) -> Option<About> {
        let mut words = |name, leaf| self.entry(name).map(|entry| self.words(entry, leaf));
        let (title, owner) = (words("title", Leaf::Title), words("owner", Leaf::Line));
        let (runbook, weight) = (words("runbook", Leaf::Runbook), self.weight());
        let given = |words: Option<Option<String>>| words.map_or(Some(None), |words| words.map(Some));
        Some(About { title: given(title)?, owner: given(owner)?, runbook: given(runbook)?, weight: weight? })
    }

    fn weight(&mut self) -> Option<Weight> {
        let Some(entry) = self.entry("severity") else { return Some(Weight::Decides) };
        self.word(entry, &SEVERITIES).map(|word| if word == "warn" { Weight::Warns } else { Weight::Decides })
    }
}
