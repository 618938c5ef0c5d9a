//! Which resource answers which path and method.

use jiff::Timestamp;

use crate::context::{Answer, Context};
use crate::state::State;
use crate::wire::{Reply, Request};
use crate::{errors, ingestion, jobs, log, log_files, login, monitor, objects, taskflows, tasks};

/// The methods of a path below the host, if there is such a path.
fn methods(path: &[&str]) -> Option<&'static str> {
    match path {
        ["ma", "api", "v2", "user", "login" | "loginOAuth" | "logout" | "logoutall"]
        | ["saas", "api", "v2", "user", "logout" | "validSessionId"]
        | ["saas", "public", "core", "v3", "login" | "logout" | "lookup"]
        | ["saas", "api", "v2", "job"]
        | ["saas", "api", "v2", "job", "stop"]
        | ["mftsaas", "api", "v1", "job"] => Some("POST"),
        ["saas", "api", "v2", "activity", "activityMonitor" | "activityLog"]
        | ["saas", "api", "v2", "activity", "activityLog" | "errorLog", _]
        | ["saas", "api", "v2", "activity", "activityLog", _, "sessionLog"]
        | ["saas", "api", "v2", "task" | "mttask" | "workflow", ..]
        | ["saas", "public", "core", "v3", "objects"]
        | ["saas", "public", "core", "v3", "objects", _, "references"]
        | ["active-bpel", "services", "tf", "status"]
        | ["active-bpel", "services", "tf", "status", _]
        | ["mftsaas", "api", "v1", "job", _, "status"]
        | ["mftsaas", "api", "v1", "mitasks"]
        | ["mftsaas", "api", "v1", "mitasks", _] => Some("GET, HEAD"),
        ["active-bpel", "rt", _] => Some("GET, POST"),
        ["active-bpel", "services", "tf", "terminate"]
        | ["active-bpel", "management", "runtime", "v1", "resumeWithFaultRetry" | "resumeWithFaultSkip", _]
        | ["active-bpel", "restadmin", "processes", _, "terminate"] => Some("PUT"),
        _ => None,
    }
}

pub(crate) fn answer(state: &mut State, request: &Request, path: &[&str], now: Timestamp, serial: usize) -> Answer {
    let Some(methods) = methods(path) else { return unknown_path(state).into() };
    // The listener leaves the body out.
    let method = if request.method == "HEAD" { "GET" } else { request.method.as_str() };
    if method == "OPTIONS" {
        return Reply::empty(200).with_header("Allow", methods).into();
    }
    if !methods.split(", ").any(|known| known == method) {
        let refusal = if errors::is_v2(path) { errors::v2_method() } else { errors::v3_method(serial) };
        return refusal.with_header("Allow", methods).into();
    }
    match path {
        [.., "v2", "user", "login"] => return login::v2(state, request, now),
        [.., "v2", "user", "loginOAuth"] => return login::by_token(state, request, now),
        [.., "v2", "user", "logoutall"] => return login::logout_all(state, request),
        [.., "v2", "user", "validSessionId"] => return login::validate(state, request, now).into(),
        [.., "v3", "login"] => return login::v3(state, request, now, serial),
        _ => {}
    }
    // Clients log out at the host of the pod or at that of the login, which are one host here.
    let in_saas = matches!(path[0], "saas" | "ma");
    let sessions = &mut state.sessions;
    let user = if in_saas { sessions.renew(request, now) } else { sessions.user_of(request, now) };
    let Some(user) = user else {
        let quirks = &state.scenario.quirks;
        return errors::no_session(quirks, quirks.expired_session_status, !errors::is_v2(path), serial).into();
    };
    let context = Context { request, now, user, serial };
    if in_saas { answer_in_saas(state, &context, path) } else { answer_beside_saas(state, &context, path) }
}

fn unknown_path(state: &State) -> Reply {
    errors::unknown_path(state.scenario.quirks.unknown_path_status)
}

fn answer_in_saas(state: &mut State, context: &Context<'_>, path: &[&str]) -> Answer {
    match path {
        [.., "v2", "user", "logout"] | [.., "v3", "logout"] => login::logout(state, context.request),
        [.., "v2", "job"] => jobs::start(state, context),
        [.., "v2", "job", "stop"] => jobs::stop(state, context),
        [.., "activity", "activityMonitor"] => monitor::list(state, context).into(),
        [.., "activity", "activityLog"] => log::list(state, context).into(),
        [.., "activity", "activityLog", id] => log::by_id(state, context, id).into(),
        [.., "activity", "activityLog", id, "sessionLog"] => log_files::session_log(state, context, id).into(),
        // Seen with the ID in the query.
        [.., "activity", "errorLog", "id"] => errors::unknown_path(404).into(),
        [.., "activity", "errorLog", id] => log_files::error_log(state, context, id).into(),
        [.., "v2", "task"] => tasks::list(state, context).into(),
        ["saas", "api", "v2", "mttask", by @ ..] => tasks::mapping_tasks(state, by).into(),
        ["saas", "api", "v2", "workflow", by @ ..] => tasks::linear_taskflows(state, by).into(),
        [.., "v3", "lookup"] => objects::lookup(state, context).into(),
        [.., "v3", "objects"] => objects::list(state, context).into(),
        [.., "v3", "objects", id, "references"] => objects::references(state, context, id).into(),
        _ => unknown_path(state).into(),
    }
}

/// Taskflows and file ingestion, which lie beside `/saas`.
fn answer_beside_saas(state: &mut State, context: &Context<'_>, path: &[&str]) -> Answer {
    match path {
        [_, "rt", name] => taskflows::start(state, context, name),
        [_, "services", "tf", "status"] => taskflows::list(state, context).into(),
        [_, "services", "tf", "status", run_id] => taskflows::status(state, context, run_id).into(),
        [_, "services", "tf", "terminate"] => taskflows::terminate_list(state, context),
        [_, "restadmin", "processes", run_id, "terminate"] => taskflows::terminate(state, context, &[run_id]),
        [.., "resumeWithFaultRetry", run_id] => taskflows::resume(state, context, run_id, false),
        [.., "resumeWithFaultSkip", run_id] => taskflows::resume(state, context, run_id, true),
        [_, _, "v1", "job"] => ingestion::start(state, context),
        [_, _, "v1", "job", run_id, "status"] => ingestion::status(state, context, run_id).into(),
        [_, _, "v1", "mitasks"] => ingestion::task_list(state).into(),
        [_, _, "v1", "mitasks", "activityLog"] => ingestion::history(state, context).into(),
        [_, _, "v1", "mitasks", id] => ingestion::task_by_id(state, context, id).into(),
        _ => unknown_path(state).into(),
    }
}
