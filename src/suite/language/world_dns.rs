//! The DNS server of a world. It must not know what becomes of it.

use super::leaf::Leaf;
use super::names::{DNS_NAME, TRANSPORTS};
use super::shape::{Key, Shape};
use super::units::Words;

/// The server.
pub(super) static DNS: &[Key] = &[
    Key::optional("domain", "The cluster's own domain; cluster.local by default.", Shape::Constant(Leaf::Name(&DNS_NAME))),
    Key::optional(
        "records",
        "Names that it knows besides those of the cluster, at most 1000, each with its records: an address, `0 100 53 NAME.` for SRV, `NAME.` for PTR.",
        Shape::Named { least: 0, what: "a name", names: &DNS_NAME, of: &Shape::List("a record", &Shape::Constant(Leaf::Line)), keys: &[] },
    ),
    Key::optional(
        "faults",
        "What it does wrong, at most 100: the first that fits a query decides. Faults of packets from it and to it are among `faults`, with `{ host: dns }`.",
        Shape::List("a fault", &Shape::Keys(FAULT)),
    ),
];

static FAULT: &[Key] = &[
    Key::optional("name", "Asked for that name alone.", Shape::Constant(Leaf::Name(&DNS_NAME))),
    Key::optional("transport", "Asked by that transport alone.", Shape::Constant(Leaf::Word(&TRANSPORTS))),
    Key::required("says", "What it says then.", Shape::Either(&[Shape::Constant(Leaf::Word(&LIES)), Shape::Keys(LIE)])),
];

static LIE: &[Key] = &[Key::required("address", "This address, whatever was asked for.", Shape::Constant(Leaf::Address))];

/// What a server says that is wrong.
pub(crate) static LIES: Words = Words {
    what: "answer",
    now: &[
        ("SERVFAIL", "That it is in trouble."),
        ("NXDOMAIN", "That there is no such name."),
        ("REFUSED", "That it does not answer this asker."),
        ("noRecords", "That the name is there, without such records."),
        ("truncated", "That there is more than fits."),
        ("nothing", "Nothing at all."),
    ],
    later: &[],
};
