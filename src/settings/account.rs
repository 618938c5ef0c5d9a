//! Which source says who we are: one identity from one source, never mixed. Leaves what an identity is to `identity`.

use crate::cli::Cli;
use crate::settings::keys::Value;
use crate::settings::{
    Error, Identity, LoginUrl, SecretSource, Values, file, identity, is_identity, path_of, switch, text,
};
use crate::support::env::{self, Env};
use crate::support::secret::Secret;

/// The identity, from the environment if it says anything of one, else from the file; and the values it was made of.
/// A `--profile` given outright makes the file the source.
pub(crate) fn choose(
    cli: &Cli,
    env: &Env,
    variables: &Values,
    from_file: &Values,
    values: &Values,
    notes: &mut Vec<String>,
) -> (Result<Option<Identity>, Error>, Values) {
    let own = |source: &Values| -> Values {
        source.iter().filter(|(name, _)| is_identity(name)).map(|(name, value)| (*name, value.clone())).collect()
    };
    let session = (env.get(env::SESSION_ID), env.get(env::SERVER_URL));
    let in_env = own(variables);
    let said = !in_env.is_empty() || session != (None, None);
    if said && cli.global.profile.is_none() {
        let made = match session {
            (None, None) => by_password("the environment", &in_env, env, values, notes),
            _ if !in_env.is_empty() => Err(Error::Twice("the environment".to_owned(), "session and login")),
            (Some(_), None) => {
                Err(Error::Partial { source_name: "the environment".to_owned(), missing: env::SERVER_URL })
            }
            (None, Some(_)) => {
                Err(Error::Partial { source_name: "the environment".to_owned(), missing: env::SESSION_ID })
            }
            (Some(id), Some(url)) => identity::server_url(url)
                .map(|server_url| Identity::Session { server_url, session: Secret::new(id.to_owned()) })
                .map_err(|why| Error::Invalid { origin: env::SERVER_URL.to_owned(), why }),
        };
        return (made.map(Some), in_env);
    }
    if said {
        notes.push("--profile is given, so the account in the environment is ignored".to_owned());
    }
    let in_file = own(from_file);
    let made = if in_file.is_empty() {
        Ok(None)
    } else {
        by_password("the config file", &in_file, env, values, notes).map(Some)
    };
    (made, in_file)
}

fn by_password(
    source_name: &str,
    found: &Values,
    env: &Env,
    values: &Values,
    notes: &mut Vec<String>,
) -> Result<Identity, Error> {
    let partial = |missing| Error::Partial { source_name: source_name.to_owned(), missing };
    let invalid = |name: &str, why| Error::Invalid { origin: found[name].1.to_string(), why };
    let login_url = match (text(found, "login_url"), text(found, "pod")) {
        (Some(url), None) => LoginUrl::parse(&url).map_err(|why| invalid("login_url", why))?,
        (None, Some(pod)) => LoginUrl::of_pod(&pod).map_err(|why| invalid("pod", why))?,
        (Some(_), Some(_)) => return Err(Error::Twice(source_name.to_owned(), "login_url and pod")),
        (None, None) => return Err(partial("login_url")),
    };
    let username = text(found, "username").ok_or_else(|| partial("username"))?;
    let source = secret_of(source_name, found, env, values, notes)?;
    let source = source.ok_or_else(|| partial("password_command, password_file or password"))?;
    Ok(Identity::Password { login_url, username, source })
}

/// The one way to the password that the values give, if they give any.
fn secret_of(
    source_name: &str,
    found: &Values,
    env: &Env,
    values: &Values,
    notes: &mut Vec<String>,
) -> Result<Option<SecretSource>, Error> {
    let command = match found.get("password_command") {
        Some((Value::Words(words), _)) => Some(SecretSource::Command(words.clone())),
        _ => None,
    };
    let in_file = path_of(found, "password_file").map(SecretSource::File);
    let value = text(found, "password").map(|password| SecretSource::Value(Secret::new(password)));
    let mut sources = [command, in_file, value].into_iter().flatten();
    let source = sources.next();
    if sources.next().is_some() {
        return Err(Error::Twice(source_name.to_owned(), "password_command, password_file and password"));
    }
    if let Some(SecretSource::File(path)) = &source
        && path.exists()
    {
        notes.extend(file::check_mode(path, env, switch(values, "allow_readable_secret"))?);
    }
    Ok(source)
}

/// The password in the environment, where nothing else of an identity is.
pub(crate) fn lone_secret(
    variables: &Values,
    env: &Env,
    values: &Values,
    notes: &mut Vec<String>,
) -> Result<Option<SecretSource>, Error> {
    if ["login_url", "pod", "username"].iter().any(|name| variables.contains_key(name)) {
        return Ok(None);
    }
    secret_of("the environment", variables, env, values, notes)
}
