//! The one door to the YAML library: bytes in, a raw located tree or one remark out. Everything that a hostile file
//! could blow up is bounded here.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy, Spanned};

use crate::model::units::thousands;
use crate::suite::codes;
use crate::suite::expression::of_line;
use crate::suite::remarks::Remark;
use crate::suite::source::{Place, Text};

/// The deepest nesting of maps and lists. The language itself needs six, and in a debug build each level takes some 35 KB
/// of the stack, of which a thread has 2 MB.
const DEPTH: usize = 32;

/// The most values, those behind aliases counted at each use.
const NODES: usize = 100_000;

/// The most bytes of text in values, those behind aliases counted at each use.
const SCALAR_BYTES: usize = 8 << 20;

/// A value as the library sees it.
pub(super) struct Raw {
    pub(super) at: Place,
    pub(super) what: RawWhat,
}

impl Raw {
    /// With places that begin at another one than 0.
    fn shifted(self, by: usize) -> Self {
        let what = match self.what {
            RawWhat::List(items) => RawWhat::List(items.into_iter().map(|item| item.shifted(by)).collect()),
            RawWhat::Map(entries) => RawWhat::Map(entries.into_iter().map(|(key, value)| (key.shifted(by), value.shifted(by))).collect()),
            other => other,
        };
        Self { at: Place { start: self.at.start + by, end: self.at.end + by }, what }
    }
}

/// What it can be.
pub(super) enum RawWhat {
    Nothing,
    Bool(bool),
    Whole(i64),
    Decimal,
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
}

/// The tree of a text.
///
/// # Errors
/// What is wrong with it: the library stops at the first mistake.
pub(super) fn read(source: &Text) -> Result<Raw, Box<Remark>> {
    let options = serde_saphyr::options! {
        // `no`, `on` and `n` are words, as in YAML 1.2.
        strict_booleans: true,
        // Duplicates and `<<` are handled in `build`, which can say more.
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: DEPTH,
            flow_nesting_limit: DEPTH,
            max_nodes: NODES,
            max_events: 4 * NODES,
            max_total_scalar_bytes: SCALAR_BYTES,
            max_recorded_anchor_events: NODES,
            max_recorded_anchor_bytes: SCALAR_BYTES,
            // One anchor may well be used by every test of a suite; the bounds above hold all the same.
            enforce_alias_anchor_ratio: false,
        },
    };
    let raw: Raw = serde_saphyr::from_str_with_options(source.as_str(), options).map_err(|error| Box::new(remark(&error, source)))?;
    Ok(raw.shifted(source.base()))
}

/// The library's error in our words, where ours say more.
fn remark(error: &serde_saphyr::Error, source: &Text) -> Remark {
    let place = error.location().map(|location| place_of(location, source));
    match innermost(error) {
        serde_saphyr::Error::MultipleDocuments { .. } => {
            Remark::error(codes::SEVERAL_DOCUMENTS, place, "a second YAML document begins here")
                .label("expected one document")
                .help(["put each into a file of its own"])
        }
        serde_saphyr::Error::Budget { breach, .. } => too_big(place, budget_words(breach)),
        serde_saphyr::Error::AliasReplayLimitExceeded { .. }
        | serde_saphyr::Error::AliasExpansionLimitExceeded { .. }
        | serde_saphyr::Error::AliasReplayStackDepthExceeded { .. } => too_big(place, ALIASES),
        _ if words(error).contains("recursion limit") => too_big(place, NESTED),
        _ => template(error, place, source).unwrap_or_else(|| {
            let advice = advice(&words(error), place, source);
            Remark::error(codes::NOT_YAML, place, format!("not well-formed YAML: {}", words(error))).help(advice)
        }),
    }
}

/// What is wrong if a line of a template stands where reading stopped, or before.
fn template(error: &serde_saphyr::Error, place: Option<Place>, source: &Text) -> Option<Remark> {
    let stopped = place?;
    let mut start = source.base();
    for line in source.as_str().split_inclusive('\n') {
        if start > stopped.start {
            return None;
        }
        if let Some(help) = of_line(line) {
            let at = Place { start: start + line.len() - line.trim_start().len(), end: start + line.trim_end().len() };
            let remark = Remark::error(codes::BAD_EXPRESSION, at, "a line of a template is no YAML").help([help]);
            let elsewhere = stopped.start >= start + line.len();
            let why = format!("here reading stopped: {}", words(error));
            return Some(if elsewhere { remark.related(stopped, why) } else { remark });
        }
        start += line.len();
    }
    None
}

