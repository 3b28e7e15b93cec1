//! The stages of reading a suite, one after the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::check::check;
use super::codes;
use super::discover::Discoveries;
use super::document::{Deadline, Expanded, Frame, SoFar, agent_terms, cases, fixtures, never_together, suite_deadline};
use super::expand::{Sight, Stage, compiled};
use super::expression::{ANY, Context, Group, Scope};
use super::files::Files;
use super::include::{self, Parts, Whole};
use super::language::SUITE;
use super::needs;
use super::opening::{of_another_kind, read_with};
use super::remarks::{Remark, Remarks};
use super::secrets;
use super::source::Source;
use super::surroundings::{self, Seen, Surroundings};
use super::tree::{self, Entry, Node};
use super::unused;
use super::vars::{self, Declared, Given, Variable};
use crate::model::agents::AgentTerms;
use crate::model::diagnostic::Diagnostic;
use crate::model::family::Family;
use crate::model::service::Wanted;
use crate::model::source::Span;
use crate::model::suite::{Case, Suite, Var};

/// Everything known about one suite file.
#[derive(Debug)]
pub struct Reading {
    /// The suite, unless there are errors.
    pub suite: Option<Suite>,
    /// All remarks, in the order of the file; at most 100, and one more that counts the rest.
    pub diagnostics: Vec<Diagnostic>,
    /// Its variables, also where there are errors.
    pub vars: Vec<Var>,
    /// What it declares, for [`super::undeclared`]; none if the file is no suite.
    pub declared: Option<Declared>,
    /// What it calls itself and where, also where there are errors.
    pub name: Option<(String, Span)>,
}

/// Reads a suite without knowing what the cluster has: whatever depends on that is checked as far as it can be, and is pending.
/// `file` is its name as the user gave it, `bytes` its content, `given` the values for variables, those that win last;
/// `parts` gives the files that it includes. Values for variables that this suite does not declare are left aside: another suite may.
#[must_use]
pub fn read(file: &str, bytes: &[u8], given: &[Given], parts: Parts<'_>) -> Reading {
    reading(file, bytes, given, parts, None)
}

/// The same, knowing what the cluster has and which run this is: nothing of the suite is pending. The same of both give the same cases, every time.
#[must_use]
pub fn complete(file: &str, bytes: &[u8], given: &[Given], parts: Parts<'_>, seen: Seen<'_>) -> Reading {
    reading(file, bytes, given, parts, Some(seen))
}

fn reading(file: &str, bytes: &[u8], given: &[Given], parts: Parts<'_>, seen: Option<Seen<'_>>) -> Reading {
    let mut declared = None;
    let mut vars = Vec::new();
    let mut name = None;
    let (suite, diagnostics) = read_with(&SUITE, file, bytes, |source, remarks| {
        let whole = suite_root(source, parts, remarks)?;
        name = whole.root.get("suite").and_then(|id| Some((id.scalar()?.text.to_string(), source.span(id.at))));
        // What a missing part declares is not known.
        declared = (!whole.lacks).then(|| vars::declared(&whole.root, source));
        let variables = vars::read(&whole.root, given, source, remarks);
        vars = variables.iter().map(|variable| variable.var(source)).collect();
        Some(suite((source, parts), &whole, &variables, seen, remarks))
    });
    Reading { suite, diagnostics, vars, declared, name }
}

/// The tree of a suite with its parts, compared with the description of the language.
pub(super) fn suite_root(source: &mut Source, parts: Parts<'_>, remarks: &mut Remarks) -> Option<Whole> {
    let mut root = tree::parse(source.main(), remarks)?;
    if let Some(remark) = foreign(&root, source) {
        remarks.add(remark);
        return None;
    }
    check(&mut root, &SUITE, remarks);
    let whole = include::whole(root, source, parts, remarks);
    unique_ids(&whole.root, remarks);
    Some(whole)
}

