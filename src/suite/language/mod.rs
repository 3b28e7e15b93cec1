//! The languages of suites and of worlds, each described once: which keys there are, what may stand behind each, what this
//! version does not support yet. The shape check, the messages, the JSON Schema and the readers of values all go by this
//! description.

mod agents;
mod claim;
mod count;
mod discover;
mod ends;
mod expectation;
mod fixtures;
mod host;
mod keys;
mod leaf;
pub(crate) mod names;
mod node_port;
mod numbers;
mod pairs;
mod pick;
mod probe;
mod schema;
mod shape;
mod units;
mod variables;
mod words;
mod workload;
pub(crate) mod world;
pub(crate) mod world_dns;
pub(crate) mod world_hosts;
pub(crate) mod world_nodes;
mod world_services;
pub(crate) mod world_words;
mod world_workloads;
mod wrong;

pub(crate) use agents::{READY_WITHIN, TOLERATED};
pub(crate) use claim::read_claim;
pub(crate) use count::read_count;
pub(crate) use expectation::{METRICS, SCOPES, SHORT};
pub(crate) use host::{read_address, read_host};
pub(crate) use keys::{COLLECTION, PART, SUITE};
pub(crate) use leaf::{Leaf, SECRET_MARK, read_flag, read_name, read_port, read_selector, read_toleration, read_word, read_words};
pub(crate) use node_port::read_node_port;
pub(crate) use numbers::{read_duration, read_share, read_whole};
pub(crate) use pairs::{BEYOND, DIVISIONS, LIMIT, STRATEGIES, TARGETS};
pub(crate) use pick::read_pick;
pub(crate) use schema::schema;
pub(crate) use shape::{Expressions, Key, Kind, Language, Need, Shape, Standing, describes, kind_of, owners};
pub(crate) use units::{
    DurationRange, FIXTURE_NAME, LABEL, NAMESPACE, NODE_NAME, NamePattern, POD_NAME, SERVICE_NAME, WholeRange, Words, ZONE_NAME,
};
pub(crate) use variables::VARIABLE;
#[cfg(test)]
pub(crate) use words::VARIABLE_TYPES;
pub(crate) use words::{
    AUTHS, BACKOFF, COLLECT, DEADLINE, DISTINCT, ECHO_SIZE, FLAKY, FRONTS, GROUPS, ICMP_ACCESS, METHODS, NODE_ADDRESSES, PACE_PER_NODE,
    PACE_TOTAL, PACKET_SIZE, PORT, PROBE_FAMILY, PROBE_INTERVAL, PROBE_OVER, PROBE_TIMEOUT, PROBE_TYPES, PROTOCOLS, RETRY_ATTEMPTS,
    RETRY_ONLY, SAME_NODE, SCHEMES, SELECTED, SERVED, SEVERITIES, SOURCE_PORTS, SOURCES, TRAFFIC_POLICIES, VIAS,
};
pub(crate) use workload::WORKLOAD_WAYS;
pub(crate) use wrong::{Wrong, quoted};