const NESTED: &str = "it is nested too deep";

const ALIASES: &str = "its aliases expand to too much";

fn budget_words(breach: &BudgetBreach) -> &'static str {
    match breach {
        BudgetBreach::Depth { .. } => NESTED,
        BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. } => "it has too many values, those behind aliases counted at each use",
        BudgetBreach::ScalarBytes { .. } => "it has too much text, that behind aliases counted at each use",
        // The library may add others; what they have in common is anchors and what is made of them.
        _ => ALIASES,
    }
}

fn too_big(place: Option<Place>, words: &str) -> Remark {
    Remark::error(codes::TOO_BIG, place, format!("the file is more than anybody needs: {words}")).help([format!(
        "a file may nest {DEPTH} levels deep and have {} values and {} MiB of text, with all aliases expanded",
        thousands(NODES as u64),
        SCALAR_BYTES >> 20
    )])
}

fn innermost(error: &serde_saphyr::Error) -> &serde_saphyr::Error {
    match error {
        serde_saphyr::Error::AliasError { error, .. } => innermost(error),
        other => other,
    }
}

/// The library's words without the place that it adds at the end.
fn words(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.split(" at line ").next().unwrap_or(first).to_owned()
}

/// What to try, for the mistakes that are made most.
fn advice(words: &str, place: Option<Place>, source: &Text) -> Vec<String> {
    let Some(place) = place else { return Vec::new() };
    let span = source.span(place);
    let rest: String = span.text.chars().skip(span.caret() as usize - 1).collect();
    let mut advice = Vec::new();
    if rest.starts_with('>') {
        advice.push(format!("a value that begins with `>` needs quotes: \"{}\"", rest.trim_end()));
    }
    if words.contains("tab") {
        advice.push("YAML is indented with spaces, not with tabs".to_owned());
    }
    if span.text.contains("{{") {
        advice.push("a value with an expression needs quotes inside { } and [ ], and if it has `: ` or ` #` in it".to_owned());
    }
    advice
}

fn place_of(location: serde_saphyr::Location, source: &Text) -> Place {
    let span = location.span();
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    if let Some(start) = span.byte_offset() {
        let start = source.base().saturating_add(number(start));
        return Place { start, end: start.saturating_add(number(span.byte_len().unwrap_or(0))) };
    }
    let start = source.offset(number(location.line()), number(location.column()));
    Place { start, end: start + 1 }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, defined, .. } = Spanned::<RawWhat>::deserialize(deserializer)?;
        let span = defined.span();
        let number = |value: Option<u64>| usize::try_from(value.unwrap_or_default()).unwrap_or_default();
        let start = number(span.byte_offset());
        Ok(Self { at: Place { start, end: start + number(span.byte_len()) }, what: value })
    }
}

impl<'de> Deserialize<'de> for RawWhat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = RawWhat;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<RawWhat, E> {
        Ok(RawWhat::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<RawWhat, E> {
        Ok(RawWhat::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<RawWhat, E> {
        Ok(i64::try_from(value).map_or(RawWhat::Decimal, RawWhat::Whole))
    }

    fn visit_i128<E>(self, _: i128) -> Result<RawWhat, E> {
        Ok(RawWhat::Decimal)
    }

    fn visit_u128<E>(self, _: u128) -> Result<RawWhat, E> {
        Ok(RawWhat::Decimal)
    }

    fn visit_f64<E>(self, _: f64) -> Result<RawWhat, E> {
        Ok(RawWhat::Decimal)
    }

    fn visit_str<E>(self, value: &str) -> Result<RawWhat, E> {
        Ok(RawWhat::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<RawWhat, E> {
        Ok(RawWhat::Text(value))
    }

    fn visit_unit<E>(self) -> Result<RawWhat, E> {
        Ok(RawWhat::Nothing)
    }

    fn visit_none<E>(self) -> Result<RawWhat, E> {
        Ok(RawWhat::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawWhat, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<RawWhat, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(RawWhat::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<RawWhat, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(RawWhat::Map(entries))
    }
}
