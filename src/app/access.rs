//! From an identity to the way to a session: where it is stored, and where is remembered what must not be sent again.

use std::path::Path;

use futures_util::future::LocalBoxFuture;

use crate::api::error::SecretError;
use crate::api::sessions::refusals::Refusals;
use crate::api::sessions::servers::Servers;
use crate::api::sessions::session::Session;
use crate::api::sessions::store::Store;
use crate::api::sessions::tokens::{TokenSource, UsedTokens};
use crate::api::sessions::{Access, Account};
use crate::output::Console;
use crate::settings::{Identity, SecretSource, Settings};
use crate::support::env::Env;
use crate::support::secret::Secret;
use crate::support::state;

/// What the sessions call while they are in use.
#[derive(Clone, Copy)]
pub(crate) struct Hooks<'a> {
    /// Brings the password or a token.
    pub secret: &'a dyn Fn() -> LocalBoxFuture<'a, Result<Secret, SecretError>>,
    pub warn: &'a dyn Fn(&str),
}

pub(crate) fn of<'a>(
    identity: &Identity,
    settings: &Settings,
    env: &Env,
    console: &Console<'_>,
    hooks: Hooks<'a>,
) -> Access<'a> {
    let Hooks { secret, warn } = hooks;
    if !matches!(identity, Identity::Session { .. }) {
        warn_of_open_folder(settings, console);
    }
    let store_in = |folder: &Path| store(identity, folder).filter(|_| settings.session_cache);
    // A kept session shows that the folder can be written, at less cost than trying it.
    let has_session = |folder: &&Path| store_in(folder).is_some_and(|store| store.is_kept());
    let folder = || {
        let with_session = settings.state_dir.as_deref().filter(has_session);
        with_session.or_else(|| state_folder(identity, settings, env, console))
    };
    let servers = |login_url: &str| Servers::new(login_url, settings.allowed_hosts.clone());
    match identity {
        Identity::Password { login_url, username, .. } => {
            let (login_url, folder) = (login_url.to_string(), folder());
            let refusals = folder.map(|folder| Refusals::new(folder, &login_url, username));
            let account = Account::Password { username: username.clone(), refusals };
            Access::Login { servers: servers(&login_url), login_url, account, secret, store: folder.and_then(store_in) }
        }
        Identity::Token { login_url, org, source, .. } => {
            let folder = folder();
            let used = UsedTokens::new(folder, warn);
            let account = Account::Token { org: org.clone(), from: token_source(source), used };
            let login_url = login_url.to_string();
            Access::Login { servers: servers(&login_url), login_url, account, secret, store: folder.and_then(store_in) }
        }
        Identity::Session { server_url, session } => {
            Access::Ready(Session { server_url: server_url.clone(), id: session.clone(), org: None, user: None })
        }
    }
}

/// Where the session of an account is stored; none for a session that was made elsewhere.
fn store(identity: &Identity, folder: &Path) -> Option<Store> {
    match identity {
        Identity::Password { login_url, username, .. } => {
            Some(Store::by_password(folder, &login_url.to_string(), username))
        }
        Identity::Token { login_url, org, source, .. } => {
            Some(Store::by_token(folder, &login_url.to_string(), org, &source.place()))
        }
        Identity::Session { .. } => None,
    }
}

fn token_source(source: &SecretSource) -> TokenSource {
    if let SecretSource::Command(_) = source { TokenSource::Command } else { TokenSource::File }
}

/// The state folder. Without one, a single warning names everything that does not work.
fn state_folder<'s>(identity: &Identity, settings: &'s Settings, env: &Env, console: &Console<'_>) -> Option<&'s Path> {
    let why = match settings.state_folder() {
        Ok(folder) => return Some(folder),
        // The sandbox ends with this command, so no later command could use what is stored.
        Err(_) if env.is_private() => return None,
        Err(why) => why,
    };
    let session = if settings.session_cache { "the session is not kept and " } else { "" };
    let secret = match identity {
        Identity::Token { .. } => "a used token",
        Identity::Password { .. } | Identity::Session { .. } => "a refused password",
    };
    let lost = format!("{session}{secret} is not remembered");
    console.warn(&format!("{lost}, because {why}; set RUNAJOB_STATE_DIR to a folder that can be written"));
    None
}

fn warn_of_open_folder(settings: &Settings, console: &Console<'_>) {
    if let Some(folder) = &settings.state_dir
        && let Some(mode) = state::mode_open_to_others(folder)
    {
        let shown = folder.display().to_string();
        console.warn(&format!(
            "others can write into the state folder {shown}, which has mode {mode:03o}: chmod 700 {}",
            shell_words::quote(&shown)
        ));
    }
}
