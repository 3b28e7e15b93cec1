//! The stable codes of what a network missed, each with what it means. A code is never given a second meaning.

use super::explanation::{Explanation, explanations};

explanations! {
    pub
    LOSS = "NC2001" "A bound on the loss is missed."
    LATENCY = "NC2002" "A bound on the latency is missed."
    COUNT = "NC2003" "Too many answers came twice, or out of order."
    PAIRS_OK = "NC2004" "Too few pairs meet what is wanted of each."
    RCODE = "NC2010" "A server of DNS says something else of a question."
    ANSWERS = "NC2011" "An answer of DNS has other records."
    QUERIES = "NC2012" "A lookup takes too many queries."
    STATUS = "NC2015" "A response has another status than is wanted."
    TLS = "NC2016" "A certificate is not one of the authority that is trusted, not valid, or not of the name that was asked for."
    CERT_EXPIRY = "NC2017" "A certificate is not valid for as long as is wanted."
    BODY = "NC2018" "The body of a response does not have in it what is wanted."
    MTU = "NC2020" "The largest packet that a path takes is not as wanted."
    BLACK_HOLE = "NC2021" "Large packets disappear on their way, and nobody says so."
    NO_GATEWAY = "NC2024" "A source has no default gateway that could be asked."
    BACKENDS = "NC2025" "Other backends of a Service answered than is wanted."
    UNRESOLVED = "NC2026" "The name of a host leads a source to no address that could be asked."
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn codes_are_in_order_and_each_is_there_once() {
        assert!(ALL.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
