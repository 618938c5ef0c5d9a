//! A simulated service: a function of the request and of the time it is given. No sockets and no clock, which `server`
//! adds; nothing shared with the client, so that a misspelt field on either side is found by the other.

mod activity;
mod catalog;
mod errors;
mod faults;
mod ids;
mod jobs;
mod monitor;
mod record;
mod runs;
mod scenario;
mod server;
mod session;
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

    fn route(&mut self, request: &Request, words: &[&str], now: Timestamp, deed: &mut Option<Deed>) -> Reply {
        let serial = self.requests;
        let method = request.method.as_str();
        let open = match (method, words) {
            ("POST", ["ma" | "saas", "api", "v2", "user", "login"]) => Some(self.login_v2(request, now, deed)),
            ("POST", ["ma" | "saas", "api", "v2", "user", "logoutall"]) => Some(self.logout_all(request, deed)),
            ("POST", ["saas" | "ma", "public", "core", "v3", "login"]) => {
                Some(self.login_v3(request, now, serial, deed))
            }
            ("POST", ["saas", "api", "v2", "user", "validSessionId"]) => Some(self.valid_session(request, now)),
            _ => None,
        };
        if let Some(reply) = open {
            return reply;
        }
        let ["saas", family @ ("api" | "public"), rest @ ..] = words else { return errors::unknown_path() };
        let Some(user) = self.sessions.use_one(request, now) else {
            let status = self.scenario.quirks.expired_session_status;
            return match *family {
                "public" => errors::v3(status, "AUTH_02", "The session is not valid.", None, serial),
                _ => errors::v2(status, "AUTH_01", "The session is not valid."),
            };
        };
        let asked = Asked { request, now, user, serial };
        match (method, rest) {
            ("POST", ["v2", "user", "logout"] | ["core", "v3", "logout"]) => self.logout(request, deed),
            ("POST", ["v2", "job"]) => self.start(&asked, deed),
            ("POST", ["v2", "job", "stop"]) => self.stop(&asked, deed),
            ("GET", ["v2", "activity", "activityMonitor"]) => self.monitor(&asked),
            ("GET", ["v2", "activity", "activityLog"]) => self.activity_log(&asked),
            ("GET", ["v2", "activity", "activityLog", id]) => self.activity_by_id(&asked, id),
            ("GET", ["v2", "activity", "activityLog", id, "sessionLog"]) => self.session_log(&asked, id),
            ("GET", ["v2", "activity", "errorLog", id]) => self.error_log(&asked, id),
            ("GET", ["v2", "task"]) => self.task_list(&asked),
            ("GET", ["v2", "mttask", how @ ..]) => self.mapping_task(&asked, how),
            ("GET", ["v2", "workflow", how @ ..]) => self.workflow(how),
            ("POST", ["core", "v3", "lookup"]) => self.lookup(&asked),
            ("GET", ["core", "v3", "objects"]) => self.objects(&asked),
            ("GET", ["core", "v3", "objects", id, "references"]) => self.references(&asked, id),
            (_, ["core", "v3", "lookup" | "objects" | "logout"]) => errors::method_not_supported(serial),
            _ => errors::unknown_path(),
        }
    }
}

#[cfg(test)]
mod tests;
