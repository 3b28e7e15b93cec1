//! A query by TCP: a connection for each, over which a message goes behind its length (RFC 1035 4.2.2). It must not know what follows
//! from the answer.

use std::net::SocketAddr;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::model::outcome::{Miss, Obstacle};
use crate::probe::connections::{End, broken, handshake, prepare};
use crate::probe::errand::{Errand, socket_trouble};

use super::desk::Desk;
use super::message::{Question, Reply};
use super::{Limit, cut_by_tcp, internal};

pub(super) async fn exchange(desk: &Desk, question: &Question, to: SocketAddr, Limit(limit): Limit) -> Result<Option<Reply>, Obstacle> {
    let id = desk.id();
    let bytes = question.query(id).map_err(internal)?;
    let errand = Errand { source: desk.errand.source_to(to.ip()), ..desk.errand.clone() };
    let socket = prepare(&errand).map_err(|error| socket_trouble("opening a TCP socket", &error))?;
    let sent = Instant::now();
    let sequence = desk.asked(sent);
    let talk = async {
        let mut stream = handshake(socket, to, &errand).await?;
        talk(desk, (question, id), &bytes, &mut stream).await
    };
    match timeout(limit, talk).await {
        Ok(Ok(reply)) if reply.truncated => {
            desk.missed(sequence, cut_by_tcp());
            Ok(None)
        }
        Ok(Ok(reply)) => {
            let latency = sent.elapsed();
            desk.answered(sequence, latency);
            Ok(Some(reply).filter(|_| latency <= limit))
        }
        Ok(Err(End::Missed(miss))) => {
            desk.missed(sequence, miss);
            Ok(None)
        }
        Ok(Err(End::NotTried(obstacle))) => Err(obstacle),
        // A connection says nothing of lateness: nobody listens any more.
        Ok(Err(End::Answered(..))) | Err(_) => {
            desk.missed(sequence, Miss::TimedOut);
            Ok(None)
        }
    }
}

/// Sends the query and reads messages until one answers it. A message is at most 65,535 bytes long, as its length says.
async fn talk(desk: &Desk, (question, id): (&Question, u16), query: &[u8], stream: &mut TcpStream) -> Result<Reply, End> {
    let length = u16::try_from(query.len()).unwrap_or(u16::MAX).to_be_bytes();
    stream.write_all(&[&length[..], query].concat()).await.map_err(|error| End::Missed(broken(&error)))?;
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length).await.map_err(|error| End::Missed(broken(&error)))?;
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut message).await.map_err(|error| End::Missed(broken(&error)))?;
        match question.read(id, &message) {
            Some(reply) => return Ok(reply),
            None => desk.foreign(),
        }
    }
}
