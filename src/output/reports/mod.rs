//! Reports for other programs: JUnit, GitHub, Prometheus and a page for people. Each is made of the result and written whole.

mod github;
mod html;
mod junit;
mod prometheus;
mod source;

use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use crate::cli::{ReportFormat, ReportTarget};
use crate::output::console::Console;
use crate::output::document::{Header, Report};
use crate::output::reports::source::Source;
use crate::support::env::Env;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// Refuses files that could not be written, before anything is sent.
pub fn check(targets: &[ReportTarget], env: &Env) -> Result<(), Failure> {
    for target in targets {
        match &target.file {
            None if github::files(env).is_empty() => {
                return Err(Failure::of(Exit::Usage, "--report github found none of the variables of a GitHub step")
                    .hint("nothing was started; name a file for the summary: --report github=FILE"));
            }
            None => {}
            Some(file) => check_file(file)?,
        }
    }
    Ok(())
}

fn check_file(file: &Path) -> Result<(), Failure> {
    let refused = |why: String| {
        Err(Failure::of(Exit::Config, why)
            .context(format!("cannot write the report {}", file.display()))
            .hint("nothing was started; name a file in a folder that can be written"))
    };
    if file.is_dir() {
        return refused("it is a folder".to_owned());
    }
    // The report takes the place of the file in one step, so its folder must take a new file.
    match tempfile::Builder::new().prefix(".report").tempfile_in(folder(file)) {
        Ok(_) => Ok(()),
        Err(error) => refused(error.to_string()),
    }
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes the reports of a command that ends with this result. What cannot be written is a warning: the runs are as they are.
pub fn write(
    targets: &[ReportTarget],
    console: &Console<'_>,
    header: &Header,
    result: Result<&dyn Report, &Failure>,
    (began, ended): (Timestamp, Timestamp),
    env: &Env,
) {
    let source = Source {
        command: &header.command,
        exit: result.map_or_else(|failure| failure.exit, Report::exit),
        runs: result.map_or(&[], Report::runs),
        failure: result.err(),
        began,
        ended,
    };
    for target in targets {
        let written = match (target.format, &target.file) {
            (ReportFormat::Junit, Some(file)) => replace(file, &junit::report(&source)),
            (ReportFormat::Prom, Some(file)) => {
                let earlier = std::fs::read_to_string(file).unwrap_or_default();
                replace(file, &prometheus::report(&source, &earlier))
            }
            (ReportFormat::Html, Some(file)) => replace(file, &html::report(&source)),
            (ReportFormat::Github, Some(file)) => replace(file, &github::summary(&source)),
            (ReportFormat::Github, None) => github::write(&source, console, env),
            (ReportFormat::Junit | ReportFormat::Prom | ReportFormat::Html, None) => Ok(()),
        };
        if let Err(error) = written {
            let name = target.file.as_deref().map_or("for GitHub".to_owned(), |file| file.display().to_string());
            console.warn(&format!("cannot write the report {name}: {error}"));
        }
    }
}

/// Replaces a file in one step, so that no reader sees half of it. It can be read by others, as reports are.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let mut draft = tempfile::Builder::new().prefix(".report").tempfile_in(folder(file))?;
    draft.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        draft.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    draft.persist(file)?;
    Ok(())
}
