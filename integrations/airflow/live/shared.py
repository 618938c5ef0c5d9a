"""The kills that hit everybody at once, the cases of many tasks, and what is measured."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cases import Case, Row, play
from world import World, below, kill, memory_kib, until

#: How many deferred waits there are, which the DAG says too.
MANY = 200
#: How long each job of the many takes: five minutes are enough where little else runs.
MANY_TAKE_S = int(os.environ.get("MANY_TAKE_S", "300"))


# What kills everybody's tasks at once, so these cases share a kill.


def together(it: World, cases: list[Case], moment: Callable[[Case], Any], act: Callable[[], None]) -> list[Row]:
    for case in cases:
        case.begin(it)
    for case in cases:
        moment(case)
    act()
    with ThreadPoolExecutor(len(cases)) as pool:
        return list(pool.map(lambda case: play(it, case), cases))


def waits(it: World) -> Callable[[Case], None]:
    """The moment at which a case waits, in its worker or in the triggerer."""

    def moment(case: Case) -> None:
        if case.mode == "deferred":
            until(f"{case.job} is deferred", lambda: it.state(case.mode, case.job) == "deferred")
        else:
            case.child(it, "wait")

    return moment


def passed(_: World, __: Case) -> None:
    """Its run was begun before."""


def triggerer_cases() -> list[Case]:
    return [
        Case("triggerer", "while waiting", "deferred", passed, takes="40s"),
        Case("triggerer", "the job ends meanwhile", "deferred", passed, takes="12s"),
    ]


def scheduler_cases(whole: bool) -> list[Case]:
    what = "scheduler and workers" if whole else "scheduler"
    cases = [Case(what, "while waiting", mode, passed, takes="40s") for mode in ("durable", "key", "deferred")]
    return [*cases, Case(what, "while the start is out", "durable", passed, conn="slow_start")]


def triggerer_kill(it: World) -> list[Row]:
    def act() -> None:
        it.kill("triggerer")
        time.sleep(10)
        it.start("triggerer")

    return together(it, triggerer_cases(), waits(it), act)


def scheduler_kill(it: World, whole: bool) -> list[Row]:
    def moment(case: Case) -> None:
        if case.conn == "slow_start":
            case.child(it, "start")
        else:
            waits(it)(case)

    def act() -> None:
        it.kill("scheduler", whole)
        time.sleep(3)
        it.start("scheduler")

    return together(it, scheduler_cases(whole), moment, act)


# Many.


def mapped(it: World, dag: str, count: int, killed: bool) -> Row:
    """A map of tasks, one of whose workers is killed."""
    run = f"{dag}_{killed}"
    it.trigger(dag, run)
    if killed:
        pid = until("a mapped worker waits", lambda: next(iter(waiting_children(it)), None))
        kill([pid])
    states = until(
        f"{dag} is over",
        lambda: (now := [task["state"] for task in it.tasks(dag, run)]) and set(now) <= {"success", "failed"} and now,
        200,
        1,
    )
    starts = [it.sandboxes["fast"].starts(f"m_{dag}_{index}") for index in range(count)]
    got = f"{sorted(set(starts))} started each, {states.count('success')} of {len(states)} succeeded"
    wanted = f"[1] started each, {count} of {count} succeeded"
    moment = "one worker killed" if killed else f"{count} mapped tasks"
    return Row("mapped tasks", moment, dag, wanted, got)


def waiting_children(it: World) -> Iterable[int]:
    """The task processes of mapped tasks that wait."""
    for process in below(it.children["scheduler"].pid):
        if " wait " in process.command and process.command.startswith(it.binary):
            yield process.parent


def children_at_most(parents: list[int], binary: str, seconds: float) -> int:
    """Count how many children these processes have at once. Each lives for some hundredths of a second."""
    most, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        here = 0
        for parent in parents:
            for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
                with contextlib.suppress(OSError):
                    here += Path(f"/proc/{pid}/cmdline").read_bytes().startswith(binary.encode())
        most = max(most, here)
        time.sleep(0.002)
    return most


def many(it: World, count: int, figures: dict[str, Any]) -> Row:
    """Deferred waits, and what they cost the triggerer."""

    def memory() -> int:
        return memory_kib([process.pid for process in below(it.children["triggerer"].pid)])

    def counted(state: str) -> int:
        return sum(1 for task in it.tasks("many", "many") if task["state"] == state)

    before = memory()
    it.trigger("many", "many")
    until(f"{count} tasks are deferred", lambda: counted("deferred") == count, MANY_TAKE_S, 3)
    time.sleep(15)
    waiting, calls = memory(), len(it.sandboxes["fast"].requests())
    most = children_at_most([process.pid for process in below(it.children["triggerer"].pid)], it.binary, 30)
    figures["deferred waits"] = count
    figures["triggerer, MiB before"] = round(before / 1024, 1)
    figures["triggerer, MiB with them"] = round(waiting / 1024, 1)
    figures["MiB for all waits"] = round((waiting - before) / 1024, 1)
    figures["children of the triggerer at most"] = most
    figures["requests in 30 s of waiting"] = len(it.sandboxes["fast"].requests()) - calls
    it.kill("triggerer")
    it.start("triggerer")
    until("all are over", lambda: counted("success") + counted("failed") == count, 900, 3)
    starts = [it.sandboxes["fast"].starts(f"m_many_{index}") for index in range(count)]
    got = f"{sorted(set(starts))} started each, {counted('success')} succeeded, {most} child at most"
    return Row(
        "triggerer", f"{count} deferred waits", "many", f"[1] started each, {count} succeeded, 1 child at most", got
    )


def sensed(it: World) -> Row:
    it.trigger("sensed", "sensed")

    def states() -> list[str]:
        return sorted(str(task["state"]) for task in it.tasks("sensed", "sensed"))

    over = until("the sensors are over", lambda: set(now := states()) <= {"success", "failed"} and now, 150, 1)
    got = f"{it.sandboxes['fast'].starts('m_sensed')} started, {', '.join(over)}"
    return Row("nothing", "sensors poke and defer", "sensed", "1 started, success, success, success", got)


def overhead(it: World, figures: dict[str, Any]) -> None:
    """Compare what Airflow says a task took with the bare command, for a job that takes one second."""
    sandbox = it.sandboxes["fast"]
    environment = {**it.environment, "RUNAJOB_LOGIN_URL": sandbox.url, "RUNAJOB_USERNAME": "sandbox"}
    environment |= {"RUNAJOB_PASSWORD": "sandbox", "RUNAJOB_STATE_DIR": str(it.root / "state-bare")}
    bare, tasks = [], []
    for number in range(5):
        begun = time.monotonic()
        command = [it.binary, "start", "m_second", "-t", "MTT", "--wait", "-q", "--poll-interval", "1s"]
        subprocess.run(command, env=environment, check=True)
        bare.append(time.monotonic() - begun)
        it.trigger("once", f"overhead{number}", {"job": "m_second"})
        until("it is over", lambda run=f"overhead{number}": it.state("once", run) == "success")  # type: ignore[misc]
        tasks.append(float(it.task("once", f"overhead{number}")["duration"]))
    figures["bare command, s"] = round(statistics.median(bare), 2)
    figures["Airflow task, s"] = round(statistics.median(tasks), 2)
