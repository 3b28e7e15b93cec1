//! Bytes from an agent as lines, of which only whole ones count: what a cut leaves of the last one is nothing.
//! It must not know what a line says.

use std::io;

use tokio_util::bytes::BytesMut;
use tokio_util::codec::{Decoder, LinesCodec, LinesCodecError};

use crate::wire::{Garbled, LINE_LIMIT};

/// Takes bytes apart into lines. What can be no line at all is told as what it is, and reading goes on behind it.
#[derive(Debug)]
pub(super) struct WholeLines(LinesCodec);

impl WholeLines {
    /// Of at most [`LINE_LIMIT`].
    pub(super) fn new() -> Self {
        Self(LinesCodec::new_with_max_length(LINE_LIMIT))
    }
}

impl Decoder for WholeLines {
    type Item = Result<String, Garbled>;
    type Error = io::Error;

    fn decode(&mut self, bytes: &mut BytesMut) -> io::Result<Option<Self::Item>> {
        let garbled = |why: String| Ok(Some(Err(Garbled { why, begins: String::new() })));
        match self.0.decode(bytes) {
            Ok(line) => Ok(line.map(Ok)),
            Err(LinesCodecError::MaxLineLengthExceeded) => garbled(format!("a line of more than {LINE_LIMIT} bytes")),
            Err(LinesCodecError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => garbled("not UTF-8".to_owned()),
            Err(LinesCodecError::Io(error)) => Err(error),
        }
    }

    fn decode_eof(&mut self, bytes: &mut BytesMut) -> io::Result<Option<Self::Item>> {
        let line = self.decode(bytes)?;
        if line.is_none() {
            bytes.clear();
        }
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use tokio_util::codec::FramedRead;

    use super::*;

    async fn check(bytes: &[u8], expected: &[Result<&str, &str>]) {
        let lines: Vec<_> = FramedRead::new(bytes, WholeLines::new()).map(Result::unwrap).collect().await;
        let told: Vec<_> = lines.iter().map(|line| line.as_deref().map_err(|garbled| garbled.why.as_str())).collect();
        assert_eq!(told, expected);
    }

    #[tokio::test]
    async fn only_whole_lines_count() {
        check(b"", &[]).await;
        check(b"one\ntwo\n", &[Ok("one"), Ok("two")]).await;
        check(b"one\ntw", &[Ok("one")]).await;
        check(b"\xff\xfe\ntwo\n", &[Err("not UTF-8"), Ok("two")]).await;
        let long = [vec![b'x'; LINE_LIMIT + 1], b"\ntwo\n".to_vec()].concat();
        check(&long, &[Err("a line of more than 1048576 bytes"), Ok("two")]).await;
    }
}
