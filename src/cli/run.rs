//! `netcheck run`: the whole way from suite files to an exit code.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::backend::kubernetes;
use crate::model::agents::AgentTerms;
use crate::model::exit::Exit;
use crate::model::run::{Header, Start, moment};
use crate::report::{Console, ConsoleOptions, Destination, FileReport, Reporter, Style, Verbosity};
use crate::run::{self, AgentsMin, Finished, Keep, Orders};
use crate::suite::Seen;

use super::arguments::{BackendArgument, KeepArgument, RunArguments};
use super::draft::Draft;
use super::place::Occasion;
use super::remarks::style;
use super::{Outcome, Refusal, refused, say, secrets, signals};

/// What a run may take beyond its deadline: cleaning up, and the agents' own last moment.
const AFTER_DEADLINE: Duration = Duration::from_secs(5 * 60);

/// Runs the suites.
pub(super) fn execute(arguments: &RunArguments) -> Outcome {
    let (files, unwritable) = reports(arguments);
    let header = header(arguments, SystemTime::now());
    let outcome = unwritable.map_or_else(|| attempt(arguments, header.clone(), files.clone()), Err);
    outcome.inspect_err(|refusal| refused::report(refusal, header, &files))
}

/// What is known of the run before its suites are.
fn header(arguments: &RunArguments, started: SystemTime) -> Header {
    Header {
        id: run_id(),
        version: env!("CARGO_PKG_VERSION"),
        backend: arguments.place.name(),
        started,
        suites: Vec::new(),
        seed: arguments.suites.seed,
        shard: None,
    }
}

fn attempt(arguments: &RunArguments, header: Header, files: Vec<FileReport>) -> Outcome {
    let style = style(arguments.color);
    arguments.place.check()?;
    let draft = Draft::read(&arguments.suites, arguments.shard.shard, style)?;
    let id = header.id.clone();
    let start = Start { id: id.clone(), seed: header.seed, at: moment(header.started).unwrap_or_default() };
    let deadline = arguments.deadline.duration();
    let prepared = arguments.place.prepare()?;
    let runtime = super::runtime(arguments.place.backend == BackendArgument::Simulated)?;
    let mut signals = signals::listen(clean_up_command(arguments, &id))?;
    let finished: Result<Finished, Refusal> = runtime.block_on(async {
        let occasion = Occasion { run: id.clone(), expires_after: deadline + AFTER_DEADLINE, command: command(), style };
        let backend = arguments.place.backend(prepared, occasion).await?;
        let look = run::look(backend.as_ref(), deadline, &draft.wanted(), &mut signals).await;
        // Which cases there are may depend on the nodes; and the run is to be about the very nodes that decided it.
        let (suites, shard) =
            look.inventory().map_or_else(|| Ok(draft.unknown()), |inventory| draft.complete(Seen { inventory, start: &start }))?;
        // Where nobody came to know the cluster, no case is run that could need one of its Secrets.
        let of_cluster = look.inventory().map(|_| backend.as_ref());
        let secrets = secrets::of(&suites, of_cluster).await?;
        let header = Header { suites: suites.into_iter().map(Arc::new).collect(), shard, ..header };
        let orders = Orders { secrets, ..orders(arguments, header)? };
        let mut reporters: Vec<Box<dyn Reporter>> = Vec::new();
        // Files before the terminal: what the summary names has been written.
        reporters.extend(files.into_iter().map(|file| Box::new(file) as Box<dyn Reporter>));
        reporters.push(Box::new(Console::new(Box::new(std::io::stderr()), console_options(arguments, style))));
        Ok(run::run_after(look, backend.as_ref(), orders, &mut signals, reporters).await)
    });
    // A plugin for credentials that does not end must not hold up what there is to say.
    runtime.shutdown_background();
    // Whoever ended it does not ask what else there was.
    let finished = finished.map_err(|refusal| match signals.try_recv() {
        Ok(signal) => Refusal { exit: Exit::Signalled(signal), ..refusal },
        Err(_) => refusal,
    })?;
    if finished.late {
        for problem in finished.run.problems.iter().filter(|problem| problem.code == "report") {
            say(&format!("error: {}", problem.message));
        }
    }
    Ok(finished.run.exit())
}

