"""The service that the recipes run against, the workers that run their commands, and the moments at which they are killed."""

import contextlib
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
RECIPES = ROOT / "docs/recipes"
NO_VERDICT = {4, 6, 69, 137}  # tried again, and counted
ASKED_TO_END = {143}  # tried again, not counted
SCENARIO = """
[timing]
monitor_delay = "100ms"
log_gap = "100ms"
[[task]]
name = "nightly_load"
takes = "2s"
[[task]]
name = "load_customers"
folder = "Sales/Nightly"
takes = "2s"
"""


@dataclass
class Moment:
    """When the first worker is killed: once the service has had this call, with the fault that holds the program there."""

    name: str
    call: str
    fault: str | None = None
    pause: float = 0  # until the next worker comes
    uncertain: bool = False  # the start was sent and its handle was not kept


MOMENTS = [
    Moment("before the start is sent", "login", "lookup:latency=2s*1"),
    Moment("start sent, no answer yet", "start", "start:hang-after*1", uncertain=True),
    Moment("waiting for the end", "log"),
    Moment("the run ended while nobody watched", "log", pause=3),
]


@dataclass
class Service:
    """A served sandbox: its account, and what reached it."""

    account: dict[str, str]
    log: Path

    def calls(self) -> list[dict]:
        lines = self.log.read_text().splitlines(keepends=True) if self.log.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def starts(self) -> int:
        return sum("started" in (call.get("deed") or {}) for call in self.calls())


@contextlib.contextmanager
def world(program: str, fault: str | None) -> Iterator[tuple[Service, Path]]:
    """A sandbox of its own, and a folder for disks."""
    with tempfile.TemporaryDirectory(prefix="recipes-") as name:
        folder = Path(name)
        (folder / "scenario.toml").write_text(SCENARIO)
        command = [program, "sandbox", "--addr", "127.0.0.1:0", "--scenario", str(folder / "scenario.toml")]
        command += ["--request-log", str(folder / "requests"), *(["--fault", fault] if fault else [])]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={"HOME": name})
        try:
            account: dict[str, str] = {}
            while len(account) < 3:
                line = process.stdout.readline() if process.stdout else ""
                assert line, "the sandbox did not start"
                if found := re.match(r"export (RUNAJOB_(?:LOGIN_URL|USERNAME|PASSWORD))='?([^'\n]*)'?$", line):
                    account[found[1]] = found[2]
            yield Service(account, folder / "requests"), folder
        finally:
            process.kill()
            process.wait()


@dataclass
class Command:
    """A worker's command as an engine makes it from a recipe."""

    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)

    def run(self, service: Service, kill_at: Moment | None = None) -> tuple[int, str]:
        process = subprocess.Popen(self.argv, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if kill_at:
            deadline = time.monotonic() + 60
            while not any(call["call"] == kill_at.call for call in service.calls()):
                assert process.poll() is None, f"ended before it could be killed: {process.communicate()}"
                assert time.monotonic() < deadline, f"no call {kill_at.call} within a minute"
                time.sleep(0.02)
            process.kill()
        out, err = process.communicate(timeout=300)
        code = process.returncode
        if code and code != -signal.SIGKILL:
            sys.stderr.write(err)
        return (128 - code if code < 0 else code), out


def documents(name: str) -> list[dict]:
    return list(yaml.safe_load_all((RECIPES / name).read_text()))


def readme_codes() -> list[int]:
    rows = re.findall(r"^\| (\d+) \| ", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(rows) > 15, "README.md has no table of exit codes"
    return [int(row) for row in rows]


def tell(recipe: str, moment: Moment, end, expected_end, starts: int, expected_starts: int):
    print(f"{recipe}: worker killed, {moment.name}: {end}, {starts} start{'s' * (starts != 1)}", flush=True)
    assert end == expected_end, f"expected {expected_end}"
    assert starts == expected_starts, f"expected {expected_starts}"
