//! Which resource answers which path. Leaves the answers to the resources.

use jiff::Timestamp;

use super::record::Deed;
use super::wire::{Reply, Request};
use super::{Asked, Sandbox, errors};

/// The methods of a path below the host, if there is such a path.
fn methods(words: &[&str]) -> Option<&'static str> {
    match words {
        ["ma" | "saas", "api", "v2", "user", "login" | "logoutall" | "validSessionId"]
        | ["ma" | "saas", "public", "core", "v3", "login" | "logout"]
        | ["saas", "api", "v2", "user", "logout"]
        | ["saas", "api", "v2", "job"]
        | ["saas", "api", "v2", "job", "stop"]
        | ["saas", "public", "core", "v3", "lookup"]
        | ["mftsaas", "api", "v1", "job"] => Some("POST"),
        ["saas", "api", "v2", "activity", "activityMonitor"]
        | ["saas", "api", "v2", "activity", "activityLog" | "errorLog", ..]
        | ["saas", "api", "v2", "task" | "mttask" | "workflow", ..]
        | ["saas", "public", "core", "v3", "objects", ..]
        | ["active-bpel", "services", "tf", "status"]
        | ["active-bpel", "services", "tf", "status", _]
        | ["mftsaas", "api", "v1", "job", _, "status" | "logs"]
        | ["mftsaas", "api", "v1", "mitasks"]
        | ["mftsaas", "api", "v1", "mitasks", _] => Some("GET, HEAD"),
        ["active-bpel", "rt", _] => Some("GET, POST"),
        ["active-bpel", "services", "tf", "terminate"]
        | ["active-bpel", "management", "runtime", "v1", "resumeWithFaultRetry" | "resumeWithFaultSkip", _]
        | ["active-bpel", "restadmin", "processes", _, "terminate"] => Some("PUT"),
        _ => None,
    }
}

impl Sandbox {
    pub(super) fn unknown_path(&self) -> Reply {
        errors::unknown_path(self.scenario.quirks.unknown_path_status)
    }

    pub(super) fn route(
        &mut self,
        request: &Request,
        words: &[&str],
        now: Timestamp,
        deed: &mut Option<Deed>,
    ) -> Reply {
        let serial = self.requests;
        let Some(methods) = methods(words) else { return self.unknown_path() };
        // The listener leaves the body out.
        let method = if request.method == "HEAD" { "GET" } else { request.method.as_str() };
        if method == "OPTIONS" {
            return Reply::empty(200).with_header("Allow", methods);
        }
        if !methods.split(", ").any(|known| known == method) {
            let is_v2 = words.contains(&"v2");
            let refusal = if is_v2 { errors::v2_method() } else { errors::v3_method(serial) };
            return refusal.with_header("Allow", methods);
        }
        match words {
            [.., "v2", "user", "login"] => return self.login_v2(request, now, deed),
            [.., "v2", "user", "logoutall"] => return self.logout_all(request, deed),
            [.., "v2", "user", "validSessionId"] => return self.valid_session(request, now),
            [.., "v3", "login"] => return self.login_v3(request, now, serial, deed),
            _ => {}
        }
        let (in_saas, is_v2) = (words[0] == "saas", words[1] == "api" && words[0] == "saas");
        let user = if in_saas { self.sessions.use_one(request, now) } else { self.sessions.user_of(request, now) };
        let Some(user) = user else {
            let quirks = &self.scenario.quirks;
            return errors::no_session(quirks, quirks.expired_session_status, !is_v2, serial);
        };
        let asked = Asked { request, now, user, serial };
        if in_saas { self.route_saas(&asked, words, deed) } else { self.route_others(&asked, words, deed) }
    }

    fn route_saas(&mut self, asked: &Asked<'_>, words: &[&str], deed: &mut Option<Deed>) -> Reply {
        match words {
            [.., "v2", "user", "logout"] | [.., "v3", "logout"] => self.logout(asked.request, deed),
            [.., "v2", "job"] => self.start(asked, deed),
            [.., "v2", "job", "stop"] => self.stop(asked, deed),
            [.., "activity", "activityMonitor"] => self.monitor(asked),
            [.., "activity", "activityLog"] => self.activity_log(asked),
            [.., "activity", "activityLog", id] => self.activity_by_id(asked, id),
            [.., "activity", "activityLog", id, "sessionLog"] => self.session_log(asked, id),
            [.., "activity", "errorLog", id] => self.error_log(asked, id),
            [.., "v2", "task"] => self.task_list(asked),
            ["saas", "api", "v2", "mttask", how @ ..] => self.mapping_task(how),
            ["saas", "api", "v2", "workflow", how @ ..] => self.workflow(how),
            [.., "v3", "lookup"] => self.lookup(asked),
            [.., "v3", "objects"] => self.objects(asked),
            [.., "v3", "objects", id, "references"] => self.references(asked, id),
            _ => self.unknown_path(),
        }
    }

    /// Taskflows and file ingestion, which lie beside `/saas`.
    fn route_others(&mut self, asked: &Asked<'_>, words: &[&str], deed: &mut Option<Deed>) -> Reply {
        match words {
            [_, "rt", name] => self.start_taskflow(asked, name, deed),
            [_, "services", "tf", "status"] => self.taskflow_list(asked),
            [_, "services", "tf", "status", run_id] => self.taskflow_status(asked, run_id),
            [_, "services", "tf", "terminate"] => self.terminate_taskflows(asked, deed),
            [_, "restadmin", "processes", run_id, "terminate"] => self.terminate(asked, &[run_id], deed),
            [.., "resumeWithFaultRetry", run_id] => self.resume_taskflow(asked, run_id, false, deed),
            [.., "resumeWithFaultSkip", run_id] => self.resume_taskflow(asked, run_id, true, deed),
            [_, _, "v1", "job"] => self.start_ingestion(asked, deed),
            [_, _, "v1", "job", run_id, "status"] => self.ingestion_status(asked, run_id),
            [_, _, "v1", "job", run_id, "logs"] => self.ingestion_logs(asked, run_id),
            [_, _, "v1", "mitasks"] => self.ingestion_task_list(),
            [_, _, "v1", "mitasks", "activityLog"] => self.ingestion_history(asked),
            [_, _, "v1", "mitasks", id] => self.ingestion_task_by_id(asked, id),
            _ => self.unknown_path(),
        }
    }
}
