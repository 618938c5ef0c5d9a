//! The bodies of the wire: what the client makes of each fixture, and whether the sandbox answers in the same shape.
//! The fixtures have real shapes and invented content; neither side is the other's truth.

mod client;
mod played;
mod shape;

use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/wire")
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

fn fixtures() -> Vec<String> {
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn the_client_reads_every_fixture_as_it_is_meant() {
    for name in fixtures() {
        client::assert_meaning(&name);
    }
}

#[test]
fn the_sandbox_answers_in_the_shape_of_every_fixture() {
    let mut wrong = Vec::new();
    for name in fixtures() {
        let Some(body) = played::played(&name) else { continue };
        let body = String::from_utf8(body).unwrap();
        match name.rsplit('.').next() {
            Some("json") => {
                let [expected, found] = [fixture(&name), body].map(|text| serde_json::from_str(&text).unwrap());
                wrong.extend(shape::differences(&name, &expected, &found));
            }
            Some("html") => assert_eq!(body, fixture(&name)),
            _ => {
                let columns = |text: &str| text.split(",N/A,N/A,-1,-1,N/A\n").next().unwrap().split(',').count();
                assert_eq!(columns(&body), columns(&fixture(&name)));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "{}", wrong.join("\n"));
}
