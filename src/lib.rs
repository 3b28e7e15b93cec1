//! netcheck: a declarative test runner for Kubernetes networks.
//!
//! The modules below stand in reading order, which is the order of the layers: each imports only from those above it.

pub mod model;

pub mod wire;

pub mod plan;

pub mod judge;

pub mod report;

pub mod backend;

pub mod run;

pub mod cli;
