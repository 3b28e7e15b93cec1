//! What there is to collect of an agent of the sandbox: what its process said, and the routes of its namespace. It must not know
//! what it is collected for.

use std::process::{Output, Stdio};

use tokio::process::Command;

use super::{Sandbox, process};
use crate::model::collect::Collect;
use crate::model::vantage::Vantage;

impl Sandbox {
    /// Nothing of events: nobody writes any down here.
    pub(super) async fn collected(&self, vantage: &Vantage, what: Collect) -> Result<Option<String>, String> {
        match what {
            Collect::AgentLog => self.said(vantage).map(Some),
            Collect::Events => Ok(None),
            Collect::Routes => self.routes(vantage).await.map(Some),
        }
    }

    fn said(&self, vantage: &Vantage) -> Result<String, String> {
        let crew = self.crew();
        let process = crew.processes.iter().find(|(known, _)| known == vantage).map(|(_, process)| process);
        process.map(process::Process::said).ok_or_else(|| "its process was never started".to_owned())
    }

    /// By the program that the agent is, in its namespace: the agent itself may be gone, or stand still.
    async fn routes(&self, vantage: &Vantage) -> Result<String, String> {
        let (networks, keeper) = self.raised();
        let keeper = keeper.ok_or("the sandbox was not set up")?;
        let networks = networks.ok_or("with loopback isolation agents have no network of their own, but this machine's")?;
        let namespace = networks.namespace(vantage).cloned().ok_or("its namespace was never made")?;
        let mut command = Command::new(&self.settings.program);
        // The files are this machine's, and so are the name servers in them.
        command.args(["agent", "routes", "--no-resolver"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        let started = keeper.carry_out(move || {
            namespace.enter()?;
            command.spawn()
        });
        let child = started.await.and_then(|child| child).map_err(|error| format!("starting a look at its routes: {error}"))?;
        let output = child.wait_with_output().await.map_err(|error| format!("looking at its routes: {error}"))?;
        text(&output)
    }
}

fn text(output: &Output) -> Result<String, String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("looking at its routes ended with {}: {}", output.status, words.lines().last().unwrap_or("nothing was said")))
}
