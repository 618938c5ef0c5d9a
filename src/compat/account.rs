//! Who logs in where in RunAJob's mode: options come first, then `restenv.properties`. Missing parts come from the configured
//! account, if it is the same one.

use crate::compat::arguments::Arguments;
use crate::compat::restenv::{NAME, Restenv};
use crate::settings::{Error, Identity, LoginUrl, SecretSource, Settings};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::secret::Secret;

/// The identity, put together. A password of the settings goes nowhere but to the host and the user that it is for.
pub(crate) fn identity(
    arguments: &Arguments,
    password: Option<Secret>,
    restenv: &Restenv,
    settings: &Settings,
) -> Result<Identity, Failure> {
    // A profile that the file names replaces the account in the file.
    let file = Some(restenv).filter(|restenv| restenv.profile.is_none());
    let base_url = given(arguments.base_url.as_deref(), "-bu", file.and_then(|file| file.base_url.as_ref()), "baseUrl");
    let login_url = base_url.map(|(text, place)| {
        LoginUrl::parse(text).map_err(|why| {
            let failure = Failure::of(Exit::Config, why).context(format!("{place} is not a login URL"));
            failure.hint("give the host with /ma, such as https://dm-us.informaticacloud.com/ma")
        })
    });
    let login_url = login_url.transpose()?;
    let username = arguments.username.clone().or(file.and_then(|file| file.username.clone()));
    let secret = password.or(file.and_then(|file| file.password.clone())).map(SecretSource::Value);
    let secret = match (&login_url, &username, secret) {
        (Some(_), Some(_), None) => settings.lone_secret()?.cloned(),
        (_, _, secret) => secret,
    };
    match (login_url, username, secret) {
        (Some(login_url), Some(username), Some(source)) => Ok(Identity::Password { login_url, username, source }),
        (login_url, username, secret) => complete(login_url, username, secret, restenv, settings),
    }
}

fn given<'a>(
    option: Option<&'a str>,
    name: &'static str,
    file: Option<&'a String>,
    key: &str,
) -> Option<(&'a str, String)> {
    let in_file = || file.map(|text| (text.as_str(), format!("{key} in {NAME}")));
    option.map(|text| (text, name.to_owned())).or_else(in_file)
}

/// Missing parts come from the configured account, which must not be another one.
fn complete(
    login_url: Option<LoginUrl>,
    username: Option<String>,
    secret: Option<SecretSource>,
    restenv: &Restenv,
    settings: &Settings,
) -> Result<Identity, Failure> {
    let nothing = login_url.is_none() && username.is_none() && secret.is_none();
    let parts = [
        ("-bu (baseUrl)", login_url.is_none()),
        ("-u (username)", username.is_none()),
        ("-p (password)", secret.is_none()),
    ];
    let absent: Vec<&str> = parts.iter().filter(|(_, is_absent)| *is_absent).map(|(name, _)| *name).collect();
    let verb = if absent.len() == 1 { "is" } else { "are" };
    let missing = |why: Option<String>| {
        let what = format!("{} {verb} missing", absent.join(", "));
        let failure = match why {
            Some(why) => Failure::of(Exit::Config, why).context(what),
            None => Failure::of(Exit::Config, what),
        };
        failure.hint(remedy(restenv))
    };
    match settings.identity() {
        Ok(identity @ Identity::Session { .. }) if nothing => Ok(identity.clone()),
        Ok(Identity::Session { .. }) => {
            Err(missing(Some("a session made elsewhere cannot complete another account".to_owned())))
        }
        Ok(Identity::Token { .. }) if secret.is_some() => {
            Err(missing(Some("the configured account logs in by a token, not by a password".to_owned())))
        }
        Ok(identity @ Identity::Token { login_url: url, username: user, .. }) => {
            if login_url.is_some_and(|login_url| login_url != *url) || username.is_some_and(|name| Some(name) != *user)
            {
                let user = user.as_deref().unwrap_or("one without username");
                return Err(missing(Some(format!("the configured account is another account: {user} at {url}"))));
            }
            Ok(identity.clone())
        }
        Ok(Identity::Password { source: SecretSource::Missing { source_name }, .. })
            if secret.is_none() && !nothing =>
        {
            Err(missing(Some(Error::NoPassword { source_name }.to_string())))
        }
        Ok(Identity::Password { login_url: url, username: user, source }) => {
            if login_url.is_some_and(|login_url| login_url != *url) || username.is_some_and(|name| name != *user) {
                return Err(missing(Some(format!("the configured account is another account: {user} at {url}"))));
            }
            let source = secret.unwrap_or_else(|| source.clone());
            Ok(Identity::Password { login_url: url.clone(), username: user.clone(), source })
        }
        Err(Error::NoIdentity) => Err(missing(encryption(restenv))),
        Err(error) if nothing => Err(error.into()),
        Err(error) => Err(missing(Some(error.to_string()))),
    }
}

fn encryption(restenv: &Restenv) -> Option<String> {
    let why = "use.encryption=true: the password in the file is in a form that only RunAJob reads";
    restenv.encrypted.then(|| why.to_owned())
}

