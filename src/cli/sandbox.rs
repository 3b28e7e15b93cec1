//! `netcheck sandbox`: a world that stays up, to look around in. No agents run in it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use nix::unistd::geteuid;

use crate::backend::BackendError;
use crate::backend::sandbox::{self, Place, Standing};
use crate::model::exit::Exit;
use crate::model::units::counted;
use crate::model::vantage::{Network, Vantage};
use crate::model::world::World;

use super::arguments::{ColorArgument, ExecArguments, IsolationArgument, UpArguments};
use super::place::{isolation, refusal, world};
use super::remarks::style;
use super::{Outcome, Refusal, print, signals};

/// Until a signal. That is how it is meant to end.
pub(super) fn up(arguments: &UpArguments) -> Outcome {
    let world = world(arguments.world.as_deref(), style(ColorArgument::Auto))?;
    // Before this process is another user to itself.
    let directory = directory();
    isolation(IsolationArgument::Namespaces)?;
    let runtime = super::runtime(false)?;
    runtime.block_on(async {
        let mut signals = signals::listen("nothing: a world ends with the process that keeps it up".to_owned())?;
        let standing = Standing::raise(&world, &directory).await.map_err(failed)?;
        print(&text(&world, standing.places()))?;
        signals.recv().await;
        Ok(Exit::Passed)
    })
}

/// The command takes the place of this process.
pub(super) fn exec(arguments: &ExecArguments) -> Outcome {
    sandbox::enter(&directory(), arguments.name.as_deref(), &arguments.vantage).map_err(failed)?;
    let Some((program, words)) = arguments.command.split_first() else {
        return Err(Refusal::usage("no command to run").help("netcheck sandbox exec node1 -- ping -c 3 10.244.0.2"));
    };
    let error = Command::new(program).args(words).exec();
    Err(Refusal::usage(format!("running {}: {error}", program.display())))
}

fn failed(error: BackendError) -> Refusal {
    let exit = if error.is_configuration() { Exit::Usage } else { Exit::NotMeasured };
    refusal(error, exit)
}

/// Where worlds that are up are noted: a directory of this user's own, gone after the next start of the machine.
fn directory() -> PathBuf {
    match std::env::var_os("XDG_RUNTIME_DIR").filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path).join("netcheck"),
        None => std::env::temp_dir().join(format!("netcheck-{}", geteuid())),
    }
}

fn text(world: &World, places: &[Place]) -> String {
    let widest = places.iter().map(|place| place.vantage.to_string().chars().count()).max().unwrap_or(0);
    let mut out = format!("world {} is up: {}\n", world.name, counted(world.nodes.len(), "node"));
    for Place { vantage, addresses, .. } in places {
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {:widest$}  {}", vantage.to_string(), addresses.join("  "));
    }
    let wrong = faults(world);
    out.push_str(if wrong.is_empty() { "faults: none\n" } else { "faults:\n" });
    for fault in wrong {
        let _ = writeln!(out, "  {fault}");
    }
    let _ = writeln!(out, "enter a node: {}", example(world, places));
    out.push_str("end it: Ctrl-C\n");
    out
}

/// What is wrong in it, but for what is wrong with agents: there are none.
fn faults(world: &World) -> Vec<String> {
    let packets = world.faults.iter().map(ToString::to_string);
    let gone = world.nodes.iter().filter_map(|node| Some(format!("{} is gone after {}", node.name, node.gone_after?)));
    let named = |nodes: &BTreeSet<Arc<str>>, what: &str| (!nodes.is_empty()).then(|| format!("{}: {what}", listed(nodes)));
    let translation = [
        named(&world.translation.broken, "what is asked there of a Service is lost"),
        named(&world.translation.dead, "what is passed on there is lost"),
        named(&world.translation.stale, "what is asked there of a Service over a port that was used before is lost"),
    ];
    let nobody = world.services.iter().filter(|service| service.is_dns() && service.ready.is_empty());
    let dns = nobody.map(|service| format!("nobody is ready behind {}/{}", service.namespace, service.name));
    packets.chain(gone).chain(translation.into_iter().flatten()).chain(dns).collect()
}

fn listed(nodes: &BTreeSet<Arc<str>>) -> String {
    nodes.iter().map(|node| &**node).collect::<Vec<_>>().join(", ")
}

/// A command that works in this world.
fn example(world: &World, places: &[Place]) -> String {
    let pods: Vec<&Place> = places.iter().filter(|place| place.vantage.network() == Network::Pod).collect();
    let from = pods.first().map_or_else(|| Vantage::pod("NODE"), |place| place.vantage.clone());
    let to = pods.last().and_then(|place| place.addresses.first()).map_or_else(|| "ADDRESS".to_owned(), ToString::to_string);
    format!("netcheck sandbox exec --name {} {from} -- ping -c 3 {to}", world.name)
}
