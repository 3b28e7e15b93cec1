//! One combination of a test's matrix and lists, with its cases: one in each family that it asks for.

use std::sync::Arc;

use super::conditions::{Conditions, Occasion};
use super::expect::{Expectation, Open, Wanted};
use super::frame::{Frame, tags};
use super::pending::{Expanded, among, behind};
use super::reader::Reader;
use super::settings::{AnyProbe, Families};
use super::{deadline, dns, measured, misfit, samples};
use crate::model::case_id::CaseId;
use crate::model::expect::{Bound, Unjudged};
use crate::model::family::Family;
use crate::model::retry::Retry;
use crate::model::suite::{About, Case, Conduct, Destination, Endpoint, PairStrategy, SameNode, Source};
use crate::model::verdict::Skip;
use crate::suite::codes;
use crate::suite::each::Picked;
use crate::suite::expand::Stage;
use crate::suite::language::{SUITE, Shape};
use crate::suite::matrix::Chosen;
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::secrets;
use crate::suite::source::Place;
use crate::suite::tree::Node;
use crate::suite::vars;

/// A test with one value of each axis, and one item of each list.
pub(super) struct Combination<'a> {
    pub(super) test: &'a Node,
    pub(super) name: Arc<str>,
    pub(super) place: Place,
    pub(super) values: Vec<Chosen<'a>>,
    pub(super) items: Picked<'a>,
    pub(super) conditions: &'a Conditions,
    /// The tests that it needs.
    pub(super) needs: Arc<[Arc<str>]>,
    /// What its cases depend on that nobody knows yet.
    pub(super) waits_for: &'a [String],
}

/// Its cases, or what is wrong with it.
pub(super) fn one(this: &Combination<'_>, frame: &Frame<'_>, remarks: &mut Remarks, all: &mut Expanded) {
    let axes = this.values.iter().map(|(axis, (label, _))| (axis.name.clone(), label.clone()));
    let items = this.items.iter().map(|(list, item)| (list.name.clone(), item.label.clone()));
    let id = CaseId { suite: Arc::clone(&frame.suite), test: Arc::clone(&this.name), key: axes.chain(items).collect() };
    let case = (!id.key.is_empty()).then(|| id.name());
    let context = frame.context(&this.values, &this.items);
    let value = |name: &str| this.value(name, frame);
    let occasion = Occasion { context: &context, case: case.as_deref(), source: frame.source, value: &value };
    let skip = this.conditions.skip(occasion, remarks);
    let stage = Stage { context: &context, case: case.as_deref(), source: frame.source, skipped: skip.is_some() };
    let test = stage.expanded(this.test, SUITE.behind("tests").and_then(Shape::item), remarks);
    let values = &frame.so_far.values;
    values.set(values.get().saturating_add(test.size()).saturating_add(this.conditions.size()));
    secrets::misplaced(&test, frame.secrets, remarks);
    let mut reader = Reader { test: &test, defaults: frame.defaults, case: case.as_deref(), files: frame.files, remarks };
    let settings = settings(&mut reader, frame, this.place);
    if !this.waits_for.is_empty() {
        let mut pending = reader.pending((id.clone(), frame.source.span(this.place), tags(&test)), this.waits_for);
        pending.stand_in.conduct.needs = Arc::clone(&this.needs);
        all.pending.push(pending);
        let families = reader.families().unwrap_or(Families::Each);
        all.families.extend(families.labelled().into_iter().map(|(family, _)| family));
    }
    let Some(mut settings) = settings else {
        let families = reader.families().unwrap_or(Families::Each);
        if skip.is_some() && this.waits_for.is_empty() {
            all.families.extend(families.labelled().into_iter().map(|(family, _)| family));
            let about = reader.about_as_it_is();
            all.cases.extend(this.left_out(&Made { id, tags: tags(&test), skip }, &about, families, frame));
        } else if !this.waits_for.is_empty() {
            // A condition that waits for something counts as true, and may turn out not to be.
            reader.looked_up(this.place, frame.fixtures).for_each(|wanted| all.want(Some(wanted)));
        } else if skip.is_none() && !remarks.failed() {
            // No test goes without a word.
            remarks.add(Remark::error(codes::NO_RESULT, this.place, format!("the case {} cannot be read", id.name())));
        }
        return;
    };
    settings.conduct.needs = Arc::clone(&this.needs);
    // What is skipped needs no right to look at anything; what waits for something may turn out not to be.
    if skip.is_none() || !this.waits_for.is_empty() {
        all.want(behind(&settings.to));
        all.want(among(&settings.from));
    }
    if let Some(remark) = this.collision(settings.probe.families) {
        return remarks.add(remark);
    }
    all.families.extend(settings.probe.families.labelled().into_iter().map(|(family, _)| family));
    let own =
        settings.conduct.deadline.map(|limit| deadline::Deadline { limit, at: deadline_place(&test, frame, this.place), of: "the case" });
    let deadlines = own.into_iter().chain(frame.deadline);
    let late = deadlines.filter_map(|deadline| deadline::remark(deadline, settings.conduct.pace, &settings.probe));
    for remark in late {
        remarks.add(remark.case(case.as_deref()));
    }
    if settings.expect.unread && skip.is_none() && this.waits_for.is_empty() {
        this.unheard(&test, &id, remarks);
    }
    // Where something is not known yet, what can be said without it has been said.
    if this.waits_for.is_empty() {
        all.cases.extend(families(this, frame, settings, &Made { id, tags: tags(&test), skip }));
    }
}

