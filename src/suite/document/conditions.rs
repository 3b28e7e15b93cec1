//! Why the suite itself leaves a case out: its `when` is false, or one of its `skipIf` is true.
//! It must not know what else a case is made of.

use crate::model::verdict::Skip;
use crate::suite::condition::Condition;
use crate::suite::expand::{Sight, Stage, compiled};
use crate::suite::expression::Context;
use crate::suite::language::{Leaf, read_words};
use crate::suite::remarks::Remarks;
use crate::suite::source::Source;
use crate::suite::tree::Node;

/// The conditions of a test, ready to be evaluated for each of its cases.
pub(super) struct Conditions {
    when: Option<Condition>,
    skips: Vec<SkipIf>,
}

/// One reason to skip.
struct SkipIf {
    condition: Condition,
    /// Compiled.
    because: Node,
}

/// The case that conditions are evaluated for.
#[derive(Clone, Copy)]
pub(super) struct Occasion<'a> {
    pub(super) context: &'a Context,
    /// Its name, where the test has more than one.
    pub(super) case: Option<&'a str>,
    pub(super) source: &'a Source,
    /// The value of a name such as `vars.hosts`.
    pub(super) value: &'a dyn Fn(&str) -> Option<String>,
}

impl Conditions {
    /// What cannot be read is among the remarks, and decides nothing.
    pub(super) fn of(test: &Node, sight: Sight<'_>, remarks: &mut Remarks) -> Self {
        let when = test.entry("when").and_then(|entry| Condition::of(entry, sight, remarks));
        let items = test.get("skipIf").map_or(&[][..], Node::items);
        let skips = items.iter().filter_map(|item| SkipIf::of(item, sight, remarks)).collect();
        Self { when, skips }
    }

    /// The variables that they use.
    pub(super) fn uses(&self) -> Vec<&String> {
        let when = self.when.iter().flat_map(Condition::uses);
        let skips = self.skips.iter().flat_map(|skip| skip.condition.uses().iter().chain(skip.because.uses()));
        when.chain(skips).collect()
    }

    /// Why the test is left out as a whole, as those conditions have it that need no case for it: `known` says whether a variable
    /// has a value without one.
    pub(super) fn beforehand(mut self, known: &dyn Fn(&str) -> bool, occasion: Occasion<'_>, remarks: &mut Remarks) -> Option<Skip> {
        let all_known = |uses: &[String]| uses.iter().all(|name| known(name));
        self.when = self.when.filter(|when| all_known(when.uses()));
        self.skips.retain(|skip| all_known(skip.condition.uses()) && skip.because.uses().into_iter().all(|name| known(name)));
        self.skip(occasion, remarks)
    }

    /// How many there are.
    pub(super) fn size(&self) -> usize {
        usize::from(self.when.is_some()) + self.skips.len()
    }

    /// Why that case is left out. All conditions are evaluated before the first that holds counts, so that no mistake hides another.
    pub(super) fn skip(&self, occasion: Occasion<'_>, remarks: &mut Remarks) -> Option<Skip> {
        let when = self.when.as_ref().filter(|when| !holds(when, occasion, remarks).unwrap_or(true));
        let unmet = when.map(|when| when.reason(occasion.value));
        let reasons: Vec<_> = self.skips.iter().filter_map(|skip| skip.reason(occasion, remarks)).collect();
        unmet.or_else(|| reasons.into_iter().next())
    }
}

impl SkipIf {
    fn of(item: &Node, sight: Sight<'_>, remarks: &mut Remarks) -> Option<Self> {
        let because = item.get("because").map(|because| compiled(because, sight, remarks));
        let condition = item.entry("if").and_then(|entry| Condition::of(entry, sight, remarks));
        Some(Self { condition: condition?, because: because? })
    }

    fn reason(&self, occasion: Occasion<'_>, remarks: &mut Remarks) -> Option<Skip> {
        let because = Stage { case: occasion.case, ..Stage::new(occasion.context, occasion.source) }.expanded(&self.because, None, remarks);
        let holds = holds(&self.condition, occasion, remarks) == Some(true);
        let scalar = because.scalar()?;
        let why = read_words(scalar, Leaf::Line).map_err(|why| remarks.add(why.remark("because", &because, scalar).case(occasion.case)));
        why.ok().filter(|_| holds).map(|why| Skip { code: "skip-if", why })
    }
}

fn holds(condition: &Condition, occasion: Occasion<'_>, remarks: &mut Remarks) -> Option<bool> {
    condition.holds(occasion.context, occasion.source).map_err(|remark| remarks.add((*remark).case(occasion.case))).ok()
}
