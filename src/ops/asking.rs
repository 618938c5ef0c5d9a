//! Questions to a person on the terminal. Where nobody can be asked, the answer is no.

use tokio::io::{AsyncBufReadExt, BufReader};

use crate::ops::ctx::Ctx;
use crate::settings::Settings;
use crate::support::env::Env;

/// Whether there is a person to ask.
pub(crate) fn may_ask(settings: &Settings, env: &Env) -> bool {
    !settings.no_input && env.terminals.stdin && env.terminals.stderr
}

/// Whether what was typed means yes.
pub(crate) fn is_yes(answer: &str) -> bool {
    matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Asks, and waits for the answer. It is a future, so that Ctrl-C can end it.
pub(crate) async fn agrees(ctx: &Ctx<'_>, question: &str) -> bool {
    if !may_ask(ctx.settings, ctx.env) {
        return false;
    }
    ctx.console.alarm(&format!("{question} [y/N]"));
    let mut answer = String::new();
    let mut stdin = BufReader::new(tokio::io::stdin());
    stdin.read_line(&mut answer).await.is_ok() && is_yes(&answer)
}
