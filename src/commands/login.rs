//! `login`: logs in anew, and keeps the session for later commands.

use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::api::Error;
use crate::ops::ctx::Ctx;
use crate::output::Report;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

pub struct LoggedIn {
    org: Option<String>,
    server_url: String,
    is_kept: bool,
}

/// Logs in anew. A password that is remembered as refused is sent again only when a person says so.
pub async fn run(ctx: &Ctx<'_>) -> Result<LoggedIn, Failure> {
    let login = async {
        match ctx.client.login(false).await {
            Err(refused @ Error::RefusedBefore { .. }) if is_wanted_again(ctx, &refused).await => {
                Ok(ctx.client.login(true).await?)
            }
            other => Ok(other?),
        }
    };
    let session = ctx.before_start(login).await?;
    let is_kept = ctx.settings.session_cache && ctx.settings.state_folder().is_ok();
    Ok(LoggedIn { org: session.org, server_url: session.server_url, is_kept })
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

impl Report for LoggedIn {
    fn text(&self) -> String {
        let org = self.org.as_deref().unwrap_or("an unnamed organisation");
        let tail = if self.is_kept { "the session is kept for later commands" } else { "the session is not kept" };
        format!("logged in to {org} at {}; {tail}\n", self.server_url)
    }

    fn json(&self) -> Map<String, Value> {
        Map::from_iter([("server_url".to_owned(), json!(self.server_url))])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}
