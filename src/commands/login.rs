//! `login`, `logout` and `config check`: making, ending and trying a session.

use serde_json::{Map, Value, json};

use tokio::io::{AsyncBufReadExt, BufReader};

use crate::api::retry::RetryPolicy;
use crate::api::{self, Error};
use crate::ops::ctx::Ctx;
use crate::output::Report;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// Something done, in a sentence each.
pub struct Done {
    lines: Vec<String>,
    members: Map<String, Value>,
}

/// Logs in anew. A password that is remembered as refused is sent again only when a person says so.
pub async fn login(ctx: &Ctx<'_>) -> Result<Done, Failure> {
    let login = async {
        match ctx.client.login(false).await {
            Err(refused @ Error::RefusedBefore { .. }) if is_wanted_again(ctx, &refused).await => {
                Ok(ctx.client.login(true).await?)
            }
            other => Ok(other?),
        }
    };
    let session = ctx.before_start(login).await?;
    let org = session.org.clone().unwrap_or_else(|| "an unnamed organisation".to_owned());
    let kept = ctx.settings.session_cache && ctx.settings.state_folder().is_ok();
    let tail = if kept { "the session is kept for later commands" } else { "the session is not kept" };
    Ok(Done {
        lines: vec![format!("logged in to {org} at {}; {tail}", session.server_url)],
        members: Map::from_iter([("server_url".to_owned(), json!(session.server_url))]),
    })
}

async fn is_wanted_again(ctx: &Ctx<'_>, refused: &Error) -> bool {
    let terminals = ctx.env.terminals;
    if ctx.settings.no_input || !terminals.stdin || !terminals.stderr {
        return false;
    }
    ctx.console.alarm(&format!("{refused}. Send it again now? [y/N]"));
    let mut answer = String::new();
    let mut stdin = BufReader::new(tokio::io::stdin());
    stdin.read_line(&mut answer).await.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Ends the kept session.
pub async fn logout(ctx: &Ctx<'_>) -> Result<Done, Failure> {
    let ended = ctx.before_start(async { Ok(ctx.client.logout().await?) }).await?;
    let line = if ended { "logged out" } else { "no session was kept" };
    Ok(Done { lines: vec![line.to_owned()], members: Map::from_iter([("logged_out".to_owned(), json!(ended))]) })
}

/// Tries the settings: a login, a look at what runs, a look for tasks.
pub async fn check(ctx: &Ctx<'_>) -> Result<Done, Failure> {
    let tried = async {
        let session = ctx.client.login(false).await?;
        let org = session.org.clone().unwrap_or_else(|| "unknown".to_owned());
        let mut lines = vec![format!("login: ok, organisation {org}, server {}", session.server_url)];
        let running = api::monitor::runs(ctx.client, false, RetryPolicy::Idempotent, |_| true).await?;
        lines.push(format!("activity monitor: ok, {} running", running.rows.len() + running.unreadable));
        let tasks = api::lookup::tasks_of(ctx.client, crate::job::TaskType::Mtt).await?;
        lines.push(format!("look-up: ok, {} mapping tasks", tasks.len()));
        Ok(lines)
    };
    let lines: Vec<String> = ctx.before_start(tried).await?;
    let members = Map::from_iter([("checks".to_owned(), json!(lines))]);
    Ok(Done { lines, members })
}

impl Report for Done {
    fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn json(&self) -> Map<String, Value> {
        self.members.clone()
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}
