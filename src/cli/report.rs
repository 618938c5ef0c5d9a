//! The option that writes reports for other programs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The reports of a command about runs.
#[derive(Debug, Default, Args)]
pub struct Reports {
    /// Write a report to this file: junit, prom or html; github needs none; repeatable
    ///
    /// junit is XML for CI servers. prom is a Prometheus text file, for the node exporter's textfile collector. html is one
    /// page with a timeline. github writes the job's summary, annotations and outputs, or only the summary to a file.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = target, hide_short_help = true)]
    pub report: Vec<ReportTarget>,
}

/// A report to write, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTarget {
    pub format: ReportFormat,
    /// None only for GitHub, whose files the environment names.
    pub file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    Junit,
    Github,
    Prom,
    Html,
}

fn target(text: &str) -> Result<ReportTarget, String> {
    let (name, file) = match text.split_once('=') {
        Some((name, file)) => (name, Some(file)),
        None => (text, None),
    };
    let format = ReportFormat::from_str(name, false)
        .map_err(|_| format!("there is no format '{name}'; the formats are junit, github, prom and html"))?;
    match file {
        None if format != ReportFormat::Github => Err(format!("name a file, such as {name}=FILE")),
        Some("") => Err(format!("the file is missing behind {name}=")),
        file => Ok(ReportTarget { format, file: file.map(PathBuf::from) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_has_a_file_behind_it_and_only_github_needs_none() {
        let file = |format, file: &str| Ok(ReportTarget { format, file: Some(file.into()) });
        assert_eq!(target("junit=out/a=b.xml"), file(ReportFormat::Junit, "out/a=b.xml"));
        assert_eq!(target("github"), Ok(ReportTarget { format: ReportFormat::Github, file: None }));
        assert_eq!(target("github=x.md"), file(ReportFormat::Github, "x.md"));
        for (text, why) in [
            ("junit", "name a file, such as junit=FILE"),
            ("html=", "the file is missing behind html="),
            ("xml=a", "there is no format 'xml'; the formats are junit, github, prom and html"),
            ("", "there is no format ''; the formats are junit, github, prom and html"),
        ] {
            assert_eq!(target(text), Err(why.to_owned()), "{text}");
        }
    }
}
