//! What each answer amounts to.

use std::cell::RefCell;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::api::exchange::*;
use crate::api::transport::{Body, Method};
use crate::support::clock::ManualClock;

const REFUSAL: &str = r#"{"@type":"error","code":"APP_13401","description":"no"}"#;

fn reply(status: u16, retry_after: Option<u64>, body: &str) -> Reply {
    let retry_after = retry_after.map(Duration::from_secs);
    Reply { status, retry_after, date: None, sandbox: false, body: Body::whole(body.as_bytes().to_vec()) }
}

fn error(has_session: bool, reply: Reply) -> Error {
    classify(Operation::Log, has_session, reply).now_or_never().unwrap().map(|_| ()).unwrap_err()
}

#[test]
fn an_error_object_is_a_refusal_only_with_a_status_that_blames_the_request() {
    for status in [400, 403, 404, 499] {
        let Error::Refused { status: refused, code, message } = error(true, reply(status, None, REFUSAL)) else {
            panic!("{status}")
        };
        assert_eq!((refused, code.as_deref(), message.as_str()), (status, Some("APP_13401"), "no"));
    }
    for status in [302, 500, 503] {
        let error = error(true, reply(status, None, REFUSAL));
        assert!(matches!(error, Error::Unreadable { .. }), "{status}: {error}");
    }
}

#[test]
fn an_error_object_is_read_from_either_form() {
    for (body, code, message) in [
        (r#"{"error":{"code":"X","message":"no"},"@type":"error","description":"other"}"#, Some("X"), "no"),
        (r#"{"@type":"error","error":"x","code":"Y","description":"no"}"#, Some("Y"), "no"),
        (r#"{"@type":"error","description":" "}"#, None, "the service gives no reason"),
    ] {
        let Error::Refused { code: read, message: words, .. } = error(true, reply(400, None, body)) else {
            panic!("{body}")
        };
        assert_eq!((read.as_deref(), words.as_str()), (code, message), "{body}");
    }
}

#[test]
fn a_401_is_about_the_session_where_there_is_one() {
    assert!(matches!(error(true, reply(401, None, REFUSAL)), Error::NoSession));
    assert!(matches!(error(false, reply(401, None, REFUSAL)), Error::Refused { status: 401, .. }));
}

#[test]
fn the_service_says_how_long_to_wait() {
    for (status, body) in [(503, ""), (503, REFUSAL), (404, "<html>"), (302, "")] {
        let error = error(true, reply(status, Some(7), body));
        assert!(matches!(error, Error::Unavailable { .. }), "{status} {body}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    }
    assert!(matches!(error(true, reply(404, Some(7), REFUSAL)), Error::Refused { .. }));
    assert_eq!(error(true, reply(429, Some(7), "")).retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(error(true, reply(500, None, "")).retry_after(), None);
}

#[test]
fn an_unusable_body_is_described_without_a_word_of_it() {
    for (body, what) in [
        ("", "with an empty body"),
        (" \n", "with an empty body"),
        (" <html>secret</html>", "with an HTML page"),
        ("{\"secret\"", "with JSON that is cut off or not as expected"),
        ("[1]", "with JSON that is cut off or not as expected"),
        ("secret", "with a body that is not JSON"),
    ] {
        let Error::Unreadable { what: described, .. } = error(true, reply(500, None, body)) else { panic!("{body}") };
        assert_eq!(described, what, "{body}");
    }
}

#[test]
fn a_good_answer_that_says_nothing_may_be_an_error_object_all_the_same() {
    let nothing = |body: &str| nothing(Operation::Stop, reply(200, None, body)).now_or_never().unwrap();
    for body in ["", "[]", "done", "{}"] {
        assert!(nothing(body).is_ok(), "{body}");
    }
    assert!(matches!(nothing(REFUSAL), Err(Error::Refused { status: 200, .. })));
}

/// Answers everything in the name of the sandbox, and keeps how long each request may take.
#[derive(Default)]
struct Timed(RefCell<Vec<u64>>);

impl Transport for Timed {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Answer> {
        self.0.borrow_mut().push(request.timeout.as_secs());
        let date = Some("2026-03-03T10:00:30Z".parse().unwrap());
        Box::pin(async move { Answer::Reply(Reply { date, sandbox: true, ..reply(200, None, "{}") }) })
    }
}

#[test]
fn a_request_ends_with_the_deadline_but_not_sooner_than_it_can_be_answered() {
    let (transport, clock) = (Timed::default(), ManualClock::new("2026-03-03T10:00:00Z".parse().unwrap()));
    let exchange = Exchange::new(&transport, &clock);
    let send = |deadline: Option<u64>| {
        exchange.set_deadline(deadline.map(Duration::from_secs));
        let request = Request {
            operation: Operation::Log,
            method: Method::Get,
            url: String::new(),
            session: None,
            header: None,
            body: None,
            connecting: None,
            timeout: Duration::from_secs(30),
        };
        assert!(clock.run(exchange.send(request)).is_ok());
    };
    assert_eq!((exchange.is_sandbox(), exchange.server_time_at(Duration::ZERO)), (false, None));
    for deadline in [None, Some(100), Some(7), Some(1)] {
        send(deadline);
    }
    assert_eq!(*transport.0.borrow(), [30, 30, 7, 2]);
    let service_time = exchange.server_time_at(Duration::from_secs(5));
    assert_eq!((exchange.is_sandbox(), service_time), (true, Some("2026-03-03T10:00:35Z".parse().unwrap())));
}
