//! One connection to the scripted server: requests in, answers, watches and execs out.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream};

use super::cluster::Cluster;
use super::{Fault, Lost, exec};

/// A request as it came.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

/// Serves until either side has had enough.
pub(crate) async fn serve(stream: DuplexStream, cluster: Arc<Mutex<Cluster>>) {
    let mut stream = BufReader::new(stream);
    while let Ok(Some(request)) = read(&mut stream).await {
        let line = format!("{} {}", request.method, request.path);
        let (refusal, lost) = {
            let mut cluster = cluster.lock().unwrap();
            cluster.requests.push(line.clone());
            let lost = cluster.lost(&line).filter(|lost| *lost != Lost::Itself);
            (cluster.denial(&request).or_else(|| cluster.refusal(&line)), lost)
        };
        if let Some(lost) = lost {
            lose(&request, lost, &mut cluster.lock().unwrap());
            return std::future::pending().await;
        }
        let unanswered = {
            let mut cluster = cluster.lock().unwrap();
            cluster.script.has(Fault::Stalled) || cluster.puts_off(&request)
        };
        if unanswered {
            return std::future::pending().await;
        }
        let served = if let Some(refusal) = refusal {
            answer(&mut stream, &refusal).await
        } else if request.query.contains("watch=true") && exec::upgrades(&request, &cluster) {
            let _ = exec::accept(&mut stream, &request, None).await;
            return;
        } else if request.query.contains("watch=true") {
            let _ = watch(&mut stream, &request, &cluster).await;
            return;
        } else if request.path.ends_with("/exec") {
            let refused = cluster.lock().unwrap().refuses_exec(&request.path);
            let Some(refused) = refused else {
                let _ = exec::serve(stream, &request, &cluster).await;
                return;
            };
            answer(&mut stream, &refused).await
        } else {
            let reply = cluster.lock().unwrap().answer(&request.method, &request.path, &request.query, &request.body);
            answer(&mut stream, &reply).await
        };
        if served.is_err() {
            return;
        }
    }
}

/// The outage begins with that request.
fn lose(request: &Request, lost: Lost, cluster: &mut Cluster) {
    if lost == Lost::Answer {
        cluster.answer(&request.method, &request.path, &request.query, &request.body);
    }
    cluster.begin_outage();
}

async fn read(stream: &mut BufReader<DuplexStream>) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        match line.trim().split_once(':') {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()),
            None => break,
        };
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Ok(Some(Request { method, path: path.to_owned(), query: query.to_owned(), headers, body }))
}

async fn answer(stream: &mut BufReader<DuplexStream>, (code, body): &(u16, Value)) -> io::Result<()> {
    let body = body.to_string();
    let head = format!("HTTP/1.1 {code} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.flush().await
}

async fn watch(stream: &mut BufReader<DuplexStream>, request: &Request, cluster: &Mutex<Cluster>) -> io::Result<()> {
    let version = request.query.split('&').find_map(|part| part.strip_prefix("resourceVersion="));
    let mut next: usize = version.and_then(|version| version.parse().ok()).unwrap_or(0);
    let namespace = request.path.split('/').nth(4).unwrap_or_default().to_owned();
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n").await?;
    loop {
        let changed = Arc::clone(&cluster.lock().unwrap().changed);
        let mut change = std::pin::pin!(changed.notified());
        change.as_mut().enable(); // before looking: what happens in between is not missed
        let (lines, cut) = {
            let cluster = cluster.lock().unwrap();
            let lines: Vec<String> =
                cluster.events[next..].iter().filter(|(of, _)| *of == namespace).map(|(_, event)| format!("{event}\n")).collect();
            next = cluster.events.len();
            (lines, cluster.script.has(Fault::CutWatch))
        };
        for (number, line) in lines.iter().enumerate() {
            if cut && number == 1 {
                stream.write_all(format!("{:x}\r\n{}", line.len(), &line[..line.len() / 2]).as_bytes()).await?;
                return stream.shutdown().await;
            }
            stream.write_all(format!("{:x}\r\n{line}\r\n", line.len()).as_bytes()).await?;
        }
        stream.flush().await?;
        change.await;
    }
}
