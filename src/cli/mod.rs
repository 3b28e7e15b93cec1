//! The command line: flags, files and environment become orders for the layers below; their results become an exit code.
//! It must not measure or judge.

mod agent;
mod arguments;
mod builtin;
mod clean;
mod collection;
mod completion;
mod content;
mod directory;
mod discover;
mod doctor;
mod draft;
mod explain;
mod given;
mod image;
mod init;
mod inventory;
mod lint;
mod list;
mod opened;
mod place;
mod plan;
mod rbac;
mod refused;
mod remarks;
mod render;
mod run;
mod sandbox;
mod schema;
mod secrets;
mod signals;
mod suites;
mod vars;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::model::exit::Exit;

pub use arguments::Arguments;

/// What a command comes to: an exit code, or a failure to be told and then mapped to 2 (usage) or 3 (everything else).
type Outcome = Result<Exit, Refusal>;

/// Why a command could not do its work.
#[derive(Debug)]
struct Refusal {
    exit: Exit,
    message: String,
    details: Vec<String>,
    help: Vec<String>,
    /// What the terminal was told before it, for those who have nothing but a report.
    told: Vec<String>,
}

impl Refusal {
    /// The user asked for something that cannot be: nothing was created.
    fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), details: Vec::new(), help: Vec::new(), told: Vec::new() }
    }

    fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }
}

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    let exit = match Arguments::try_parse() {
        Ok(arguments) => execute(arguments),
        Err(error) => {
            // Help and version are asked for; anything else is a mistake. If even that cannot be printed, the code has to do.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage } else { Exit::Passed }
        }
    };
    ExitCode::from(exit.code())
}

/// The command line as clap knows it, for the help that is generated and committed.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
}

fn execute(arguments: Arguments) -> Exit {
    use arguments::{AgentCommand, Command, ImageCommand, SandboxCommand};
    let outcome = match arguments.command {
        Command::Run(run) => run::execute(&run),
        Command::Plan(plan) => plan::execute(&plan),
        Command::Lint(lint) => lint::execute(&lint),
        Command::List(list) => list::execute(&list),
        Command::Render(files) => render::execute(&files),
        Command::Init(init) => init::execute(&init),
        Command::Completion(completion) => completion::execute(&completion),
        Command::Explain(explain) => explain::execute(&explain),
        Command::Vars(vars) => vars::execute(&vars),
        Command::Discover(discover) => discover::execute(discover),
        Command::Doctor(doctor) => doctor::execute(&doctor),
        Command::Rbac(rbac) => rbac::execute(&rbac),
        Command::Clean(clean) => clean::execute(clean),
        Command::Schema(schema) => schema::execute(&schema),
        Command::Sandbox(SandboxCommand::Up(up)) => sandbox::up(&up),
        Command::Sandbox(SandboxCommand::Exec(exec)) => sandbox::exec(&exec),
        Command::Image(ImageCommand::Export(export)) => image::execute(&export),
        Command::Agent(AgentCommand::Serve(serve)) => agent::serve(serve),
        Command::Agent(AgentCommand::Attach(attach)) => agent::attach(&attach),
        Command::Agent(AgentCommand::Routes(routes)) => agent::routes(&routes),
    };
    outcome.unwrap_or_else(|refusal| {
        tell(&refusal);
        refusal.exit
    })
}

fn tell(refusal: &Refusal) {
    let mut lines = vec![format!("error: {}", refusal.message)];
    lines.extend(refusal.details.iter().map(|line| format!("   {line}")));
    lines.extend(refusal.help.iter().map(|line| format!("   help: {line}")));
    say(&lines.join("\n"));
}

/// For people: standard error. If that is closed, nobody is there to be told.
fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// What was asked for: standard output.
fn print(text: &str) -> Result<(), Refusal> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has enough: that is no failure of ours.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Refusal::new(Exit::NotMeasured, format!("writing to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// A document that could not be made.
fn unwritable(error: &std::io::Error) -> Refusal {
    Refusal::new(Exit::NotMeasured, format!("making the document: {error}"))
}

/// The runtime of a command: one thread, which is faster and truer for probing than several.
fn runtime(paused: bool) -> Result<tokio::runtime::Runtime, Refusal> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(paused)
        .build()
        .map_err(|error| Refusal::new(Exit::NotMeasured, format!("starting the asynchronous runtime: {error}")))
}
