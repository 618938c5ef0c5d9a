//! `login`: logs in anew, and keeps the session for later commands. A session that was made elsewhere is tried instead.

use serde_json::{Map, Value, json};

use crate::api::retry::RetryPolicy;
use crate::api::{self, Error};
use crate::ops::asking::agrees;
use crate::ops::ctx::Ctx;
use crate::output::Report;
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
            Err(refused @ Error::RefusedBefore { .. })
                if agrees(ctx, &format!("{refused}. Send it again now?")).await =>
            {
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

impl Report for LoggedIn {
    fn text(&self) -> String {
        let org = self.org.as_deref().unwrap_or("an unnamed organisation");
        let url = &self.server_url;
        match self.session {
            SessionEnd::Kept => format!("logged in to {org} at {url}; the session is kept for later commands\n"),
            SessionEnd::Ended => format!("logged in to {org} at {url}; the session is not kept\n"),
            SessionEnd::GoesOn => {
                format!("the given session is valid at {url}; there was nothing to log in or to keep\n")
            }
        }
    }

    fn json(&self) -> Map<String, Value> {
        Map::from_iter([("server_url".to_owned(), json!(self.server_url))])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}
