//! The suite language: YAML text in, a typed [`Suite`](crate::model::suite::Suite) out, or remarks that say what is wrong and where;
//! and the world language, which goes the same way to a [`World`](crate::model::world::World).
//! It must not know what a cluster is, nor how remarks are drawn; it reads no file and no environment.
//!
//! The way of a text, forward only: bytes → located tree (`tree`) → compared with the description of the language
//! (`language`, `check`) → expressions compiled and their names compared with what is known (`expression`) →
//! variables, matrix and what is discovered (`vars`, `matrix`, `discover`) → evaluated (`expand`) → typed cases (`document`). No stage stops at
//! the first mistake, and all remarks come in the order of the file. YAML that is not well-formed is the exception.
//!
//! What the language leaves open is decided so:
//!
//! - A suite may be 1 MiB and nest 32 levels; it may expand to 10,000 cases.
//! - Ids and tags are letters, digits, `.`, `_`, `-`, at most 63. Variables and axes are identifiers. Labels of a matrix are
//!   any 1 to 63 characters without `,`, `=`, `[`, `]`, `/`; the values of a list axis are their own labels.
//! - `count` is 1 to 100,000 (20), `interval` 1ms to 60s (10ms), `timeout` 1ms to 60s (1s), `family` `v4`, `v6` or `each`
//!   (`each`: always two cases with `family=…` last in their key), `pairs` `full` up to 10,000 pairs and `circulant` beyond.
//! - `defaults` may hold what a test may, but for its name, its expansion and its conditions. The test's own wins; `probe` is merged key by
//!   key, the others are replaced as a whole; so it is between the defaults of a suite and of its parts. `timeout` may stand in `probe` or beside it; in `probe` it wins.
//! - `expect: reachable`, the default, is `each: { loss: 0% }`. A limit without an operator means `<=`. Metrics directly
//!   under `expect` mean `each`. Bounds are in the order each before overall, loss before latencies.
//! - A variable is its default, which gives the type (true or false, a whole number, a percentage, a duration, a list, a map, else
//!   text), or a map with one of the keys `type`, `default`, `help`, `choices`, `optional`, which describes it. A map whose keys
//!   only resemble these is taken for a description with a mistake in it. One that is not optional and has no default must be given.
//! - Of several values for a variable wins: `--set` and `--set-string`, the later one of them; then `--vars FILE`, the later file;
//!   then `NETCHECK_VAR_x`; then the default. All of them are checked, also those that do not win. A text is read as the variable's
//!   type is written, lists and maps as YAML writes them in one line; that of `--set-string` is a text, whatever it looks like.
//! - A value for a variable that no suite declares is an error, but for one of the environment, which may be meant for other
//!   suites: that is a warning.
//! - What a variable holds is no expression: `$${{` stands for `${{` in it.
//! - A list or a map has at most 1,000 values and nests 3 levels. A size is a number of bytes in expressions.
//! - An optional variable without a value is none. A bound that expands to none is measured and shown, not judged. An `expect` of
//!   which nothing is left to judge is an error: else the case would be green whatever happens.
//! - Expressions may stand wherever a value of a test or of the defaults may, and in the values of map axes. Ids, tags,
//!   labels and defaults of variables are constant, so that a case keeps its name.
//! - `when` is an expression without `${{ }}`, of variables and axes, and true or false; a case whose `when` is false is read and
//!   checked as any other, and skipped with a reason that is made from the expression.
//! - `skipIf` is a list of such expressions, each with a reason; the first that is true skips the case. `when` goes before.
//! - `title`, `owner`, `runbook` (a URL or a path) and `severity` may be expressions; all but `title` may stand in `defaults`.
//!   With `severity: warn` a failed case is told as a warning, and only a failure is: what was not measured stays an error.
//! - `exclude` of a matrix leaves out whatever has all its labels, `include` gives every axis a label and comes behind. A label
//!   that a list axis has not got is its own value there; a map axis has to have it.
//! - `needs` names tests of the same suite; these come first, whatever the order of the file. A case is skipped if a case of them
//!   failed, was not measured, or was itself skipped for that; not if a condition or the cluster skipped it.
//!   A needed test that was not selected is not run for it: the case is measured without, and its report says so.
//! - `exclusive` keeps other cases off while one is measured. `deadline`, 1s to 24h, begins when all cases before have their
//!   verdicts, that of a suite with its first case; what agents have measured by then counts.
//! - Rendered, a suite has its parts in it and values for its variables. Its matrices stay, with what depends on them, because ids are
//!   made of their labels. It is compared with the original, case by case, and not given away if anything but places differs.
//! - `pace` is replaced as a whole. `perNode` is 1 to 1,000 questions a second, `total` 1 to 5,000,000 and above `perNode`, since that
//!   would have no effect otherwise. Warm-ups are questions. Both hold for each case by itself.
//! - `discover` is looked up among nodes that take part: those that a rule leaves out are not there, those that are not ready are. Its
//!   queries may use variables. What it finds is known in `defaults` and in tests, but for a matrix, whose labels are fixed. Without an
//!   inventory, what depends on it is checked as far as it can be, and waits ([`Pending`](crate::model::suite::Pending)).
//! - Of Services a suite says what it wants to know (`Suite::wanted`), and nobody looks at more. A Service that is named has to be there, and
//!   endpoints are those behind one of its ports. An inventory in which nobody looked is a mistake, not one without Services.
//! - An item of `forEach` that has nothing to be called by is called by its number, with a warning where it was written: of endpoints that are
//!   discovered numbers are the names. Of nodes that are discovered nothing is said: no suite says which nodes come and go.
//! - Of a suite that lacks a part is told what no part could answer.
//! - Conditions that use no item decide before an empty list of `forEach` does.
//! - A collection names files of suites and has no tests; what is given on the command line holds for each of its suites.
//! - `<<` merges maps; a key that is there already wins.

mod check;
pub mod codes;
mod collection;
mod condition;
mod data;
mod discover;
mod document;
mod each;
mod expand;
mod expression;
mod files;
mod include;
mod kind;
mod language;
mod matrix;
mod needs;
mod opening;
mod read;
mod remarks;
mod render;
mod secrets;
mod source;
mod surroundings;
mod tree;
mod unused;
mod vars;
mod world;

#[cfg(test)]
mod tests;

pub use collection::{CollectionReading, Member, read_collection};
pub use include::Parts;
pub use kind::{FileKind, kind_of};
pub use opening::SIZE_LIMIT;
pub use read::{Reading, complete, read};
pub use render::render;
pub use surroundings::Seen;
pub use vars::{Declared, Given, environment, read_values, set, set_string, undeclared};
pub use world::{WorldReading, read_world};

/// The JSON Schema (2020-12) of worlds, for editors: the same on every call.
#[must_use]
pub fn world_schema() -> serde_json::Value {
    language::schema(&language::world::WORLD)
}

/// The JSON Schema (2020-12) of parts, for editors: the same on every call.
#[must_use]
pub fn part_schema() -> serde_json::Value {
    language::schema(&language::PART)
}

/// The JSON Schema (2020-12) of collections, for editors: the same on every call.
#[must_use]
pub fn collection_schema() -> serde_json::Value {
    language::schema(&language::COLLECTION)
}

/// The JSON Schema (2020-12) of suites, for editors: the same on every call.
#[must_use]
pub fn schema() -> serde_json::Value {
    language::schema(&language::SUITE)
}
