//! A measured value held against a limit. It must not know what is measured.

use std::fmt;

/// An operator and a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison<T> {
    /// How the measured value (on the left) is compared.
    pub operator: Operator,
    /// The value on the right.
    pub limit: T,
}

impl<T: fmt::Display> fmt::Display for Comparison<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operator, self.limit)
    }
}

/// The least that something has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtLeast<T>(pub T);

/// A comparison of the measured value with the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `==`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

impl Operator {
    /// All, longest spelling first, as a reader of text wants them.
    pub const ALL: [Self; 5] = [Self::AtMost, Self::Equal, Self::AtLeast, Self::Below, Self::Above];

    /// Its spelling.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::AtMost => "<=",
            Self::Below => "<",
            Self::Equal => "==",
            Self::AtLeast => ">=",
            Self::Above => ">",
        }
    }

    /// Whether `measured OPERATOR limit` holds.
    #[must_use]
    pub fn holds<T: PartialOrd>(self, measured: &T, limit: &T) -> bool {
        match self {
            Self::AtMost => measured <= limit,
            Self::Below => measured < limit,
            Self::Equal => measured == limit,
            Self::AtLeast => measured >= limit,
            Self::Above => measured > limit,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}
