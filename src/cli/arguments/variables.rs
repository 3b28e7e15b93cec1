//! The flags that give variables values. It must not know what a variable is.

use std::path::PathBuf;

use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::values::assignment;

/// What the flags stand under in a command's help.
const HEADING: &str = "Variables";

/// Values for the suites' variables.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct VariableArguments {
    #[command(flatten)]
    pub(in crate::cli) sets: Sets,
    /// A file of values for variables, a YAML map from names to values; of several the later wins. `--set` wins over it, it over
    /// `NETCHECK_VAR_NAME` in the environment
    #[arg(long = "vars", value_name = "FILE", help_heading = HEADING)]
    pub(in crate::cli) files: Vec<PathBuf>,
}

/// Every `--set` and `--set-string`, in the order of the command line.
#[derive(Debug, Default)]
pub(in crate::cli) struct Sets(pub(in crate::cli) Vec<Setting>);

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Setting {
    pub(in crate::cli) flag: SetFlag,
    pub(in crate::cli) name: String,
    pub(in crate::cli) value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum SetFlag {
    /// `--set`
    Set,
    /// `--set-string`
    SetString,
}

impl SetFlag {
    const ALL: [Self; 2] = [Self::Set, Self::SetString];

    /// Its name, without the dashes.
    pub(in crate::cli) const fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::SetString => "set-string",
        }
    }

    const fn help(self) -> &'static str {
        match self {
            Self::Set => "Set a variable of a suite, read as its type is written; may be given several times, the later wins",
            Self::SetString => "The same with a value that is text, whatever it looks like; of this and --set the later wins",
        }
    }
}

// By hand, since the two flags have one order, which derived arguments do not tell.
impl Args for Sets {
    fn augment_args(command: Command) -> Command {
        SetFlag::ALL.into_iter().fold(command, |command, flag| {
            let argument = Arg::new(flag.name()).long(flag.name()).value_name("NAME=VALUE").value_parser(assignment);
            command.arg(argument.action(ArgAction::Append).help(flag.help()).help_heading(HEADING))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Sets {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut sets = Self::default();
        sets.update_from_arg_matches(matches)?;
        Ok(sets)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        let of = |flag: SetFlag| {
            let values = matches.get_many::<(String, String)>(flag.name()).unwrap_or_default();
            let setting = move |(name, value): &(String, String)| Setting { flag, name: name.clone(), value: value.clone() };
            matches.indices_of(flag.name()).unwrap_or_default().zip(values.map(setting))
        };
        let mut all: Vec<_> = SetFlag::ALL.into_iter().flat_map(of).collect();
        all.sort_by_key(|(index, _)| *index);
        self.0 = all.into_iter().map(|(_, setting)| setting).collect();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        variables: VariableArguments,
    }

    #[track_caller]
    fn check(words: &[&str], expected: &[&str]) {
        let line = Line::try_parse_from(std::iter::once(&"netcheck").chain(words)).unwrap();
        let found = line.variables.sets.0.iter().map(|set| format!("{} {}={}", set.flag.name(), set.name, set.value));
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn both_flags_keep_the_order_of_the_command_line() {
        check(
            &["--set-string", "a=1", "--set", "a=2", "--set", "b=3", "--set-string=a=4=5"],
            &["set-string a=1", "set a=2", "set b=3", "set-string a=4=5"],
        );
        check(&[], &[]);
        assert!(Line::try_parse_from(["netcheck", "--set", "a"]).is_err());
        assert!(Line::try_parse_from(["netcheck", "--set-string", "=a"]).is_err());
    }
}
