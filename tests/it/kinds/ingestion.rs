//! File ingestion tasks, as far as their resource goes.

use serde_json::Value;

use super::{TASKS, start, world};
use crate::virtual_world::VirtualWorld;

#[test]
fn file_ingestion_is_started_by_name_path_or_id_and_waited_for() {
    for quirks in ["", "[quirks]\ningestion_run_id_key = 'RunId'\ningestion_run_id_text = true\n"] {
        let world = VirtualWorld::new(&format!("{quirks}{TASKS}"), &[]);
        let found = world.run("find 'fi_*' -t FILE_INGESTION -o json").json();
        let id = found["tasks"][1]["id"].as_str().unwrap().to_owned();
        assert_eq!(id.len(), 22);
        for line in [
            "--name fi_good -t FILE_INGESTION",
            "Sales/Nightly/fi_good",
            &format!("--id {id} -t file-ingestion"),
            &format!("fid:{id}"),
        ] {
            let done = world.run(&format!("start {line} --wait -o json"));
            assert_eq!(done.code, 0, "{line}: {done:?}");
            let run = &done.json()["runs"][0];
            assert_eq!((&run["task"]["id"], &run["rows"]), (&id.as_str().into(), &Value::Null), "{line}");
            assert!(run["run_id"].is_string());
            assert_eq!(run["handle"], format!("FILE_INGESTION/{id}/{}", run["run_id"].as_str().unwrap()));
        }
        let bad = world.run("start --name fi_bad -t FILE_INGESTION --wait -o json");
        assert_eq!((bad.code, &bad.json()["runs"][0]["error"]), (3, &"no space left".into()), "{bad:?}");
    }
}

#[test]
fn what_file_ingestion_cannot_do_is_said() {
    let world = world();
    let handle = start(&world, "--name fi_good -t FILE_INGESTION");
    assert_eq!(world.run(&format!("status {handle}")).code, 6);
    let before = world.exchanges().len();
    let stop = world.run(&format!("stop {handle}"));
    assert_eq!((stop.code, world.exchanges().len()), (7, before), "{stop:?}");
    assert!(stop.stderr.contains("Monitor"), "{stop:?}");
    assert_eq!(world.run("start --id 01ABCD0Z00000000001S -t FILE_INGESTION").code, 64);
    assert_eq!(world.run("start --name fi_none -t FILE_INGESTION").code, 9);
    assert_eq!(world.run("start --name fi_good -t FILE_INGESTION --input a=1").code, 64);
}
