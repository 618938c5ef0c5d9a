//! The loopback listener. All connections are polled in one future, so dropping it closes them.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::request_log::Exchange;
use crate::sandbox::Sandbox;
use crate::wire::{Delivery, Reply, Request};

/// Longer request bodies are refused with 413.
const BODY_LIMIT: usize = 1024 * 1024;
/// Room for the head of a request; a session may be a token of 16,000 characters.
const HEAD_LIMIT: usize = 64 * 1024;

/// Serves on `listener` until `until` completes, then closes all connections. The future is not `Send`: it runs on a
/// current-thread runtime, next to the client under test if that is `until`.
///
/// `now` gives the time of each request; a closure over a variable makes virtual time. `on_exchange` is called with each
/// entry of the log, before the answer is sent.
pub async fn serve(
    listener: TcpListener,
    sandbox: Rc<RefCell<Sandbox>>,
    now: impl Fn() -> Timestamp,
    on_exchange: impl FnMut(&Exchange),
    until: impl Future<Output = ()>,
) {
    let on_exchange = RefCell::new(on_exchange);
    let answer = |request: &Request| {
        let mut sandbox = sandbox.borrow_mut();
        let reply = sandbox.answer(request, now());
        if let Some(exchange) = sandbox.log().last() {
            (on_exchange.borrow_mut())(exchange);
        }
        reply
    };
    let mut connections = FuturesUnordered::new();
    let mut until = std::pin::pin!(until);
    loop {
        tokio::select! {
            () = &mut until => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => connections.push(serve_connection(stream, &answer)),
                // The process may be out of file descriptors for a while.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
            Some(()) = connections.next() => {}
        }
    }
}

async fn serve_connection(stream: TcpStream, answer: &impl Fn(&Request) -> Reply) {
    // A failure to set it costs some milliseconds.
    let _ = stream.set_nodelay(true);
    let service = service_fn(async |request| respond(request, answer).await);
    let mut http = hyper::server::conn::http1::Builder::new();
    // A connection that breaks, or is broken by a fault, ends here.
    let _ =
        http.max_buf_size(HEAD_LIMIT).title_case_headers(true).serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(
    request: hyper::Request<Incoming>,
    answer: &impl Fn(&Request) -> Reply,
) -> Result<hyper::Response<FaultyBody>, io::Error> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        let mut refusal = hyper::Response::new(FaultyBody::whole(Vec::new(), 0));
        *refusal.status_mut() = hyper::StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(refusal);
    };
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let reply = answer(&Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        headers: head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: body.to_bytes().to_vec(),
    });
    if !reply.delay.is_zero() {
        sleep(reply.delay).await;
    }
    let body = match reply.delivery {
        Delivery::Whole => FaultyBody::whole(reply.body, reply.padding),
        Delivery::Truncated => FaultyBody::half(reply.body, After::BreaksSoon),
        Delivery::Stalled => FaultyBody::half(reply.body, After::Stalls),
        // An error instead of an answer makes hyper close the connection.
        Delivery::LostAfter | Delivery::ResetBefore => return Err(io::ErrorKind::ConnectionReset.into()),
        Delivery::Never => std::future::pending().await,
    };
    let mut response = hyper::Response::new(body);
    *response.status_mut() = hyper::StatusCode::from_u16(reply.status).unwrap_or_default();
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// A body that may be shorter than its announced length, or begin with spaces that are not in memory.
struct FaultyBody {
    padding: u64,
    bytes: Option<Bytes>,
    announced: u64,
    after: After,
}

/// What comes after the bytes of a body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Ends,
    BreaksSoon,
    Breaks,
    Stalls,
}

impl FaultyBody {
    fn whole(bytes: Vec<u8>, padding: u64) -> Self {
        let announced = padding + bytes.len() as u64;
        Self { padding, bytes: Some(bytes.into()), announced, after: After::Ends }
    }

    fn half(mut bytes: Vec<u8>, after: After) -> Self {
        let announced = bytes.len() as u64;
        bytes.truncate(bytes.len() / 2);
        Self { padding: 0, bytes: Some(bytes.into()), announced, after }
    }
}

impl Body for FaultyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        static SPACES: [u8; 64 * 1024] = [b' '; 64 * 1024];
        if self.padding > 0 {
            let length = usize::try_from(self.padding).unwrap_or(usize::MAX).min(SPACES.len());
            self.padding -= length as u64;
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&SPACES).slice(..length)))));
        }
        match self.bytes.take() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            // Without a pause hyper would not send what it has so far.
            None if self.after == After::BreaksSoon => {
                self.after = After::Breaks;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            None if self.after == After::Breaks => {
                self.after = After::Ends;
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
            // Nothing will wake this, and nothing should.
            None if self.after == After::Stalls => Poll::Pending,
            None => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;
    use crate::Scenario;

    /// What arrives of an answer under a fault, and whether the connection is closed after it.
    fn receive(fault: &str) -> (String, bool) {
        let now: Timestamp = "2026-03-03T10:00:00Z".parse().unwrap();
        let mut scenario = Scenario::built_in();
        scenario.faults.push(fault.parse().unwrap());
        let sandbox = Rc::new(RefCell::new(Sandbox::new(scenario, now)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let address = listener.local_addr().unwrap();
            let mut received = Vec::new();
            let mut closed = false;
            let client = async {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.write_all(b"GET /saas/nothing HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
                let mut piece = [0; 4096];
                while let Ok(read) = timeout(Duration::from_millis(150), stream.read(&mut piece)).await {
                    match read {
                        Ok(0) | Err(_) => {
                            closed = true;
                            break;
                        }
                        Ok(length) => received.extend_from_slice(&piece[..length]),
                    }
                }
            };
            serve(listener, sandbox, || now, |_| {}, client).await;
            (String::from_utf8(received).unwrap(), closed)
        })
    }

    #[test]
    fn each_way_of_delivery_looks_like_it_from_outside() {
        let (whole, closed) = receive("other:503");
        assert!(whole.starts_with("HTTP/1.1 503 ") && whole.ends_with("</html>\n") && !closed, "{whole}");
        let (whole, closed) = receive("other:html");
        assert!(whole.starts_with("HTTP/1.1 200 ") && !closed, "{whole}");
        for fault in ["other:reset", "other:lost-answer"] {
            assert_eq!(receive(fault), (String::new(), true), "{fault}");
        }
        for fault in ["other:hang", "other:hang-after"] {
            assert_eq!(receive(fault), (String::new(), false), "{fault}");
        }
    }

    #[test]
    fn half_a_body_arrives_with_the_length_of_the_whole() {
        for (fault, expected) in [("any:truncated", true), ("any:stalled", false)] {
            let (text, closed) = receive(fault);
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let announced: usize =
                head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap().parse().unwrap();
            assert_eq!((announced / 2, closed), (body.len(), expected), "{fault}");
        }
    }
}
