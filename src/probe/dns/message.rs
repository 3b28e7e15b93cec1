//! Messages of DNS: a query as bytes, and what an answer to it says. Everything that is read comes from the network, and may be
//! anything. It must not know what carries messages, nor when.

use std::net::IpAddr;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use crate::model::dns::{Rcode, RecordKind};

/// A question, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    name: Name,
    record: RecordType,
}

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) rcode: Rcode,
    /// The records that were asked for, sorted, without those that are there twice: at most [`ANSWERS_LIMIT`].
    pub(crate) answers: Vec<String>,
    /// More than there is room for above.
    pub(crate) more: u32,
    /// It did not fit: the rest has to be asked for by TCP.
    pub(crate) truncated: bool,
    /// Of the whole message, in bytes.
    pub(crate) size: u32,
}

/// Whether it can be asked for at all.
pub(crate) fn is_name(name: &str) -> bool {
    Question::new(name, RecordKind::A).and_then(|question| question.query(0)).is_ok()
}

/// So many answers are kept by their content; more are counted.
pub(crate) const ANSWERS_LIMIT: usize = 16;

/// A name is followed through so many aliases.
const ALIASES_LIMIT: usize = 16;

impl Question {
    /// For that name as it is, whether it has a dot at its end or not.
    ///
    /// # Errors
    /// It cannot be a name.
    pub(crate) fn new(name: &str, record: RecordKind) -> Result<Self, String> {
        let mut parsed = Name::from_ascii(name).map_err(|error| format!("{name:?} cannot be a name of DNS: {error}"))?;
        parsed.set_fqdn(true);
        let record = match record {
            RecordKind::A => RecordType::A,
            RecordKind::Aaaa => RecordType::AAAA,
            RecordKind::Srv => RecordType::SRV,
            RecordKind::Ptr => RecordType::PTR,
        };
        Ok(Self { name: parsed, record })
    }

    /// The query of that number. Without EDNS, as the C library asks where resolv.conf does not want it otherwise.
    ///
    /// # Errors
    /// The name is too long.
    pub(crate) fn query(&self, id: u16) -> Result<Vec<u8>, String> {
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(self.name.clone(), self.record));
        message.to_vec().map_err(|error| format!("{} cannot be asked for: {error}", self.name))
    }

    /// What an answer says; none if it is no answer to this question under that number.
    pub(crate) fn read(&self, id: u16, bytes: &[u8]) -> Option<Reply> {
        let head = Head::read(bytes)?;
        if head.id != id || !head.is_answer || !head.is_of_query || !self.is_repeated(&head, bytes) {
            return None;
        }
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let reply = Reply { rcode: Rcode(head.rcode), answers: Vec::new(), more: 0, truncated: head.truncated, size };
        // What is cut short may end in the middle of a record, and is asked for again in any case.
        if head.truncated {
            return Some(reply);
        }
        let message = Message::from_vec(bytes).ok()?;
        let mut answers = self.answers(&message);
        let more = u32::try_from(answers.len().saturating_sub(ANSWERS_LIMIT)).unwrap_or(u32::MAX);
        answers.truncate(ANSWERS_LIMIT);
        Some(Reply { rcode: Rcode(message.metadata.response_code.into()), answers, more, ..reply })
    }

    /// Whether the question stands in the answer. A server that did not understand it may leave it out.
    fn is_repeated(&self, head: &Head, bytes: &[u8]) -> bool {
        if head.questions == 0 {
            return head.rcode != 0;
        }
        let mut decoder = BinDecoder::new(bytes);
        let question = decoder.read_slice(Head::LENGTH).ok().and_then(|_| Query::read(&mut decoder).ok());
        head.questions == 1
            && question.is_some_and(|question| {
                question.query_type() == self.record
                    && question.query_class() == DNSClass::IN
                    && question.name().to_lowercase() == self.name.to_lowercase()
            })
    }

    /// The records of the wanted kind, of the name itself or of what it is an alias for.
    fn answers(&self, message: &Message) -> Vec<String> {
        let mut names = vec![self.name.to_lowercase()];
        for _ in 0..ALIASES_LIMIT {
            let known = names.len();
            for record in of_internet(message) {
                if let RData::CNAME(alias) = &record.data
                    && names.contains(&record.name.to_lowercase())
                    && !names.contains(&alias.0.to_lowercase())
                    && names.len() < ALIASES_LIMIT
                {
                    names.push(alias.0.to_lowercase());
                }
            }
            if names.len() == known {
                break;
            }
        }
        let ours = of_internet(message).filter(|record| record.record_type() == self.record && names.contains(&record.name.to_lowercase()));
        let mut answers: Vec<String> = ours.filter_map(|record| text(&record.data)).collect();
        // Addresses by their numbers, so that the lowest of many is among those that are kept.
        answers.sort_by_cached_key(|answer| (answer.parse::<IpAddr>().ok(), answer.clone()));
        answers.dedup();
        answers
    }
}