fn remedy(restenv: &Restenv) -> String {
    if restenv.encrypted {
        let file = restenv.path.as_ref().map_or(NAME.to_owned(), |path| path.display().to_string());
        return format!(
            "runajob config import {} --password-command COMMAND, then put runajob.profile=NAME into the file; or set \
             RUNAJOB_PASSWORD_FILE",
            shell_words::quote(&file)
        );
    }
    format!("put it into {NAME} next to cli.sh, name a profile there with runajob.profile=NAME, or give the option")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compat::arguments::{Password, parse};
    use crate::compat::properties::Properties;
    use crate::support::env::Env;
    use crate::support::hint::AccountFlags;

    const FILE: &str = "baseUrl=https://file.example.com/ma\nusername=filer\npassword=from-file\n";

    /// Host, user and password for options, a file and the environment.
    fn account<const N: usize>(options: &str, file: &str, vars: [(&str, &str); N]) -> Result<[String; 3], String> {
        let words = format!("{options} -t MTT -n x");
        let words: Vec<_> = shell_words::split(&words).unwrap().into_iter().map(Into::into).collect();
        let mut arguments = parse(&words).unwrap().unwrap();
        let password = arguments.password.take().map(|password| match password {
            Password::Here(secret) => secret,
            Password::OnStdin => panic!(),
        });
        let restenv = Restenv::of(&Properties::parse(file.as_bytes()).unwrap()).unwrap();
        let cli = crate::cli::parse(&["runajob".into(), "status".into()]).unwrap();
        let settings = crate::settings::resolve(&cli, &Env::of(vars)).unwrap();
        match identity(&arguments, password, &restenv, &settings) {
            Ok(Identity::Password { login_url, username, source: SecretSource::Value(secret) }) => {
                Ok([login_url.to_string(), username, secret.reveal().to_owned()])
            }
            Ok(other) => panic!("{other:?}"),
            Err(failure) => {
                let (what, why) = (failure.what(), failure.why().unwrap_or_default());
                Err(format!("{what}; {why}; {}", failure.hint.unwrap_or_default().render(&AccountFlags::default())))
            }
        }
    }

    fn is(host: &str, user: &str, password: &str) -> [String; 3] {
        [format!("https://{host}.example.com"), user.to_owned(), password.to_owned()]
    }

    #[test]
    fn options_beat_the_file() {
        assert_eq!(account("", FILE, []).unwrap(), is("file", "filer", "from-file"));
        assert_eq!(account("-u ops -p here", FILE, []).unwrap(), is("file", "ops", "here"));
        assert_eq!(account("-bu https://other.example.com/ma", FILE, []).unwrap(), is("other", "filer", "from-file"));
    }

    #[test]
    fn the_settings_complete_the_same_account_only() {
        let account_of = |file: &str| {
            account(
                "",
                file,
                [
                    ("RUNAJOB_LOGIN_URL", "https://env.example.com"),
                    ("RUNAJOB_USERNAME", "envy"),
                    ("RUNAJOB_PASSWORD", "from-env"),
                ],
            )
        };
        assert_eq!(account_of("").unwrap(), is("env", "envy", "from-env"));
        let same = "baseUrl=https://env.example.com/ma\nusername=envy\nuse.encryption=true\npassword=abc";
        assert_eq!(account_of(same).unwrap(), is("env", "envy", "from-env"));
        for other in ["baseUrl=https://evil.example.com/ma", "username=other", "username=envy\nbaseUrl=https://e/ma"] {
            let error = account_of(other).unwrap_err();
            assert!(error.contains("-p (password)") && error.contains("another account"), "{error}");
            assert!(!error.contains("from-env"));
        }
    }

    #[test]
    fn a_password_alone_in_the_environment_is_for_the_account_named_here() {
        let encrypted = "baseUrl=https://file.example.com/ma\nusername=filer\npassword=abc\nuse.encryption=true";
        assert_eq!(account("", encrypted, [("RUNAJOB_PASSWORD", "lone")]).unwrap(), is("file", "filer", "lone"));
        let error = account("", encrypted, []).unwrap_err();
        assert!(error.contains("use.encryption=true") && error.contains("config import"), "{error}");
        assert!(!error.contains("abc"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = account("-u ops", "", []).unwrap_err();
        assert!(error.contains("-bu (baseUrl), -p (password) are missing"), "{error}");
        let error = account("-bu dm-us.informaticacloud.com", FILE, []).unwrap_err();
        assert!(error.contains("-bu is not a login URL") && error.contains("no scheme"), "{error}");
        let error = account("", "baseUrl=http://host/ma\nusername=a\npassword=b", []).unwrap_err();
        assert!(error.contains("baseUrl in restenv.properties"), "{error}");
    }

    #[test]
    fn a_profile_named_in_the_file_stands_for_its_account() {
        let file = format!("{FILE}runajob.profile=prod");
        let error = account("", &file, []).unwrap_err();
        assert!(error.contains("-bu (baseUrl), -u (username), -p (password) are missing"), "{error}");
    }
}
