//! `netcheck completion`: the command line, told to a shell. It must not know any flag.

use crate::model::exit::Exit;

use super::arguments::CompletionArguments;
use super::{Outcome, command, print};

/// Prints the script.
pub(super) fn execute(arguments: &CompletionArguments) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command(), "netcheck", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Passed)
}
