"""The program as a child: which one, whether it is new enough, and that an end by a signal has the shell's code."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from airflow_provider_runajob.program import Program, ProgramError, answer_of, check_version, find_binary


def fake(folder: Path, script: str, name: str = "runajob") -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_the_program_of_the_environment_wins_over_one_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts, other = tmp_path / "scripts", tmp_path / "other"
    for folder in (scripts, other):
        folder.mkdir()
        fake(folder, "exit 0")
    monkeypatch.setenv("PATH", str(other))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(scripts))
    assert find_binary() == str(scripts / "runajob")
    (scripts / "runajob").unlink()
    assert find_binary() == str(other / "runajob")
    (other / "runajob").unlink()
    with pytest.raises(ProgramError, match="pip install runajob"):
        find_binary()


def test_a_configured_program_must_be_there(tmp_path: Path) -> None:
    assert find_binary(fake(tmp_path, "exit 0", "rj")) == str(tmp_path / "rj")
    (tmp_path / "plain").touch()
    for missing in (tmp_path / "nowhere", tmp_path / "plain"):
        with pytest.raises(ProgramError, match="there is no program"):
            find_binary(str(missing))


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ("runajob 0.0.9", "needs 0.1.0 or newer"),
        ("RunAJob utility 1.0", "is not runajob"),
        ("", "is not runajob"),
    ],
)
def test_an_old_or_foreign_program_is_refused(tmp_path: Path, answer: str, complaint: str) -> None:
    with pytest.raises(ProgramError, match=complaint):
        check_version(fake(tmp_path, f"echo '{answer}'"))


def test_the_version_is_asked_once(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    binary = fake(tmp_path, f"echo x >>{asked}; echo 'runajob 7.1.0'")
    assert [check_version(binary), check_version(binary)] == ["runajob 7.1.0"] * 2
    assert asked.read_text() == "x\n"


def test_a_document_and_the_lines_for_people_come_apart(tmp_path: Path) -> None:
    lines: list[str] = []
    binary = fake(tmp_path, 'echo "waiting" >&2; echo \'{"runs": [{"handle": "MTT/x/1"}]}\'; exit 3')
    answer = Program(binary, {}, lines.append).call("wait", "MTT/x/1")
    assert (answer.code, answer.handle, lines) == (3, "MTT/x/1", ["waiting"])


def test_inputs_go_by_a_private_file_that_is_gone_afterwards(tmp_path: Path) -> None:
    lines: list[str] = []
    binary = fake(tmp_path, 'echo "$*" >&2; ls -l "$5" >&2; cat "$5" >&2')
    Program(binary, {"PATH": os.environ["PATH"]}, lines.append).start("x", inputs={"token": "s3cret"})
    arguments, mode, body = lines
    assert "s3cret" not in arguments
    assert mode.startswith("-rw-------")
    assert json.loads(body) == {"token": "s3cret"}
    assert not Path(arguments.split()[4]).exists()


def test_an_interrupted_command_has_the_code_of_its_signal(tmp_path: Path) -> None:
    program = Program(fake(tmp_path, "echo here >&2; exec sleep 60"), {"PATH": os.environ["PATH"]}, lambda _: None)
    timer = threading.Timer(0.3, program.interrupt)
    timer.start()
    assert program.call("wait").code == 143
    assert program.interrupt() is False


def test_what_is_no_document_counts_as_none() -> None:
    assert answer_of(-9, b'{"runs": [').document == {}
    assert answer_of(-9, b"").code == 137
    assert answer_of(0, b"[]").handle is None
