//! `netcheck doctor`: would a run get through in this cluster? It must not know what is looked at.

use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::backend::kubernetes::{Examination, Subject};
use crate::model::agents::AgentTerms;
use crate::model::finding::Finding;
use crate::model::inventory::Inventory;
use crate::model::run::Start;
use crate::plan;
use crate::report;
use crate::report::Style;
use crate::run::AgentsMin;
use crate::suite::Seen;

use super::arguments::{BackendArgument, ColorArgument, DoctorArguments};
use super::draft::Draft;
use super::place::Occasion;
use super::remarks::{painted, style};
use super::suites::Chosen;
use super::{Outcome, Refusal, print, rbac, run};

/// Prints what was found: 0 if nothing of it stops a run, 3 otherwise.
pub(super) fn execute(arguments: &DoctorArguments) -> Outcome {
    arguments.place.check()?;
    if arguments.place.backend != BackendArgument::Kubernetes {
        let refusal = Refusal::usage(format!("doctor looks at a cluster; --backend {} needs none", arguments.place.name()));
        return Err(refusal.help("leave --backend out"));
    }
    let style = style(ColorArgument::Auto);
    let draft = Draft::read(&arguments.suites, None, style)?;
    let runtime = super::runtime(false)?;
    let findings = runtime.block_on(examine(arguments, &draft, style));
    // A plugin for credentials that does not end must not hold up what there is to say.
    runtime.shutdown_background();
    let findings = findings?;
    print(&report::findings(&findings, painted(ColorArgument::Auto, std::io::stdout().is_terminal())))?;
    Ok(report::exit(&findings))
}

async fn examine(arguments: &DoctorArguments, draft: &Draft<'_>, style: Style) -> Result<Vec<Finding>, Refusal> {
    let occasion = Occasion { run: run::run_id(), expires_after: Duration::from_secs(3_600), command: "netcheck doctor".to_owned(), style };
    let kubernetes = arguments.place.kubernetes(occasion).await?;
    let least = arguments.agents_min.unwrap_or(AgentsMin::All);
    let namespaces = arguments.place.connection.namespaces();
    let files = &arguments.suites.files;
    let suites = |(suites, _): Chosen| suites.into_iter().map(Arc::new).collect::<Vec<_>>();
    // What the nodes show to be wrong with the suites is no finding about the cluster: a run would refuse it.
    let refused = OnceLock::new();
    let start = Start::of_none(arguments.suites.seed);
    let planned = |inventory: Inventory| match draft.complete(Seen { inventory: &inventory, start: &start }) {
        Ok(chosen) => {
            let plan = plan::plan(suites(chosen), inventory, arguments.suites.seed);
            (plan.inventory, plan.vantages)
        }
        Err(refusal) => {
            // One of several is enough to end with.
            let _ = refused.set(refusal);
            (inventory, Vec::new())
        }
    };
    let known = suites(draft.known());
    let about = Examination {
        stations: plan::stations(&known),
        icmp: AgentTerms::icmp_access(known.iter().filter_map(|suite| suite.terms())),
        wanted: (draft.wanted(), draft.serving()),
        collects: draft.collects(),
        secrets: draft.secrets(),
        planned: &planned,
        enough: &|nodes| least.of(nodes),
        rights: &|subject: Option<&Subject>| rbac::command(files, namespaces, subject.map(Subject::to_string).as_deref()),
        architecture: architecture(),
    };
    let findings = Box::pin(kubernetes.examine(&about)).await;
    refused.into_inner().map_or(Ok(findings), Err)
}

/// Of this program, as OCI calls it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
