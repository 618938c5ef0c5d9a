//! `--report`: what other programs read of the end of a command, with texts of the service that mean something to them.

use std::path::PathBuf;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::virtual_world::VirtualWorld;
use crate::world::Outcome;

/// A name and an error with what HTML, XML, Markdown, workflow commands and Prometheus treat specially.
const SCENARIO: &str = r#"
[[task]]
name = 'quick'
takes = '20s'
[[task]]
name = 'a <b>&"c" | `d` %0A::error::x [l](u) \n'
takes = '40s'
ends = ['failure', 'success']
error = "</pre><script>alert(1)</script> ]]> & :: %25 \"}"
[[task]]
name = 'hours'
takes = '2h'
"#;

const HOSTILE: &str = r#"a <b>&"c" | `d` %0A::error::x [l](u) \n"#;

fn world() -> VirtualWorld {
    VirtualWorld::new(SCENARIO, &[])
}

/// Writes the names of tasks into a list and starts them with a report; gives what was written.
fn start(world: &VirtualWorld, tasks: &[&str], format: &str, more: &str) -> (Outcome, String) {
    let (list, file) = (world.home.path().join("tasks"), world.home.path().join("report"));
    std::fs::write(&list, tasks.join("\n")).unwrap();
    let line = format!("start --from-file {} -t MTT --report {format}={} {more}", list.display(), file.display());
    let outcome = world.run(&line);
    (outcome, std::fs::read_to_string(file).unwrap_or_default())
}

/// Name, attributes and text.
type Element = (String, Vec<(String, String)>, String);

/// The elements of a document that is well-formed.
fn elements(text: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(text);
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    loop {
        match reader.read_event().expect(text) {
            Event::Start(tag) => {
                open.push(elements.len());
                elements.push((tag.name().as_ref().to_owned(), attributes(&tag), String::new()));
            }
            Event::Empty(tag) => elements.push((tag.name().as_ref().to_owned(), attributes(&tag), String::new())),
            Event::End(_) => drop(open.pop()),
            Event::Text(words) => {
                if let Some(place) = open.last() {
                    elements[*place].2.push_str(&words);
                }
            }
            Event::GeneralRef(reference) => {
                let letter = match &*reference {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    "apos" => '\'',
                    _ => reference.resolve_char_ref().unwrap().expect(text),
                };
                elements[*open.last().unwrap()].2.push(letter);
            }
            Event::Eof => return elements,
            Event::Comment(_) | Event::CData(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn attributes(tag: &quick_xml::events::BytesStart<'_>) -> Vec<(String, String)> {
    let pair = |attribute: Result<quick_xml::events::attributes::Attribute<'_>, _>| {
        let attribute = attribute.unwrap();
        (attribute.key.as_ref().to_owned(), quick_xml::escape::unescape(&attribute.value).unwrap().into_owned())
    };
    tag.attributes().map(pair).collect()
}

fn attribute<'e>(element: &'e Element, key: &str) -> &'e str {
    element.1.iter().find(|(other, _)| other == key).map_or("", |(_, value)| value)
}

#[test]
fn junit_has_a_case_for_each_run_and_tells_failures_from_errors() {
    let world = world();
    let (outcome, text) = start(&world, &["quick", HOSTILE, "hours"], "junit", "--wait --timeout 10m");
    let elements = elements(&text);
    let suite = elements.iter().find(|element| element.0 == "testsuite").unwrap();
    let counts = ["tests", "failures", "errors", "skipped"].map(|key| attribute(suite, key).parse::<u8>().unwrap());
    assert_eq!((outcome.code, counts), (4, [3, 1, 1, 0]), "{text}");
    assert_eq!(attribute(suite, "name"), "runajob start");
    assert!(attribute(suite, "time").parse::<f64>().unwrap() >= 600.0);
    let cases: Vec<(&str, &str)> = elements
        .iter()
        .filter(|element| element.0 == "testcase")
        .map(|case| (attribute(case, "classname"), attribute(case, "name")))
        .collect();
    assert_eq!(cases, [("MTT", "quick"), ("MTT", HOSTILE), ("MTT", "hours")]);
    let failure = elements.iter().find(|element| element.0 == "failure").unwrap();
    assert_eq!(attribute(failure, "type"), "failed");
    assert!(failure.2.contains("</pre><script>alert(1)</script> ]]> & :: %25"), "{failure:?}");
    let error = elements.iter().find(|element| element.0 == "error").unwrap();
    assert_eq!(attribute(error, "type"), "running");
}

#[test]
fn a_command_that_could_not_go_on_is_an_error_in_junit() {
    let (outcome, text) = start(&world(), &["nothing"], "junit", "--wait");
    let elements = elements(&text);
    let error = elements.iter().find(|element| element.0 == "error").unwrap();
    assert_eq!((outcome.code, attribute(error, "type")), (9, "not_found"));
    assert!(attribute(error, "message").contains("there is no MTT task with the name 'nothing'"), "{text}");
}

#[test]
fn the_page_is_well_formed_whatever_the_texts_are_and_has_no_script() {
    let world = world();
    let (outcome, text) = start(&world, &["quick", HOSTILE], "html", "--wait");
    let elements = elements(&text);
    assert_eq!(outcome.code, 3);
    let count = |wanted: &str| elements.iter().filter(|element| element.0 == wanted).count();
    assert_eq!((count("script"), count("link"), count("img"), count("h1"), count("table")), (0, 0, 0, 1, 1));
    assert!(elements.iter().all(|element| element.1.iter().all(|(key, _)| !key.starts_with("on"))));
    let bars: Vec<&str> = elements
        .iter()
        .filter(|element| attribute(element, "class").starts_with("bar"))
        .map(|bar| attribute(bar, "title"))
        .collect();
    assert_eq!(bars, ["quick", HOSTILE]);
    assert!(elements.iter().any(|element| element.0 == "pre" && element.2.contains("<script>alert(1)</script>")));
    assert!(elements.iter().any(|element| element.0 == "h1" && element.2.contains("1 succeeded, 1 failed")), "{text}");
}

#[test]
fn prometheus_keeps_the_last_success_until_there_is_a_newer_one() {
    let world = world();
    let value = |text: &str, start: &str| -> Option<f64> {
        text.lines().find_map(|line| line.strip_prefix(start)?.rsplit_once(' ')?.1.parse().ok())
    };
    let escaped = HOSTILE.replace('\\', "\\\\").replace('"', "\\\"");
    let success = format!("runajob_last_success_timestamp_seconds{{task=\"{escaped}\"");
    let failed = format!("runajob_run_outcome{{task=\"{escaped}\",type=\"MTT\",outcome=\"failed\"}}");
    let (_, first) = start(&world, &["quick", HOSTILE], "prom", "--wait");
    assert_eq!((value(&first, &success), value(&first, &failed)), (None, Some(1.0)), "{first}");
    let (outcome, second) = start(&world, &["quick", HOSTILE], "prom", "--wait");
    assert_eq!((outcome.code, value(&second, &failed)), (0, Some(0.0)));
    let at = value(&second, &success).expect(&second);
    let (_, third) = start(&world, &["quick"], "prom", "--wait");
    assert_eq!(value(&third, &success), Some(at), "of a task that this command did not start");
    let quick = "runajob_last_success_timestamp_seconds{task=\"quick\"";
    assert!(value(&third, quick) > value(&second, quick));
    for line in third.lines().filter(|line| !line.starts_with('#')) {
        let (name, number) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("runajob_") && number.parse::<f64>().is_ok(), "{line}");
    }
}

