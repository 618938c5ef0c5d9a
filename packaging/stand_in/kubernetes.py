"""Kubernetes as the recipes see it: pods with their variables and disks, and a Job's rules for those that fail."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from service import ASKED_TO_END, MOMENTS, NO_VERDICT, RECIPES, Command, Moment, Service, documents, readme_codes, tell, world


def job_specs(name: str) -> list[dict]:
    specs = []
    for document in documents(name):
        if document["kind"] == "Job":
            specs.append(document["spec"])
        if document["kind"] == "CronJob":
            specs.append(document["spec"]["jobTemplate"]["spec"])
    return specs


def pod_failure_action(spec: dict, code: int, disrupted: bool = False) -> str:
    for rule in spec["podFailurePolicy"]["rules"]:
        if "onPodConditions" in rule:
            hit = disrupted and any(c["type"] == "DisruptionTarget" for c in rule["onPodConditions"])
        else:
            codes = rule["onExitCodes"]
            hit = (code in codes["values"]) == (codes["operator"] == "In")
        if hit:
            return rule["action"]
    return "Count"


def check_pod_failure_policy(name: str, spec: dict):
    template = spec["template"]["spec"]
    assert template["restartPolicy"] == "Never", f"{name}: a podFailurePolicy needs restartPolicy: Never"
    rules = spec["podFailurePolicy"]["rules"]
    assert len(rules) <= 20, name
    for rule in rules:
        if codes := rule.get("onExitCodes"):
            # What the API server refuses and no schema says.
            assert codes["containerName"] in [c["name"] for c in template["containers"]], name
            assert codes["values"] == sorted(set(codes["values"])), f"{name}: {codes}"
            assert codes["operator"] == "NotIn" or 0 not in codes["values"], f"{name}: {codes}"
    final = "FailIndex" if "backoffLimitPerIndex" in spec else "FailJob"
    for code in [*readme_codes(), 137]:
        if code == 0:
            continue
        expected = "Count" if code in NO_VERDICT else "Ignore" if code in ASKED_TO_END else final
        assert pod_failure_action(spec, code) == expected, f"{name}: {code} is {pod_failure_action(spec, code)}, not {expected}"
        assert pod_failure_action(spec, code, disrupted=True) == "Ignore", f"{name}: {code} in an evicted pod"


def pod_command(program: str, template: dict, service: Service, disks: Path, given: dict[str, str]) -> Command:
    """The container's command, with volumes as folders: those on a claim live on, the others are the pod's own."""
    container = template["containers"][0]
    pod = Path(tempfile.mkdtemp(prefix="pod-", dir=disks))
    volumes = {volume["name"]: volume for volume in template["volumes"]}
    folders = {}
    for mount in container["volumeMounts"]:
        volume = volumes[mount["name"]]
        claim = volume.get("persistentVolumeClaim")
        folder = disks / claim["claimName"] if claim else pod / mount["name"]
        folder.mkdir(exist_ok=True)
        folders[mount["mountPath"]] = folder
        if "secret" in volume:
            (folder / "password").write_text(service.account["RUNAJOB_PASSWORD"])
            (folder / "password").chmod(0o600)
        if "configMap" in volume:
            data = next(d["data"] for d in documents("kubernetes/indexed-job.yaml") if d["metadata"]["name"] == volume["configMap"]["name"])
            for key, value in data.items():
                (folder / key).write_text(value)

    def inside(text: str) -> str:
        for path, folder in folders.items():
            text = re.sub(rf"(^|=){re.escape(path)}(?=/|$)", rf"\g<1>{folder}", text)
        return text

    account = next(d["data"] for d in documents("kubernetes/account.yaml") if d["kind"] == "ConfigMap")
    account |= {key: value for key, value in service.account.items() if key != "RUNAJOB_PASSWORD"}
    env = {**account, **given, "RUNAJOB_STATE_DIR": "/var/lib/runajob/state"}
    env = {key: inside(value) for key, value in env.items()}
    args = [inside(re.sub(r"\$\((\w+)\)", lambda found: env[found[1]], arg)) for arg in container["args"]]
    assert not any("$(" in arg for arg in args), args
    return Command([program, *args], env)


def run_job(program: str, spec: dict, service: Service, disks: Path, given: dict[str, str], kill: Moment | None = None) -> tuple[str, str]:
    """What becomes of a Job, and what its last pod printed."""
    failures = 0
    limit: int = spec["backoffLimit"] if "backoffLimit" in spec else spec["backoffLimitPerIndex"]
    while True:
        code, out = pod_command(program, spec["template"]["spec"], service, disks, given).run(service, kill)
        if code == 0:
            return "Complete", out
        action = pod_failure_action(spec, code) if "podFailurePolicy" in spec else "Count"
        if action in ("FailJob", "FailIndex"):
            return f"Failed by {code}", out
        failures += action == "Count"
        if failures > limit:
            return f"Failed by {code}, the last attempt", out
        time.sleep(kill.pause if kill else 0)
        kill = None


def kubernetes(program: str):
    for name in ("job", "cronjob", "indexed-job", "split-wait"):
        for spec in job_specs(f"kubernetes/{name}.yaml"):
            check_pod_failure_policy(name, spec)
    print("kubernetes: every exit code is met by the rule that docs/engines.md names")
    for name in ("job", "cronjob", "indexed-job"):
        (spec,) = job_specs(f"kubernetes/{name}.yaml")
        given = {"NAMESPACE": "etl", "JOB": f"{name}-1", "JOB_COMPLETION_INDEX": "0"}
        for moment in MOMENTS if name == "job" else MOMENTS[1:2]:
            with world(program, moment.fault) as (service, disks):
                end, _ = run_job(program, spec, service, disks, given, moment)
                tell(f"kubernetes/{name}.yaml", moment, end, "Complete", service.starts(), 1)
    split_script(program)
    (start,), (wait,) = job_specs("kubernetes/split-start.yaml"), job_specs("kubernetes/split-wait.yaml")
    for moment in MOMENTS:
        with world(program, moment.fault) as (service, disks):
            if moment.call == "log":
                end, handle = run_job(program, start, service, disks, {})
                assert end == "Complete", end
                end, _ = run_job(program, wait, service, disks, {"HANDLE": handle.strip()}, moment)
                tell("kubernetes/split-wait.yaml", moment, end, "Complete", service.starts(), 1)
            else:
                end, _ = run_job(program, start, service, disks, {}, moment)
                tell("kubernetes/split-start.yaml", moment, end, "Failed by 137, the last attempt", service.starts(), int(moment.uncertain))


class Kubectl:
    """As much of kubectl as split.sh needs: objects are files in a folder, and a Job runs while it is created."""

    def __init__(self, program: str, service: Service, disks: Path):
        self.program, self.service, self.disks = program, service, disks
        self.objects = disks / "objects"
        self.objects.mkdir(exist_ok=True)

    def __call__(self, verb: str, *words: str) -> int:
        match verb, *words:
            case "get", kind, name:
                return int(not self.path(kind, name).exists())
            case "create", "-f", name:
                (job,) = documents(f"kubernetes/{name}")
                handle = self.path("configmap", "nightly-load-run")
                given = {"HANDLE": handle.read_text()} if handle.exists() else {}
                end, out = run_job(self.program, job["spec"], self.service, self.disks, given)
                self.path("job", job["metadata"]["name"]).write_text(f"{end}\nstarting the task, says stderr\n{out}")
                return 0
            case "create", "configmap", name, literal:
                self.path("configmap", name).write_text(literal.removeprefix("--from-literal=handle="))
                return 0
            case "wait", "--for=condition=complete", _, job:
                return int(not self.path(*job.split("/")).read_text().startswith("Complete\n"))
            case "logs", job:
                sys.stdout.write(self.path(*job.split("/")).read_text().partition("\n")[2])
                return 0
            case "delete", "--ignore-not-found", *objects:
                for each in objects:
                    self.path(*each.split("/")).unlink(missing_ok=True)
                return 0
        raise SystemExit(f"the stand-in for kubectl does not know {verb} {words}")

    def path(self, kind: str, name: str) -> Path:
        return self.objects / f"{kind}.{name}"


def split_script(program: str):
    with world(program, None) as (service, disks):
        kubectl = disks / "kubectl"
        command = shlex.join([sys.executable, str(Path(__file__).parent), program, "kubectl", str(disks), json.dumps(service.account)])
        kubectl.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        kubectl.chmod(0o755)

        def split(*words: str) -> int:
            env = {**os.environ, "KUBECTL": str(kubectl)}
            return subprocess.run(["sh", RECIPES / "kubernetes/split.sh", *words], env=env, check=False).returncode

        for which, expected in ((), 1), ((), 1), (("clean",), 1), ((), 2):
            assert split(*which) == 0, which
            assert service.starts() == expected, (which, service.starts())
        print("kubernetes/split.sh: run twice, one start; after `clean` another")
