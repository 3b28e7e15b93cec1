//! Values of flags, read from the words that they are written in.

use std::path::PathBuf;

use crate::model::shard::Shard;
use crate::model::units::{Micros, Ppm};
use crate::run::AgentsMin;

/// One `--report`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct ReportArgument {
    pub(in crate::cli) format: crate::report::Format,
    pub(in crate::cli) destination: crate::report::Destination,
}

pub(super) fn report(text: &str) -> Result<ReportArgument, String> {
    use crate::report::{Destination, Format};
    let expected = || format!("expected junit=FILE or json=FILE, found {text:?}");
    let (format, file) = text.split_once('=').ok_or_else(expected)?;
    let format = match format {
        "junit" => Format::Junit,
        "json" => Format::Json,
        _ => return Err(expected()),
    };
    match file {
        "" => Err(expected()),
        "-" => Ok(ReportArgument { format, destination: Destination::Stdout }),
        path => Ok(ReportArgument { format, destination: Destination::File(PathBuf::from(path)) }),
    }
}

pub(super) fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
    let expected = || format!("expected I/N with I from 1 to N, such as 2/3, and N at most {}, found {text:?}", Shard::MOST);
    parts.and_then(|(index, of)| Shard::new(index, of)).ok_or_else(expected)
}

pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("expected NAME=VALUE, found {text:?}")),
    }
}

pub(in crate::cli) fn duration(text: &str) -> Result<Micros, String> {
    match Micros::parse(text)? {
        Micros(0) => Err("expected more than no time at all".to_owned()),
        duration if duration > LONGEST => Err(format!("expected at most 24h, found {text:?}")),
        duration => Ok(duration),
    }
}

/// The longest run: agents carry it as their last moment.
const LONGEST: Micros = Micros(24 * 60 * 60 * 1_000_000);

pub(super) fn agents_min(text: &str) -> Result<AgentsMin, String> {
    if text.ends_with('%') {
        return Ppm::parse(text).map(AgentsMin::Share);
    }
    match text.parse() {
        Ok(0) | Err(_) => Err(format!("expected a number of at least 1, or a percentage such as 80%, found {text:?}")),
        Ok(count) => Ok(AgentsMin::Count(count)),
    }
}
