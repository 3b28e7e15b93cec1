//! The question of a run by HTTP, and its answer: `GET /netcheck/QUESTION`, whose body is QUESTION and the name of who answered, in
//! hexadecimal digits and in plain. Pure: it must not know the sockets that carry them.

use std::fmt::Write;

use crate::probe::packet::{NAME_LIMIT, QUESTION_LENGTH, Question, Reading};

/// Before the question.
const PATH: &str = "/netcheck/";

/// The longest head that is read for a question.
pub const HEAD_LIMIT: usize = 2_048;

/// How the head of a question begins.
pub const BEGINS: &[u8] = b"GET ";

/// What a response says to a question.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// The one of that name answered it.
    Name(&'a str),
    /// It answers another one.
    Stale,
    /// It is none of ours.
    Other,
}

/// The path that asks it.
pub(super) fn path(question: &Question) -> String {
    format!("{PATH}{}", digits(question))
}

fn digits(question: &Question) -> String {
    question.bytes().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The question that the head of a request asks; none if it asks something else.
#[must_use]
pub fn asked(head: &[u8]) -> Option<Question> {
    let line = std::str::from_utf8(head).ok()?.lines().next()?;
    let digits = line.strip_prefix("GET ")?.strip_prefix(PATH)?.strip_suffix(" HTTP/1.1")?;
    let bytes = bytes(digits)?;
    match Question::read(&bytes) {
        Reading::Whole(question, _) => Some(question),
        Reading::Partial | Reading::Noise => None,
    }
}

fn bytes(digits: &str) -> Option<[u8; QUESTION_LENGTH]> {
    let mut bytes = [0; QUESTION_LENGTH];
    if digits.len() != 2 * QUESTION_LENGTH || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// The whole response to a question, by the one of that name.
#[must_use]
pub fn response(question: &Question, name: &str) -> String {
    let body = format!("{} {name}\n", digits(question));
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// What a response says to a question.
pub(super) fn read<'a>(question: &Question, status: u16, body: &'a [u8]) -> Said<'a> {
    let said = std::str::from_utf8(body).ok().filter(|_| status == 200).and_then(|body| body.strip_suffix('\n')?.split_once(' '));
    match said {
        Some((digits, name)) if digits == self::digits(question) && name.len() <= NAME_LIMIT => Said::Name(name),
        Some((digits, _)) if bytes(digits).is_some() => Said::Stale,
        Some(_) | None => Said::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::packet::RunTag;

    fn question(nonce: u64) -> Question {
        Question { run: RunTag::of("r1"), share: 2, pair: 3, sequence: 4, nonce }
    }

    #[test]
    fn a_question_survives_its_way_there_and_back() {
        let head = format!("GET {} HTTP/1.1\r\nhost: x\r\n\r\n", path(&question(7)));
        assert_eq!(asked(head.as_bytes()), Some(question(7)));
        let response = response(&question(7), "node1/host");
        let body = response.split_once("\r\n\r\n").unwrap().1.as_bytes();
        assert_eq!(read(&question(7), 200, body), Said::Name("node1/host"));
        assert_eq!(read(&question(8), 200, body), Said::Stale);
        assert_eq!(read(&question(7), 404, body), Said::Other);
    }

    #[test]
    fn what_is_no_question_is_none() {
        let good = format!("GET {} HTTP/1.1\r\n", path(&question(7)));
        let bad = [
            good.replace("GET", "POST"),
            good.replace("HTTP/1.1", "HTTP/1.0"),
            good.replace('6', "g"),
            good.replace("6e65", "6e"),
            String::new(),
        ];
        for head in bad {
            assert_eq!(asked(head.as_bytes()), None, "{head}");
        }
        for body in ["", "\n", "x y\n", "hello"] {
            assert_eq!(read(&question(7), 200, body.as_bytes()), Said::Other, "{body}");
        }
    }
}
