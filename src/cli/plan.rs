//! `netcheck plan`: what a run would do, before it is let into a cluster.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::kubernetes::{self, Needs, Serving};
use crate::model::agents::IcmpAccess;
use crate::model::coverage::Coverage;
use crate::model::exit::Exit;
use crate::model::inventory::{Inventory, Rule, Standing};
use crate::model::outlook::Outlook;
use crate::model::plan::{Outbound, Plan, PlannedCase, Spread};
use crate::model::run::Start;
use crate::model::shard::Sharding;
use crate::model::suite::Suite;
use crate::model::units::{Micros, counted, thousands};
use crate::model::vantage::{Network, Station, Vantage};
use crate::report::{Style, one_line};
use crate::suite::Seen;
use crate::{plan, report, run};

use super::arguments::{BackendArgument, ColorArgument, DEADLINE, FormatArgument, PlanArguments, duration};
use super::draft::{Draft, collects, wanted};
use super::place::{Occasion, refusal};
use super::remarks::style;
use super::{Outcome, Refusal, inventory, print, rbac, secrets, unwritable};

/// What stands for the run's id in the names of what it would create.
const RUN: &str = "<run>";

/// Prints it. Creates nothing.
pub(super) fn execute(arguments: &PlanArguments) -> Outcome {
    arguments.place.check()?;
    let style = style(ColorArgument::Auto);
    let (plan, sharding, among) = match &arguments.inventory {
        Some(path) => offline(arguments, path, style)?,
        None => planned(arguments, style)?,
    };
    let outlook = outlook(arguments, &plan, among);
    let text = match arguments.format {
        FormatArgument::Human => text(&outlook, &remarks(arguments, &outlook, sharding.as_ref())),
        FormatArgument::Json => report::plan::json(&outlook).map_err(|error| unwritable(&error))?,
    };
    print(&text)?;
    Ok(Exit::Passed)
}

/// A plan, which part of the cases it is about, and how many of its agents share a machine.
type Planned = (Plan, Option<Sharding>, NonZeroU32);

/// Over the inventory of a file.
fn offline(arguments: &PlanArguments, path: &Path, style: Style) -> Result<Planned, Refusal> {
    // What can be wrong with the suites by themselves is said first, whatever the file is like.
    let draft = Draft::read(&arguments.suites, arguments.shard.shard, style)?;
    let inventory = inventory::read(path)?;
    let (plan, sharding) = of(arguments, &draft, inventory)?;
    Ok((plan, sharding, NonZeroU32::MIN))
}

fn of(arguments: &PlanArguments, draft: &Draft<'_>, inventory: Inventory) -> Result<(Plan, Option<Sharding>), Refusal> {
    let start = Start::of_none(arguments.suites.seed);
    let (suites, sharding) = draft.complete(Seen { inventory: &inventory, start: &start })?;
    let suites: Vec<Arc<Suite>> = suites.into_iter().map(Arc::new).collect();
    Ok((plan::plan(suites, inventory, arguments.suites.seed), sharding))
}

/// Over what there is now.
fn planned(arguments: &PlanArguments, style: Style) -> Result<Planned, Refusal> {
    let draft = Draft::read(&arguments.suites, arguments.shard.shard, style)?;
    let prepared = arguments.place.prepare()?;
    let runtime = super::runtime(arguments.place.backend == BackendArgument::Simulated)?;
    let planned = runtime.block_on(async {
        let occasion = Occasion { run: RUN.to_owned(), expires_after: Duration::ZERO, command: String::new(), style };
        let backend = arguments.place.backend(prepared, occasion).await?;
        let inventory = backend.inventory_with(&draft.wanted()).await.map_err(|error| refusal(error, Exit::NotMeasured))?;
        let (plan, sharding) = of(arguments, &draft, inventory)?;
        let among = backend.among(plan.vantages.len());
        Ok::<_, Refusal>((plan, sharding, among))
    });
    // A plugin for credentials that does not end must not hold up what there is to say.
    runtime.shutdown_background();
    planned
}

