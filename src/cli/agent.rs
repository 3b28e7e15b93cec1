//! `netcheck agent`: what runs in the agents' pods. Not for people.

use crate::agent::{self, ServeOptions};
use crate::model::exit::Exit;

use super::arguments::{AttachArguments, ServeArguments};
use super::{Outcome, Refusal};

/// Until the controller says stop, or is not heard of any more.
pub(super) fn serve(arguments: ServeArguments) -> Outcome {
    let ServeArguments { run, node, addresses, port, socket, ends_with } = arguments;
    if let Some(parent) = ends_with {
        agent::end_with(parent).map_err(|error| failed(&error))?;
    }
    let options = ServeOptions { run, node, addresses, port: port.unwrap_or(agent::PORT) };
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

fn failed(error: &agent::AgentError) -> Refusal {
    Refusal { exit: Exit::NotMeasured, message: error.to_string(), details: Vec::new(), help: Vec::new() }
}
