//! The simulated service as a value: a function of each request and of the time at which it arrives.

use jiff::Timestamp;

use crate::context::Answer;
use crate::control::{self, Control};
use crate::damage::{self, FaultedCall};
use crate::faults::{self, Call, Fault, What};
use crate::request_log::{Exchange, RequestLog};
use crate::scenario::Scenario;
use crate::state::State;
use crate::wire::{Reply, Request};
use crate::{pages, routes, times};

/// The header that every answer of the sandbox carries, so that a client can tell it from the real service.
pub const HEADER: &str = "X-Runajob-Sandbox";

/// A simulated service. It has no clock and no sockets: the time comes with each request.
#[derive(Debug)]
pub struct Sandbox {
    state: State,
    faults: Vec<Fault>,
    control: Option<Control>,
    log: RequestLog,
    requests: usize,
}

impl Sandbox {
    /// Creates a service whose scenario begins at `now`. The times of faults count from there.
    pub fn new(mut scenario: Scenario, now: Timestamp) -> Self {
        let faults = std::mem::take(&mut scenario.faults);
        let now = times::shifted(now, scenario.timing.skew());
        Self { state: State::new(scenario, now), faults, control: None, log: RequestLog::default(), requests: 0 }
    }

    /// Opens the control API below `/_sandbox` to those who send this token as `X-Sandbox-Token`. With an empty one it
    /// stays closed, as it is without this call.
    #[must_use]
    pub fn with_control(self, token: impl Into<String>) -> Self {
        Self { control: Control::new(token.into()), ..self }
    }

    /// The requests so far, oldest first. Of more than 100,000 the older half is dropped.
    pub fn log(&self) -> &[Exchange] {
        self.log.exchanges()
    }

    /// Adds a fault behind those of the scenario. Its times count from the beginning of the service too.
    pub fn inject(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Answers one request that arrives at `now`, which must not be before the one before it.
    pub fn answer(&mut self, request: &Request, now: Timestamp) -> Reply {
        let at = now;
        let now = times::shifted(now, self.state.scenario.timing.skew());
        self.requests += 1;
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let exchange = Exchange {
            at,
            method: request.method.clone(),
            target: request.target(),
            call: control::CALL,
            status: None,
            processed: true,
            faults: Vec::new(),
            effect: None,
        };
        let (reply, exchange) = match self.control.as_ref().filter(|_| path.first() == Some(&control::ROOT)) {
            Some(control) => (control.answer(&mut self.state, &mut self.faults, request, &path, now), exchange),
            None => self.serve(request, &path, now, exchange),
        };
        let status = reply.delivery.brings_a_head().then_some(reply.status);
        self.log.push(Exchange { status, ..exchange });
        reply.with_header(HEADER, "1").with_header("Date", times::http_date(now))
    }

    /// Answers a request to the service itself, with what the faults do to it, and completes its record.
    fn serve(&mut self, request: &Request, path: &[&str], now: Timestamp, exchange: Exchange) -> (Reply, Exchange) {
        let call = Call::of(path);
        let struck = faults::strike(&mut self.faults, call, times::elapsed(self.state.began, now));
        let faulted = FaultedCall { call, path, request, now, serial: self.requests };
        let quirks = &self.state.scenario.quirks;
        let replacement = struck.what.and_then(|what| damage::instead(what, &faulted, quirks));
        let processed = replacement.is_none();
        let Answer { reply, effect } = if let Some(reply) = replacement {
            reply.into()
        } else {
            let answer = self.process(request, path, struck.what, now);
            match struck.what {
                Some(what) => Answer { reply: damage::spoil(what, answer.reply, &faulted), ..answer },
                None => answer,
            }
        };
        let exchange = Exchange { call: call.name(), processed, faults: struck.faults, effect, ..exchange };
        (reply.after(struck.delay), exchange)
    }

    /// Does the work of a request, after what a fault does to the service or to the request.
    fn process(&mut self, request: &Request, path: &[&str], fault: Option<What>, now: Timestamp) -> Answer {
        match fault {
            Some(What::ExpireSession) => self.state.sessions.close_all(),
            Some(What::RestartCounters) => self.state.runs.restart_counters(),
            Some(What::SamePage | What::EndlessPages) => {
                return routes::answer(&mut self.state, &pages::first(request), path, now, self.requests);
            }
            _ => {}
        }
        routes::answer(&mut self.state, request, path, now, self.requests)
    }
}
