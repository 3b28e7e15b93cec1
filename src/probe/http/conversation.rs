//! One request and its response over a connection that is there, each within bounds. It must not know what was wanted.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Instant;

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::model::outcome::{Layer, Miss, Stage, Step};
use crate::model::probe::HttpProbe;
use crate::probe::connections::broken;
use crate::probe::tls::told;

use super::Progress;
use super::stamped::{First, Stamped};

/// The longest head of a response, in bytes.
const HEAD_LIMIT: usize = 16_384;

/// The most headers of a response.
const HEADERS_LIMIT: usize = 100;

/// What came back.
pub(super) struct Response {
    pub(super) status: u16,
    /// At most [`HttpProbe::BODY_LIMIT`] bytes of it: more is not waited for.
    pub(super) body: Vec<u8>,
}

/// Sends the request, and hears the response to its end, or to the end of what is read of it.
pub(super) async fn converse<S>(stream: S, request: Request<Empty<Bytes>>, progress: &mut Progress) -> Result<Response, Miss>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    progress.stage = Some(Stage::Head);
    let first = First::default();
    let stamped = TokioIo::new(Stamped { stream, first: First::clone(&first) });
    let mut builder = Builder::new();
    builder.max_buf_size(HEAD_LIMIT).max_headers(HEADERS_LIMIT);
    let (sender, connection) = builder.handshake(stamped).await.map_err(|error| ended(&error))?;
    beside(connection, hear(sender, request, &first, progress)).await
}

/// Work that goes on only while its connection is looked after, which may be over before it.
async fn beside<T>(connection: impl Future, work: impl Future<Output = T>) -> T {
    let (mut connection, mut work, mut over) = (pin!(connection), pin!(work), false);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            _ = &mut connection, if !over => over = true,
        }
    }
}

async fn hear(
    mut sender: SendRequest<Empty<Bytes>>,
    request: Request<Empty<Bytes>>,
    first: &First,
    progress: &mut Progress,
) -> Result<Response, Miss> {
    let sent = Instant::now();
    let response = sender.send_request(request).await.map_err(|error| ended(&error))?;
    let came = first.get().copied().unwrap_or_else(Instant::now);
    progress.steps.push((Step::FirstByte, came.saturating_duration_since(sent)));
    progress.stage = Some(Stage::Body);
    let status = response.status().as_u16();
    Ok(Response { status, body: body(response.into_body()).await? })
}

async fn body(mut incoming: Incoming) -> Result<Vec<u8>, Miss> {
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        if let Ok(data) = frame.map_err(|error| ended(&error))?.into_data() {
            let room = HttpProbe::BODY_LIMIT - body.len();
            body.extend_from_slice(&data[..data.len().min(room)]);
        }
        if body.len() == HttpProbe::BODY_LIMIT {
            break;
        }
    }
    Ok(body)
}

/// Why there is no response.
fn ended(error: &hyper::Error) -> Miss {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(error) = inner.downcast_ref::<io::Error>() {
            return interrupted(error);
        }
        cause = inner.source();
    }
    if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        return Miss::Reset;
    }
    if error.is_parse() { malformed(error) } else { Miss::broken(Layer::Http, &error.to_string()) }
}

/// What went wrong below the response, or in its body: hyper tells of chunks that are none by errors of io too, which no system call made.
fn interrupted(error: &io::Error) -> Miss {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return told(error);
    }
    let is_of_body = matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
    if is_of_body && error.raw_os_error().is_none() { malformed(error) } else { broken(error) }
}

fn malformed(why: &impl fmt::Display) -> Miss {
    Miss::broken(Layer::Http, &format!("what came is no response within bounds: {why}"))
}
