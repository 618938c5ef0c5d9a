//! The logs as files: the session log as text or archive, the rejected rows as comma-separated values.

use crate::context::Context;
use crate::results::error_code;
use crate::runs::Run;
use crate::state::State;
use crate::wire::Reply;
use crate::{errors, log, results, times, zip};

/// Plain text of a single task and of a grandchild, an archive of a task of a linear taskflow.
pub(crate) fn session_log(state: &State, context: &Context<'_>, id: &str) -> Reply {
    let Some(run) = log::in_log(state, id, context.now) else { return errors::unknown_id(id) };
    let text = |run: &Run| {
        if run.never_ran() {
            return errors::no_session_log();
        }
        let body = session_text(state, run).into_bytes();
        file(&format!("s_mtt_{}.log", state.task_of(run).id), "text/plain;charset=UTF-8", body)
    };
    let Some(item) = context.request.parameter("itemId") else { return text(run) };
    let is_it = |part: &&Run| results::child_id(part, 0) == item || results::child_id(part, 1) == item;
    match run.parts.iter().find(is_it) {
        Some(part) if context.request.parameter("childItemId").is_some() => text(part),
        Some(part) if part.never_ran() => errors::no_session_log(),
        Some(part) => {
            let member = format!("MTT/{}", results::session_log_name(state, part));
            let archive = zip::of_one(&member, session_text(state, part).as_bytes());
            file(&format!("s_mtt_{}.zip", state.task_of(run).id), "application/zip;charset=UTF-8", archive)
        }
        None if results::child_id(run, 1) == item => text(run),
        None => errors::wrong_value("itemId"),
    }
}

fn session_text(state: &State, run: &Run) -> String {
    let task = state.task_of(run);
    let rows = results::rows(state, run, run.ended());
    let (began, ended) = (times::american(run.began), times::american(run.ended()));
    format!(
        "{began} **** Initializing session {log} ...\n\
         {began} **** Task {name}, run {id} ...\n\
         {ended} **** Target rows written: {written}, rejected: {rejected}\n\
         {ended} **** Session ended: {error}\n",
        log = results::session_log_name(state, run),
        name = task.spec.name,
        id = run.run_id,
        written = rows.written,
        rejected = rows.rejected,
        error = results::session_error(state, run),
    )
}

/// The rejected rows: what was written where, when on the agent's clock, the error, the values in doubled quotes.
pub(crate) fn error_log(state: &State, context: &Context<'_>, id: &str) -> Reply {
    let Some(run) = log::in_log(state, id, context.now) else { return errors::unknown_id(id) };
    let task = state.task_of(run);
    let error = results::session_error(state, run);
    let (code, ended) = (error_code(&error), run.ended());
    let (time, seconds) = (times::american(ended), ended.as_second());
    let line = |row: u64| {
        format!(
            "Target,N/A,Input,1,{row},1,{time},{seconds},{code},Error loading row to target table [Target]. Error \
             message [\n{error}],2,\"\"{row}.000000000000000\"\",N/A,N/A,-1,-1,N/A\n"
        )
    };
    let text: String = (1..=results::rows(state, run, ended).rejected).map(line).collect();
    file(&format!("s_mtt_{}_{}_error.csv", task.id, run.run_id), "text/csv;charset=UTF-8", text.into_bytes())
}

/// A file to be saved. Clients read its name between the quotes.
pub(crate) fn file(name: &str, content_type: &str, body: Vec<u8>) -> Reply {
    Reply::typed(200, content_type, body).with_header("Content-Disposition", format!("attachment; filename=\"{name}\""))
}
