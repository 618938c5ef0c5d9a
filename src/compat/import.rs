//! `config import`: adds a profile made from `restenv.properties` to the config file. It overwrites nothing.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

use crate::compat::restenv::Restenv;
use crate::output::{Report, SafeLine};
use crate::settings::{self, LoginUrl};
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::secret::Secret;
use crate::support::state::private_folder;

/// The name of the profile if neither the command nor the file gives one.
pub(crate) const PROFILE: &str = "restenv";

/// The profile that was added, and where.
#[derive(Debug)]
pub struct Imported {
    profile: String,
    config: PathBuf,
    /// The new lines of the config file.
    lines: Vec<String>,
    password_file: Option<PathBuf>,
    notes: Vec<String>,
}

/// Adds the profile to the config file that is read, or makes one at the first of `places`. `command` prints the password.
pub fn import(
    file: &Path,
    profile: Option<&str>,
    command: Option<&str>,
    places: &[PathBuf],
) -> Result<Imported, Failure> {
    let config = settings::config_file(places);
    let config =
        config.ok_or_else(|| refused("there is no folder for a config file").hint("name one with --config"))?;
    let restenv = Restenv::read(file)?;
    let profile = profile.or(restenv.profile.as_deref()).unwrap_or(PROFILE).to_owned();
    if profile.trim().is_empty() {
        return Err(Failure::of(Exit::Usage, "the name of the profile is empty").hint("give one with --profile NAME"));
    }
    let existing = match std::fs::read_to_string(config) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(refused(format!("cannot read {}: {error}", config.display()))),
    };
    let old = existing.as_deref().unwrap_or_default();
    if settings::profiles(old, config)?.contains(&profile) {
        let failure = refused(format!("the profile '{profile}' already exists in {}", config.display()));
        return Err(failure.hint("give another name with --profile NAME"));
    }
    let folder = config.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (source, secret) = password(&restenv, &profile, command, folder)?;
    let lines = lines(file, &restenv, &profile, &source)?;
    let mut text = String::new();
    if existing.is_none() {
        text.push_str(&format!("default_profile = {}\n", quoted(&profile)));
    } else {
        text.push_str(old);
        if !old.is_empty() && !old.ends_with('\n') {
            text.push('\n');
        }
    }
    text.push_str(&format!("\n{}\n", lines.join("\n")));
    // The new text is written only if it reads back with the profile.
    if !settings::profiles(&text, config)?.contains(&profile) {
        return Err(refused(format!("the profile cannot be added to {}", config.display())));
    }
    let failed = |path: &Path, error: std::io::Error| refused(format!("cannot write {}: {error}", path.display()));
    private_folder(folder).map_err(|error| failed(folder, error))?;
    let password_file = match (&source, secret) {
        (PasswordSource::File(path), Some(secret)) => {
            write_password(folder, path, &secret).map_err(|error| failed(path, error))?;
            Some(path.clone())
        }
        _ => None,
    };
    if let Err(error) = replace(config, folder, &text) {
        // Without the profile nothing would use the password file.
        let _ = password_file.as_ref().map(std::fs::remove_file);
        return Err(failed(config, error));
    }
    let mut notes = restenv.warnings.clone();
    if existing.is_some() {
        notes.push(format!("the other lines of {} did not change", config.display()));
    }
    Ok(Imported { profile, config: config.to_owned(), lines, password_file, notes })
}

/// Where the profile takes the password from.
enum PasswordSource {
    Command(Vec<String>),
    File(PathBuf),
}

fn password(
    restenv: &Restenv,
    profile: &str,
    command: Option<&str>,
    folder: &Path,
) -> Result<(PasswordSource, Option<Secret>), Failure> {
    if let Some(command) = command {
        let words = shell_words::split(command).ok().filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| Failure::of(Exit::Usage, "--password-command is not a command"))?;
        return Ok((PasswordSource::Command(words), None));
    }
    let alternative = "give a command whose first line of output is the password: --password-command 'COMMAND'";
    if restenv.encrypted {
        return Err(
            refused("the password is in a form that only RunAJob reads (use.encryption=true)").hint(alternative)
        );
    }
    let Some(secret) = &restenv.password else {
        return Err(refused("the file has no password").hint(alternative));
    };
    // A password file is read up to its first line break.
    if secret.reveal().lines().next() != Some(secret.reveal()) || secret.reveal().starts_with('\u{feff}') {
        return Err(refused("the password has a line break, which a password file cannot hold").hint(alternative));
    }
    let plain: String =
        profile.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    let path = folder.join(format!("{plain}.password"));
    if path.symlink_metadata().is_ok() {
        return Err(refused(format!("{} already exists", path.display())).hint("give another name with --profile NAME"));
    }
    Ok((PasswordSource::File(path), Some(secret.clone())))
}

