//! `config`: shows which file is read and where each setting comes from, and checks whether the settings work.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::api;
use crate::api::monitor::MonitoredRun;
use crate::api::retry::RetryPolicy;
use crate::job::TaskType;
use crate::ops::ctx::Ctx;
use crate::output::{Report, SafeLine};
use crate::settings::{self, Entry, Settings};
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// The config file that is read, among the places where one is looked for.
pub struct Places(Vec<PathBuf>);

pub fn path(places: Vec<PathBuf>) -> Places {
    Places(places)
}

impl Places {
    /// The file that is read; without one, where it would be.
    fn path(&self) -> Option<&PathBuf> {
        settings::config_file(&self.0)
    }
}

impl Report for Places {
    fn lines(&self) -> Vec<SafeLine> {
        self.path().map(|path| path.display().to_string().into()).into_iter().collect()
    }

    fn json(&self) -> Map<String, Value> {
        let path = self.path();
        Map::from_iter([
            ("path".to_owned(), json!(path)),
            ("exists".to_owned(), json!(path.is_some_and(|path| path.exists()))),
            ("searched".to_owned(), json!(self.0)),
        ])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

/// Every setting with its origin.
pub struct Shown(Vec<Entry>);

pub fn show(settings: &Settings) -> Shown {
    Shown(settings.entries().to_vec())
}

impl Report for Shown {
    fn lines(&self) -> Vec<SafeLine> {
        let row = |entry: &Entry| {
            // What is not set comes from nowhere.
            let (value, origin) = match &entry.value[..] {
                "" => ("-".to_owned(), "not set".to_owned()),
                value => (value.to_owned(), entry.origin.to_string()),
            };
            [entry.key.to_owned(), value, origin]
        };
        SafeLine::aligned(&self.0.iter().map(row).collect::<Vec<_>>())
    }

    fn json(&self) -> Map<String, Value> {
        let value = |entry: &Entry| (!entry.value.is_empty()).then(|| entry.value.clone());
        let entries = self
            .0
            .iter()
            .map(|entry| json!({"key": entry.key, "value": value(entry), "origin": entry.origin.to_string()}));
        Map::from_iter([("settings".to_owned(), entries.collect())])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

/// What was tried and worked, a line each.
pub struct Checks(Vec<String>);

/// Tries the settings: logs in, asks what runs, and lists mapping tasks.
pub async fn check(ctx: &Ctx<'_>) -> Result<Checks, Failure> {
    let checks = async {
        let session = ctx.client.login(false).await?;
        let org = session.org.clone().unwrap_or_else(|| "unknown".to_owned());
        let mut lines = vec![format!("login: ok, organisation {org}, server {}", session.server_url)];
        let shown = api::monitor::runs(ctx.client, false, RetryPolicy::Idempotent, MonitoredRun::is_active).await?;
        lines.push(format!("activity monitor: ok, {} running", shown.rows.len() + shown.unreadable));
        let tasks = api::lookup::tasks_of(ctx.client, TaskType::Mtt).await?;
        lines.push(format!("lookup: ok, {} mapping tasks", tasks.len()));
        Ok(lines)
    };
    ctx.before_start(checks).await.map(Checks)
}

impl Report for Checks {
    fn lines(&self) -> Vec<SafeLine> {
        self.0.iter().map(SafeLine::from).collect()
    }

    fn json(&self) -> Map<String, Value> {
        Map::from_iter([("checks".to_owned(), json!(self.0))])
    }

    fn exit(&self) -> Exit {
        Exit::Good
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Origin;

    #[test]
    fn a_file_that_cannot_be_looked_at_is_the_one_that_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::write(place("file"), "").unwrap();
        let of = |names: [&str; 2]| path(names.map(place).to_vec()).path().cloned();
        assert_eq!(of(["absent", "file"]), Some(place("file")));
        assert_eq!(of(["absent", "missing"]), Some(place("absent")));
        // No folder, so nobody can say what is in it.
        assert_eq!(of(["file/config.toml", "file"]), Some(place("file/config.toml")));
    }

    #[test]
    fn each_setting_stands_with_its_value_and_where_it_comes_from() {
        let entry = |key, value: &str, origin| Entry { key, value: value.to_owned(), origin };
        let shown = Shown(vec![
            entry("login_url", "https://dm-us.informaticacloud.com", Origin::File("profiles.prod".to_owned(), 3)),
            entry("timeout", "", Origin::Default),
            entry("wait", "true", Origin::Env("RUNAJOB_WAIT".to_owned())),
        ]);
        insta::assert_snapshot!(shown.lines().iter().map(|line| format!("{line}\n")).collect::<String>(), @r"
        login_url  https://dm-us.informaticacloud.com  [profiles.prod], line 3
        timeout    -                                   not set
        wait       true                                RUNAJOB_WAIT
        ");
    }
}
