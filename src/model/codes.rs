//! The stable codes of what a network missed, each with what it means. A code is never given a second meaning.

use super::explanation::Explanation;

/// The code of a bound on the loss that is missed.
pub const LOSS: &str = "NC2001";

/// The code of a bound on latencies that is missed.
pub const LATENCY: &str = "NC2002";

/// The code of a bound on what is counted beside losses that is missed.
pub const COUNT: &str = "NC2003";

/// The code of a response with another status.
pub const STATUS: &str = "NC2015";

/// The code of a certificate that is not trusted.
pub const TLS: &str = "NC2016";

/// The code of a certificate that is valid too short.
pub const CERT_EXPIRY: &str = "NC2017";

/// The code of a response with another body.
pub const BODY: &str = "NC2018";
/// The code of a server of DNS that says something else of a question than the suite wants.
pub const RCODE: &str = "NC2010";

/// The code of answers of DNS with other records than the suite wants.
pub const ANSWERS: &str = "NC2011";

/// The code of lookups that take too many queries.
pub const QUERIES: &str = "NC2012";
/// The code of a path whose largest packet is not as wanted.
pub const MTU: &str = "NC2020";

/// The code of large packets that disappear without a word.
pub const BLACK_HOLE: &str = "NC2021";

/// The code of sources without a default gateway.
pub const NO_GATEWAY: &str = "NC2024";

/// The code of too few, or too many, backends.
pub const BACKENDS: &str = "NC2025";

/// All of them, in order.
pub const ALL: &[Explanation] = &[
    Explanation { code: LOSS, meaning: "A bound on the loss is missed.", text: include_str!("explanations/NC2001.md") },
    Explanation { code: LATENCY, meaning: "A bound on the latency is missed.", text: include_str!("explanations/NC2002.md") },
    Explanation { code: COUNT, meaning: "Too many answers came twice, or out of order.", text: include_str!("explanations/NC2003.md") },
    Explanation { code: STATUS, meaning: "A response has another status than is wanted.", text: include_str!("explanations/NC2015.md") },
    Explanation {
        code: TLS,
        meaning: "A certificate is not one of the authority that is trusted, not valid, or not of the name that was asked for.",
        text: include_str!("explanations/NC2016.md"),
    },
    Explanation {
        code: CERT_EXPIRY,
        meaning: "A certificate is not valid for as long as is wanted.",
        text: include_str!("explanations/NC2017.md"),
    },
    Explanation {
        code: BODY,
        meaning: "The body of a response does not have in it what is wanted.",
        text: include_str!("explanations/NC2018.md"),
    },
    Explanation {
        code: RCODE,
        meaning: "A server of DNS says something else of a question.",
        text: include_str!("explanations/NC2010.md"),
    },
    Explanation { code: ANSWERS, meaning: "An answer of DNS has other records.", text: include_str!("explanations/NC2011.md") },
    Explanation { code: QUERIES, meaning: "A lookup takes too many queries.", text: include_str!("explanations/NC2012.md") },
    Explanation {
        code: MTU,
        meaning: "The largest packet that a path takes is not as wanted.",
        text: include_str!("explanations/NC2020.md"),
    },
    Explanation {
        code: BLACK_HOLE,
        meaning: "Large packets disappear on their way, and nobody says so.",
        text: include_str!("explanations/NC2021.md"),
    },
    Explanation {
        code: NO_GATEWAY,
        meaning: "A source has no default gateway that could be asked.",
        text: include_str!("explanations/NC2024.md"),
    },
];
