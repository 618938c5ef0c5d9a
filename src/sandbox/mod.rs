//! A simulated service: a function of the request and of the time it is given. No sockets and no clock, which `server`
//! adds; nothing shared with the client, so that a misspelt field on either side is found by the other.

mod catalog;
mod errors;
mod faults;
mod files;
mod finding;
mod ids;
mod jobs;
mod log;
mod monitor;
mod quirks;
mod record;
mod routes;
mod runs;
mod scenario;
mod server;
mod session;
mod tasks;
mod times;
mod wire;
mod zip;

use jiff::Timestamp;

pub use faults::{Fault, FaultError};
pub use record::{Deed, Exchange};
pub use scenario::{DEFAULT_SCENARIO, Scenario, ScenarioError};
pub use server::serve;
pub use wire::{Delivery, Reply, Request};

use catalog::Catalog;
use faults::{Call, Verdict};
use record::Record;
use runs::Runs;
use session::Sessions;

/// The header on every answer by which the sandbox makes itself known.
pub const HEADER: &str = "X-Runajob-Sandbox";

/// The service.
#[derive(Debug)]
pub struct Sandbox {
    scenario: Scenario,
    catalog: Catalog,
    runs: Runs,
    sessions: Sessions,
    record: Record,
    requests: usize,
    born: Timestamp,
}

/// What a handler works with beside the state.
struct Asked<'r> {
    request: &'r Request,
    /// The service's own time.
    now: Timestamp,
    /// Whose session it is.
    user: String,
    /// Numbers the requests, for request IDs.
    serial: usize,
}

impl Sandbox {
    /// A service that begins at `now`, which is where its scenario begins too.
    pub fn new(scenario: Scenario, now: Timestamp) -> Self {
        let now = times::shifted(now, scenario.timing.skew());
        let catalog = Catalog::new(&scenario, now);
        let runs = Runs::new(&scenario, &catalog, now);
        let sessions = Sessions::new(&scenario);
        Self { scenario, catalog, runs, sessions, record: Record::default(), requests: 0, born: now }
    }

    /// Everything that was asked so far.
    pub fn log(&self) -> &[Exchange] {
        self.record.exchanges()
    }

    /// Answers one request at a time.
    pub fn answer(&mut self, request: &Request, now: Timestamp) -> Reply {
        let at = now;
        let now = times::shifted(now, self.scenario.timing.skew());
        self.requests += 1;
        let segments = request.segments();
        let words: Vec<&str> = segments.iter().map(String::as_str).collect();
        let call = Call::of(&request.method, &words);
        let verdict = faults::strike(&mut self.scenario.faults, call, times::elapsed(self.born, now));
        let mut deed = None;
        let (reply, processed) = match verdict {
            Some(verdict) if !verdict.lets_through() => (verdict.reply(now), false),
            verdict => {
                if matches!(verdict, Some(Verdict::ExpireSession)) {
                    self.sessions.expire_all();
                }
                let reply = self.route(request, &words, now, &mut deed);
                (verdict.map_or(reply.clone(), |verdict| verdict.change(reply)), true)
            }
        };
        let answered = matches!(reply.delivery, Delivery::Whole | Delivery::Truncated);
        self.record.push(Exchange {
            at,
            method: request.method.clone(),
            target: request.target(),
            status: answered.then_some(reply.status),
            processed,
            deed,
        });
        reply.with_header(HEADER, "1").with_header("Date", times::http_date(now))
    }
}

#[cfg(test)]
mod tests;
