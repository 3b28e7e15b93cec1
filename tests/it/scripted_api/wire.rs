//! What carries the server's bytes, and does not always: connections that are cut off in the middle of anything.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::cluster::Cluster;
use super::connection;

/// How long connections last.
pub(super) struct Wear {
    /// Of the random numbers.
    state: u64,
    /// So many more connections do not last.
    left: usize,
}

impl Wear {
    pub(super) fn new(worn: Option<(u64, usize)>) -> Self {
        let (state, left) = worn.unwrap_or_default();
        Self { state, left }
    }

    /// The bytes that the next connection carries, both ways together. Short lives are as likely as long ones, on a scale of powers.
    pub(super) fn next(&mut self) -> usize {
        if self.left == 0 {
            return usize::MAX;
        }
        self.left -= 1;
        let power = 16 << (self.random() % 14);
        power + usize::try_from(self.random()).unwrap() % power
    }

    /// `SplitMix64`.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Serves a connection until it is worn out or over.
pub(super) async fn carry(tcp: TcpStream, mut bytes: usize, cluster: Arc<Mutex<Cluster>>) {
    let _ = tcp.set_nodelay(true);
    let (near, far) = tokio::io::duplex(1 << 20);
    let serving = async {
        connection::serve(far, cluster).await;
        std::future::pending::<()>().await; // what it said last still leaves
    };
    let socket = socket2::SockRef::from(&tcp).try_clone().unwrap();
    let (mut from_client, mut to_client) = tcp.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(near);
    let mut buffers = [vec![0; 16 << 10], vec![0; 16 << 10]];
    let [questions, answers] = &mut buffers;
    let carrying = async {
        while bytes > 0 {
            let carried = tokio::select! {
                read = from_client.read(questions) => pass(read, questions, &mut to_server, &mut bytes).await,
                read = from_server.read(answers) => pass(read, answers, &mut to_client, &mut bytes).await,
            };
            if !carried {
                return;
            }
        }
        // A reset, as from a box on the way that has forgotten the connection.
        let _ = socket.set_linger(Some(Duration::ZERO));
    };
    tokio::select! {
        () = serving => {}
        () = carrying => {}
    }
}

/// Whether there may be more.
async fn pass(read: std::io::Result<usize>, chunk: &[u8], to: &mut (impl AsyncWrite + Unpin), bytes: &mut usize) -> bool {
    let length = match read {
        Ok(length @ 1..) => length.min(*bytes),
        Ok(_) | Err(_) => return false,
    };
    *bytes = bytes.saturating_sub(length);
    to.write_all(&chunk[..length]).await.is_ok()
}
