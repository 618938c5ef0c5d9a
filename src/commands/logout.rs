//! `logout`: ends the kept session.

use serde_json::{Map, Value, json};

use crate::ops::ctx::Ctx;
use crate::output::{Report, SafeLine};
use crate::support::exit::Exit;
use crate::support::failure::Failure;

pub struct LoggedOut {
    was_kept: bool,
}

pub async fn run(ctx: &Ctx<'_>) -> Result<LoggedOut, Failure> {
    let was_kept = ctx.before_start(async { Ok(ctx.client.logout().await?) }).await?;
    Ok(LoggedOut { was_kept })
}

impl Report for LoggedOut {
    fn lines(&self) -> Vec<SafeLine> {
        vec![if self.was_kept { "logged out" } else { "no session was kept" }.into()]
    }

    fn json(&self) -> Map<String, Value> {
        Map::from_iter([("logged_out".to_owned(), json!(self.was_kept))])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}