pub(super) fn suite(
    (source, parts): (&Source, Parts<'_>),
    Whole { root, lacks }: &Whole,
    variables: &[Variable],
    seen: Option<Seen<'_>>,
    remarks: &mut Remarks,
) -> Suite {
    let names = or_any(vars::names(variables), *lacks);
    let group = if *lacks { vars::group(variables).open() } else { vars::group(variables) };
    let agents = agents(root, source, (&names, &group), remarks);
    // A suite discovers no nodes that it does not use.
    let inventory = seen.map(|seen| seen.inventory.tolerating(&agents.tolerations));
    let seen = seen.zip(inventory.as_deref()).map(|(seen, inventory)| Seen { inventory, ..seen });
    let discovered = Discoveries::read(root, (group.clone(), &names), seen.map(|seen| seen.inventory), source, remarks);
    let discovered = if *lacks { discovered.open() } else { discovered };
    let surroundings = Surroundings::of(seen);
    let secrets = secrets::declared(root, source);
    let secret_names = or_any(secrets::names(&secrets), *lacks);
    if *lacks {
        remarks.lack_a_part();
    }
    let ground = Ground { source, names: &names, group: &group, discovered: &discovered, surroundings: &surroundings };
    let defaults = root.get("defaults").map(|node| ground.defaults(node, &secret_names, remarks));
    let deadline = root.entry("deadline").and_then(|entry| ground.deadline(entry, remarks));
    let fixtures = fixtures(root, remarks);
    let frame = Frame {
        source,
        suite: Arc::from(text(root, "suite").unwrap_or_default()),
        variables,
        group,
        names: &names,
        discovered: &discovered,
        secrets: &secret_names,
        files: Files::of(source, parts),
        surroundings: &surroundings,
        defaults: defaults.as_ref().map(|defaults| &defaults.expanded),
        waits_for: defaults.as_ref().map_or(&[], |defaults| &defaults.waits_for),
        fixtures: &fixtures,
        deadline,
        so_far: SoFar::default(),
    };
    let mut all = Expanded::default();
    all.wanted.extend(defaults.as_ref().and_then(|defaults| defaults.wanted.clone()));
    for test in needs::in_order(root.get("tests").map_or(&[][..], Node::items), remarks) {
        cases(test, &frame, remarks, &mut all);
    }
    unasked_families(root, &all.families, remarks);
    if let Some(remark) = deadline.and_then(|deadline| never_together(deadline, &all.cases, &families(root))) {
        remarks.add(remark);
    }
    if !remarks.failed() {
        unused::names(root, source, remarks);
        idle_fixtures(root, source, &all, remarks);
    }
    Suite {
        deadline: deadline.map(|deadline| deadline.limit),
        id: Arc::clone(&frame.suite),
        title: text(root, "title").map(str::to_owned),
        file: Arc::clone(source.main().file()),
        agents,
        expect_families: families(root),
        vars: variables.iter().map(|variable| variable.var(source)).collect(),
        cases: all.cases,
        pending: all.pending,
        wanted: wanted(discovered.wanted(), all.wanted),
        fixtures,
        secrets,
    }
}

/// Names, of which there may be others where a part is missing.
fn or_any(mut names: Vec<String>, lacks: bool) -> Vec<String> {
    names.extend(lacks.then(|| ANY.to_owned()));
    names
}

/// What the values of a suite are made of outside of its tests.
struct Ground<'a> {
    source: &'a Source,
    names: &'a [String],
    group: &'a Group,
    discovered: &'a Discoveries,
    surroundings: &'a Surroundings,
}

/// The defaults of a suite.
struct Defaults {
    expanded: Node,
    /// What they are made of, as long as nobody knows it.
    waits_for: Vec<String>,
    /// What has to be known of Services for them.
    wanted: Option<Wanted>,
}

impl Ground<'_> {
    fn defaults(&self, defaults: &Node, secrets: &[String], remarks: &mut Remarks) -> Defaults {
        let (discovered, facts) = (Some(self.discovered.names()), Some(self.surroundings.facts()));
        let scope = Scope { vars: self.names, matrix: None, items: &[], discovered, secrets: Some(secrets), facts };
        let groups = [("vars", self.group.clone()), ("discover", self.discovered.group()), ("secrets", secrets::group(secrets))];
        let context = Context::new(groups.into_iter().chain(self.surroundings.groups()), []);
        let compiled = compiled(defaults, Sight { source: self.source, scope }, remarks);
        let uses = compiled.uses();
        let waits_for = self.discovered.waited_for(uses.iter().copied());
        let waits_for = waits_for.into_iter().chain(self.surroundings.waited_for(uses.iter().copied())).collect();
        let wanted = surroundings::wanted(uses.into_iter());
        let expanded = Stage::new(&context, self.source).expanded(&compiled, SUITE.behind("defaults"), remarks);
        secrets::misplaced(&expanded, secrets, remarks);
        Defaults { expanded, waits_for, wanted }
    }

    fn deadline(&self, entry: &Entry, remarks: &mut Remarks) -> Option<Deadline> {
        let limit = suite_deadline(&of_variables(entry, self.source, (self.names, self.group), remarks), remarks)?;
        Some(Deadline { limit, at: entry.value.at, of: "the suite" })
    }
}

