//! `netcheck plan`: what a run would do, before it is let into a cluster.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::Backend;
use crate::model::exit::Exit;
use crate::model::inventory::{Rule, Standing};
use crate::model::plan::{Plan, PlannedCase, Spread};
use crate::model::shard::Sharding;
use crate::model::suite::Suite;
use crate::model::units::thousands;
use crate::model::vantage::{Network, Vantage};
use crate::plan;
use crate::report::{Style, one_line};

use super::arguments::{BackendArgument, ColorArgument, PlanArguments};
use super::place::{Occasion, refusal};
use super::suites::{load_shard, plural, style};
use super::{Outcome, Refusal, inventory, print, rbac};

/// Prints it. Creates nothing.
pub(super) fn execute(arguments: &PlanArguments) -> Outcome {
    arguments.place.check()?;
    let style = style(ColorArgument::Auto);
    let (suites, sharding) = load_shard(&arguments.suites, arguments.shard.shard, style)?;
    let suites = suites.into_iter().map(Arc::new).collect();
    let (plan, mut remarks) = match &arguments.inventory {
        Some(path) => {
            let plan = plan::plan(suites, inventory::read(path)?, arguments.suites.seed);
            (plan, vec![format!("planned offline from {}: nothing was contacted", path.display())])
        }
        None => planned(arguments, suites, style)?,
    };
    remarks.extend(sharding.as_ref().map(|sharding| shard_words(sharding, &plan)));
    print(&text(&plan, &remarks))?;
    Ok(Exit::Passed)
}

/// The plan over what there is now, and what a run would create.
fn planned(arguments: &PlanArguments, suites: Vec<Arc<Suite>>, style: Style) -> Result<(Plan, Vec<String>), Refusal> {
    let prepared = arguments.place.prepare()?;
    let runtime = super::runtime(arguments.place.backend == BackendArgument::Simulated)?;
    let planned = runtime.block_on(async {
        let occasion = Occasion { run: "<run>".to_owned(), expires_after: Duration::ZERO, command: String::new(), style };
        let (inventory, kubernetes) = if arguments.place.backend == BackendArgument::Kubernetes {
            let kubernetes = arguments.place.kubernetes(occasion).await?;
            (kubernetes.inventory().await, Some(kubernetes))
        } else {
            (arguments.place.backend(prepared, occasion).await?.inventory().await, None)
        };
        let inventory = inventory.map_err(|error| refusal(error, Exit::NotMeasured))?;
        let plan = plan::plan(suites, inventory, arguments.suites.seed);
        let objects = kubernetes.map_or_else(Vec::new, |kubernetes| kubernetes.objects(&plan.vantages));
        Ok::<_, Refusal>((plan, objects))
    });
    // A plugin for credentials that does not end must not hold up what there is to say.
    runtime.shutdown_background();
    let (plan, objects) = planned?;
    let remarks = if objects.is_empty() {
        vec!["creates nothing outside this machine".to_owned()]
    } else {
        vec![format!("creates {}", objects.join(", ")), format!("needs rights: {}", rights(arguments))]
    };
    Ok((plan, remarks))
}

/// `shard 2/3: 4 of 12 cases`
fn shard_words(sharding: &Sharding, plan: &Plan) -> String {
    let others: usize = sharding.elsewhere.iter().map(|suite| suite.cases.len()).sum();
    format!("shard {}: {} of {}", sharding.shard, plan.cases.len(), plural(plan.cases.len() + others, "case"))
}

/// The command that prints the rights that this run needs.
fn rights(arguments: &PlanArguments) -> String {
    let namespaces = arguments.place.connection.namespaces();
    rbac::command(&arguments.suites.files, namespaces, None)
}

