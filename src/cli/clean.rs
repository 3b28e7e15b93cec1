//! `netcheck clean`: removes what runs have left behind, with no memory of them.

use crate::backend::kubernetes::{self, CleanScope};
use crate::model::exit::Exit;

use super::arguments::CleanArguments;
use super::place::{connection, refusal};
use super::{Outcome, say};

/// 0 if nothing that was asked for is left, 3 otherwise.
pub(super) fn execute(arguments: CleanArguments) -> Outcome {
    let scope = match (arguments.run, arguments.all) {
        (Some(run), _) => CleanScope::Run(run),
        (None, true) => CleanScope::All { force: arguments.force },
        (None, false) => CleanScope::Expired,
    };
    let connection = connection(&arguments.connection);
    let namespaces = [&arguments.connection.namespace, &arguments.connection.host_namespace];
    let namespaces: Vec<&str> = namespaces.into_iter().flatten().map(String::as_str).collect();
    let runtime = super::runtime(false)?;
    let cleaned = runtime.block_on(kubernetes::clean(&connection, &namespaces, scope));
    // A plugin for credentials that does not end must not hold up what there is to say.
    runtime.shutdown_background();
    let cleaned = cleaned.map_err(|error| {
        let exit = if error.is_configuration() { Exit::Usage } else { Exit::NotMeasured };
        refusal(error, exit)
    })?;
    for name in &cleaned.removed {
        say(&format!("removed {name}"));
    }
    for line in &cleaned.left {
        say(&format!("left {line}"));
    }
    for line in &cleaned.unseen {
        say(&format!("not looked at: {line}"));
    }
    if cleaned.removed.is_empty() && cleaned.left.is_empty() {
        say("nothing to clean");
    }
    Ok(if cleaned.left.is_empty() { Exit::Passed } else { Exit::NotMeasured })
}