/// A case but for its family.
struct Settings {
    about: About,
    conduct: Conduct,
    from: Source,
    to: Destination,
    pairs: PairStrategy,
    same_node: SameNode,
    probe: AnyProbe,
    expect: Expectation,
    retry: Option<Retry>,
}

/// What is known of a case beside its settings.
struct Made {
    id: CaseId,
    tags: Vec<String>,
    skip: Option<Skip>,
}

/// A case for each family.
fn families(this: &Combination<'_>, frame: &Frame<'_>, settings: Settings, made: &Made) -> Vec<Case> {
    let Settings { about, conduct, from, to, pairs, same_node, probe, expect, retry } = settings;
    let span = frame.source.span(this.place);
    let unjudged: Vec<_> = expect.open.iter().map(|open| unjudged(open, this, frame)).collect();
    let expect = bounds(&expect.wanted, this, frame);
    let case = |(family, label)| {
        let mut id = made.id.clone();
        id.key.extend(label);
        Case {
            id,
            span: span.clone(),
            tags: made.tags.clone(),
            about: about.clone(),
            conduct: conduct.clone(),
            from: from.clone(),
            to: to.clone(),
            pairs,
            same_node,
            probe: probe.to(&to, family),
            count: probe.counted,
            expect: expect.clone(),
            unjudged: unjudged.clone(),
            retry: retry.clone(),
            skip: made.skip.clone().or_else(|| of_the_other(&to, family)),
        }
    };
    probe.families.labelled().into_iter().map(case).collect()
}

/// Why there is nothing to ask over that family: the address that the suite names is of the other one.
fn of_the_other(to: &Destination, family: Family) -> Option<Skip> {
    let Destination::Host(Endpoint { address, .. }) = to else { return None };
    let own = Family::of(*address);
    (own != family).then(|| Skip { code: "no-family", why: format!("{address} is an {} address", own.words()) })
}

/// Where it is written what a case expects; the test itself where it does not say.
fn expect_place(test: &Node, place: Place) -> Place {
    test.entry("expect").map_or(place, |expect| expect.key.at)
}

/// Where the deadline of a case was written.
fn deadline_place(test: &Node, frame: &Frame<'_>, place: Place) -> Place {
    let entry = test.entry("deadline").or_else(|| frame.defaults.and_then(|defaults| defaults.entry("deadline")));
    entry.map_or(place, |entry| entry.value.at)
}

/// All of them are read before the first that is wrong counts, so that no mistake hides another.
fn settings(reader: &mut Reader<'_>, frame: &Frame<'_>, place: Place) -> Option<Settings> {
    let (about, conduct, from, mut probe) = (reader.about(), reader.conduct(), reader.source(), reader.probe());
    let to = if reader.asks_names() { Some(reader.no_aim()) } else { reader.aim(place) };
    let same_node = from.as_ref().zip(to.as_ref()).and_then(|(from, to)| reader.same_node(from, to));
    let (pairs, again) = (reader.pairs(to.as_ref()), reader.retry());
    let mut expect = reader.expect(place, probe.as_ref().map(|probe| &probe.ask));
    let to = to.zip(probe.as_ref()).and_then(|(to, probe)| reader.destination(to, probe, frame.fixtures));
    if let (Some(probe), Some(expect)) = (&mut probe, &mut expect) {
        reader.judge(probe, to.as_ref(), expect, place);
    }
    let (again, probe, expect) = (again?, probe?, expect?);
    let retry = reader.effective(again, &probe, &expect);
    let (about, conduct, from, to, pairs) = (about?, conduct?, from?, to?, pairs?);
    Some(Settings { about, conduct, from, to, pairs, same_node: same_node?, probe, expect, retry })
}

