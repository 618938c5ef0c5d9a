"""A real Airflow (API server, scheduler, LocalExecutor, DAG processor, triggerer) and sandboxes, on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: str, ready: Callable[[], Any], seconds: float = 120.0, pause: float = 0.3) -> Any:
    """Wait until something is so, and return what made it so."""
    end = time.monotonic() + seconds
    while True:
        if value := ready():
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(pause)


@dataclass
class Process:
    pid: int
    parent: int
    command: str


def processes() -> dict[int, Process]:
    """Read all processes, as `ps` does."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                    found[int(folder.name)] = Process(int(folder.name), int(fields[1]), command)
    return found


def below(pid: int) -> list[Process]:
    """Return the process and all that it started."""
    everything = processes()
    tree = [everything[pid]] if pid in everything else []
    for process in tree:
        tree.extend(child for child in everything.values() if child.parent == process.pid)
    return tree


def memory_kib(pids: list[int]) -> int:
    """Return the memory that these processes have for themselves (PSS)."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, StopIteration):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += int(next(line.split()[1] for line in lines if line.startswith("Pss:")))
    return total


def kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@dataclass
class Sandbox:
    """A served sandbox and what reached it."""

    name: str
    port: int
    log: Path
    child: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def requests(self) -> list[dict[str, Any]]:
        with contextlib.suppress(FileNotFoundError):
            return [json.loads(line) for line in self.log.read_text().splitlines() if line.endswith("}")]
        return []

    def deeds(self) -> list[dict[str, Any]]:
        """What the requests changed; small changes are words instead."""
        return [deed for request in self.requests() if isinstance(deed := request.get("deed"), dict)]

    def starts(self, job: str) -> int:
        begun = [deed.get("started") or deed.get("taskflow_started") or {} for deed in self.deeds()]
        return sum(1 for deed in begun if str(deed.get("task", "")).endswith(f"/{job}"))

    def stops(self, job: str) -> int:
        return sum(1 for deed in self.deeds() if "stop" in " ".join(deed) and f"/{job}" in json.dumps(deed))


@dataclass
class World:
    """Everything that a live test needs, gone when it ends."""

    root: Path
    binary: str
    airflow: str
    sandboxes: dict[str, Sandbox] = field(default_factory=dict)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    token: str | None = None
    #: The beginning of `pg_ctl` for the cluster, if there is one.
    postgres: list[str] = field(default_factory=list)

    # Services.

    def serve(self, name: str, scenario: str, *faults: str) -> None:
        """Serve a sandbox, which the connection of the same name leads to."""
        port, log = free_port(), self.root / f"requests-{name}.jsonl"
        file = self.root / f"scenario-{name}.toml"
        file.write_text(scenario)
        command = [self.binary, "sandbox", "--addr", f"127.0.0.1:{port}", "--scenario", str(file)]
        command += [part for fault in faults for part in ("--fault", fault)]
        child = subprocess.Popen(
            [*command, "--request-log", str(log)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.sandboxes[name] = Sandbox(name, port, log, child)

    def connect(self, name: str, **extra: Any) -> None:
        own = {"binary": self.binary, "state_dir": str(self.root / f"state-{name}"), **extra}
        self.environment[f"AIRFLOW_CONN_{name.upper()}"] = json.dumps(
            {
                "conn_type": "runajob",
                "host": self.sandboxes[name].url,
                "login": "sandbox",
                "password": "sandbox",
                "extra": own,
            }
        )

    def configure(self, dags: Path, postgres: bool = True) -> None:
        """Set Airflow up: a database of its own, and dead workers noticed in seconds instead of minutes."""
        port = free_port()
        self.api_url = f"http://127.0.0.1:{port}"
        home = self.root / "airflow"
        home.mkdir()
        settings = {
            ("core", "dags_folder"): dags,
            ("core", "load_examples"): False,
            ("core", "executor"): "LocalExecutor",
            ("core", "parallelism"): 6,
            ("core", "max_active_tasks_per_dag"): 300,
            ("core", "execution_api_server_url"): f"{self.api_url}/execution/",
            ("core", "simple_auth_manager_all_admins"): True,
            ("core", "auth_manager"): "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
            ("database", "sql_alchemy_conn"): self._database() if postgres else self._sqlite(),
            ("api", "port"): port,
            ("api", "host"): "127.0.0.1",
            ("api", "base_url"): self.api_url,
            ("api", "workers"): 1,
            ("api", "maximum_page_limit"): 1000,
            ("api_auth", "jwt_secret"): "a secret of this test only, long enough for its digest",
            ("api", "secret_key"): "another secret of this test only",
            # On a busy machine shorter ones make Airflow give up processes that live.
            ("scheduler", "task_instance_heartbeat_timeout"): 20,
            ("scheduler", "task_instance_heartbeat_timeout_detection_interval"): 2,
            ("scheduler", "scheduler_health_check_threshold"): 25,
            ("scheduler", "orphaned_tasks_check_interval"): 4,
            ("scheduler", "job_heartbeat_sec"): 2,
            ("scheduler", "enable_health_check"): False,
            ("scheduler", "trigger_timeout_check_interval"): 2,
            ("workers", "min_heartbeat_interval"): 2,
            ("triggerer", "job_heartbeat_sec"): 2,
            ("triggerer", "triggerer_health_check_threshold"): 20,
            ("dag_processor", "refresh_interval"): 15,
            ("logging", "worker_log_server_port"): free_port(),
            ("logging", "trigger_log_server_port"): free_port(),
            ("logging", "base_log_folder"): home / "logs",
        }
        self.environment |= {f"AIRFLOW__{a.upper()}__{b.upper()}": str(value) for (a, b), value in settings.items()}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RUNAJOB_"))}
        self.environment = {
            **inherited,
            "PATH": f"{Path(self.airflow).parent}:{inherited['PATH']}",
            "AIRFLOW_HOME": str(home),
            "NO_PROXY": "127.0.0.1",
            **self.environment,
        }
        self.run("db", "migrate")

    def _sqlite(self) -> str:
        return f"sqlite:///{self.root}/airflow/airflow.db"

    def _database(self) -> str:
        """Make a PostgreSQL cluster where the server is installed, else use SQLite."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
        if not found[-1].is_file() or (os.geteuid() == 0 and not shutil.which("runuser")):
            return self._sqlite()
        tools, data = found[-1].resolve().parent, self.root / "postgres"
        data.mkdir(mode=0o700)
        become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if become:
            self.root.chmod(0o755)
            shutil.chown(data, "postgres", "postgres")
        port = free_port()
        options = f"-p {port} -h 127.0.0.1 -k {data} -c fsync=off -c max_connections=200"
        quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
        subprocess.run([*become, tools / "initdb", "-D", data, "-U", "airflow", "-A", "trust"], **quiet)
        self.postgres = [*become, str(tools / "pg_ctl"), "-D", str(data)]
        subprocess.run([*self.postgres, "-w", "-l", data / "log", "-o", options, "start"], **quiet)
        return f"postgresql+psycopg2://airflow@127.0.0.1:{port}/postgres"

    def run(self, *arguments: str, seconds: float = 300.0) -> str:
        """Run one airflow command to its end."""
        done = subprocess.run(
            [self.airflow, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"airflow {' '.join(arguments)} ended with {done.returncode}\n{done.stderr[-3000:]}")
        return done.stdout

    def start(self, component: str) -> None:
        with (self.root / f"{component}.log").open("ab") as log:
            self.children[component] = subprocess.Popen(
                [self.airflow, component],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_all(self) -> None:
        for component in COMPONENTS:
            self.start(component)
        until("the API server answers", self._token, 180)
        until("the DAGs are there", lambda: self.get("/dags?limit=100").get("total_entries"), 180)

    def kill(self, component: str, whole: bool = True) -> None:
        """Kill a component with -9, alone or with all that it started."""
        child = self.children.pop(component)
        kill([process.pid for process in below(child.pid)] if whole else [child.pid])
        child.wait()

    def close(self) -> None:
        for component in list(self.children):
            self.kill(component)
        # What was orphaned by a kill still has our home in its environment.
        marker = f"AIRFLOW_HOME={self.root}/airflow".encode()
        for process in processes().values():
            with contextlib.suppress(OSError):
                if marker in Path(f"/proc/{process.pid}/environ").read_bytes() and process.pid != os.getpid():
                    kill([process.pid])
        for sandbox in self.sandboxes.values():
            sandbox.child.kill()
            sandbox.child.wait()
        if self.postgres:
            subprocess.run([*self.postgres, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, cwd="/")

    # The API.

    def _token(self) -> str | None:
        with contextlib.suppress(OSError):
            self.token = self._send("GET", f"{self.api_url}/auth/token")["access_token"]
        return self.token

    def _send(self, method: str, url: str, body: Any = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return dict(json.loads(answer.read() or b"{}"))
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {url}: {error.code} {error.read()[:500]!r}") from error

    def get(self, path: str) -> dict[str, Any]:
        return self._send("GET", f"{self.api_url}/api/v2{path}")

    def trigger(self, dag: str, run: str, conf: Mapping[str, Any] | None = None) -> None:
        self._send("PATCH", f"{self.api_url}/api/v2/dags/{dag}?update_mask=is_paused", {"is_paused": False})
        body = {"dag_run_id": run, "logical_date": None, "conf": dict(conf or {})}
        self._send("POST", f"{self.api_url}/api/v2/dags/{dag}/dagRuns", body)

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        path = f"/dags/{dag}/dagRuns/{urllib.parse.quote(run)}/taskInstances?limit=500"
        return list(self.get(path).get("task_instances", []))

    # What follows is of the task `load`, which is the only one of a case.

    def task(self, dag: str, run: str) -> dict[str, Any]:
        return next((it for it in self.tasks(dag, run) if it["task_id"] == "load"), {})

    def state(self, dag: str, run: str) -> str | None:
        return self.task(dag, run).get("state")

    def clear(self, dag: str, run: str) -> None:
        body = {"dry_run": False, "dag_run_id": run, "only_failed": False, "reset_dag_runs": True}
        self._send("POST", f"{self.api_url}/api/v2/dags/{dag}/clearTaskInstances", body)

    def mark(self, dag: str, run: str, state: str) -> None:
        path = f"/api/v2/dags/{dag}/dagRuns/{urllib.parse.quote(run)}/taskInstances/load"
        self._send("PATCH", f"{self.api_url}{path}", {"new_state": state})

    def xcom(self, dag: str, run: str, key: str) -> Any:
        path = f"/dags/{dag}/dagRuns/{urllib.parse.quote(run)}/taskInstances/load/xcomEntries/{key}"
        return self.get(path).get("value")

    def log(self, dag: str, run: str, attempt: int) -> str:
        path = f"/dags/{dag}/dagRuns/{urllib.parse.quote(run)}/taskInstances/load/logs/{attempt}?full_content=true"
        return json.dumps(self.get(path).get("content"))

    # Workers.

    def worker(self, dag: str, run: str) -> Worker | None:
        """Find the processes that work on a task now."""
        title = f"airflow worker -- {self.task(dag, run).get('id')}"
        runner = next((it for it in processes().values() if it.command.startswith(title)), None)
        return None if runner is None else Worker(runner.parent, runner.pid)


@dataclass
class Worker:
    """The process of LocalExecutor that supervises a task, and the one that runs it."""

    supervisor: int
    runner: int

    def child(self, verb: str) -> Process | None:
        return next((it for it in below(self.runner) if f" {verb} " in it.command and "runajob" in it.command), None)


@contextlib.contextmanager
def world(root: Path, binary: str) -> Iterator[World]:
    it = World(root, binary, str(Path(sys.executable).with_name("airflow")))
    # What bounds this in time, such as `timeout`, leaves nothing behind either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield it
    finally:
        it.close()
