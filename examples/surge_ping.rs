//! Round trips as the crate surge-ping tells them: one line for each answer, in µs. For `bench/probe.py`, which holds them beside
//! netcheck's, those of `ping` and the kernel's stamps. Its arguments are an IPv4 address, how often to ask, how many µs apart, and
//! the bytes of payload.

use std::error::Error;
use std::io::Write;
use std::net::IpAddr;
use std::time::Duration;

use surge_ping::{Client, Config, ICMP, PingIdentifier, PingSequence};
use tokio::time::interval;

/// Nothing on loopback takes longer.
const PATIENCE: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [address, count, apart, size] = words.as_slice() else { return Err("expected ADDRESS COUNT MICROSECONDS BYTES".into()) };
    let (address, count): (IpAddr, u16) = (address.parse()?, count.parse()?);
    let (mut turns, payload) = (interval(Duration::from_micros(apart.parse()?)), vec![0; size.parse()?]);
    let client = Client::new(&Config::builder().kind(ICMP::V4).sock_type_hint(socket2::Type::RAW).build())?;
    let mut pinger = client.pinger(address, PingIdentifier(u16::from_be_bytes([b'n', b'c']))).await;
    pinger.timeout(PATIENCE);
    for number in 1..=count {
        turns.tick().await;
        let (_, took) = pinger.ping(PingSequence(number), &payload).await?;
        writeln!(std::io::stdout(), "{}", took.as_micros())?;
    }
    Ok(())
}
