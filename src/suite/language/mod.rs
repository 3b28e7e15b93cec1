//! The languages of suites and of worlds, each described once: which keys there are, what may stand behind each, what this
//! version does not support yet. The shape check, the messages, the JSON Schema and the readers of values all go by this
//! description.

mod discover;
mod ends;
mod expectation;
mod host;
mod keys;
mod leaf;
pub(crate) mod names;
mod schema;
mod shape;
mod units;
mod variables;
mod words;
pub(crate) mod world;
pub(crate) mod world_dns;
pub(crate) mod world_hosts;

pub(crate) use expectation::{METRICS, SCOPES, SHORT, read_claim};
pub(crate) use host::read_host;
pub(crate) use keys::{COLLECTION, PART, SUITE};
pub(crate) use leaf::{
    Leaf, Wrong, quoted, read_duration, read_flag, read_name, read_port, read_selector, read_share, read_whole, read_word, read_words,
};
pub(crate) use schema::schema;
pub(crate) use shape::{Expressions, Key, Kind, Language, Need, Shape, Standing, describes, kind_of, owners};
pub(crate) use units::{DurationRange, LABEL, NAMESPACE, NODE_NAME, NamePattern, SERVICE_NAME, WholeRange, Words, ZONE_NAME};
pub(crate) use variables::VARIABLE;
#[cfg(test)]
pub(crate) use words::VARIABLE_TYPES;
pub(crate) use words::{
    BACKOFF, BEYOND, COLLECT, DEADLINE, DISTINCT, FLAKY, GROUPS, LIMIT, PACE_PER_NODE, PACE_TOTAL, PACKET_SIZE, PORT, PROBE_COUNT,
    PROBE_FAMILY, PROBE_INTERVAL, PROBE_OVER, PROBE_TIMEOUT, PROBE_TYPES, PROTOCOLS, RETRY_ATTEMPTS, RETRY_ONLY, SAME_NODE, SEVERITIES,
    SOURCES, STRATEGIES, TARGETS,
};
