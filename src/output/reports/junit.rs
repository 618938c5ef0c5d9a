//! JUnit XML, as CI servers read it: a suite for the command, a case for each run.

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;

use crate::job::Run;
use crate::output::line::SafeLine;
use crate::output::reports::source::Source;
use crate::output::runs::RunReport;
use crate::support::exit::Exit;

/// How a case ended. A failure speaks of the job; an error means that there is no verdict on it.
enum CaseEnd {
    Passed,
    Failure,
    Error,
}

fn end(exit: Exit) -> CaseEnd {
    match exit {
        Exit::Good | Exit::Warning => CaseEnd::Passed,
        Exit::Failed | Exit::Stopped => CaseEnd::Failure,
        Exit::TimedOut
        | Exit::Running
        | Exit::NotRun
        | Exit::AlreadyRunning
        | Exit::NotFound
        | Exit::Unknown
        | Exit::Suspended
        | Exit::Usage
        | Exit::Unreachable
        | Exit::Bug
        | Exit::Credentials
        | Exit::Config
        | Exit::Interrupted
        | Exit::Terminated => CaseEnd::Error,
    }
}

/// A case of the suite, in the words of JUnit.
struct Case {
    class: String,
    name: SafeLine,
    seconds: f64,
    exit: Exit,
    word: &'static str,
    message: SafeLine,
    text: String,
    output: String,
}

impl Case {
    fn of(report: &RunReport) -> Self {
        let facts = report.facts();
        let handle = report.run.as_ref().map(|run| format!("handle: {run}").into());
        let caution = report.caution().map(SafeLine::from);
        let output: Vec<SafeLine> = handle.into_iter().chain([report.sentence()]).chain(caution).collect();
        Self {
            class: report
                .run
                .as_ref()
                .map(Run::kind)
                .or(report.task.kind)
                .map_or("task", |kind| kind.code())
                .to_owned(),
            name: report.name().into(),
            seconds: facts.duration().map_or(0.0, |duration| duration.as_secs_f64()),
            exit: report.exit,
            word: report.word(),
            message: report.sentence(),
            text: joined(&report.details()).trim_start().to_owned(),
            output: joined(&output),
        }
    }
}

pub(crate) fn report(source: &Source<'_>) -> String {
    let mut cases: Vec<Case> = source.runs.iter().map(Case::of).collect();
    if let Some(failure) = source.failure {
        cases.push(Case {
            class: "runajob".to_owned(),
            name: source.command.into(),
            seconds: 0.0,
            exit: failure.exit,
            word: failure.exit.word().unwrap_or("error"),
            message: failure.what().into(),
            text: failure.why().map(SafeLine::from).unwrap_or_default().to_string(),
            output: String::new(),
        });
    }
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    // A vector takes everything.
    let _ = write(&mut xml, source, &cases);
    let body = String::from_utf8_lossy(xml.get_ref()).into_owned();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}\n")
}

fn write(xml: &mut Writer<Vec<u8>>, source: &Source<'_>, cases: &[Case]) -> io::Result<()> {
    let count = |wanted: fn(&CaseEnd) -> bool| cases.iter().filter(|case| wanted(&end(case.exit))).count().to_string();
    let (tests, failures) = (cases.len().to_string(), count(|end| matches!(end, CaseEnd::Failure)));
    let errors = count(|end| matches!(end, CaseEnd::Error));
    let elapsed = source.ended.duration_since(source.began).as_secs_f64().max(0.0);
    let name = format!("runajob {}", source.command);
    let suite = [
        ("name", name.as_str()),
        ("tests", &tests),
        ("failures", &failures),
        ("errors", &errors),
        ("skipped", "0"),
        ("time", &seconds(elapsed)),
        ("timestamp", &source.began.strftime("%FT%T").to_string()),
    ];
    let totals = suite.into_iter().filter(|(key, _)| *key != "skipped" && *key != "timestamp");
    xml.create_element("testsuites").with_attributes(totals).write_inner_content(|xml| {
        xml.create_element("testsuite")
            .with_attributes(suite)
            .write_inner_content(|xml| cases.iter().try_for_each(|case| write_case(xml, case)))?;
        Ok(())
    })?;
    Ok(())
}

fn write_case(xml: &mut Writer<Vec<u8>>, case: &Case) -> io::Result<()> {
    let time = seconds(case.seconds);
    let attributes = [("classname", case.class.as_str()), ("name", case.name.as_str()), ("time", &time)];
    xml.create_element("testcase").with_attributes(attributes).write_inner_content(|xml| {
        let tag = match end(case.exit) {
            CaseEnd::Passed => None,
            CaseEnd::Failure => Some("failure"),
            CaseEnd::Error => Some("error"),
        };
        if let Some(tag) = tag {
            let attributes = [("message", case.message.as_str()), ("type", case.word)];
            xml.create_element(tag).with_attributes(attributes).write_text_content(BytesText::new(&case.text))?;
        }
        if !case.output.is_empty() {
            xml.create_element("system-out").write_text_content(BytesText::new(&case.output))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn joined(lines: &[SafeLine]) -> String {
    lines.iter().map(SafeLine::as_str).collect::<Vec<_>>().join("\n")
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.3}")
}
