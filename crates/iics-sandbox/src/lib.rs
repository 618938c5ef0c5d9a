//! A simulated service: a function of the request and of the time it is given. No sockets and no clock, which `server`
//! adds; nothing shared with the client, so that a misspelt field on either side is found by the other.

mod catalog;
mod damage;
mod duration;
mod errors;
mod faults;
mod files;
mod finding;
mod flows;
mod ids;
mod ingestion;
mod jobs;
mod log;
mod monitor;
mod outcome;
mod quirks;
mod record;
mod routes;
mod runs;
mod scenario;
mod server;
mod session;
mod spec;
mod taskflows;
mod tasks;
mod times;
mod wire;
mod zip;

use jiff::Timestamp;

pub use faults::Fault;
pub use record::{Deed, Exchange};
pub use scenario::{DEFAULT_SCENARIO, Scenario, ScenarioError};
pub use server::serve;
pub use spec::FaultError;
pub use wire::{Delivery, Reply, Request};

use catalog::Catalog;
use damage::Scene;
use faults::{Call, What};
use flows::{Flows, Stage};
use ingestion::Transfer;
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
    flows: Flows,
    transfers: Vec<Transfer>,
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
        let mut runs = Runs::new(&scenario, &catalog, now);
        let mut stage = Stage { catalog: &catalog, runs: &mut runs };
        let flows = Flows::new(&mut stage, scenario.quirks.taskflow_run_id_digits, now);
        let sessions = Sessions::new(&scenario);
        let (transfers, record) = (Vec::new(), Record::default());
        Self { scenario, catalog, runs, flows, transfers, sessions, record, requests: 0, born: now }
    }

    /// Everything that was asked so far.
    pub fn log(&self) -> &[Exchange] {
        self.record.exchanges()
    }

    /// Adds a fault, behind those of the scenario. Its times count from the beginning of the service.
    pub fn inject(&mut self, fault: Fault) {
        self.scenario.faults.push(fault);
    }

    /// Answers one request at a time.
    pub fn answer(&mut self, request: &Request, now: Timestamp) -> Reply {
        let at = now;
        let now = times::shifted(now, self.scenario.timing.skew());
        self.requests += 1;
        let segments = request.segments();
        let words: Vec<&str> = segments.iter().map(String::as_str).collect();
        let call = Call::of(&words);
        let struck = faults::strike(&mut self.scenario.faults, call, times::elapsed(self.born, now));
        let mut deed = None;
        let processed = struck.what.is_none_or(What::lets_through);
        let reply = match struck.what {
            Some(what) if !processed => {
                let quirks = &self.scenario.quirks;
                damage::instead(what, &Scene { call, words: &words, quirks, now, serial: self.requests })
            }
            what => {
                if what == Some(What::ExpireSession) {
                    self.sessions.expire_all();
                }
                let reply = self.route(request, &words, now, &mut deed);
                match what {
                    Some(what) => damage::spoil(what, reply),
                    None => reply,
                }
            }
        };
        self.record.push(Exchange {
            at,
            method: request.method.clone(),
            target: request.target(),
            call: call.name(),
            status: reply.delivery.brings_a_head().then_some(reply.status),
            processed,
            faults: struck.faults,
            deed,
        });
        reply.after(struck.delay).with_header(HEADER, "1").with_header("Date", times::http_date(now))
    }
}

#[cfg(test)]
mod tests;