fn lines(file: &Path, restenv: &Restenv, profile: &str, source: &PasswordSource) -> Result<Vec<String>, Failure> {
    let missing = |key: &str| refused(format!("{key} is missing in {}", file.display()));
    let base_url = restenv.base_url.as_ref().ok_or_else(|| missing("baseUrl"))?;
    let login_url = LoginUrl::parse(base_url).map_err(|why| refused(why).context("baseUrl is not a login URL"))?;
    let username = restenv.username.as_ref().ok_or_else(|| missing("username"))?;
    let bare = profile.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    let name = if bare { profile.to_owned() } else { quoted(profile) };
    let mut lines = vec![
        format!("[profiles.{name}]"),
        format!("login_url = {}", quoted(&login_url.to_string())),
        format!("username = {}", quoted(username)),
        match source {
            PasswordSource::Command(words) => {
                let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                format!("password_command = [{}]", words.join(", "))
            }
            // A relative path starts at the config file's folder.
            PasswordSource::File(path) => {
                format!("password_file = {}", quoted(&path.file_name().unwrap_or_default().to_string_lossy()))
            }
        },
    ];
    if let Some(proxy) = &restenv.proxy {
        lines.push(format!("proxy = {}", quoted(proxy)));
    }
    if restenv.sets_budget {
        lines.push(format!("timeout = {} # RETRYCOUNT x (TOTALWAIT + 10s)", quoted(&exact(restenv.budget))));
    }
    Ok(lines)
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let letters = text.chars().map(|letter| match letter {
        '"' | '\\' => format!("\\{letter}"),
        letter if letter.is_control() => format!("\\u{:04X}", u32::from(letter)),
        letter => letter.to_string(),
    });
    format!("\"{}\"", letters.collect::<String>())
}

/// A duration as settings and options take it, to the millisecond.
pub(crate) fn exact(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{}s", duration.as_secs()),
        _ => format!("{}ms", duration.as_millis()),
    }
}

fn refused(what: impl std::fmt::Display) -> Failure {
    Failure::of(Exit::Config, what)
}

/// Temporary files are readable by their owner only, which is right for a password.
fn write_password(folder: &Path, path: &Path, secret: &Secret) -> std::io::Result<()> {
    let mut draft = NamedTempFile::new_in(folder)?;
    draft.write_all(secret.reveal().as_bytes())?;
    draft.write_all(b"\n")?;
    draft.persist_noclobber(path)?;
    Ok(())
}

/// Replaces the config file in one step. It keeps its mode, and a link to it stays a link.
fn replace(config: &Path, folder: &Path, text: &str) -> std::io::Result<()> {
    let real = config.canonicalize().unwrap_or_else(|_| config.to_owned());
    let mut draft = NamedTempFile::new_in(real.parent().unwrap_or(folder))?;
    draft.write_all(text.as_bytes())?;
    if let Ok(facts) = std::fs::metadata(&real) {
        draft.as_file().set_permissions(facts.permissions())?;
    }
    draft.persist(&real)?;
    Ok(())
}

impl Report for Imported {
    fn lines(&self) -> Vec<SafeLine> {
        let mut lines = vec![format!("added to {}:", self.config.display()).into()];
        lines.extend(self.lines.iter().map(|line| format!("  {line}").into()));
        let password_file = self.password_file.as_ref();
        lines.extend(
            password_file
                .map(|path| format!("wrote the password into {}, readable by its owner only", path.display()).into()),
        );
        lines.extend(self.notes.iter().map(SafeLine::from));
        let profile = shell_words::quote(&self.profile);
        lines.push(format!("try it: runajob config check --profile {profile}").into());
        lines
    }

    fn json(&self) -> Map<String, Value> {
        Map::from_iter([
            ("imported_profile".to_owned(), json!(self.profile)),
            ("config".to_owned(), json!(self.config)),
            ("password_file".to_owned(), json!(self.password_file)),
            ("lines".to_owned(), json!(self.lines)),
            ("notes".to_owned(), json!(self.notes)),
        ])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "baseUrl=https://dm-us.informaticacloud.com/ma\nusername=svc\\\\etl\npassword=se\"cret \n";

    struct Place {
        folder: tempfile::TempDir,
    }

    impl Place {
        fn new(restenv: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("restenv.properties"), restenv).unwrap();
            Self { folder }
        }

        fn config(&self) -> PathBuf {
            self.folder.path().join("runajob/config.toml")
        }

        fn import(&self, profile: Option<&str>, command: Option<&str>) -> Result<Imported, Failure> {
            import(&self.folder.path().join("restenv.properties"), profile, command, &[self.config()])
        }

        fn read(&self, name: &str) -> String {
            std::fs::read_to_string(self.folder.path().join("runajob").join(name)).unwrap()
        }
    }

