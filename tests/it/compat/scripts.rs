//! The shapes of scripts that are in use.

use tempfile::TempDir;

use super::Old;
use crate::world::run;

#[test]
fn wrappers_that_keep_the_number() {
    let old = Old::new();
    let wrapper = "
        cd \"$1\"
        T=MTT W=good F=default waitParam=$2
        sh -x cli.sh runAJobCli -t $T -n $W -fp $F -w nowait
        if [ $? -ne 0 -a $? -ne 6 ]
        then
        exit 1;
        fi
        sleep 1
        sh -x cli.sh runAJobCli -t $T -n fails -fp $F
    ";
    assert_eq!(old.script("sh", wrapper).code, 3);
    let without_w = "cd \"$1\" && ./cli.sh runAJobCli -t MTT -n warns; rc=$?; echo $rc; exit $rc";
    let outcome = old.script("sh", without_w);
    assert_eq!((outcome.code, outcome.stdout.lines().last()), (1, Some("1")));
    assert!(outcome.stdout.contains("State: WARNING"), "it waits: {outcome:?}");
}

#[test]
fn a_taskflow_wrapper_that_accepts_0_and_6() {
    let old = Old::new();
    let wrapper = "
        folderName=Finance/ETL workflowName=$2 Tasktype=TASKFLOW
        cd \"$1\"
        sh -x cli.sh runAJobCli -t $Tasktype -un $workflowName -fp $folderName -w nowait
        if [ $? -ne 0 -a $? -ne 6 ]
        then
        exit 1;
        fi
        sh -x cli.sh runAJobCli -t $Tasktype -un $workflowName -fp $folderName
    ";
    for (name, number) in [("halts", 3), ("no_such_flow", 1)] {
        let outcome = run(old.process("sh").args(["-c", wrapper, "script"]).arg(&old.folder).arg(name));
        assert_eq!(outcome.code, number, "{name}: {outcome:?}");
    }
}

#[test]
fn pipelines_through_tee() {
    let old = Old::new();
    let pipeline = format!(
        "set -u -o pipefail
        \"$1/cli.sh\" runAJobCli \\
            -u \"sandbox\" -p \"sandbox\" -bu \"{}/ma\" \\
            -t \"MTT\" -n \"load customers\" -fp \"/Finance/ETL\" -w true \\
            2>&1 | tee \"$1/job.log\"
        EXIT_CODE=\"${{PIPESTATUS[0]}}\"
        exit \"$EXIT_CODE\"",
        old.world.login_url()
    );
    let outcome = old.script("bash", &pipeline);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let log = std::fs::read_to_string(old.folder.join("job.log")).unwrap();
    assert!(log.contains("State: SUCCEEDED") && log.contains("-p showed the password"), "{log}");
    assert_eq!(log.matches("-p ").count(), 1, "it is warned about once: {log}");
    let failing =
        "set -o pipefail; \"$1/cli.sh\" runAJobCli -t MTT -n fails 2>&1 | tee /dev/null; exit ${PIPESTATUS[0]}";
    assert_eq!(old.script("bash", failing).code, 3);
}

#[test]
fn a_call_from_anywhere_in_any_way_reads_the_file_beside_the_script() {
    let old = Old::new();
    let elsewhere = TempDir::new().unwrap();
    // This one must not be read.
    std::fs::write(elsewhere.path().join("restenv.properties"), "baseUrl=http://127.0.0.1:9/ma\nusername=x\n").unwrap();
    let link = elsewhere.path().join("linked.sh");
    std::os::unix::fs::symlink(old.folder.join("cli.sh"), &link).unwrap();
    for text in [
        "\"$1/cli.sh\" runAJobCli -t MTT -n good -w nowait",
        "sh \"$1/cli.sh\" runAJobCli -t MTT -n good -w nowait",
        "sh -x \"$1/cli.sh\" runAJobCli -t MTT -n good -w nowait",
        "PATH=\"$1:$PATH\" cli.sh RUNAJOBCLI -t MTT -n good -w nowait",
        "PATH=\"$1:$PATH\"; export PATH; bash cli.sh runAJobCli -t MTT -n good -w nowait",
        "./linked.sh runAJobCli -t MTT -n good -w nowait",
        "cd \"$1/..\" && sh 'run a job/cli.sh' runAJobCli -t MTT -n good -w nowait",
    ] {
        let mut shell = old.process("sh");
        let outcome = run(shell.args(["-c", text, "script"]).arg(&old.folder).current_dir(elsewhere.path()));
        assert_eq!(outcome.code, 0, "{text}: {outcome:?}");
    }
    let direct = run(old.process(assert_cmd::cargo::cargo_bin!("runajob")).current_dir(&old.folder).args([
        "runAJobCli",
        "-t",
        "MTT",
        "-n",
        "good",
    ]));
    assert_eq!(direct.code, 5, "without the script no file is read: {direct:?}");
    assert!(direct.stdout.contains("-bu (baseUrl)"), "{direct:?}");
}

#[test]
fn a_subprocess_call_that_ends_in_d() {
    let old = Old::new();
    let log = old.folder.join("runajob_log.txt");
    let command = format!("'{}/cli.sh' runAJobCli -u sandbox -p sandbox -t TASKFLOW -un flow -d", old.folder.display());
    let file = std::fs::File::create(&log).unwrap();
    let mut call = old.process("sh");
    call.args(["-c", &command]).stdout(file.try_clone().unwrap()).stderr(file);
    assert_eq!(call.status().unwrap().code(), Some(0));
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("State: SUCCEEDED") && log.contains("POST /active-bpel/rt/flow 200"), "{log}");
}

#[test]
fn a_bare_true_at_the_end_is_w() {
    let old = Old::new();
    let outcome = old.script("sh", "cd \"$1\"; sh cli.sh runAJobCli -n fails -t MTT true >>job.log");
    assert_eq!(outcome.code, 3, "{outcome:?}");
    assert!(outcome.stderr.contains("'true' at the end is taken as -w true"), "{outcome:?}");
    assert!(std::fs::read_to_string(old.folder.join("job.log")).unwrap().contains("Error: no such table"));
}
