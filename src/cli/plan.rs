//! `netcheck plan`: what a run would do, before it is let into a cluster.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::Backend;
use crate::model::exit::Exit;
use crate::model::inventory::Standing;
use crate::model::plan::{Plan, PlannedCase};
use crate::model::units::thousands;
use crate::plan;

use super::arguments::{BackendArgument, ColorArgument, PlanArguments};
use super::place::{Occasion, refusal};
use super::suites::{load, plural, style};
use super::{Outcome, Refusal, print};

/// Prints it. Creates nothing.
pub(super) fn execute(arguments: &PlanArguments) -> Outcome {
    arguments.place.check()?;
    let style = style(ColorArgument::Auto);
    let suites = load(&arguments.suites, style)?.into_iter().map(Arc::new).collect();
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
        let objects = kubernetes.map_or_else(Vec::new, |kubernetes| kubernetes.objects(plan.vantages.len()));
        Ok::<_, Refusal>((plan, objects))
    });
    // A plugin for credentials that does not end must not hold up what there is to say.
    runtime.shutdown_background();
    let (plan, objects) = planned?;
    print(&text(&plan, &objects))?;
    Ok(Exit::Passed)
}

fn text(plan: &Plan, objects: &[String]) -> String {
    let widest = plan.cases.iter().map(|case| case.case.id.to_string().chars().count()).max().unwrap_or(0).max("case".len());
    let mut out = format!(" {:widest$}  {:>24}  {:>10}\n", "case", "pairs of total", "packets");
    for case in &plan.cases {
        line(&mut out, case, widest);
    }
    let (pairs, packets) = (plan.cases.iter().map(|case| case.pairs.len() as u64).sum(), plan.cases.iter().map(PlannedCase::packets).sum());
    let cases = plural(plan.cases.len(), "case");
    // Writing to a string cannot fail.
    let _ =
        writeln!(out, "\n {cases} · {} pairs · {} packets · seed {} · plan {}", thousands(pairs), thousands(packets), plan.seed, plan.hash);
    nodes(&mut out, plan);
    if objects.is_empty() {
        out.push_str(" creates nothing outside this machine\n");
    } else {
        let _ = writeln!(out, " creates {}", objects.join(", "));
    }
    out
}

fn line(out: &mut String, planned: &PlannedCase, widest: usize) {
    let id = planned.case.id.to_string();
    let _ = if let Some(skip) = &planned.skip {
        writeln!(out, " {id:widest$}  skipped: {}", skip.why)
    } else {
        let pairs = format!("{} / {} {}", thousands(planned.pairs.len() as u64), thousands(planned.total), planned.strategy);
        writeln!(out, " {id:widest$}  {pairs:>24}  {:>10}", thousands(planned.packets()))
    };
}

fn nodes(out: &mut String, plan: &Plan) {
    let nodes = &plan.inventory.nodes;
    let _ = writeln!(out, " {} of {} in {} get an agent", plan.vantages.len(), plural(nodes.len(), "node"), plan.inventory.cluster);
    for node in nodes {
        let _ = match &node.standing {
            Standing::Expected => Ok(()),
            Standing::Unready { why } => writeln!(out, "   {} is not ready: {why}; its pairs cannot be measured", node.name),
            Standing::Excluded { rule, why } => writeln!(out, "   {} is excluded by the rule {rule}: {why}", node.name),
        };
    }
}
