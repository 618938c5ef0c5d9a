//! The active runs of a task, as far as this machine can know them: those that the service shows, and those that this machine
//! has just started and the service need not show yet.

use crate::api::Error;
use crate::job::Run;
use crate::ops::ctx::Ctx;
use crate::ops::recent::recent;
use crate::ops::runs as kinds;

#[derive(Default)]
pub(crate) struct ActiveRuns {
    pub shown: Vec<Run>,
    /// Those that this machine started so lately that the service need not show them, and whose end the log does not show.
    pub unshown: Vec<Run>,
}

impl ActiveRuns {
    /// The active runs of a task, of which the service shows `shown`. `except` is left out.
    pub(crate) async fn new(
        ctx: &Ctx<'_>,
        task_id: Option<&str>,
        mut shown: Vec<Run>,
        except: Option<&Run>,
    ) -> Result<Self, Error> {
        shown.retain(|run| Some(run) != except);
        let recent = task_id.and_then(|id| recent(ctx, id)).map(|recent| recent.recent(ctx.clock.utc()));
        let mut unshown = Vec::new();
        for run in recent.unwrap_or_default() {
            let is_new = Some(&run) != except && !shown.contains(&run) && !unshown.contains(&run);
            if is_new && kinds::result(ctx, &run, None).await?.is_none() {
                unshown.push(run);
            }
        }
        Ok(Self { shown, unshown })
    }

    pub(crate) fn runs(&self) -> Vec<Run> {
        self.shown.iter().chain(&self.unshown).cloned().collect()
    }

    /// Their handles, with a remark on those that the service does not show.
    pub(crate) fn list(&self) -> String {
        let all = Run::list(&self.runs()).join(", ");
        match &self.unshown[..] {
            [] => all,
            unshown => {
                let unshown = Run::list(unshown).join(", ");
                format!("{all} (this machine has just started {unshown}; the service does not show it yet)")
            }
        }
    }
}
