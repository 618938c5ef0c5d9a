//! Which source says who we are: one identity from one source, never put together from two.

use crate::settings::error::Error;
use crate::settings::file;
use crate::settings::identity::{self, Identity, LoginUrl, SecretSource};
use crate::settings::values::Values;
use crate::support::env::{self, Env};
use crate::support::secret::Secret;

/// The part of a source that is about the account.
pub(crate) struct AccountSource<'s> {
    pub name: &'static str,
    pub values: &'s Values,
    pub env: &'s Env,
    /// Whether a secret may be in a file that others can read.
    pub allow_readable: bool,
}

/// The identity that the environment gives.
pub(crate) fn of_environment(source: &AccountSource<'_>, notes: &mut Vec<String>) -> Result<Identity, Error> {
    let session = (source.env.get(env::SESSION_ID), source.env.get(env::SERVER_URL));
    match session {
        (None, None) => by_password(source, notes),
        _ if !source.values.is_empty() => Err(Error::Twice(source.name.to_owned(), "session and login")),
        (Some(_), None) => Err(source.partial(env::SERVER_URL)),
        (None, Some(_)) => Err(source.partial(env::SESSION_ID)),
        (Some(id), Some(url)) => identity::server_url(url)
            .map(|server_url| Identity::Session { server_url, session: Secret::new(id.to_owned()) })
            .map_err(|why| Error::Invalid { origin: env::SERVER_URL.to_owned(), why }),
    }
}

/// The identity that the config file gives. None when it says nothing of one.
pub(crate) fn of_file(source: &AccountSource<'_>, notes: &mut Vec<String>) -> Option<Result<Identity, Error>> {
    (!source.values.is_empty()).then(|| by_password(source, notes))
}

fn by_password(source: &AccountSource<'_>, notes: &mut Vec<String>) -> Result<Identity, Error> {
    let text = |name| source.values.get::<String>(name);
    let invalid = |name: &str, why| Error::Invalid { origin: source.values.origin(name).to_string(), why };
    let login_url = match (text("login_url"), text("pod")) {
        (Some(url), None) => LoginUrl::parse(&url).map_err(|why| invalid("login_url", why))?,
        (None, Some(pod)) => LoginUrl::of_pod(&pod).map_err(|why| invalid("pod", why))?,
        (Some(_), Some(_)) => return Err(Error::Twice(source.name.to_owned(), "login_url and pod")),
        (None, None) => return Err(source.partial("login_url")),
    };
    let username = text("username").ok_or_else(|| source.partial("username"))?;
    let secret = source.secret(notes)?;
    let secret = secret.ok_or_else(|| source.partial("password_command, password_file or password"))?;
    Ok(Identity::Password { login_url, username, source: secret })
}

impl AccountSource<'_> {
    fn partial(&self, missing: &'static str) -> Error {
        Error::Partial { source_name: self.name.to_owned(), missing }
    }

    /// The one way to the password that the values give, if they give any.
    fn secret(&self, notes: &mut Vec<String>) -> Result<Option<SecretSource>, Error> {
        let command = self.values.get("password_command").map(SecretSource::Command);
        let in_file = self.values.get("password_file").map(SecretSource::File);
        let value = self.values.get("password").map(|password| SecretSource::Value(Secret::new(password)));
        let mut sources = [command, in_file, value].into_iter().flatten();
        let source = sources.next();
        if sources.next().is_some() {
            return Err(Error::Twice(self.name.to_owned(), "password_command, password_file and password"));
        }
        if let Some(SecretSource::File(path)) = &source
            && path.exists()
        {
            notes.extend(file::check_mode(path, self.env, self.allow_readable)?);
        }
        Ok(source)
    }

    /// The way to a password, where nothing else of an identity is.
    pub(crate) fn lone_secret(&self, notes: &mut Vec<String>) -> Result<Option<SecretSource>, Error> {
        if ["login_url", "pod", "username"].iter().any(|name| self.values.get::<String>(name).is_some()) {
            return Ok(None);
        }
        self.secret(notes)
    }
}
