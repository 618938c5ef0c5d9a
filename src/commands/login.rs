//! `login`: logs in anew, and keeps the session for later commands. A session that was made elsewhere is tried instead.

use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::api::retry::RetryPolicy;
use crate::api::{self, Error};
use crate::ops::ctx::Ctx;
use crate::output::{Report, SafeLine};
use crate::settings::Identity;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

pub struct LoggedIn {
    org: Option<String>,
    server_url: String,
    session: SessionEnd,
}

/// What becomes of the session at the end of the command.
enum SessionEnd {
    Kept,
    Ended,
    /// It was made elsewhere, and ends there.
    GoesOn,
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
    let end = match ctx.settings.identity()? {
        Identity::Session { .. } => {
            // Nothing was sent so far, and only an answer shows whether the session is valid.
            let asking = api::monitor::runs(ctx.client, false, RetryPolicy::Idempotent, |_| false);
            ctx.before_start(async { Ok(asking.await?) }).await?;
            SessionEnd::GoesOn
        }
        Identity::Password { .. } if ctx.client.keeps_session() => SessionEnd::Kept,
        Identity::Password { .. } => SessionEnd::Ended,
    };
    Ok(LoggedIn { org: session.org, server_url: session.server_url, session: end })
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
    fn lines(&self) -> Vec<SafeLine> {
        let org = self.org.as_deref().unwrap_or("an unnamed organisation");
        let url = &self.server_url;
        let line = match self.session {
            SessionEnd::Kept => format!("logged in to {org} at {url}; the session is kept for later commands"),
            SessionEnd::Ended => format!("logged in to {org} at {url}; the session is not kept"),
            SessionEnd::GoesOn => {
                format!("the given session is valid at {url}; there was nothing to log in or to keep")
            }
        };
        vec![line.into()]
    }

    fn json(&self) -> Map<String, Value> {
        Map::from_iter([("server_url".to_owned(), json!(self.server_url))])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}
