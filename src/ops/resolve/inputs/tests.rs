//! Inputs that are accepted, and what is refused.

use serde_json::json;

use crate::ops::resolve::inputs::*;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn an_input_is_a_text_and_wins_over_the_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "\u{feff}{\"limit\": 100, \"full\": true, \"region\": null}").unwrap();
    let start = Start {
        input: pairs(&[("region", "EMEA"), ("day", "1"), ("empty", "")]),
        inputs_file: Some(file.path().to_owned()),
        ..Start::default()
    };
    let options = flow_options(&start).unwrap();
    let expected = json!({"limit": 100, "full": true, "region": "EMEA", "day": "1", "empty": ""});
    assert_eq!(Value::Object(options.inputs), expected);
    assert_eq!(flow_options(&Start::default()).unwrap(), FlowOptions::default());
}

#[test]
fn a_repeated_input_and_an_unusable_file_are_refused() {
    let twice = Start { input: pairs(&[("a", "1"), ("b", "2"), ("a", "1")]), ..Start::default() };
    let failure = flow_options(&twice).unwrap_err();
    assert_eq!((failure.exit, failure.what()), (Exit::Usage, "--input a is given twice".to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inputs");
    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(1024 * 1024));
    for (content, why) in [
        ("", "EOF"),
        ("[1]", "not a JSON object"),
        ("{\"a\": 1", "EOF"),
        ("{\"a\": 1, \"b\": 2, \"a\": 3}", "a is listed twice"),
        ("{\"a\": {\"b\": [123456789012345678901234567890]}}", "too many digits"),
        (&long, "longer than 1 MiB"),
    ] {
        std::fs::write(&file, content).unwrap();
        let failure = flow_options(&Start { inputs_file: Some(file.clone()), ..Start::default() }).unwrap_err();
        assert_eq!(failure.exit, Exit::Config);
        assert!(failure.why().unwrap().contains(why), "{content:.40}: {failure:?}");
    }
    std::fs::write(&file, [0xff, 0xfe]).unwrap();
    for file in [file, folder.path().to_owned(), folder.path().join("none")] {
        assert_eq!(
            flow_options(&Start { inputs_file: Some(file), ..Start::default() }).unwrap_err().exit,
            Exit::Config
        );
    }
}

#[test]
fn a_number_with_all_its_digits_is_sent_as_it_was_written() {
    for text in [r#"{"limit":111111111.11111113}"#, r#"{"limit":0.1}"#, r#"{"limit":-2.5e-300}"#] {
        assert_eq!(Value::Object(read(text).unwrap()).to_string(), text);
    }
}