/// The terms on which it takes agents.
fn agents(root: &Node, source: &Source, variables: (&[String], &Group), remarks: &mut Remarks) -> AgentTerms {
    let Some(entry) = root.entry("agents") else { return AgentTerms::default() };
    agent_terms(&of_variables(entry, source, variables, remarks).value, remarks)
}

/// A key of the suite itself, expanded: it is read before anything is looked up.
fn of_variables(entry: &Entry, source: &Source, (names, group): (&[String], &Group), remarks: &mut Remarks) -> Entry {
    let scope = Scope { vars: names, matrix: None, items: &[], discovered: None, secrets: None, facts: None };
    let context = Context::new([("vars", group.clone())], []);
    let compiled = compiled(&entry.value, Sight { source, scope }, remarks);
    let value = Stage::new(&context, source).expanded(&compiled, SUITE.behind(&entry.key.name), remarks);
    Entry { key: entry.key.clone(), value }
}

fn idle_fixtures(root: &Node, source: &Source, all: &Expanded, remarks: &mut Remarks) {
    let asks = |name: &str| all.cases.iter().any(|case| case.to.fixture().is_some_and(|asked| **asked == *name));
    // What is skipped and cannot be read expects nothing, and does not say whom it would have asked.
    let unread = |case: &Case| case.expect.is_empty() && case.unjudged.is_empty();
    let open = !all.pending.is_empty() || all.cases.iter().any(unread);
    unused::fixtures(root, source, asks, open, remarks);
}

/// Both, each once.
fn wanted(mut queries: Vec<Wanted>, targets: Vec<Wanted>) -> Vec<Wanted> {
    queries.extend(targets.into_iter().filter(|wanted| !queries.contains(wanted)).collect::<Vec<_>>());
    queries
}

/// What is wrong with a file that is no suite at all.
fn foreign(root: &Node, source: &Source) -> Option<Remark> {
    let another = || {
        if let Some(part) = root.entry("part") {
            let remark = Remark::error(codes::PART, part.key.at, "this file is a part of other suites and cannot be run alone");
            return Some(remark.label("`part` marks what is to be included, `suite` what can be run"));
        }
        let world = root.entry("world").filter(|_| root.entry("suite").is_none())?;
        let remark = Remark::error(codes::UNKNOWN_KEY, world.key.at, "this is a world, not a suite");
        Some(remark.help(["a world is given beside a suite: --world FILE"]))
    };
    of_another_kind(root, source, &SUITE).or_else(another)
}

fn unique_ids(root: &Node, remarks: &mut Remarks) {
    let mut seen = std::collections::HashMap::new();
    for test in root.get("tests").map_or(&[][..], Node::items) {
        let Some((id, name)) = test.get("id").and_then(|id| Some((id, id.scalar()?))) else { continue };
        if let Some(first) = seen.insert(Arc::clone(&name.text), id.at) {
            let remark = Remark::error(codes::DUPLICATE_ID, id.at, format!("two tests have the id `{}`", name.text));
            remarks.add(remark.label("the second").related(first, "the first").help(["give each test an id of its own"]));
        }
    }
}

fn families(root: &Node) -> Vec<Family> {
    let named: Vec<_> = root.get("expectFamilies").map_or(&[][..], Node::items).iter().filter_map(Node::scalar).collect();
    Family::ALL.into_iter().filter(|family| named.iter().any(|name| *name.text == *family.to_string())).collect()
}

/// A family that must be there, and that nothing would ever ask for, could be missing without anybody noticing.
fn unasked_families(root: &Node, asked: &BTreeSet<Family>, remarks: &mut Remarks) {
    // Tests with mistakes ask for nothing yet.
    if remarks.failed() {
        return;
    }
    for item in root.get("expectFamilies").map_or(&[][..], Node::items) {
        let is_named = |family: &Family| item.scalar().is_some_and(|name| *name.text == *family.to_string());
        let Some(family) = Family::ALL.into_iter().filter(|family| !asked.contains(family)).find(is_named) else { continue };
        let message = format!("no test of the suite asks over {}, so that nothing would show whether it is there", family.words());
        let help = format!("let a test ask with `family: {family}` or `family: each`, or leave {family} out");
        remarks.add(Remark::error(codes::FAMILY_UNASKED, item.at, message).help([help]));
    }
}

fn text<'a>(root: &'a Node, key: &str) -> Option<&'a str> {
    root.get(key).and_then(Node::scalar).map(|scalar| &*scalar.text)
}
