"""Argo and systemd as the recipes see them, and the retry rules of the engines that run elsewhere."""

import configparser
import os
import re
import shlex
from pathlib import Path

from kubernetes import pod_command
from service import ASKED_TO_END, MOMENTS, NO_VERDICT, RECIPES, Command, documents, readme_codes, tell, world


def argo_retries(template: dict, code: int) -> bool:
    expression = template["retryStrategy"]["expression"]
    found = re.fullmatch(r'lastRetry\.status == "Error" \|\| asInt\(lastRetry\.exitCode\) in \[([\d, ]+)\]', expression)
    assert found, f"the stand-in does not know the expression {expression!r}"
    return code in {int(number) for number in found[1].split(",")}


def argo(program: str):
    for name, which in (("workflow", "run"), ("split", "wait")):
        (document,) = documents(f"argo/{name}.yaml")
        template = next(t for t in document["spec"]["templates"] if t["name"] == which)
        for code in readme_codes():
            assert argo_retries(template, code) == (code in NO_VERDICT | ASKED_TO_END), f"argo/{name}.yaml: {code}"
        assert argo_retries(template, 137)
    (document,) = documents("argo/split.yaml")
    assert "retryStrategy" not in next(t for t in document["spec"]["templates"] if t["name"] == "start")
    (document,) = documents("argo/workflow.yaml")
    (template,) = document["spec"]["templates"]
    values = {f"workflow.parameters.{p['name']}": p["value"] for p in document["spec"]["arguments"]["parameters"]}
    values |= {"workflow.name": "runajob-x7k2p", "workflow.namespace": "etl"}
    values = {key: re.sub(r"{{([\w.]+)}}", lambda found: values[found[1]], value) for key, value in values.items()}
    args = [re.sub(r"{{([\w.]+)}}", lambda found: values[found[1]], arg) for arg in template["container"]["args"]]
    pod = {"containers": [{**template["container"], "args": args}], "volumes": document["spec"]["volumes"]}
    for moment in MOMENTS[1:3]:
        with world(program, moment.fault) as (service, disks):
            code, _ = pod_command(program, pod, service, disks, {}).run(service, moment)
            assert argo_retries(template, code), code
            code, _ = pod_command(program, pod, service, disks, {}).run(service)
            tell("argo/workflow.yaml", moment, code, 0, service.starts(), 1)


def specifiers(text: str, credentials: Path) -> str:
    known = {"%i": "nightly", "%d": str(credentials), "%%": "%"}
    return re.sub(r"%[id%]", lambda found: known[found[0]], text)


def systemd(program: str):
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(RECIPES / "systemd/runajob@.service")
    unit = parser["Service"]
    restart = {int(code) for code in unit["RestartForceExitStatus"].split()}
    assert restart == NO_VERDICT - {137} and unit["Restart"] == "on-abnormal" and unit["SuccessExitStatus"] == "143"
    lines = (RECIPES / "systemd/nightly.env").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))
    for moment in MOMENTS[1:3]:
        with world(program, moment.fault) as (service, disks):
            state, credentials = disks / "state", disks / "credentials"
            state.mkdir()
            credentials.mkdir()
            (credentials / "password").write_text(service.account["RUNAJOB_PASSWORD"])
            name, _, value = specifiers(unit["Environment"], credentials).partition("=")
            env = {"PATH": os.environ["PATH"], name: value, **settings}
            env |= {key: value for key, value in service.account.items() if key != "RUNAJOB_PASSWORD"}
            env |= {"STATE_DIRECTORY": str(state), "CREDENTIALS_DIRECTORY": str(credentials)}
            # Said outright, because the disk at hand may be a temporary one, on which a key is only kept when it was asked for.
            env["RUNAJOB_ONCE_DIR"] = str(state / "once")
            words = shlex.split(specifiers(unit["ExecStart"], credentials))
            command = Command([word.replace("$$", "$").replace("/usr/bin/runajob", program) for word in words], env)
            command.run(service, moment)
            code, _ = command.run(service)
            tell("systemd/runajob@.service", moment, code, 0, service.starts(), 1)


def rules_of_others():
    for name, job in ((".gitlab-ci.yml", "nightly"), ("split.gitlab-ci.yml", "wait")):
        (document,) = documents(f"gitlab/{name}")
        assert set(document[job]["retry"]["exit_codes"]) == NO_VERDICT | ASKED_TO_END, name
    (document,) = documents("github/nightly.yml")
    script = document["jobs"]["load"]["steps"][0]["run"]
    assert f" {' | '.join(map(str, sorted(NO_VERDICT)))}) " in script, "github/nightly.yml"
    assert f"code in {sorted(NO_VERDICT)}" in (RECIPES / "jenkins/Jenkinsfile").read_text(), "Jenkinsfile"