/// What a run would do besides. A plan over an inventory is one for a cluster, since that is what it is taken of.
fn outlook<'a>(arguments: &PlanArguments, plan: &'a Plan, among: NonZeroU32) -> Outlook<'a> {
    let place = &arguments.place;
    let namespaces = place.connection.namespaces();
    let asking = plan.cases.iter().map(|planned| run::asking(planned, among)).collect();
    let nothing = Outlook {
        plan,
        shard: arguments.shard.shard,
        asking,
        together: run::asking_together(plan, among),
        creates: Vec::new(),
        rights: Vec::new(),
        rights_command: None,
    };
    if place.backend != BackendArgument::Kubernetes {
        return nothing;
    }
    let stations = plan.vantages.iter().map(Vantage::station).collect();
    let wanted = wanted(plan.suites.iter().map(|suite| &**suite));
    let collects = collects(plan.suites.iter().map(|suite| &**suite));
    let secrets = secrets::of_cluster(plan.suites.iter().map(|suite| &**suite));
    let serving = if plan.stands.is_empty() { Serving::Nothing } else { Serving::Services };
    let needs = Needs::of(&stations, namespaces.0, namespaces.1).discovering(wanted).serving(serving).collecting(collects).reading(secrets);
    let icmp = plan.icmp_access();
    let image = place.image.clone().unwrap_or_else(super::image::default_name);
    Outlook {
        creates: kubernetes::creations(RUN, namespaces, (&image, icmp), (&plan.vantages, &plan.stands)),
        rights: kubernetes::needed(&needs),
        rights_command: Some(rbac::command(&arguments.suites.files, namespaces, None)),
        ..nothing
    }
}

/// What there is to say besides the table, a line each.
fn remarks(arguments: &PlanArguments, outlook: &Outlook<'_>, sharding: Option<&Sharding>) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(sharding.map(|sharding| shard(sharding, outlook.plan)));
    let creates: Vec<&str> = outlook.creates.iter().map(|creation| creation.words.as_str()).collect();
    remarks.push(match (outlook.rights_command.is_some(), creates.is_empty()) {
        (true, false) => format!("creates {}", creates.join(", ")),
        (true, true) => "creates nothing: no case runs".to_owned(),
        (false, _) => "creates nothing outside this machine".to_owned(),
    });
    remarks.extend(outlook.rights_command.as_ref().map(|command| format!("needs rights: {command}")));
    let offline = |path: &std::path::PathBuf| format!("planned offline from {}: nothing was contacted", path.display());
    remarks.extend(arguments.inventory.as_ref().map(offline));
    remarks
}

/// `shard 2/3: 4 of 12 cases`
fn shard(sharding: &Sharding, plan: &Plan) -> String {
    let others: usize = sharding.elsewhere.iter().map(|suite| suite.cases.len()).sum();
    format!("shard {}: {} of {}", sharding.shard, plan.cases.len(), counted(plan.cases.len() + others, "case"))
}

/// A plan, and what else there is to say of it, a line each.
fn text(outlook: &Outlook<'_>, remarks: &[String]) -> String {
    let plan = outlook.plan;
    let widest = plan.cases.iter().map(|case| case.case.id.to_string().chars().count()).max().unwrap_or(0).max("case".len());
    let mut out = format!(" {:widest$}  {:>24}  {:>10}  {:>13}  {:>8}\n", "case", "pairs of total", "packets", "asks / asked", "at least");
    let mut spreads = HashMap::new();
    for (case, asking) in plan.cases.iter().zip(&outlook.asking) {
        // Cases share their lists of pairs: each list is counted once.
        let spread = *spreads.entry((case.pairs.as_ptr(), case.ends)).or_insert_with(|| case.spread());
        line(&mut out, (plan, case), (spread, *asking), widest);
    }
    totals(&mut out, outlook);
    nodes(&mut out, plan);
    terms(&mut out, plan);
    uncovered(&mut out, plan);
    outbound(&mut out, plan);
    for remark in remarks {
        let _ = writeln!(out, " {}", one_line(remark));
    }
    out
}

