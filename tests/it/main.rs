//! The integration tests that need neither a cluster nor privileges, in one binary.

mod golden;
