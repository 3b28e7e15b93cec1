//! Tallies that agents could tell, and what is wrong with them.

use std::num::NonZeroU32;

use super::*;
use crate::model::burst::Burst;
use crate::model::dns::{Manner, Rcode, RecordKind, Transport};
use crate::model::family::Family;
use crate::model::outcome::{Miss, Missed, Samples, Seen};
use crate::model::path_mtu::{Carrier, Larger};
use crate::model::probe::Flows;
use crate::model::units::Micros;

fn burst() -> Burst {
    Burst { family: Family::V4, count: NonZeroU32::new(4).unwrap(), interval: Micros(1), timeout: Micros(1) }
}

fn pmtu(over: Carrier) -> Probe {
    Probe::Pmtu(PmtuProbe { burst: burst(), floor: 1_280, ceiling: 1_500, over })
}

fn dns() -> Probe {
    let (record, transport, manner) = (RecordKind::A, Transport::Udp, Manner::Resolver);
    Probe::Dns(DnsProbe { burst: burst(), name: "db".to_owned(), record, transport, manner })
}

/// So many of four questions are answered, and that was seen.
#[track_caller]
fn check(probe: &Probe, answered: u32, seen: &[(Sight, u32)], expected: Option<&str>) {
    let missed = if answered < 4 { vec![Missed { how: Miss::TimedOut, count: 4 - answered }] } else { Vec::new() };
    let samples = Samples::Raw(vec![Micros(1); answered as usize]);
    let seen = seen.iter().map(|(what, count)| Seen { what: what.clone(), count: *count }).collect();
    let tally = Tally { sent: 4, answered, missed, samples, seen, ..Tally::empty() };
    assert_eq!(tally.contradiction(), None);
    assert_eq!(tally.misfit(probe).as_deref(), expected);
}

fn path(direction: Direction, size: u32) -> (Sight, u32) {
    (Sight::PathMtu(PathMtu { direction, size, top: size, fails: 0, larger: Larger::Unsent }), 1)
}

#[test]
fn every_direction_is_told_once_where_anybody_answered() {
    use Direction::{Back, Round, There};
    let (udp, icmp, tcp) = (pmtu(Carrier::Udp), pmtu(Carrier::Icmp), pmtu(Carrier::Tcp));
    check(&udp, 4, &[path(There, 1_500), path(Back, 1_450)], None);
    check(&icmp, 1, &[path(Round, 1_450)], None);
    check(&tcp, 1, &[path(There, 1_450)], None);
    check(&tcp, 4, &[path(Round, 1_450)], Some("0 largest packets there, where one was to be found"));
    check(&udp, 0, &[], None);
    check(&udp, 4, &[path(There, 1_450)], Some("0 largest packets back, where one was to be found"));
    check(&udp, 1, &[], Some("0 largest packets there, where one was to be found"));
    check(&icmp, 4, &[], Some("0 largest packets there and back, where one was to be found"));
    check(
        &udp,
        4,
        &[path(There, 1_450), path(There, 1_400), path(Back, 1_450)],
        Some("2 largest packets there, where one was to be found"),
    );
    let bounds = |count: u32, what: &str, answered: u32| {
        format!("{count} times \"{what}\", where {answered} answered and packets of 1500 bytes were the largest")
    };
    check(&udp, 0, &[path(There, 1_450)], Some(&bounds(1, "1450 bytes there", 0)));
    check(&icmp, 4, &[path(Round, 1_450), path(Back, 1_400)], Some(&bounds(1, "1400 bytes back", 4)));
    check(&icmp, 4, &[path(Round, 9_000)], Some(&bounds(1, "9000 bytes there and back", 4)));
    check(&icmp, 4, &[(path(Round, 1_450).0, 2)], Some(&bounds(2, "1450 bytes there and back", 4)));
}

fn code(code: u16) -> Sight {
    Sight::Rcode { code: Rcode(code) }
}

fn records(count: u32) -> Sight {
    Sight::Answers { count, records: String::new() }
}

const BY_ONE: Sight = Sight::Queries { count: 1 };
const SIZE: Sight = Sight::Size { bytes: 40 };

#[test]
fn lookups_are_all_told_of_and_what_they_found_as_often_as_they_did() {
    check(&dns(), 4, &[(code(0), 4), (records(1), 4), (BY_ONE, 4), (SIZE, 4)], None);
    check(&dns(), 4, &[(code(0), 3), (code(3), 1), (records(1), 3), (records(0), 1), (BY_ONE, 4), (SIZE, 4)], None);
    check(&dns(), 3, &[(code(0), 3), (records(1), 3), (BY_ONE, 4), (SIZE, 3)], None);
    check(&dns(), 0, &[(BY_ONE, 4)], None);
    check(&dns(), 4, &[(code(0), 1), (records(1), 1), (BY_ONE, 1), (SIZE, 1)], Some("the queries of 1 lookups, where 4 were to be made"));
    let found = |found: u32, answered: u32| format!("what {found} lookups found, of 4 with {answered} answers to 4 queries");
    check(&dns(), 4, &[(code(0), 3), (records(1), 3), (BY_ONE, 4), (SIZE, 3)], Some(&found(3, 4)));
    check(&dns(), 3, &[(code(0), 4), (records(1), 4), (BY_ONE, 4), (SIZE, 4)], Some(&found(4, 3)));
    let parts = |codes: u32, sizes: u32| format!("what 4 lookups found, but the codes of {codes} and the sizes of {sizes}");
    check(&dns(), 4, &[(code(0), 5), (records(1), 4), (BY_ONE, 4), (SIZE, 4)], Some(&parts(5, 4)));
    check(&dns(), 4, &[(records(1), 4), (BY_ONE, 4), (SIZE, 4)], Some(&parts(0, 4)));
    check(&dns(), 4, &[(code(0), 4), (records(1), 4), (BY_ONE, 4)], Some(&parts(4, 0)));
    let good = [(code(0), 4), (records(1), 4), (BY_ONE, 4), (SIZE, 4)];
    check(&dns(), 4, &[&good[..], &[(Sight::Truncated, 5)]].concat(), Some("4 answered, but 5 truncated"));
}

#[test]
fn answers_say_something_as_often_as_there_are_answers() {
    let (udp, node1) = (Probe::udp(burst()), Sight::Backend { name: "node1".to_owned() });
    let both = Probe::Udp(Flows { burst: burst(), ports: SourcePorts::Both });
    check(&udp, 4, &[], None);
    check(&udp, 3, &[(node1.clone(), 3)], None);
    check(&both, 4, &[(node1.clone(), 4), (Sight::ReusedPort, 2)], None);
    check(&udp, 3, &[(node1.clone(), 4)], Some("3 answered, but something said by 4"));
    check(&udp, 3, &[(node1.clone(), 2)], Some("3 answered, but something said by 2"));
    check(&both, 1, &[(Sight::ReusedPort, 2)], Some("1 answered, but 2 over the reused source port"));
    check(&udp, 2, &[(node1.clone(), 1), (node1.clone(), 1)], Some("\"by node1\" told twice"));
    check(&udp, 4, &[(Sight::ReusedPort, 2)], Some("\"over the reused source port\" of a probe udp"));
    check(&Probe::icmp(burst()), 4, &[(node1, 4)], Some("\"by node1\" of a probe icmp"));
    check(&Probe::Tcp(burst()), 4, &[path(Direction::There, 1_500)], Some("\"1500 bytes there\" of a probe tcp"));
}
