//! Sessions over connections that take nothing, with Tokio's clock paused: whatever the other end does, giving a connection up
//! ends it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use netcheck::backend::{Connect, Connection, Heard, Session};
use netcheck::model::vantage::Vantage;
use netcheck::wire::ToAgent;
use tokio::io::DuplexStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::timeout;

/// Longer than anything here may take.
const LONG: Duration = Duration::from_secs(60);

/// Connections whose other ends are kept, and never read.
fn deaf() -> (Connect, Arc<Mutex<Vec<DuplexStream>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let ends = Arc::clone(&kept);
    let connect = move || {
        let (ours, theirs) = tokio::io::duplex(64);
        ends.lock().unwrap().push(theirs);
        let (reader, writer) = tokio::io::split(ours);
        let ended = futures::future::pending().boxed();
        futures::future::ready(Ok(Connection { reader: Box::new(reader), writer: Box::new(writer), ended })).boxed()
    };
    (Box::new(connect), kept)
}

async fn next(session: &mut Session) -> Heard {
    timeout(LONG, session.heard.recv()).await.expect("the session says something").expect("it goes on")
}

/// A connection on which more was said than it takes.
async fn stuffed(session: &mut Session) -> UnboundedSender<ToAgent> {
    let Heard::Connected(orders) = next(session).await else { panic!("no connection") };
    for number in 0..100 {
        orders.send(ToAgent::Ask { number }).unwrap();
    }
    // Until the connection is full.
    tokio::time::sleep(Duration::from_secs(5)).await;
    orders
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_takes_nothing_is_given_up_for_another() {
    let (connect, ends) = deaf();
    let mut session = Session::resuming(Vantage::pod("node1"), connect);
    session.line.call();
    drop(stuffed(&mut session).await);
    let heard = next(&mut session).await;
    assert!(matches!(heard, Heard::Broken(_)), "{heard:?}");
    let heard = next(&mut session).await;
    assert!(matches!(heard, Heard::Connected(_)), "{heard:?}");
    assert_eq!(ends.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_takes_nothing_can_rest() {
    let (connect, _ends) = deaf();
    let mut session = Session::resuming(Vantage::pod("node1"), connect);
    session.line.call();
    let orders = stuffed(&mut session).await;
    session.line.rest();
    drop(orders);
    let heard = next(&mut session).await;
    assert!(matches!(heard, Heard::Broken(_)), "{heard:?}");
    let heard = next(&mut session).await;
    assert!(matches!(heard, Heard::Resting), "{heard:?}");
}

/// What was said before the end still arrives where somebody reads, however slowly at first.
#[tokio::test(start_paused = true)]
async fn what_was_said_last_arrives() {
    let (connect, ends) = deaf();
    let mut session = Session::resuming(Vantage::pod("node1"), connect);
    session.line.call();
    let orders = stuffed(&mut session).await;
    orders.send(ToAgent::Stop).unwrap();
    let Session { line, heard: _heard, tasks: _tasks, .. } = session;
    line.farewell();
    drop(orders);
    let mut end = ends.lock().unwrap().pop().unwrap();
    let mut said = String::new();
    let all = async {
        while !said.contains("stop") {
            let mut bytes = [0; 64];
            let length = tokio::io::AsyncReadExt::read(&mut end, &mut bytes).await.unwrap();
            assert!(length > 0, "the last word is missing: {said}");
            said.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
        }
    };
    timeout(LONG, all).await.expect("everything arrives");
}
