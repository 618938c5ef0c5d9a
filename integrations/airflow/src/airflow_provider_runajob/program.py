"""The program `runajob` as a child process. Knows nothing of Airflow."""

from __future__ import annotations

import ctypes
import functools
import json
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MINIMUM_VERSION = (0, 1, 0)
_VERSION = re.compile(r"^runajob (\d+)\.(\d+)\.(\d+)")
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ProgramError(Exception):
    """The program is missing, or is not one that this package can work with."""


def find_binary(configured: str | None = None) -> str:
    """Return the path of the program: the configured one, else the one of the wheel, else the one on PATH."""
    if configured:
        path = shutil.which(str(Path(configured).expanduser()))
        if path is None:
            raise ProgramError(f"there is no program {configured!r} that this worker can run")
        return path
    path = shutil.which(str(Path(sysconfig.get_path("scripts")) / "runajob")) or shutil.which("runajob")
    if path is None:
        raise ProgramError(
            "there is no program `runajob` on this worker; install it beside Airflow with `pip install runajob`, "
            'or name it in the connection\'s extra: {"binary": "/opt/runajob/bin/runajob"}'
        )
    return path


@functools.cache
def check_version(binary: str) -> str:
    """Ask the program for its version, once per process, and refuse one that is too old."""
    try:
        done = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProgramError(f"{binary} does not run here: {error}") from error
    found = _VERSION.match(done.stdout)
    if found is None:
        answer = (done.stdout or done.stderr).strip()[:200] or "nothing"
        raise ProgramError(f"{binary} is not runajob: it answers --version with {answer!r}")
    if tuple(int(part) for part in found.groups()) < MINIMUM_VERSION:
        wanted = ".".join(map(str, MINIMUM_VERSION))
        raise ProgramError(f"{binary} is {found.group()}, and this package needs {wanted} or newer; upgrade it")
    return found.group()


@dataclass(frozen=True)
class Answer:
    """The exit code of one command and its JSON document, which is empty where the command was killed."""

    code: int
    document: dict[str, Any] = field(default_factory=dict)

    @property
    def run(self) -> dict[str, Any]:
        """The only run of the document, or nothing."""
        runs = self.document.get("runs") or [{}]
        return dict(runs[0])

    @property
    def handle(self) -> str | None:
        return self.run.get("handle")

    @property
    def error(self) -> dict[str, Any]:
        return dict(self.document.get("error") or {})

    @property
    def what(self) -> str:
        """What the program says went wrong."""
        return str(self.error.get("what") or f"the program ended with code {self.code}")


def answer_of(code: int, stdout: bytes) -> Answer:
    """Read a document; a child that a signal ended gets the code that a shell would show."""
    try:
        document = json.loads(stdout)
    except ValueError:
        document = None
    return Answer(128 - code if code < 0 else code, document if isinstance(document, dict) else {})


def die_with_parent() -> None:
    """In the child, before it becomes the program: let it end with the worker, whatever kills that."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Program:
    """Runs commands one at a time. `interrupt` may be called meanwhile, from a signal handler too."""

    def __init__(self, binary: str, environment: Mapping[str, str], log: Callable[[str], None]) -> None:
        self.binary = binary
        self.environment = dict(environment)
        self._log = log
        self._child: subprocess.Popen[bytes] | None = None
        #: What the last command answered, also where an exception cut it off.
        self.last = Answer(0)

    def start(self, *arguments: str, inputs: Mapping[str, Any] | None = None) -> Answer:
        """Run `start`. It outlives a killed worker, so that it can write down the handle under its key."""
        if inputs is None:
            return self._run("start", *arguments)
        with tempfile.NamedTemporaryFile("w", suffix=".json", prefix="runajob-inputs-") as file:
            json.dump(inputs, file)
            file.flush()
            return self._run("start", "--inputs-file", file.name, *arguments)

    def call(self, verb: str, *arguments: str) -> Answer:
        """Run a command that changes nothing, and that ends when the worker is killed."""
        return self._run(verb, *arguments, preexec=die_with_parent)

    def stop(self, handle: str, clean: bool, patience: float) -> Answer | None:
        """Send a stop. One that takes longer than the patience goes on by itself, and gives None."""
        command = [self.binary, "stop", "-o", "json", *(["--clean"] if clean else []), "--", handle]
        child = subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            stdout, _ = child.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            return None
        return answer_of(child.returncode, stdout)

    def interrupt(self) -> bool:
        """Ask the command under way to end, and say whether there was one."""
        child = self._child
        if child is None or child.poll() is not None:
            return False
        child.terminate()
        return True

    def _run(self, verb: str, *arguments: str, preexec: Callable[[], None] | None = None) -> Answer:
        command = [self.binary, verb, "-o", "json", *arguments]
        with tempfile.TemporaryFile() as stdout:
            child = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.PIPE,
                preexec_fn=preexec,
            )
            self._child = child
            try:
                self._pass_on(child)
            finally:
                # An execution time-out arrives here as an exception. The command says then what it knows.
                self._end(child)
                self._child = None
                stdout.seek(0)
                self.last = answer_of(child.returncode, stdout.read())
        return self.last

    def _pass_on(self, child: subprocess.Popen[bytes]) -> None:
        if child.stderr is None:
            return
        with child.stderr as lines:
            for line in lines:
                if text := line.decode(errors="replace").rstrip():
                    self._log(text)
        child.wait()

    @staticmethod
    def _end(child: subprocess.Popen[bytes]) -> None:
        """Give a start that waits for its answer the time to write it down."""
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(timeout=8)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
