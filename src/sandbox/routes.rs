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
        | ["saas", "public", "core", "v3", "lookup"] => Some("POST"),
        ["saas", "api", "v2", "activity", "activityMonitor"]
        | ["saas", "api", "v2", "activity", "activityLog" | "errorLog", ..]
        | ["saas", "api", "v2", "task" | "mttask" | "workflow", ..]
        | ["saas", "public", "core", "v3", "objects", ..] => Some("GET, HEAD"),
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
            let refusal = if words.contains(&"v3") { errors::v3_method(serial) } else { errors::v2_method() };
            return refusal.with_header("Allow", methods);
        }
        match words {
            [.., "v2", "user", "login"] => return self.login_v2(request, now, deed),
            [.., "v2", "user", "logoutall"] => return self.logout_all(request, deed),
            [.., "v2", "user", "validSessionId"] => return self.valid_session(request, now),
            [.., "v3", "login"] => return self.login_v3(request, now, serial, deed),
            _ => {}
        }
        let Some(user) = self.sessions.use_one(request, now) else {
            let quirks = &self.scenario.quirks;
            return errors::no_session(quirks, quirks.expired_session_status, words[1] == "public", serial);
        };
        let asked = Asked { request, now, user, serial };
        match words {
            [.., "v2", "user", "logout"] | [.., "v3", "logout"] => self.logout(request, deed),
            [.., "v2", "job"] => self.start(&asked, deed),
            [.., "v2", "job", "stop"] => self.stop(&asked, deed),
            [.., "activity", "activityMonitor"] => self.monitor(&asked),
            [.., "activity", "activityLog"] => self.activity_log(&asked),
            [.., "activity", "activityLog", id] => self.activity_by_id(&asked, id),
            [.., "activity", "activityLog", id, "sessionLog"] => self.session_log(&asked, id),
            [.., "activity", "errorLog", id] => self.error_log(&asked, id),
            [.., "v2", "task"] => self.task_list(&asked),
            ["saas", "api", "v2", "mttask", how @ ..] => self.mapping_task(how),
            ["saas", "api", "v2", "workflow", how @ ..] => self.workflow(how),
            [.., "v3", "lookup"] => self.lookup(&asked),
            [.., "v3", "objects"] => self.objects(&asked),
            [.., "v3", "objects", id, "references"] => self.references(&asked, id),
            _ => self.unknown_path(),
        }
    }
}
