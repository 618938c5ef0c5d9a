"""Kills each part of a real Airflow at each step, and counts the starts that reached the simulated service.

    python live/run.py [--only WORD] [--json FILE]

Ends with 0 when each job was started as often as it should have been and each task has the right state.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from world import HERE, Worker, World, below, kill, memory_kib, until, world

#: How many cases run side by side.
SIDE_BY_SIDE = 5
#: How long each job of the many takes: ten minutes are enough where nothing else runs.
MANY_TAKE_S = int(os.environ.get("RUNAJOB_MANY_TAKE_S", "600"))


@dataclass
class Row:
    """One line of the table."""

    what: str
    moment: str
    mode: str
    wanted: str
    got: str

    @property
    def right(self) -> bool:
        return self.wanted == self.got


@dataclass
class Case:
    """A job of its own in a run of its own, and what is done to it."""

    what: str
    moment: str
    mode: str
    act: Callable[[World, Case], None]
    conn: str = "fast"
    takes: str = "8s"
    ends: str = "success"
    starts: int = 1
    stops: int = 0
    state: str = "success"
    type: str = "MTT"
    #: Whether one start too many is what this case is there to show.
    again: bool = False
    #: Whether it took a later try, which proves that the kill hit.
    later: bool = False
    #: What the log of the last try must say.
    says: tuple[str, ...] = ()

    @property
    def job(self) -> str:
        words = f"{self.what} {self.moment} {self.mode} {self.type}"
        return "m_" + "".join(letter if letter.isalnum() else "_" for letter in words)

    @property
    def run(self) -> str:
        return self.job

    def scenario(self) -> str:
        extra = "busy = true\n" if self.ends == "busy" else f'takes = "{self.takes}"\nends = ["{self.ends}"]\n'
        return f'[[task]]\nname = "{self.job}"\ntype = "{self.type}"\n{extra}'

    def begin(self, it: World) -> None:
        it.trigger(self.mode, self.run, {"job": self.job, "conn": self.conn, "type": self.type, "binary": it.binary})

    def worker(self, it: World) -> Worker:
        found: Worker = until(f"a worker has {self.run}", lambda: it.worker(self.mode, self.run), 120)
        return found

    def child(self, it: World, verb: str) -> Worker:
        """Wait until the worker runs this command."""

        def at_it() -> Worker | None:
            worker = it.worker(self.mode, self.run)
            return worker if worker is not None and worker.child(verb) else None

        found: Worker = until(f"`{verb}` of {self.run} is under way", at_it, 120, 0.1)
        return found

    def finished(self, it: World) -> str:
        over = ("success", "failed", "skipped", "upstream_failed")
        state: str = until(
            f"{self.run} is over", lambda: (now := it.state(self.mode, self.run)) in over and now, 150, 1
        )
        return state

    def row(self, state: str, starts: int, stops: int, tries: int) -> Row:
        def told(starts: int, stops: int, state: str, later: bool) -> str:
            stopped = f", {stops} stopped" if self.stops or stops else ""
            after = " in a later try" if later else ""
            counted = "more than 1" if self.again and starts > 1 else str(starts)
            return f"{counted} started{stopped}, {state}{after}"

        wanted = told(self.starts, self.stops, self.state, self.later)
        got = told(starts, stops, state, self.later and tries > 1)
        return Row(self.what, self.moment, self.mode, wanted, got)


def play(it: World, case: Case) -> Row:
    """Do what the case does and tell what came of it."""
    try:
        case.act(it, case)
        state = case.finished(it)
    except Exception as error:
        traceback.print_exc()
        state = f"{it.state(case.mode, case.run)} ({error})"
    sandbox = it.sandboxes[case.conn]
    tries = int(it.task(case.mode, case.run).get("try_number") or 0)
    row = case.row(state, sandbox.starts(case.job), sandbox.stops(case.job), tries)
    log = it.log(case.mode, case.run, tries) if case.says else ""
    if silent := [words for words in case.says if words not in log]:
        row.got += f", and its log does not say {silent}"
    print(f"{'right' if row.right else 'WRONG'}: {row.what}, {row.moment}, {row.mode}: {row.got}", flush=True)
    return row


# What is killed, and when.


def task_process(worker: Worker) -> None:
    kill([worker.runner])


def supervisor(worker: Worker) -> None:
    kill([worker.supervisor])


def whole_worker(worker: Worker) -> None:
    kill([process.pid for process in below(worker.supervisor)])


def at(verb: str, how: Callable[[Worker], None], later: float = 0.0) -> Callable[[World, Case], None]:
    """Kill while this command of the first try runs."""

    def act(it: World, case: Case) -> None:
        case.begin(it)
        worker = case.child(it, verb)
        time.sleep(later)
        how(worker)

    return act


def after_the_end(verb: str, how: Callable[[Worker], None]) -> Callable[[World, Case], None]:
    """Hold the command that would tell the verdict, let the job end, and kill."""

    def act(it: World, case: Case) -> None:
        case.begin(it)
        worker = case.child(it, verb)
        if child := worker.child(verb):
            os.kill(child.pid, signal.SIGSTOP)
        time.sleep(float(case.takes.rstrip("s")) + 1)
        how(worker)

    return act


def worker_kills() -> list[Case]:
    cases = []
    for mode in ("durable", "key"):
        for name, how in (("task process", task_process), ("worker", whole_worker)):
            cases += [
                Case(name, "before the start is sent", mode, at("start", how, 0.5), conn="slow_login"),
                Case(name, "while the start is out", mode, at("start", how, 1.5), conn="slow_start"),
                Case(name, "while waiting", mode, at("wait", how)),
                Case(name, "after the end, unseen", mode, after_the_end("wait", how), takes="3s"),
            ]
        cases.append(Case("supervisor", "while waiting", mode, at("wait", supervisor), takes="25s"))
    for moment, conn in (("before the start is sent", "slow_login"), ("while the start is out", "slow_start")):
        cases.append(Case("worker", moment, "deferred", at("start", whole_worker, 1.0), conn=conn))
    cases.append(
        Case("worker", "after the trigger fired", "deferred", at("status", whole_worker), conn="slow_log", takes="3s")
    )
    # What the operator is for: the same kill, and a task that calls the program without a key.
    cases.append(
        Case("worker", "while waiting", "plain", at("start", whole_worker, 2.0), takes="6s", starts=2, again=True)
    )
    for case in cases:
        case.later = True
    return cases


def nothing(it: World, case: Case) -> None:
    case.begin(it)


def missing(it: World, case: Case) -> None:
    it.trigger(case.mode, case.run, {"job": "m_not_there", "conn": case.conn, "type": case.type})


def cleared_success(it: World, case: Case) -> None:
    case.begin(it)
    case.finished(it)
    it.clear(case.mode, case.run)
    until("the clear is seen", lambda: it.state(case.mode, case.run) != "success")


def cleared_failure(it: World, case: Case) -> None:
    case.begin(it)
    case.finished(it)
    it.clear(case.mode, case.run)
    until("the clear is seen", lambda: it.state(case.mode, case.run) != "failed")


def cleared_while_running(it: World, case: Case) -> None:
    case.begin(it)
    first = case.child(it, "wait")
    it.clear(case.mode, case.run)
    until("the first worker is gone", lambda: first.child("wait") is None)


def cleared_after_mark(it: World, case: Case) -> None:
    case.begin(it)
    first = case.child(it, "wait")
    it.mark(case.mode, case.run, "failed")
    until("the first worker is gone", lambda: first.child("wait") is None)
    it.clear(case.mode, case.run)
    until("the clear is seen", lambda: it.state(case.mode, case.run) != "failed")


def cleared_while_deferred(it: World, case: Case) -> None:
    case.begin(it)
    until("it is deferred", lambda: it.state(case.mode, case.run) == "deferred")
    it.clear(case.mode, case.run)
    until("the clear is seen", lambda: it.state(case.mode, case.run) != "deferred")


def marked_failed(state: str) -> Callable[[World, Case], None]:
    def act(it: World, case: Case) -> None:
        case.begin(it)
        until(f"it is {state}", lambda: it.state(case.mode, case.run) == state)
        if state == "running":
            case.child(it, "wait")
        else:
            # Airflow tells a trigger only once a triggerer has taken it on.
            until("a triggerer has it", lambda: it.task(case.mode, case.run).get("triggerer_job"))
            time.sleep(3)
        it.mark(case.mode, case.run, "failed")
        if case.stops:
            until("the stop is sent", lambda: it.sandboxes[case.conn].stops(case.job), 60)
        else:
            time.sleep(8)

    return act


def expired(it: World, case: Case) -> None:
    case.begin(it)
    case.finished(it)
    until("the stop is sent", lambda: it.sandboxes[case.conn].stops(case.job), 60)


def people() -> list[Case]:
    """What people and clocks do to tasks, and how runs end."""
    return [
        Case("nothing", "", "durable", nothing),
        Case("nothing", "", "key", nothing),
        Case("nothing", "", "deferred", nothing),
        Case("clear", "after success", "durable", cleared_success, takes="2s", starts=2),
        Case("clear", "after success", "key", cleared_success, takes="2s", starts=2),
        Case("clear", "after success", "deferred", cleared_success, takes="2s", starts=2),
        Case("clear", "after failure", "once", cleared_failure, takes="1s", ends='failure", "success', starts=2),
        Case("clear", "while running", "durable", cleared_while_running, takes="20s"),
        Case("clear", "while running", "durable_stop", cleared_while_running, takes="10s", starts=2, stops=1),
        Case("clear", "after it was marked failed", "durable", cleared_after_mark, takes="25s"),
        Case("clear", "while deferred", "deferred", cleared_while_deferred, takes="20s"),
        Case(
            "mark failed",
            "while running, on_kill leave",
            "durable",
            marked_failed("running"),
            takes="60s",
            state="failed",
        ),
        Case(
            "mark failed",
            "while running, on_kill stop",
            "durable_stop",
            marked_failed("running"),
            takes="60s",
            state="failed",
            stops=1,
        ),
        Case(
            "mark failed",
            "while deferred, on_kill leave",
            "deferred",
            marked_failed("deferred"),
            takes="60s",
            state="failed",
        ),
        Case(
            "mark failed",
            "while deferred, on_kill stop",
            "deferred_stop",
            marked_failed("deferred"),
            takes="60s",
            state="failed",
            stops=1,
        ),
        Case("execution time-out", "while running", "expires", expired, takes="60s", state="failed", stops=1),
        Case("execution time-out", "while deferred", "expires_deferred", expired, takes="60s", state="failed", stops=1),
        Case(
            "job fails",
            "3 retries",
            "durable",
            nothing,
            takes="1s",
            ends="failure",
            starts=4,
            state="failed",
            says=("failed: TE_7002", "run: MTT/", "next: runajob status MTT/"),
        ),
        Case(
            "job fails, then succeeds",
            "3 retries",
            "deferred",
            nothing,
            takes="1s",
            ends='failure", "success',
            starts=2,
        ),
        Case(
            "job has warnings",
            "3 retries",
            "durable",
            nothing,
            takes="1s",
            ends="warning",
            state="failed",
            says=("finished with warnings",),
        ),
        Case("job has warnings", "on_warning success", "lenient", nothing, takes="1s", ends="warning"),
        Case(
            "another instance runs",
            "on_already_running skip",
            "lenient",
            nothing,
            ends="busy",
            state="skipped",
            says=("Another instance of the task",),
        ),
        Case(
            "start has no answer",
            "3 retries",
            "durable",
            nothing,
            conn="lossy",
            type="TASKFLOW",
            state="failed",
            says=("look first", "next: "),
        ),
        Case(
            "task is not there", "3 retries", "durable", missing, state="failed", starts=0, says=("code: 9", "next: ")
        ),
    ]


def result_in_xcom(it: World) -> Row:
    """The handle and the whole result, as the next task finds them."""
    case = Case("XCom", "", "once", nothing)
    it.trigger(case.mode, case.run, {"job": "m_second"})
    case.finished(it)
    handle, result = (it.xcom(case.mode, case.run, key) for key in ("handle", "return_value"))
    result = json.loads(result) if isinstance(result, str) else result
    run = result["runs"][0]
    got = f"handle {'known' if handle == run['handle'] else handle}, result {run['outcome']}"
    return Row("nothing", "XCom", case.mode, "handle known, result succeeded", got)


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
            until(f"{case.run} is deferred", lambda: it.state(case.mode, case.run) == "deferred")
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
    most = 0
    for _ in range(60):
        children = [p for p in below(it.children["triggerer"].pid) if p.command.startswith(it.binary)]
        most = max(most, len(children))
        time.sleep(0.5)
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
    environment = {**os.environ, "RUNAJOB_LOGIN_URL": sandbox.url, "RUNAJOB_USERNAME": "sandbox"}
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


SCENARIO = """
[timing]
monitor_delay = "200ms"
log_gap = "200ms"
stop = "500ms"
[[task]]
name = "m_second"
takes = "1s"
[[task]]
name = "m_sensed"
takes = "15s"
"""


def scenario(cases: Iterable[Case], count: int) -> str:
    names = [f"m_mapped_{index}" for index in range(6)] + [f"m_mapped_deferred_{index}" for index in range(6)]
    parts = [f'[[task]]\nname = "{name}"\ntakes = "8s"\n' for name in names]
    # Long enough for the last one to be deferred before the first one ends.
    parts += [f'[[task]]\nname = "m_many_{index}"\ntakes = "{MANY_TAKE_S}s"\n' for index in range(count)]
    return SCENARIO + "".join(case.scenario() for case in cases) + "".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--binary", required=True, help="the program to test")
    parser.add_argument("--only", default="", help="only these groups, with commas between them")
    parser.add_argument("--many", type=int, default=200, help="how many deferred waits")
    parser.add_argument("--json", type=Path, help="write the table and the figures to this file")
    parser.add_argument("--keep", type=Path, help="copy the logs to this folder if something is wrong")
    options = parser.parse_args()
    rows: list[Row] = []
    figures: dict[str, Any] = {}
    kills, others = worker_kills(), people()
    known = [*kills, *others, *triggerer_cases(), *scheduler_cases(False), *scheduler_cases(True)]
    with tempfile.TemporaryDirectory(prefix="runajob-airflow-") as folder, world(Path(folder), options.binary) as it:
        text = scenario(known, options.many)
        it.serve("fast", text)
        it.serve("slow_login", text, "login:latency=3s")
        it.serve("slow_start", text, "start:latency=5s")
        it.serve("slow_log", text, "log:latency=2s")
        it.serve("lossy", text, "start:lost-answer*1")
        for name in it.sandboxes:
            it.connect(name, **({"session_cache": False} if name == "slow_login" else {}))
        it.configure(HERE / "dags")
        it.start_all()

        def play_all(cases: list[Case]) -> None:
            with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
                rows.extend(pool.map(lambda case: play(it, case), cases))

        groups: dict[str, Callable[[], Any]] = {
            "overhead": lambda: overhead(it, figures),
            "workers": lambda: play_all(kills),
            "people": lambda: play_all(others),
            "xcom": lambda: rows.append(result_in_xcom(it)),
            "sensors": lambda: rows.append(sensed(it)),
            "mapped": lambda: rows.extend([mapped(it, "mapped", 6, True), mapped(it, "mapped_deferred", 6, False)]),
            "triggerer": lambda: rows.extend(triggerer_kill(it)),
            "scheduler": lambda: rows.extend(scheduler_kill(it, whole=False)),
            "host": lambda: rows.extend(scheduler_kill(it, whole=True)),
            "many": lambda: rows.append(many(it, options.many, figures)),
        }
        for name, group in groups.items():
            if not options.only or name in options.only.split(","):
                begun = time.monotonic()
                try:
                    group()
                except Exception as error:
                    traceback.print_exc()
                    rows.append(Row(name, "", "", "no error", str(error)))
                print(f"-- {name}: {time.monotonic() - begun:.0f} s", flush=True)
        wrong = [row for row in rows if not row.right]
        if wrong and options.keep:
            shutil.copytree(folder, options.keep, ignore=shutil.ignore_patterns("postgres"), dirs_exist_ok=True)
            print(f"the logs are in {options.keep}")
    print(table(rows))
    print("\n".join(f"{name}: {value}" for name, value in figures.items()))
    if options.json:
        options.json.write_text(json.dumps({"rows": [asdict(row) for row in rows], "figures": figures}, indent=2))
    print(f"{len(rows) - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


def table(rows: list[Row]) -> str:
    lines = ["| killed or done | moment | mode | wanted | got | |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        mark = "right" if row.right else "WRONG"
        lines.append(f"| {row.what} | {row.moment} | {row.mode} | {row.wanted} | {row.got} | {mark} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
