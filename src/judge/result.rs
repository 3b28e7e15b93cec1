//! What is known of a pair in the end. It must not know what is wanted of it.

use crate::model::family::Family;
use crate::model::unresolved::Unresolved;
use crate::model::vantage::Vantage;
use crate::model::verdict::Cause;

use super::attempts::Attempts;

/// What is known of a pair in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairResult {
    /// It was measured.
    Measured(Attempts),
    /// It was not, and that counts.
    Unmeasured(Cause),
    /// It was not, and the user accepts that (`--agents-min`).
    Accepted(Cause),
    /// An end has no address of a family that the suite says must be there.
    FamilyMissing(Vantage, Family),
    /// The source's network has no default gateway, for that reason.
    NoGateway(Vantage, String),
    /// The name of the host led the source to no address.
    Unresolved(Unresolved),
}

impl PairResult {
    /// Why it was not measured, where that counts.
    pub(super) const fn unmeasured(&self) -> Option<&Cause> {
        match self {
            Self::Unmeasured(cause) => Some(cause),
            Self::Measured(_) | Self::Accepted(_) | Self::FamilyMissing(..) | Self::NoGateway(..) | Self::Unresolved(_) => None,
        }
    }

    /// Why it was not measured, where the user accepts that.
    pub(super) const fn accepted(&self) -> Option<&Cause> {
        match self {
            Self::Accepted(cause) => Some(cause),
            Self::Measured(_) | Self::Unmeasured(_) | Self::FamilyMissing(..) | Self::NoGateway(..) | Self::Unresolved(_) => None,
        }
    }
}
