//! What an attempt knows after each way in which a request can end.

use std::cell::RefCell;
use std::collections::VecDeque;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::api::attempt::Attempt;
use crate::api::client::*;
use crate::api::jobs;
use crate::api::sessions::servers::Servers;
use crate::api::transport::{Answer, Body};
use crate::job::{TaskSelector, TaskType};
use crate::support::clock::ManualClock;

/// Gives these answers in their order, each a second after its request.
struct Script<'c> {
    answers: RefCell<VecDeque<Answer>>,
    clock: &'c ManualClock,
}

impl Transport for Script<'_> {
    fn send(&self, _: Request) -> LocalBoxFuture<'_, Answer> {
        let answer = self.answers.borrow_mut().pop_front().expect("one more request than answers");
        async {
            self.clock.sleep(Duration::from_secs(1)).await;
            answer
        }
        .boxed_local()
    }
}

fn reply(status: u16, body: &str) -> Answer {
    let body = Body::whole(body.as_bytes().to_vec());
    Answer::Reply(Reply { status, retry_after: None, date: None, sandbox: false, body })
}

/// Whether a stop with these answers succeeds, and the second at which its last request was sent, if that may have been
/// processed.
fn stop(answers: Vec<Answer>) -> (bool, Option<u64>) {
    let clock = ManualClock::new("2026-03-03T10:00:00Z".parse().unwrap());
    let transport = Script { answers: RefCell::new(answers.into()), clock: &clock };
    let password = || std::future::ready(Ok(Secret::new("x".to_owned()))).boxed_local();
    let access = Access::Login {
        login_url: "https://login.example.com".to_owned(),
        servers: Servers::new("https://login.example.com", Vec::new()),
        account: crate::api::sessions::Account::Password { username: "ops".to_owned(), refusals: None },
        secret: &password,
        store: None,
    };
    let timeouts =
        Timeouts { connect: Duration::from_secs(10), read: Duration::from_secs(30), start: Duration::from_secs(120) };
    let client = Client::new(&transport, &clock, access, timeouts, None);
    let selector = TaskSelector::Name("load".to_owned());
    let attempt = Attempt::default();
    let done = clock.run(jobs::stop(&client, &selector, TaskType::Mtt, false, &attempt));
    assert!(transport.answers.borrow().is_empty());
    (done.is_ok(), attempt.sent_at().map(|at| at.as_secs()))
}

#[test]
fn an_attempt_knows_when_it_was_sent_unless_it_was_not_processed() {
    let login = || reply(200, r#"{"serverUrl": "https://pod.example.com/saas", "icSessionId": "s3ss10n"}"#);
    let not_sent = || Answer::NotSent("refused".to_owned());
    let dead = || reply(401, "");
    let stopped = || reply(200, r#"{"@type": "success"}"#);
    for (answers, expected) in [
        (vec![login(), stopped()], (true, Some(1))),
        // Repeated after two and four seconds.
        (vec![login(), not_sent(), stopped()], (true, Some(4))),
        (vec![login(), not_sent(), not_sent(), not_sent()], (false, None)),
        (vec![login(), Answer::Unclear("reset".to_owned())], (false, Some(1))),
        (vec![login(), not_sent(), Answer::Unclear("reset".to_owned())], (false, Some(4))),
        (vec![login(), Answer::Forbidden("https://pod.example.com".to_owned())], (false, None)),
        (vec![login(), reply(500, "<html>")], (false, Some(1))),
        (vec![login(), reply(200, "<html>")], (false, Some(1))),
        (vec![login(), reply(404, r#"{"@type": "error", "description": "no"}"#)], (false, None)),
        (vec![login(), reply(200, r#"{"@type": "error", "description": "no"}"#)], (false, None)),
        (vec![login(), dead(), login(), stopped()], (true, Some(3))),
        // The login after it may be unclear; the stop is not.
        (vec![login(), dead(), reply(403, r#"{"@type": "error", "description": "no"}"#)], (false, None)),
        (vec![Answer::Forbidden("https://login.example.com".to_owned())], (false, None)),
    ] {
        let shown = format!("{answers:?}");
        assert_eq!(stop(answers), expected, "{shown}");
    }
}

#[test]
fn a_session_that_no_header_can_carry_is_no_session() {
    let long = "x".repeat(16_000);
    for (id, is_sound) in [("s3ss10n", true), (&long, true), ("", false), ("s\\n", false), ("a b", false), ("ä", false)]
    {
        let body = format!(r#"{{"serverUrl": "https://pod.example.com/saas", "icSessionId": "{id}"}}"#);
        let answers = if is_sound {
            vec![reply(200, &body), reply(200, r#"{"@type": "success"}"#)]
        } else {
            (0..3).map(|_| reply(200, &body)).collect()
        };
        assert_eq!(stop(answers).0, is_sound, "{id}");
    }
}
