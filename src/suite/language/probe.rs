//! The keys of a `probe`. It must not know where one may stand.

use super::leaf::Leaf;
use super::names::{DNS_NAME, RECORDS, RESOLVERS, TRANSPORTS};
use super::shape::{Key, Shape};
use super::units::HEADER;
use super::words::{
    AUTHS, ECHO_SIZE, METHODS, PACKET_SIZE, PORT, PROBE_FAMILY, PROBE_INTERVAL, PROBE_OVER, PROBE_TIMEOUT, PROBE_TYPES, SCHEMES,
    SOURCE_PORTS,
};

/// A `timeout`, which may also stand outside of a probe.
pub(super) const TIMEOUT: Shape = Shape::Scalar(Leaf::Duration(&PROBE_TIMEOUT));

/// The headers of a request.
const HEADERS: Shape = Shape::Named { least: 0, what: "a header", names: &HEADER, of: &Shape::Scalar(Leaf::Secretive), keys: &[] };

/// A `probe`.
pub(super) const PROBE: Shape = Shape::Either(&[
    Shape::Scalar(Leaf::Word(&PROBE_TYPES)),
    Shape::Keys(&[
        Key::optional("type", "How to ask.", Shape::Scalar(Leaf::Word(&PROBE_TYPES))),
        Key::optional(
            "count",
            "Questions to each target, the warm-up left out; 20 by default. With `auto`, as many as it takes to hear of every backend of a fixture.",
            Shape::Scalar(Leaf::Count),
        ),
        Key::optional("interval", "From one question to the next; 10ms by default.", Shape::Scalar(Leaf::Duration(&PROBE_INTERVAL))),
        Key::optional("timeout", "From a question until its answer is late; 1s by default.", TIMEOUT),
        Key::optional("family", "Address family; `each` by default.", Shape::Scalar(Leaf::Word(&PROBE_FAMILY))),
        Key::optional(
            "ports",
            "The source ports of udp: `reused` by default, to a Service `both`. What is lost over the reused port alone is told as that.",
            Shape::Scalar(Leaf::Word(&SOURCE_PORTS)),
        ),
        Key::optional(
            "name",
            "dns: the name that is asked for. With a dot at its end it is whole; without one `resolver: pod` adds the search path.",
            Shape::Scalar(Leaf::Name(&DNS_NAME)),
        ),
        Key::optional("record", "dns: which records of the name; A by default.", Shape::Scalar(Leaf::Word(&RECORDS))),
        Key::optional("transport", "dns: what carries a query; udp by default.", Shape::Scalar(Leaf::Word(&TRANSPORTS))),
        Key::optional(
            "server",
            "dns: the address of the server that is asked; by default the first of the source's resolv.conf in the probe's family.",
            Shape::Scalar(Leaf::Address),
        ),
        Key::optional("port", "dns: the port of `server`; 53 by default.", Shape::Scalar(Leaf::Whole(&PORT))),
        Key::optional(
            "resolver",
            "dns: `pod` looks the name up as an application in the source's place, with as many queries as that takes; one query by default.",
            Shape::Scalar(Leaf::Word(&RESOLVERS)),
        ),
        Key::optional(
            "size",
            "What `icmp` sends behind the ICMP header, in bytes, as `ping -s`; 36 by default. Only an answer of as many equal bytes counts.",
            Shape::Scalar(Leaf::Whole(&ECHO_SIZE)),
        ),
        Key::optional(
            "df",
            "Whether packets of `icmp` bear \"don't fragment\" and are never cut; false by default. What is too big for a link is then told as that.",
            Shape::Scalar(Leaf::Flag),
        ),
        Key::optional(
            "floor",
            "The smallest packet that `pmtu` tries, in bytes of the whole IP packet; 1280 by default. A path that does not take it is told as one of less.",
            Shape::Scalar(Leaf::Whole(&PACKET_SIZE)),
        ),
        Key::optional(
            "ceiling",
            "The largest packet that `pmtu` tries, in bytes of the whole IP packet, unless the interface takes less; 9216 by default.",
            Shape::Scalar(Leaf::Whole(&PACKET_SIZE)),
        ),
        Key::optional(
            "over",
            "What carries the packets of `pmtu`; by default `udp` to agents and `icmp` to hosts. `tcp` asks a port of anybody else.",
            Shape::Scalar(Leaf::Word(&PROBE_OVER)),
        ),
        Key::optional("scheme", "Over what http is spoken; `http` by default.", Shape::Scalar(Leaf::Word(&SCHEMES))),
        Key::optional("path", "What http asks for, with its query; `/` by default.", Shape::Scalar(Leaf::UrlPath)),
        Key::optional("method", "What http does; `GET` by default.", Shape::Scalar(Leaf::Word(&METHODS))),
        Key::optional(
            "serverName",
            "Whom the certificate must name, and who is asked for, of https and tls; the address that is asked by default.",
            Shape::Scalar(Leaf::ServerName),
        ),
        Key::optional(
            "ca",
            "A file of certificates in PEM, relative to this one, which https and tls trust instead of the cluster's authority.",
            Shape::Scalar(Leaf::Path),
        ),
        Key::optional("auth", "Who asks by http; nobody by default.", Shape::Scalar(Leaf::Word(&AUTHS))),
        Key::optional("token", "A bearer token of http: `${{ secrets.NAME }}`.", Shape::Scalar(Leaf::Secretive)),
        Key::optional("headers", "Further headers of http, by their names.", HEADERS),
    ]),
]);
