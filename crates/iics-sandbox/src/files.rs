//! The logs as files: the session log as text or archive, the rejected rows as comma-separated values.

use super::outcome::error_code;
use super::runs::Run;
use super::wire::Reply;
use super::{Asked, Sandbox, errors, times, zip};

impl Sandbox {
    /// Plain text of a single task and of a grandchild, an archive of a task of a linear taskflow.
    pub(super) fn session_log(&self, asked: &Asked<'_>, id: &str) -> Reply {
        let Some(run) = self.in_log(id, asked.now) else { return errors::unknown_id(id) };
        let text = |run: &Run| {
            let body = self.session_text(run).into_bytes();
            file(&format!("s_mtt_{}.log", self.task_of(run).id), "text/plain;charset=UTF-8", body)
        };
        let Some(item) = asked.request.parameter("itemId") else { return text(run) };
        let is_it = |part: &&Run| Self::child_id(part, 0) == item || Self::child_id(part, 1) == item;
        match run.parts.iter().find(is_it) {
            Some(part) if asked.request.parameter("childItemId").is_some() => text(part),
            Some(part) => {
                let member = format!("MTT/{}", self.session_log_name(part));
                let archive = zip::of_one(&member, self.session_text(part).as_bytes());
                file(&format!("s_mtt_{}.zip", self.task_of(run).id), "application/zip;charset=UTF-8", archive)
            }
            None if Self::child_id(run, 1) == item => text(run),
            None => errors::wrong_value("itemId"),
        }
    }

    fn session_text(&self, run: &Run) -> String {
        let task = self.task_of(run);
        let rows = self.rows(run, run.ended());
        let (began, ended) = (times::american(run.began), times::american(run.ended()));
        format!(
            "{began} **** Initializing session {log} ...\n\
             {began} **** Task {name}, run {id} ...\n\
             {ended} **** Target rows written: {written}, rejected: {rejected}\n\
             {ended} **** Session ended: {error}\n",
            log = self.session_log_name(run),
            name = task.spec.name,
            id = run.run_id,
            written = rows.written,
            rejected = rows.rejected,
            error = self.session_error(run),
        )
    }

    /// The rejected rows: what was written where, when on the agent's clock, the error, the values in doubled quotes.
    pub(super) fn error_log(&self, asked: &Asked<'_>, id: &str) -> Reply {
        let Some(run) = self.in_log(id, asked.now) else { return errors::unknown_id(id) };
        let task = self.task_of(run);
        let error = self.session_error(run);
        let (code, ended) = (error_code(&error), run.ended());
        let (time, seconds) = (times::american(ended), ended.as_second());
        let line = |row: u64| {
            format!(
                "Target,N/A,Input,1,{row},1,{time},{seconds},{code},Error loading row to target table [Target]. Error \
                 message [\n{error}],2,\"\"{row}.000000000000000\"\",N/A,N/A,-1,-1,N/A\n"
            )
        };
        let text: String = (1..=self.rows(run, ended).rejected).map(line).collect();
        file(&format!("s_mtt_{}_{}_error.csv", task.id, run.run_id), "text/csv;charset=UTF-8", text.into_bytes())
    }
}

/// A file to be saved. Clients read its name between the quotes.
pub(super) fn file(name: &str, content_type: &str, body: Vec<u8>) -> Reply {
    Reply::typed(200, content_type, body).with_header("Content-Disposition", format!("attachment; filename=\"{name}\""))
}
