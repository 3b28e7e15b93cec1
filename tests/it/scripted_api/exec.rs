//! Execs of the scripted server: an agent's side of the wire over a websocket, in the API server's channels.

use std::sync::{Arc, Mutex};

use futures::{SinkExt, StreamExt};
use netcheck::wire;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::cluster::{Cluster, OpenExec};
use super::connection::Request;
use super::{Exec, Fault, agents};

const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;

type Socket = WebSocketStream<BufReader<DuplexStream>>;

/// Serves one exec to its end.
pub(crate) async fn serve(mut stream: BufReader<DuplexStream>, request: &Request, cluster: &Arc<Mutex<Cluster>>) -> Result<(), Error> {
    let _open = OpenExec::count(cluster);
    let exec = cluster.lock().unwrap().script.exec;
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let (run, node) = cluster.lock().unwrap().identity(parts[3], parts[5]);
    let protocol = if exec == Exec::WorksByV4 { "v4.channel.k8s.io" } else { "v5.channel.k8s.io" };
    accept(&mut stream, request, Some(protocol)).await?;
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    for channel in [0, STDOUT, STDERR, STATUS] {
        socket.send(Message::binary(vec![channel])).await?; // as the API server does
    }
    if request.query.contains("command=routes") {
        socket.send(Message::binary([&[STDOUT][..], b"default via 10.0.0.1 dev eth0\n"].concat())).await?;
        return say(&mut socket, STATUS, &json!({ "status": "Success" })).await;
    }
    if exec == Exec::Agent {
        return join(socket, (parts[3], parts[5]), cluster).await;
    }
    say(&mut socket, STDOUT, &hello(&run, &node)).await?;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Binary(bytes) = message else { continue };
        if bytes.len() > 1 && bytes[0] == 0 && !reply(&mut socket, exec, &String::from_utf8_lossy(&bytes[1..])).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether it asks for a websocket, and whatever is in front of the server lets it.
pub(crate) fn upgrades(request: &Request, cluster: &Mutex<Cluster>) -> bool {
    request.headers.get("upgrade").is_some_and(|to| to == "websocket") && !cluster.lock().unwrap().script.has(Fault::NoUpgrade)
}

/// Goes over to a websocket.
pub(crate) async fn accept(stream: &mut BufReader<DuplexStream>, request: &Request, protocol: Option<&str>) -> std::io::Result<()> {
    let accept = derive_accept_key(request.headers["sec-websocket-key"].as_bytes());
    let protocol = protocol.map(|protocol| format!("sec-websocket-protocol: {protocol}\r\n")).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: {accept}\r\n{protocol}\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await
}

/// Joins the exec with the pod's agent. An agent that is told to end takes its pod's process along.
async fn join(mut socket: Socket, pod: (&str, &str), cluster: &Mutex<Cluster>) -> Result<(), Error> {
    let agent = cluster.lock().unwrap().agent(pod.0, pod.1);
    let ((mut to_agent, input), (output, mut from_agent)) = (tokio::io::duplex(64 << 10), tokio::io::duplex(64 << 10));
    let mut talking = std::pin::pin!(agents::talk(&agent, input, output));
    let mut chunk = vec![0; 16 << 10];
    let mut stopped = None;
    loop {
        tokio::select! {
            biased;
            told = &mut talking, if stopped.is_none() => stopped = Some(told),
            read = from_agent.read(&mut chunk) => match read {
                Ok(length @ 1..) => {
                    let mut bytes = vec![STDOUT];
                    bytes.extend_from_slice(&chunk[..length]);
                    socket.send(Message::binary(bytes)).await?;
                }
                Ok(_) | Err(_) => break,
            },
            message = socket.next() => match message {
                Some(Ok(Message::Binary(bytes))) if bytes.len() > 1 && bytes[0] == 0 => {
                    // Whom nobody listens to any more says so by its end.
                    let _ = to_agent.write_all(&bytes[1..]).await;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Ok(()),
            },
        }
    }
    if stopped == Some(true) {
        cluster.lock().unwrap().end_pod(pod.0, pod.1);
    }
    say(&mut socket, STATUS, &json!({ "status": "Success" })).await
}

fn hello(run: &str, node: &str) -> Value {
    json!({ "kind": "hello", "wire": netcheck::wire::VERSION, "version": "scripted", "run": run, "node": node, "addresses": ["10.0.0.1"],
            "tcp": 7411, "udp": 7411, "icmp": "datagram", "mtu": 1450, "next": 1 })
}

async fn say(socket: &mut Socket, channel: u8, line: &Value) -> Result<(), Error> {
    let mut bytes = vec![channel];
    if channel == STDOUT {
        bytes.extend(wire::encode(line).bytes().chain([b'\n']));
    } else {
        bytes.extend(line.to_string().bytes());
    }
    socket.send(Message::binary(bytes)).await
}

/// Whether it goes on.
async fn reply(socket: &mut Socket, exec: Exec, line: &str) -> Result<bool, Error> {
    match exec {
        Exec::Breaks => Ok(false), // the stream is dropped without a farewell
        Exec::Closes => {
            socket.close(None).await?;
            Ok(false)
        }
        Exec::Fails => {
            say(socket, STDERR, &json!("no socket at /run/netcheck/agent.sock")).await?;
            let causes = json!([{ "reason": "ExitCode", "message": "3" }]);
            let status = json!({ "status": "Failure", "reason": "NonZeroExitCode", "message": "x", "details": { "causes": causes } });
            say(socket, STATUS, &status).await?;
            Ok(false)
        }
        Exec::Works | Exec::WorksByV4 | Exec::StartsLate | Exec::NoKubelet | Exec::Agent if line.contains("stop") => {
            say(socket, STATUS, &json!({ "status": "Success" })).await?;
            Ok(false)
        }
        Exec::Works | Exec::WorksByV4 | Exec::StartsLate | Exec::NoKubelet | Exec::Agent => {
            say(socket, STDOUT, &json!({ "kind": "beat", "answers": 7, "share": null })).await?;
            Ok(true)
        }
    }
}