    #[test]
    fn a_config_file_is_made_with_the_profile_and_the_password_next_to_it() {
        let place = Place::new(&format!("{FILE}TOTALWAIT=500\nPROXYHOST=proxy\nPROXYPORT=80"));
        let imported = place.import(None, None).unwrap();
        assert_eq!(
            place.read("config.toml"),
            "default_profile = \"restenv\"\n\n[profiles.restenv]\nlogin_url = \"https://dm-us.informaticacloud.com\"\n\
             username = \"svc\\\\etl\"\npassword_file = \"restenv.password\"\nproxy = \"http://proxy:80\"\n\
             timeout = \"63s\" # RETRYCOUNT x (TOTALWAIT + 10s)\n"
        );
        assert_eq!(place.read("restenv.password"), "se\"cret \n");
        let lines = format!("{:?}", imported.lines());
        assert!(!lines.contains("cret ") && lines.contains("restenv.password"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            let folder = place.folder.path().join("runajob");
            assert_eq!(mode(folder.join("config.toml")), 0o600);
            assert_eq!(mode(folder.join("restenv.password")), 0o600);
            assert_eq!(mode(folder), 0o700);
        }
    }

    #[test]
    fn an_existing_config_file_keeps_its_text() {
        let place = Place::new(FILE);
        std::fs::create_dir(place.folder.path().join("runajob")).unwrap();
        let old = "# ours\ndefault_profile = 'a' # mine\n[profiles.a]\nusername = 'x' # last, without a line end";
        std::fs::write(place.config(), old).unwrap();
        place.import(Some("my prod"), Some("pass show 'iics prod'")).unwrap();
        let text = place.read("config.toml");
        assert!(text.starts_with(&format!("{old}\n\n[profiles.\"my prod\"]\n")), "{text}");
        assert!(text.contains("password_command = [\"pass\", \"show\", \"iics prod\"]\n"), "{text}");
        assert_eq!(std::fs::read_dir(place.folder.path().join("runajob")).unwrap().count(), 1);
    }

    #[test]
    fn nothing_is_overwritten() {
        let place = Place::new(FILE);
        place.import(None, None).unwrap();
        let (config, password) = (place.read("config.toml"), place.read("restenv.password"));
        let again = place.import(None, None).unwrap_err();
        assert!(again.what().contains("profile 'restenv'"), "{again:?}");
        std::fs::remove_file(place.config()).unwrap();
        let conflict = place.import(None, None).unwrap_err();
        assert!(conflict.what().contains("restenv.password"), "{conflict:?}");
        assert_eq!(place.read("restenv.password"), password);
        std::fs::write(place.config(), format!("{config}\n[broken")).unwrap();
        assert!(place.import(Some("other"), None).is_err());
        assert_eq!(std::fs::read_dir(place.folder.path().join("runajob")).unwrap().count(), 2);
    }

    #[test]
    fn what_cannot_be_taken_over_is_said() {
        for (restenv, what) in [
            ("username=x\npassword=y", "baseUrl is missing"),
            ("baseUrl=https://h/ma\npassword=y", "username is missing"),
            ("baseUrl=https://h/ma\nusername=x", "has no password"),
            ("baseUrl=https://h/ma\nusername=x\npassword=y\nuse.encryption=true", "use.encryption=true"),
            ("baseUrl=https://h/ma\nusername=x\npassword=a\\nb", "line break"),
            ("baseUrl=ftp://h/ma\nusername=x\npassword=a", "baseUrl is not a login URL"),
        ] {
            let place = Place::new(restenv);
            let failure = place.import(None, None).unwrap_err();
            assert!(failure.what().contains(what), "{}", failure.what());
            assert!(!place.config().exists());
        }
        let place = Place::new(FILE);
        assert_eq!(place.import(Some(" "), None).unwrap_err().exit, Exit::Usage);
        assert!(!place.config().exists());
        let place = Place::new("baseUrl=https://h/ma\nusername=x\npassword=y\nuse.encryption=true");
        assert!(place.import(None, Some("pass show x")).is_ok());
    }
}