impl Reader<'_> {
    /// Whether the probe can answer what is expected, and its samples carry that; of where it goes only what is known is told.
    fn judge(&mut self, probe: &mut AnyProbe, to: Option<&Destination>, expect: &mut Expectation, place: Place) {
        dns::complete(expect, probe);
        if let Some(to) = to {
            self.agree(probe, to, expect, place);
        }
        let misfit = |at| misfit::remark(at, probe, to);
        let mut remarks: Vec<_> = expect.open.iter().filter_map(|open| misfit((open.metric, open.at))).collect();
        let mut fitting = Vec::new();
        for wanted in &expect.wanted {
            match misfit((wanted.claim.of(), wanted.at)) {
                Some(remark) => remarks.push(remark),
                None => fitting.push(wanted),
            }
        }
        if let Some(to) = to {
            let place = expect_place(self.test, place);
            let whole = fitting.len() == expect.wanted.len() && !expect.unread;
            remarks.extend(samples::remarks(&fitting, probe, to));
            remarks.extend(samples::loss_unjudged(&fitting, probe, place).filter(|_| whole));
            remarks.extend(samples::of_backends(expect, probe, (to, place)));
            remarks.extend(measured::remarks(expect, probe));
        }
        for remark in remarks {
            self.remarks.add(remark.case(self.case));
        }
    }
}

fn bounds(wanted: &[Wanted], this: &Combination<'_>, frame: &Frame<'_>) -> Vec<Bound> {
    let bound = |wanted: &Wanted| {
        let origin = origin(&wanted.uses, this, frame);
        Bound { scope: wanted.scope, claim: wanted.claim.clone(), span: frame.source.span(wanted.at), origin }
    };
    wanted.iter().map(bound).collect()
}

fn unjudged(open: &Open, this: &Combination<'_>, frame: &Frame<'_>) -> Unjudged {
    let Open { scope, metric, at, uses } = open;
    Unjudged { scope: *scope, metric: *metric, span: frame.source.span(*at), origin: origin(uses, this, frame) }
}

/// Where the values of variables came from.
fn origin(uses: &[String], this: &Combination<'_>, frame: &Frame<'_>) -> Option<String> {
    let origins: Vec<_> = uses.iter().filter_map(|name| provenance(name, this, frame)).collect();
    Some(origins.join("; ")).filter(|origin| !origin.is_empty())
}

/// Where the value of a variable came from.
fn provenance(name: &str, this: &Combination<'_>, frame: &Frame<'_>) -> Option<String> {
    match name.split_once('.') {
        Some(("vars", name)) => vars::find(frame.variables, name).map(|variable| variable.provenance(frame.source)),
        _ => Some(format!("{name} = {}", this.value(name, frame)?)),
    }
}

impl Combination<'_> {
    /// No bound that cannot be read goes without a word.
    fn unheard(&self, test: &Node, id: &CaseId, remarks: &mut Remarks) {
        if !remarks.failed() {
            let message = format!("what the case {} expects cannot be read", id.name());
            remarks.add(Remark::error(codes::NO_RESULT, expect_place(test, self.place), message));
        }
    }

    /// The cases of one that is skipped and cannot be read: it may lack the values that it is skipped for.
    fn left_out(&self, made: &Made, about: &About, families: Families, frame: &Frame<'_>) -> Vec<Case> {
        let case = |(_, label)| {
            let mut id = made.id.clone();
            id.key.extend(label);
            let case = Case::of_nothing(id, frame.source.span(self.place), made.tags.clone(), made.skip.clone());
            Case { about: about.clone(), conduct: Conduct { needs: Arc::clone(&self.needs), ..Conduct::default() }, ..case }
        };
        families.labelled().into_iter().map(case).collect()
    }

    /// An axis or an item that is called as the probe's families are, where each of them is a case.
    fn collision(&self, families: Families) -> Option<Remark> {
        let axis = self.values.iter().find(|(axis, _)| axis.name == "family").map(|(axis, _)| (axis.at, "axis", "matrix.family"));
        let item = || self.items.iter().find(|(list, _)| list.name == "family").map(|(list, _)| (list.at, "item", "family"));
        let (at, noun, value) = axis.or_else(item).filter(|_| families == Families::Each)?;
        let help = format!("write `family: ${{{{ {value} }}}}` in the probe, or leave the {noun} out: each family is a case anyway");
        let remark = Remark::error(codes::BAD_MATRIX, at, format!("the {noun} `family` collides with the families of the probe"));
        Some(remark.help([help]))
    }

    /// The value that a variable has here: of `vars.x`, `matrix.x`, or of an item or a field of one.
    fn value(&self, name: &str, frame: &Frame<'_>) -> Option<String> {
        match name.split_once('.') {
            Some(("vars" | "discover" | "cluster" | "run", _)) => frame.value(name),
            Some(("matrix", name)) => self.values.iter().find(|(axis, _)| axis.name == name).map(|(_, (_, value))| value.text.to_string()),
            _ => {
                let mut steps = name.split('.');
                let item = steps.next()?;
                let (_, item) = self.items.iter().find(|(list, _)| list.name == item)?;
                steps.try_fold(item.value.as_ref()?, |value, field| value.field(field)).map(ToString::to_string)
            }
        }
    }
}