fn totals(out: &mut String, outlook: &Outlook<'_>) {
    let plan = outlook.plan;
    let pairs = plan.cases.iter().map(|case| case.pairs.len() as u64).sum();
    let packets = plan.cases.iter().map(PlannedCase::packets).sum();
    let most = plan.cases.iter().map(PlannedCase::packets_at_most).sum();
    let (cases, pairs, packets) = (counted(plan.cases.len(), "case"), thousands(pairs), times((packets, most)));
    let asking = Micros::of(outlook.together);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "\n {cases} · {pairs} pairs · {packets} packets · seed {} · plan {}", plan.seed, plan.hash);
    let _ = writeln!(out, " asks for at least {asking}, after its agents are there{}", overlong(outlook.together));
}

/// What is to be said of a run that would be ended by its own deadline.
fn overlong(asking: Duration) -> String {
    if duration(DEADLINE).is_ok_and(|deadline| asking < deadline.duration()) {
        return String::new();
    }
    // Half as long again, for agents to come and for what is asked again.
    let minutes = (asking * 3 / 2).as_secs().div_ceil(60);
    format!(", and a run ends after {DEADLINE}: give it `--deadline {minutes}m`")
}

/// `an agent`, or how many where: `8 agents: 4 in pods, 4 on hosts`.
fn agents(plan: &Plan) -> String {
    let of = |station| plan.vantages.iter().filter(|vantage| vantage.station() == station).count();
    if of(Station::Host) == 0 && of(Station::Workload) == 0 {
        return "an agent".to_owned();
    }
    let told = |station: &Station| *station != Station::Workload || of(*station) > 0;
    let each: Vec<_> = Station::ALL.into_iter().filter(told).map(|station| format!("{} {}", of(station), station.place())).collect();
    format!("{}: {}", counted(plan.vantages.len(), "agent"), each.join(", "))
}

/// On which terms a run takes its agents, where a suite says that.
fn terms(out: &mut String, plan: &Plan) {
    if let Some(patience) = plan.patience() {
        // Writing to a string cannot fail.
        let _ = writeln!(out, " waits for its agents up to {patience}");
    }
    let raw = plan.icmp_access() == IcmpAccess::Raw;
    if raw && plan.vantages.iter().any(|vantage| vantage.station() == Station::Pod) {
        let _ = writeln!(out, " its agents in pods ask ICMP by raw sockets");
    }
}

/// What nobody will know after the run, because no case asks from or to the nodes' own network.
fn uncovered(out: &mut String, plan: &Plan) {
    let asks = |planned: &&PlannedCase| planned.case.from.network() == Network::Host || planned.case.to.network() == Some(Network::Host);
    if plan.cases.iter().filter(asks).any(|planned| !planned.pairs.is_empty()) {
        return;
    }
    let mut reasons: Vec<&str> = plan.cases.iter().filter(asks).filter_map(|planned| Some(planned.skip.as_ref()?.why.as_str())).collect();
    reasons.dedup();
    let why = if reasons.is_empty() { "no case asks `from: nodes` or `to: nodes`".to_owned() } else { reasons.join("; ") };
    let _ = writeln!(out, " not covered: the nodes' own network ({})", one_line(&why));
}

/// What somebody else's host will see of the run: whoever starts it should know beforehand.
fn outbound(out: &mut String, plan: &Plan) {
    for Outbound { to, probe, sources, questions } in plan.outbound() {
        let (from, questions) = (counted(usize::try_from(sources).unwrap_or(usize::MAX), "agent"), thousands(questions));
        // Writing to a string cannot fail.
        let _ = writeln!(out, " leaves for {to}: {probe} from {from}, {questions} questions, warm-ups among them");
    }
}

