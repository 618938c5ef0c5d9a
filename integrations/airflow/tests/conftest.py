"""A served sandbox whose request log is counted, and what an operator needs of Airflow without a scheduler."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Before Airflow is imported: it makes its home when it is.
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="airflow-home-"))
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")

import pytest

from airflow_provider_runajob.program import check_version, find_binary

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]

SCENARIO = """
[timing]
monitor_delay = "100ms"
log_gap = "100ms"
stop = "300ms"
[[task]]
name = "m_ok"
takes = "1s"
[[task]]
name = "m_bad"
takes = "500ms"
ends = ["failure"]
error = "WRT_8229 Database errors occurred"
[[task]]
name = "m_flaky"
takes = "500ms"
ends = ["failure", "success"]
[[task]]
name = "m_warns"
takes = "500ms"
ends = ["warning"]
rejected = 3
[[task]]
name = "m_long"
takes = "10m"
[[task]]
name = "m_busy"
busy = true
[[task]]
name = "m_step"
takes = "500ms"
ends = ["failure", "success"]
[[task]]
name = "m_then"
takes = "2s"
[[task]]
name = "tf_suspended"
type = "TASKFLOW"
parts = ["m_step", "m_then"]
ends = ["suspended"]
[[task]]
name = "m_then_long"
takes = "43s"
[[task]]
name = "tf_suspended_long"
type = "TASKFLOW"
parts = ["m_step", "m_then_long"]
ends = ["suspended"]
[[task]]
name = "tf_inputs"
type = "TASKFLOW"
takes = "500ms"
""" + "".join(f'[[task]]\nname = "m_many_{n}"\ntakes = "10m"\n' for n in range(40))


def program_under_test() -> str:
    """The one that RUNAJOB names, else the one that was built here, else the one that is installed."""
    if named := os.environ.get("RUNAJOB"):
        return named
    built = (REPOSITORY / "target" / build / "runajob" for build in ("release", "debug"))
    return next((str(path) for path in built if path.exists()), None) or find_binary()


@dataclass
class Sandbox:
    url: str
    requests: Path
    state: Path
    binary: str

    def started(self, task: str | None = None) -> int:
        """How many starts reached the service."""
        starts = [deed for deed in self._deeds() if "started" in deed or "taskflow_started" in deed]
        return sum(1 for deed in starts if task is None or f'/{task}"' in json.dumps(deed))

    def stopped(self) -> int:
        return sum(1 for request in self._requests() if request["call"] == "stop")

    def calls(self) -> int:
        return len(self._requests())

    def _deeds(self) -> list[dict[str, Any]]:
        return [request["deed"] for request in self._requests() if request.get("deed")]

    def _requests(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.requests.read_text().splitlines()]

    def connection(self, **extra: Any) -> str:
        """The connection as Airflow reads it from the environment."""
        return json.dumps(
            {
                "conn_type": "runajob",
                "host": self.url,
                "login": "sandbox",
                "password": "sandbox",
                "extra": {"binary": self.binary, "state_dir": str(self.state), **extra},
            }
        )


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Serve a private sandbox for one test; a marker `faults` names what goes wrong in it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scenario, log = tmp_path / "scenario.toml", tmp_path / "requests.jsonl"
    scenario.write_text(SCENARIO)
    log.touch()
    binary = program_under_test()
    marker = request.node.get_closest_marker("faults")
    faults = [part for fault in (marker.args if marker else ()) for part in ("--fault", fault)]
    command = [binary, "sandbox", "--addr", f"127.0.0.1:{port}", "--scenario", str(scenario), *faults]
    served = subprocess.Popen(
        [*command, "--request-log", str(log)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _until_open(port)
        it = Sandbox(f"http://127.0.0.1:{port}", log, tmp_path / "state", binary)
        monkeypatch.setenv("AIRFLOW_CONN_RUNAJOB_DEFAULT", it.connection())
        yield it
    finally:
        served.kill()
        served.wait()


def _until_open(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the sandbox does not listen")


@dataclass
class Store:
    """Airflow's task state, which outlives tries and clears."""

    values: dict[str, Any] = field(default_factory=dict)

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def set(self, key: str, value: Any, **_: Any) -> None:
        self.values[key] = json.loads(json.dumps(value))


@dataclass
class TaskInstance:
    """What the package reads of a task instance."""

    task_id: str = "load"
    dag_id: str = "nightly"
    run_id: str = "scheduled__2026-03-01"
    map_index: int = -1
    max_tries: int = 2
    start_date: Any = None
    stats_tags: dict[str, str] = field(default_factory=dict)
    xcom: dict[str, Any] = field(default_factory=dict)

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcom[key] = value

    def xcom_pull(self, *, key: str, **_: Any) -> Any:
        return self.xcom.get(key)


def context(store: Store | None = None, **changes: Any) -> Any:
    """The context of one try."""
    ti = TaskInstance(**changes)
    return {"ti": ti, **({} if store is None else {"task_state_store": store})}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the versions that were asked, and the settings of whoever runs the tests."""
    check_version.cache_clear()
    for name in [name for name in os.environ if name.startswith("RUNAJOB_")]:
        monkeypatch.delenv(name)
