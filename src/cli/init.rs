//! `netcheck init`: a first suite to go on from. It never writes over anything.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::model::exit::Exit;
use crate::suite;

use super::arguments::InitArguments;
use super::suites::no_part;
use super::{Outcome, Refusal, builtin, say};

/// The first suite, with `NAME` where its name belongs and `FILE` for its file.
const FIRST: &str = include_str!("init/first.yaml");

/// What a shipped suite begins with, for editors; that file is not there where it is copied to.
const SHIPPED_SCHEMA: &str = "../schemas/suite.schema.json";

/// Where the first suite tells editors to look.
const OWN_SCHEMA: &str = ".netcheck.schema.json";

/// Writes it, and says what to do next.
pub(super) fn execute(arguments: &InitArguments) -> Outcome {
    let path = arguments.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.netcheck.yaml", arguments.name)));
    let file = path.to_string_lossy();
    let text = match &arguments.builtin {
        Some(builtin) => copied(builtin, &arguments.name, &file)?,
        None => FIRST.replace("FILE", &file).replace("NAME", &arguments.name),
    };
    check(&arguments.name, &file, &text)?;
    write(&path, &text)?;
    say(&format!("{file}: written; next: netcheck lint {file}, then netcheck run {file} --backend simulated"));
    Ok(Exit::Passed)
}

/// A shipped suite under another name.
fn copied(builtin: &str, name: &str, file: &str) -> Result<String, Refusal> {
    let text = builtin::text(builtin)?;
    if suite::read_collection(builtin, text.as_bytes()).is_some() {
        let message = format!("{builtin:?} is a collection of suites, and none of its own");
        return Err(Refusal::usage(message).help("copy its suites one by one: --builtin overlay, and so on"));
    }
    let (own, shipped) = (format!("\nsuite: {name}\n"), format!("suites/{builtin}.yaml"));
    Ok(text.replacen(&format!("\nsuite: {builtin}\n"), &own, 1).replace(SHIPPED_SCHEMA, OWN_SCHEMA).replace(&shipped, file))
}

/// The name is all that can be wrong with it.
fn check(name: &str, file: &str, text: &str) -> Result<(), Refusal> {
    let reading = suite::read(file, text.as_bytes(), &[], &no_part);
    if reading.suite.is_some_and(|suite| &*suite.id == name) {
        return Ok(());
    }
    let refusal = Refusal::usage(format!("{name:?} cannot be the name of a suite"));
    let label = reading.diagnostics.into_iter().next().map(|remark| remark.label).filter(|label| !label.is_empty());
    Err(label.into_iter().fold(refusal, Refusal::help))
}

fn write(path: &Path, text: &str) -> Result<(), Refusal> {
    let refuse = |error: &std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Refusal::usage(format!("{} is there already, and stays as it is", path.display()))
            .help("take another name, or say with -o where to write"),
        _ => Refusal::usage(format!("cannot write {}: {error}", path.display())).help("say with -o where to write"),
    };
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| refuse(&error))?;
    file.write_all(text.as_bytes()).map_err(|error| {
        // Half a suite is worse than none; if it cannot be removed either, the words below have to do.
        let _ = std::fs::remove_file(path);
        refuse(&error)
    })
}