#[test]
fn github_gets_a_summary_and_annotations_in_which_no_text_acts() {
    let (outcome, text) = start(&world(), &["quick", HOSTILE], "github", "--wait");
    assert_eq!(outcome.code, 3);
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ✅") || line.starts_with("| ❌")).collect();
    assert_eq!(rows.len(), 2, "{text}");
    assert!(rows.iter().all(|row| row.matches(" | ").count() == 5), "{rows:?}");
    assert!(!text.contains("<b>") && !text.lines().any(|line| line.starts_with('<')), "{text}");
    let script = text.lines().find(|line| line.contains("<script>")).unwrap();
    assert!(script.starts_with("    "), "only as code: {script}");
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_anything_is_sent() {
    let world = world();
    let folder: PathBuf = world.home.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    for (file, why) in [(folder.clone(), "it is a folder"), (folder.join("none/report"), "No such file")] {
        let outcome = world.run(&format!("start quick -t MTT --wait --report html={}", file.display()));
        assert_eq!(outcome.code, 78, "{outcome:?}");
        assert!(outcome.stderr.contains(why) && outcome.stderr.contains("nothing was started"), "{outcome:?}");
    }
    let outcome = world.run("start quick -t MTT --wait --report github");
    assert_eq!(outcome.code, 64, "{outcome:?}");
    assert_eq!((world.start_requests(), world.exchanges().len()), (0, 0));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "no draft is left");
}

#[test]
fn status_and_wait_write_reports_too() {
    let world = world();
    world.run("start hours -t MTT --no-wait");
    let file = world.home.path().join("report.xml");
    for line in ["status --name hours -t MTT", "wait --name hours -t MTT --timeout 10s"] {
        let _ = std::fs::remove_file(&file);
        world.run(&format!("{line} --report junit={}", file.display()));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(elements(&text).iter().any(|element| element.0 == "testcase"), "{line}: {text}");
    }
}