/// A case in a line: of its nodes, how often each asks and is asked, at least and at most.
fn line(out: &mut String, (plan, planned): (&Plan, &PlannedCase), (spread, asking): (Spread, Duration), widest: usize) {
    let id = planned.case.id.to_string();
    let terms = report::list::terms(&planned.case);
    let behind = |separator: &str| if terms.is_empty() { String::new() } else { format!("{separator}{terms}") };
    // Writing to a string cannot fail.
    let _ = if let Some(skip) = &planned.skip {
        writeln!(out, " {id:widest$}  skipped: {}{}", one_line(&skip.why), behind(" · "))
    } else if let Some(mismatch) = &planned.refuted {
        writeln!(out, " {id:widest$}  fails: {}{}", one_line(&mismatch.message), behind(" · "))
    } else if let Some(why) = &planned.no_pairs {
        writeln!(out, " {id:widest$}  no pair to measure: {}{}", one_line(why), behind(" · "))
    } else {
        let pairs = format!("{} / {} {}", thousands(planned.pairs.len() as u64), thousands(planned.total), planned.strategy);
        let asks = format!("{} / {}", times(spread.asks), times(spread.asked));
        let (packets, asking) = (times((planned.packets(), planned.packets_at_most())), Micros::of(asking).to_string());
        let notes = [planned.left_out.clone(), plan.unstated(planned), planned.too_few.clone(), planned.acts_as_zero.clone()];
        let notes: Vec<String> = notes.into_iter().flatten().map(|why| format!("\n {:widest$}  note: {}", "", one_line(&why))).collect();
        writeln!(out, " {id:widest$}  {pairs:>24}  {packets:>10}  {asks:>13}  {asking:>8}{}{}", behind("  "), notes.concat())
    };
}

/// `7`, or `6–7`.
fn times((least, most): (u64, u64)) -> String {
    if least == most { thousands(most) } else { format!("{}–{}", thousands(least), thousands(most)) }
}

/// In how many pairs a node takes part, the least and the most; of each of them the JSON tells.
fn covers(out: &mut String, coverage: &[(&str, Coverage)]) {
    let range = |of: fn(&Coverage) -> u64| {
        let all = || coverage.iter().map(|(_, coverage)| of(coverage));
        all().min().zip(all().max()).filter(|(_, most)| *most > 0).map(times)
    };
    let asked = range(|node| node.asked).map_or_else(String::new, |asked| format!(" and is asked in {asked}"));
    if let Some(asks) = range(|node| node.asks) {
        let _ = writeln!(out, "   of all pairs, each node asks in {asks}{asked}");
    }
}

fn nodes(out: &mut String, plan: &Plan) {
    let nodes = &plan.inventory.nodes;
    let mut with: Vec<&str> = plan.vantages.iter().map(Vantage::node).collect();
    with.dedup();
    let _ =
        writeln!(out, " {} of {} in {} get {}", with.len(), counted(nodes.len(), "node"), one_line(&plan.inventory.cluster), agents(plan));
    covers(out, &plan.coverage());
    for node in nodes {
        let name = one_line(&node.name);
        let _ = match &node.standing {
            Standing::Expected => Ok(()),
            Standing::Unready { why } => writeln!(out, "   {name} is not ready: {}; its pairs cannot be measured", one_line(why)),
            Standing::Excluded { rule, why } => writeln!(out, "   {name} is excluded by the rule {}: {}", one_line(rule), one_line(why)),
        };
    }
    for words in plan.avoided() {
        let _ = writeln!(out, "   {}", one_line(&words));
    }
    let excludes =
        |rule: &Rule| nodes.iter().any(|node| matches!(&node.standing, Standing::Excluded { rule: by, .. } if by == rule.name()));
    let ignoring: Vec<String> = Rule::IGNORABLE.into_iter().filter(excludes).map(|rule| format!("--ignore-rule {}", rule.name())).collect();
    if !ignoring.is_empty() {
        let _ = writeln!(out, "   to let excluded nodes take part: {}", ignoring.join(" "));
    }
}
