//! The nouns of netcheck, as plain data: what the other layers hand to each other.
//! It must not know where any of it comes from (YAML, sockets, Kubernetes) or where it goes.

pub mod units;

pub mod comparison;

pub mod family;

pub mod burst;

pub mod case_id;

pub mod secret;

pub mod certificate;

pub mod response;

pub mod web_wish;

pub mod address;

pub mod source;

pub mod diagnostic;

pub mod explanation;

pub mod codes;

pub mod dns;

pub mod resolv_conf;

pub mod probe;

pub mod vantage;

pub mod selector;

pub mod pace;

pub mod pairs;

pub mod workload;

pub mod service;

pub mod fixture;
pub mod gateway;

pub mod target;

pub mod metric;

pub mod expect;

pub mod pending;

pub mod taint;

pub mod agents;

pub mod suite;

pub mod collect;

pub mod shard;

pub mod inventory;

pub mod plan;

pub mod coverage;

pub mod outlook;

pub mod path_mtu;

pub mod outcome;

pub mod unresolved;

pub mod retry;

pub mod samples;

pub mod sight;

pub mod wish;

pub mod verdict;

pub mod case;

pub mod event;

pub mod run;

pub mod exit;

pub mod finding;

pub mod world;