/// # Errors
/// Agents may take longer than the whole run.
fn orders(arguments: &RunArguments, header: Header) -> Result<Orders, Refusal> {
    let patience = arguments.ready_within.or_else(|| AgentTerms::patience(header.suites.iter().filter_map(|suite| suite.terms())));
    if let Some(patience) = patience.filter(|patience| *patience >= arguments.deadline) {
        let message = format!("agents may take {patience} to be ready, and the run ends after {}", arguments.deadline);
        return Err(Refusal::usage(format!("{message}: beside one that does not come, nothing would be measured"))
            .help("give --deadline more time than `readyWithin` of the suites, or --ready-within less"));
    }
    let ready_within = patience.unwrap_or(AgentTerms::READY_WITHIN).duration();
    Ok(Orders {
        header,
        agents_min: arguments.agents_min.unwrap_or(AgentsMin::All),
        deadline: arguments.deadline.duration(),
        ready_within,
        keep: match arguments.keep {
            KeepArgument::Always => Keep::Always,
            KeepArgument::OnFailure => Keep::OnFailure,
            KeepArgument::Never => Keep::Never,
        },
        secrets: BTreeMap::new(),
    })
}

/// The reports that were asked for and can be written, and the first thing that stands against the others: these are refused before
/// anything is created.
fn reports(arguments: &RunArguments) -> (Vec<FileReport>, Option<Refusal>) {
    let (mut files, mut places, mut unwritable) = (Vec::new(), Vec::new(), None);
    for report in &arguments.report {
        let file = FileReport::new(report.format, report.destination.clone());
        let checked = file.check().map_err(|error| Refusal::usage(error.to_string()).help("give --report a path that can be written"));
        let real = real(&report.destination);
        match checked {
            Err(refusal) => unwritable = unwritable.or(Some(refusal)),
            Ok(()) if places.contains(&real) => {
                let refusal = Refusal::usage(format!("two reports would be written to {}", report.destination));
                unwritable = unwritable.or_else(|| Some(refusal.help("give each --report a file of its own")));
            }
            Ok(()) => {
                places.push(real);
                files.push(file);
            }
        }
    }
    (files, unwritable)
}

/// The file that a path means, however it is spelt: its directory exists once the report was checked.
fn real(destination: &Destination) -> Destination {
    let Destination::File(path) = destination else { return Destination::Stdout };
    if let Ok(existing) = path.canonicalize() {
        return Destination::File(existing);
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (directory.canonicalize(), path.file_name()) {
        (Ok(directory), Some(name)) => Destination::File(directory.join(name)),
        _ => destination.clone(),
    }
}

fn console_options(arguments: &RunArguments, style: Style) -> ConsoleOptions {
    let verbosity = match (arguments.quiet, arguments.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    };
    let live = verbosity != Verbosity::Quiet && std::io::stderr().is_terminal();
    let reports = arguments.report.iter().map(|report| (report.format, report.destination.clone())).collect();
    ConsoleOptions { style, verbosity, live, reports }
}

/// Eight hexadecimal digits that no other run has.
pub(super) fn run_id() -> String {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    format!("{:08x}", hasher.finish() >> 32)
}

/// What made this run, for the people who find its pods.
fn command() -> String {
    let words: Vec<String> = std::env::args().skip(1).collect();
    format!("netcheck {}", words.join(" ")).chars().take(256).collect()
}

/// What a user types who has to leave at once.
fn clean_up_command(arguments: &RunArguments, id: &str) -> String {
    let connection = &arguments.place.connection;
    match arguments.place.backend {
        BackendArgument::Kubernetes => kubernetes::clean_command(id, connection.namespace.as_deref(), connection.host_namespace.as_deref()),
        BackendArgument::Sandbox | BackendArgument::Simulated => "nothing: its agents end with it".to_owned(),
    }
}
