//! Who gave a variable its value, as documents for programs say it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::source::Span;
use crate::model::suite::VarOrigin;

/// Who gave a variable its value.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum OriginDocument {
    /// The suite, or a part of it.
    Default,
    /// `--set`.
    Set,
    /// `--set-string`.
    SetString,
    /// A file of `--vars`.
    File,
    /// `NETCHECK_VAR_NAME`.
    Environment,
    /// Nobody, and it is optional.
    Unset,
    /// Nobody, or nobody with a value that fits: a suite like this is not run.
    Missing,
}

impl OriginDocument {
    /// With where the value is written, if that is in a file.
    pub(super) const fn of(origin: &VarOrigin) -> (Self, Option<&Span>) {
        match origin {
            VarOrigin::Default(span) => (Self::Default, Some(span)),
            VarOrigin::Set => (Self::Set, None),
            VarOrigin::SetString => (Self::SetString, None),
            VarOrigin::File(span) => (Self::File, Some(span)),
            VarOrigin::Environment => (Self::Environment, None),
            VarOrigin::Unset => (Self::Unset, None),
            VarOrigin::Missing => (Self::Missing, None),
        }
    }
}
