//! `netcheck doctor`: would a run get through in this cluster? It must not know what is looked at.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::kubernetes::{Examination, Subject};
use crate::model::finding::Finding;
use crate::model::inventory::Inventory;
use crate::model::suite::Suite;
use crate::plan;
use crate::report;
use crate::report::Style;
use crate::run::AgentsMin;

use super::arguments::{BackendArgument, ColorArgument, DoctorArguments};
use super::place::Occasion;
use super::suites::{load, painted, style};
use super::{Outcome, Refusal, print, rbac, run};

/// Prints what was found: 0 if nothing of it stops a run, 3 otherwise.
pub(super) fn execute(arguments: &DoctorArguments) -> Outcome {
    arguments.place.check()?;
    if arguments.place.backend != BackendArgument::Kubernetes {
        let refusal = Refusal::usage(format!("doctor looks at a cluster; --backend {} needs none", arguments.place.name()));
        return Err(refusal.help("leave --backend out"));
    }
    let style = style(ColorArgument::Auto);
    let suites: Vec<Arc<Suite>> = load(&arguments.suites, style)?.into_iter().map(Arc::new).collect();
    let runtime = super::runtime(false)?;
    let findings = runtime.block_on(examine(arguments, &suites, style));
    // A plugin for credentials that does not end must not hold up what there is to say.
    runtime.shutdown_background();
    let findings = findings?;
    print(&report::findings(&findings, painted(ColorArgument::Auto, std::io::stdout().is_terminal())))?;
    Ok(report::exit(&findings))
}

async fn examine(arguments: &DoctorArguments, suites: &[Arc<Suite>], style: Style) -> Result<Vec<Finding>, Refusal> {
    let occasion = Occasion { run: run::run_id(), expires_after: Duration::from_secs(3_600), command: "netcheck doctor".to_owned(), style };
    let kubernetes = arguments.place.kubernetes(occasion).await?;
    let least = arguments.agents_min.unwrap_or(AgentsMin::All);
    let namespaces = arguments.place.connection.namespaces();
    let files = &arguments.suites.files;
    let about = Examination {
        networks: plan::networks(suites),
        vantages: &|inventory: Inventory| plan::plan(suites.to_vec(), inventory, arguments.suites.seed).vantages,
        enough: &|nodes| least.of(nodes),
        rights: &|subject: Option<&Subject>| rbac::command(files, namespaces, subject.map(Subject::to_string).as_deref()),
        architecture: architecture(),
    };
    Ok(Box::pin(kubernetes.examine(&about)).await)
}

/// Of this program, as OCI calls it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
