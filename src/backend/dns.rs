//! What the DNS server of a world says to a query, byte by byte: the same for the sandbox, where it is asked over sockets, and for the
//! simulation. It must not know who asks, nor how messages travel.

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, PTR, SRV};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use std::net::IpAddr;

use crate::model::dns::{RecordKind, Transport};
use crate::model::world::{Said, World, WorldRecord};

/// How long records may be kept, in seconds: as long as CoreDNS says of names of the cluster.
const TTL: u32 = 30;

/// The longest answer by UDP (RFC 1035 4.2.1).
const DATAGRAM: usize = 512;

/// The answer to a query; none if it is no query, or the world has the server say nothing.
pub(super) fn answer(world: &World, query: &[u8], transport: Transport) -> Option<Vec<u8>> {
    let query = Message::from_vec(query).ok().filter(|query| query.metadata.message_type == MessageType::Query)?;
    let mut answer = Message::response(query.metadata.id, OpCode::Query);
    answer.metadata.recursion_desired = query.metadata.recursion_desired;
    answer.metadata.recursion_available = true;
    answer.metadata.authoritative = true;
    let [question] = query.queries.as_slice() else {
        answer.metadata.response_code = ResponseCode::FormErr;
        return answer.to_vec().ok();
    };
    answer.add_query(question.clone());
    let name = question.name().to_ascii();
    let Some(kind) = kind(question.query_type()) else {
        answer.metadata.response_code = ResponseCode::NotImp;
        return answer.to_vec().ok();
    };
    let Said { rcode, records, truncated } = world.dns.says(&world.families, name.trim_end_matches('.'), kind, transport)?;
    answer.metadata.response_code = rcode.0.into();
    answer.metadata.truncation = truncated;
    answer.add_answers(records.iter().filter_map(|record| Some(Record::from_rdata(question.name().clone(), TTL, data(record)?))));
    let bytes = answer.to_vec().ok()?;
    if transport == Transport::Udp && bytes.len() > DATAGRAM {
        answer.answers.clear();
        answer.metadata.truncation = true;
        return answer.to_vec().ok();
    }
    Some(bytes)
}

const fn kind(wanted: RecordType) -> Option<RecordKind> {
    match wanted {
        RecordType::A => Some(RecordKind::A),
        RecordType::AAAA => Some(RecordKind::Aaaa),
        RecordType::SRV => Some(RecordKind::Srv),
        RecordType::PTR => Some(RecordKind::Ptr),
        _ => None,
    }
}

/// None if a name in it cannot be one.
fn data(record: &WorldRecord) -> Option<RData> {
    let name = |text: &str| Name::from_ascii(format!("{text}.")).ok();
    Some(match record {
        WorldRecord::Address(IpAddr::V4(address)) => RData::A(A(*address)),
        WorldRecord::Address(IpAddr::V6(address)) => RData::AAAA(AAAA(*address)),
        WorldRecord::Server { priority, weight, port, target } => RData::SRV(SRV::new(*priority, *weight, *port, name(target)?)),
        WorldRecord::Name(target) => RData::PTR(PTR(name(target)?)),
    })
}
