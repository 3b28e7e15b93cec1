//! `netcheck agent`: what runs in the agents' pods. Not for people.

use std::net::IpAddr;
use std::path::Path;

use crate::agent::{self, Entrance, NameServers, Ports, ServeOptions};
use crate::model::exit::Exit;
use crate::model::resolv_conf::ResolvConf;
use crate::model::units::{Port, PortRange};
use crate::model::vantage::{Network, Vantage};
use crate::wire::Resolver;

use super::arguments::{AttachArguments, NetworkArgument, RoutesArguments, ServeArguments};
use super::{Outcome, Refusal, print};

/// Until the controller says stop, or is not heard of any more.
pub(super) fn serve(arguments: ServeArguments) -> Outcome {
    let ServeArguments {
        run,
        node,
        network,
        addresses,
        presumed,
        port,
        ports,
        among,
        socket,
        unprivileged,
        ends_with,
        resolv_conf,
        credentials,
        netns_of,
        proc,
        workload,
    } = arguments;
    if let Some(parent) = ends_with {
        agent::end_with(parent).map_err(|error| failed(&error))?;
    }
    let mut resolver = resolv_conf.map(|text| Resolver::Conf(ResolvConf::parse(&text)));
    if !netns_of.is_empty() {
        resolver = Some(entered(&proc, &netns_of, &addresses)?);
    }
    if unprivileged {
        agent::give_up_capabilities().map_err(|error| failed(&error))?;
    }
    let network = match network {
        NetworkArgument::Pod => Network::Pod,
        NetworkArgument::Host => Network::Host,
    };
    let ports = match (port, ports) {
        (None, None) => Ports::of(network),
        (_, Some(range)) => Ports::Among(range),
        (Some(port), None) => Port::new(port).map_or(Ports::Free, |port| Ports::Among(PortRange::one(port))),
    };
    let (vantage, ports) = match workload {
        Some(pod) => (Vantage::workload(&node, pod), Ports::Free),
        None => (Vantage::of(network, &node), ports),
    };
    let options = ServeOptions { run, vantage, addresses, presumed, ports, among, credentials, resolver };
    let runtime = super::runtime(false)?;
    let served = match socket {
        Some(socket) => runtime.block_on(agent::serve_socket(options, &socket)),
        None => runtime.block_on(agent::serve_inherited(options)),
    };
    served.map(|()| Exit::Passed).map_err(|error| failed(&error))
}

/// Until either side of the socket ends.
pub(super) fn attach(arguments: &AttachArguments) -> Outcome {
    let runtime = super::runtime(false)?;
    let attached = runtime.block_on(agent::attach(&arguments.socket));
    // Reading standard input blocks a thread that nothing can end: do not wait for it.
    runtime.shutdown_background();
    attached.map(|()| Exit::Passed).map_err(|error| failed(&error))
}

/// Whatever of it can be told.
pub(super) fn routes(arguments: &RoutesArguments) -> Outcome {
    if !arguments.netns_of.is_empty() {
        entered(&arguments.proc, &arguments.netns_of, &arguments.addresses)?;
    }
    let own = !arguments.no_resolver && arguments.netns_of.is_empty();
    let resolver = if own { NameServers::Own } else { NameServers::Elsewhere };
    print(&agent::routes(resolver))?;
    Ok(Exit::Passed)
}

/// Before anything that starts a thread. What is told is whom applications there ask for names.
fn entered(proc: &Path, names: &[String], addresses: &[IpAddr]) -> Result<Resolver, Refusal> {
    agent::enter(proc, Entrance { names, addresses }).map_err(|error| failed(&error))
}

fn failed(error: &agent::AgentError) -> Refusal {
    Refusal::new(Exit::NotMeasured, error.to_string())
}