/// A plan, and what else there is to say of it, a line each.
fn text(plan: &Plan, remarks: &[String]) -> String {
    let widest = plan.cases.iter().map(|case| case.case.id.to_string().chars().count()).max().unwrap_or(0).max("case".len());
    let mut out = format!(" {:widest$}  {:>24}  {:>10}  {:>13}\n", "case", "pairs of total", "packets", "asks / asked");
    let mut spreads = HashMap::new();
    for case in &plan.cases {
        // Cases share their lists of pairs: each list is counted once.
        let spread = *spreads.entry((case.pairs.as_ptr(), case.ends)).or_insert_with(|| case.spread());
        line(&mut out, case, spread, widest);
    }
    let (pairs, packets) = (plan.cases.iter().map(|case| case.pairs.len() as u64).sum(), plan.cases.iter().map(PlannedCase::packets).sum());
    let cases = plural(plan.cases.len(), "case");
    // Writing to a string cannot fail.
    let _ =
        writeln!(out, "\n {cases} · {} pairs · {} packets · seed {} · plan {}", thousands(pairs), thousands(packets), plan.seed, plan.hash);
    nodes(&mut out, plan);
    uncovered(&mut out, plan);
    for remark in remarks {
        let _ = writeln!(out, " {}", one_line(remark));
    }
    out
}

/// `an agent`, or how many where: `8 agents: 4 in pods, 4 on hosts`.
fn agents(plan: &Plan) -> String {
    let of = |network| plan.vantages.iter().filter(|vantage| vantage.network() == network).count();
    if of(Network::Host) == 0 {
        return "an agent".to_owned();
    }
    let each: Vec<_> = Network::ALL.into_iter().map(|network| format!("{} {}", of(network), network.place())).collect();
    format!("{}: {}", plural(plan.vantages.len(), "agent"), each.join(", "))
}

/// What nobody will know after the run, because no case asks from or to the nodes' own network.
fn uncovered(out: &mut String, plan: &Plan) {
    let asks = |planned: &&PlannedCase| planned.case.from.network == Network::Host || planned.case.to.network == Network::Host;
    if plan.cases.iter().filter(asks).any(|planned| !planned.pairs.is_empty()) {
        return;
    }
    let mut reasons: Vec<&str> = plan.cases.iter().filter(asks).filter_map(|planned| Some(planned.skip.as_ref()?.why.as_str())).collect();
    reasons.dedup();
    let why = if reasons.is_empty() { "no case asks `from: nodes` or `to: nodes`".to_owned() } else { reasons.join("; ") };
    let _ = writeln!(out, " not covered: the nodes' own network ({})", one_line(&why));
}

/// A case in a line: of its nodes, how often each asks and is asked, at least and at most.
fn line(out: &mut String, planned: &PlannedCase, spread: Spread, widest: usize) {
    let id = planned.case.id.to_string();
    let _ = if let Some(skip) = &planned.skip {
        writeln!(out, " {id:widest$}  skipped: {}", one_line(&skip.why))
    } else if let Some(why) = &planned.no_pairs {
        writeln!(out, " {id:widest$}  no pair to measure: {}", one_line(why))
    } else {
        let pairs = format!("{} / {} {}", thousands(planned.pairs.len() as u64), thousands(planned.total), planned.strategy);
        let times = format!("{} / {}", times(spread.asks), times(spread.asked));
        writeln!(out, " {id:widest$}  {pairs:>24}  {:>10}  {times:>13}", thousands(planned.packets()))
    };
}

/// `7`, or `6–7`.
fn times((least, most): (u64, u64)) -> String {
    if least == most { thousands(most) } else { format!("{}–{}", thousands(least), thousands(most)) }
}

fn nodes(out: &mut String, plan: &Plan) {
    let nodes = &plan.inventory.nodes;
    let mut with: Vec<&str> = plan.vantages.iter().map(Vantage::node).collect();
    with.dedup();
    let _ =
        writeln!(out, " {} of {} in {} get {}", with.len(), plural(nodes.len(), "node"), one_line(&plan.inventory.cluster), agents(plan));
    for node in nodes {
        let name = one_line(&node.name);
        let _ = match &node.standing {
            Standing::Expected => Ok(()),
            Standing::Unready { why } => writeln!(out, "   {name} is not ready: {}; its pairs cannot be measured", one_line(why)),
            Standing::Excluded { rule, why } => writeln!(out, "   {name} is excluded by the rule {}: {}", one_line(rule), one_line(why)),
        };
    }
    let excludes =
        |rule: &Rule| nodes.iter().any(|node| matches!(&node.standing, Standing::Excluded { rule: by, .. } if by == rule.name()));
    let ignoring: Vec<String> = Rule::IGNORABLE.into_iter().filter(excludes).map(|rule| format!("--ignore-rule {}", rule.name())).collect();
    if !ignoring.is_empty() {
        let _ = writeln!(out, "   to let excluded nodes take part: {}", ignoring.join(" "));
    }
}
