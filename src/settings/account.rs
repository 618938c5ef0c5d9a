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

/// The identity that the environment gives. None when it says nothing of one.
pub(crate) fn of_environment(source: &AccountSource<'_>, notes: &mut Vec<String>) -> Option<Result<Identity, Error>> {
    let session = (source.env.get(env::SESSION_ID), source.env.get(env::SERVER_URL));
    Some(match session {
        (None, None) if source.values.is_empty() => return None,
        (None, None) => by_login(source, notes),
        _ if !source.values.is_empty() => Err(Error::Twice(source.name.to_owned(), "session and login")),
        (Some(_), None) => Err(source.partial(env::SERVER_URL)),
        (None, Some(_)) => Err(source.partial(env::SESSION_ID)),
        (Some(id), Some(url)) => identity::server_url(url)
            .map(|server_url| Identity::Session { server_url, session: Secret::new(id.to_owned()) })
            .map_err(|why| Error::Invalid { origin: env::SERVER_URL.to_owned(), why }),
    })
}

/// The identity that the config file gives. None when it says nothing of one.
pub(crate) fn of_file(source: &AccountSource<'_>, notes: &mut Vec<String>) -> Option<Result<Identity, Error>> {
    (!source.values.is_empty()).then(|| by_login(source, notes))
}

fn by_login(source: &AccountSource<'_>, notes: &mut Vec<String>) -> Result<Identity, Error> {
    let text = |name| source.values.get::<String>(name);
    let invalid = |name: &str, why| Error::Invalid { origin: source.values.origin(name).to_string(), why };
    let login_url = match (text("login_url"), text("pod")) {
        (Some(url), None) => LoginUrl::parse(&url).map_err(|why| invalid("login_url", why))?,
        (None, Some(pod)) => LoginUrl::of_pod(&pod).map_err(|why| invalid("pod", why))?,
        (Some(_), Some(_)) => return Err(Error::Twice(source.name.to_owned(), "login_url and pod")),
        (None, None) => return Err(source.partial("login_url")),
    };
    let (username, org) = (text("username"), text("org_id"));
    match (source.password(notes)?, source.token(notes)?) {
        (Some(_), Some(_)) => Err(Error::Twice(source.name.to_owned(), "a password and a token")),
        (None, Some(token)) => {
            let org = org.ok_or_else(|| source.partial("org_id"))?;
            Ok(Identity::Token { login_url, org, username, source: token })
        }
        (password, None) => {
            if org.is_some() {
                let why = match password {
                    Some(_) => "it goes with a token, and the account has a password; omit it, or see expect_org",
                    None => return Err(source.partial("token_command or token_file")),
                };
                return Err(invalid("org_id", why.to_owned()));
            }
            let username = username.ok_or_else(|| source.partial("username"))?;
            let source = password.unwrap_or(SecretSource::Missing { source_name: source.name });
            Ok(Identity::Password { login_url, username, source })
        }
    }
}

impl AccountSource<'_> {
    fn partial(&self, missing: &'static str) -> Error {
        Error::Partial { source_name: self.name.to_owned(), missing }
    }

    /// The one way to the password that the values give, if they give any.
    fn password(&self, notes: &mut Vec<String>) -> Result<Option<SecretSource>, Error> {
        let value = self.values.get("password").map(|password| SecretSource::Value(Secret::new(password)));
        let names = ["password_command", "password_file"];
        self.secret(names, value, "password_command, password_file and password", notes)
    }

    /// The one way to tokens that the values give, if they give any.
    fn token(&self, notes: &mut Vec<String>) -> Result<Option<SecretSource>, Error> {
        self.secret(["token_command", "token_file"], None, "token_command and token_file", notes)
    }

    fn secret(
        &self,
        [command, file]: [&str; 2],
        value: Option<SecretSource>,
        all: &'static str,
        notes: &mut Vec<String>,
    ) -> Result<Option<SecretSource>, Error> {
        let command = self.values.get(command).map(SecretSource::Command);
        let in_file = self.values.get(file).map(SecretSource::File);
        let mut sources = [command, in_file, value].into_iter().flatten();
        let source = sources.next();
        if sources.next().is_some() {
            return Err(Error::Twice(self.name.to_owned(), all));
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
        self.password(notes)
    }
}

#[cfg(test)]
mod tests;