/// The answers of the class that is asked for: those of another are about another tree of names (RFC 1035 3.2.4).
fn of_internet(message: &Message) -> impl Iterator<Item = &Record> {
    message.answers.iter().filter(|record| record.dns_class == DNSClass::IN)
}

/// A record as suites write it.
fn text(data: &RData) -> Option<String> {
    match data {
        RData::A(address) => Some(address.to_string()),
        RData::AAAA(address) => Some(address.to_string()),
        RData::SRV(srv) => Some(format!("{} {} {} {}", srv.priority, srv.weight, srv.port, srv.target.to_lowercase().to_ascii())),
        RData::PTR(name) => Some(name.0.to_lowercase().to_ascii()),
        _ => None,
    }
}

/// The first twelve bytes of a message (RFC 1035 4.1.1), as far as they matter: they can be read where the rest cannot.
struct Head {
    id: u16,
    is_answer: bool,
    /// Its opcode is that of what was asked; others have other questions, or none.
    is_of_query: bool,
    truncated: bool,
    rcode: u16,
    questions: u16,
}

impl Head {
    const LENGTH: usize = 12;

    fn read(bytes: &[u8]) -> Option<Self> {
        let [a, b, flags, more, c, d, ..] = bytes.get(..Self::LENGTH)? else { return None };
        Some(Self {
            id: u16::from_be_bytes([*a, *b]),
            is_answer: flags & 0x80 != 0,
            is_of_query: flags & 0x78 == 0,
            truncated: flags & 0x02 != 0,
            rcode: u16::from(more & 0x0f),
            questions: u16::from_be_bytes([*c, *d]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::op::ResponseCode;
    use hickory_proto::rr::rdata::{A, CNAME, SRV};

    const ID: u16 = 0x1234;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn question() -> Question {
        Question::new("db.example.", RecordKind::A).unwrap()
    }

    /// An answer to it with these records.
    fn answer(records: Vec<Record>) -> Message {
        let mut message = Message::response(ID, OpCode::Query);
        message.add_query(Query::query(name("DB.example."), RecordType::A));
        message.add_answers(records);
        message
    }

    fn address(owner: &str, last: u8) -> Record {
        Record::from_rdata(name(owner), 5, RData::A(A::new(10, 0, 0, last)))
    }

    fn read(message: &Message) -> Option<Reply> {
        question().read(ID, &message.to_vec().unwrap())
    }

    #[test]
    fn a_query_is_one_question_that_wants_recursion() {
        let bytes = question().query(ID).unwrap();
        let message = Message::from_vec(&bytes).unwrap();
        assert_eq!((message.metadata.id, message.metadata.recursion_desired, message.queries.len()), (ID, true, 1));
        assert_eq!(bytes.len(), 12 + 12 + 4);
        assert_eq!(question().read(ID, &bytes), None, "it is no answer");
        for wrong in ["a..b", &"x".repeat(64), &"x.".repeat(200)] {
            assert!(Question::new(wrong, RecordKind::A).and_then(|question| question.query(ID)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn answers_are_those_of_the_name_and_its_aliases() {
        let alias = |from: &str, to: &str| Record::from_rdata(name(from), 5, RData::CNAME(CNAME(name(to))));
        let records = vec![
            alias("db.example.", "a.example."),
            alias("a.example.", "B.example."),
            address("b.example.", 9),
            address("b.example.", 10),
            address("b.example.", 9),
            address("elsewhere.example.", 66),
        ];
        let reply = read(&answer(records)).unwrap();
        assert_eq!((reply.rcode, reply.answers), (Rcode::NO_ERROR, vec!["10.0.0.9".to_owned(), "10.0.0.10".to_owned()]));
        let looped = vec![alias("db.example.", "a.example."), alias("a.example.", "db.example.")];
        assert_eq!(read(&answer(looped)).unwrap().answers, Vec::<String>::new());
        let many: Vec<Record> = (0..=255).map(|last| address("db.example.", last)).collect();
        let reply = read(&answer(many)).unwrap();
        assert_eq!((reply.answers.len(), reply.more), (16, 240));
    }

    #[test]
    fn records_of_another_class_are_no_answers() {
        let of_chaos = |mut record: Record| {
            record.dns_class = DNSClass::CH;
            record
        };
        let alias = || Record::from_rdata(name("db.example."), 5, RData::CNAME(CNAME(name("a.example."))));
        let reply = read(&answer(vec![of_chaos(address("db.example.", 6)), address("db.example.", 7)])).unwrap();
        assert_eq!(reply.answers, ["10.0.0.7"]);
        let reply = read(&answer(vec![of_chaos(alias()), address("a.example.", 6)])).unwrap();
        assert_eq!(reply.answers, Vec::<String>::new());
        let reply = read(&answer(vec![alias(), address("a.example.", 7)])).unwrap();
        assert_eq!(reply.answers, ["10.0.0.7"]);
    }

    #[test]
    fn a_server_record_is_written_as_in_a_zone() {
        let question = Question::new("_dns._udp.example", RecordKind::Srv).unwrap();
        let mut message = Message::response(ID, OpCode::Query);
        message.add_query(Query::query(name("_dns._udp.example."), RecordType::SRV));
        message.add_answer(Record::from_rdata(name("_dns._udp.example."), 5, RData::SRV(SRV::new(0, 100, 53, name("Ns.example.")))));
        let reply = question.read(ID, &message.to_vec().unwrap()).unwrap();
        assert_eq!(reply.answers, ["0 100 53 ns.example."]);
    }

    #[test]
    fn what_answers_another_question_is_no_answer() {
        assert_eq!(question().read(ID ^ 1, &answer(vec![]).to_vec().unwrap()), None);
        for (asked, record) in [("dc.example.", RecordType::A), ("db.example.", RecordType::AAAA)] {
            let mut message = Message::response(ID, OpCode::Query);
            message.add_query(Query::query(name(asked), record));
            assert_eq!(read(&message), None, "{asked} {record}");
        }
        for class in [DNSClass::CH, DNSClass::ANY, DNSClass::Unknown(0)] {
            let mut message = answer(vec![address("db.example.", 1)]);
            message.queries[0].set_query_class(class);
            assert_eq!(read(&message), None, "{class}");
        }
        for op_code in [OpCode::Status, OpCode::Notify, OpCode::Update] {
            let mut message = answer(vec![address("db.example.", 1)]);
            message.metadata.op_code = op_code;
            assert_eq!(read(&message), None, "{op_code}");
            message.metadata.truncation = true;
            assert_eq!(read(&message), None, "{op_code}, cut short");
        }
        let mut twice = answer(vec![]);
        twice.add_query(Query::query(name("db.example."), RecordType::A));
        assert_eq!(read(&twice), None);
    }

    #[test]
    fn a_question_is_left_out_only_by_whoever_did_not_understand_it() {
        let mut message = Message::response(ID, OpCode::Query);
        assert_eq!(read(&message), None);
        message.metadata.response_code = ResponseCode::FormErr;
        assert_eq!(read(&message).unwrap().rcode, Rcode(1));
    }

    #[test]
    fn what_is_cut_short_says_so_wherever_it_is_cut() {
        let mut message = answer(vec![address("db.example.", 1), address("db.example.", 2)]);
        message.metadata.truncation = true;
        let bytes = message.to_vec().unwrap();
        for length in 28..=bytes.len() {
            let reply = question().read(ID, &bytes[..length]).unwrap();
            assert_eq!((reply.truncated, reply.answers.len()), (true, 0), "{length}");
        }
        assert_eq!(question().read(ID, &bytes[..27]), None);
    }

    /// Names that point at themselves, at each other or out of the message; counts that promise more than there is.
    #[test]
    fn nothing_that_comes_makes_it_panic_or_hang() {
        let good = answer(vec![address("db.example.", 1)]).to_vec().unwrap();
        let owner = good.len() - 4 - 10 - 2;
        for pointer in 0..=u16::MAX {
            let mut bytes = good.clone();
            bytes[owner..owner + 2].copy_from_slice(&pointer.to_be_bytes());
            let _ = question().read(ID, &bytes);
        }
        for count in [1, 2, 255, u16::MAX] {
            for field in [4, 6, 8, 10] {
                let mut bytes = good.clone();
                bytes[field..field + 2].copy_from_slice(&count.to_be_bytes());
                let _ = question().read(ID, &bytes);
            }
        }
        for (index, bit) in (0..good.len()).flat_map(|index| (0..8).map(move |bit| (index, bit))) {
            let mut bytes = good.clone();
            bytes[index] ^= 1 << bit;
            let _ = question().read(ID, &bytes);
        }
        (0..good.len()).for_each(|length| assert!(question().read(ID, &good[..length]).is_none()));
    }
}
