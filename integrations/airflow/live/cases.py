"""The cases that have a job of their own: what is killed, when, and what people and clocks do to tasks."""

from __future__ import annotations

import json
import os
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from world import Worker, World, below, kill, until


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
    """A job of its own in a run of its own, which has the job's name, and what is done to it."""

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

    def scenario(self) -> str:
        extra = "busy = true\n" if self.ends == "busy" else f'takes = "{self.takes}"\nends = ["{self.ends}"]\n'
        return f'[[task]]\nname = "{self.job}"\ntype = "{self.type}"\n{extra}'

    def begin(self, it: World) -> None:
        it.trigger(self.mode, self.job, {"job": self.job, "conn": self.conn, "type": self.type, "binary": it.binary})

    def worker(self, it: World) -> Worker:
        found: Worker = until(f"a worker has {self.job}", lambda: it.worker(self.mode, self.job), 120)
        return found

    def child(self, it: World, verb: str) -> Worker:
        """Wait until the worker runs this command."""

        def at_it() -> Worker | None:
            worker = it.worker(self.mode, self.job)
            return worker if worker is not None and worker.child(verb) else None

        found: Worker = until(f"`{verb}` of {self.job} is under way", at_it, 120, 0.1)
        return found

    def finished(self, it: World) -> str:
        over = ("success", "failed", "skipped", "upstream_failed")
        state: str = until(
            f"{self.job} is over", lambda: (now := it.state(self.mode, self.job)) in over and now, 150, 1
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
        state = f"{it.state(case.mode, case.job)} ({error})"
    sandbox = it.sandboxes[case.conn]
    tries = int(it.task(case.mode, case.job).get("try_number") or 0)
    row = case.row(state, sandbox.starts(case.job), sandbox.stops(case.job), tries)
    log = it.log(case.mode, case.job, tries) if case.says else ""
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
    it.trigger(case.mode, case.job, {"job": "m_not_there", "conn": case.conn, "type": case.type})


def cleared(it: World, case: Case) -> None:
    case.begin(it)
    state = case.finished(it)
    it.clear(case.mode, case.job)
    until("the clear is seen", lambda: it.state(case.mode, case.job) != state)


def cleared_while_running(it: World, case: Case) -> None:
    case.begin(it)
    first = case.child(it, "wait")
    it.clear(case.mode, case.job)
    until("the first worker is gone", lambda: first.child("wait") is None)


def cleared_after_mark(it: World, case: Case) -> None:
    case.begin(it)
    first = case.child(it, "wait")
    it.mark(case.mode, case.job, "failed")
    until("the first worker is gone", lambda: first.child("wait") is None)
    it.clear(case.mode, case.job)
    until("the clear is seen", lambda: it.state(case.mode, case.job) != "failed")


def cleared_while_deferred(it: World, case: Case) -> None:
    case.begin(it)
    until("it is deferred", lambda: it.state(case.mode, case.job) == "deferred")
    it.clear(case.mode, case.job)
    until("the clear is seen", lambda: it.state(case.mode, case.job) != "deferred")


def marked_failed(state: str) -> Callable[[World, Case], None]:
    def act(it: World, case: Case) -> None:
        case.begin(it)
        until(f"it is {state}", lambda: it.state(case.mode, case.job) == state)
        if state == "running":
            case.child(it, "wait")
        else:
            # Airflow tells a trigger only once a triggerer has taken it on.
            until("a triggerer has it", lambda: it.task(case.mode, case.job).get("triggerer_job"))
            time.sleep(3)
        it.mark(case.mode, case.job, "failed")
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
        Case("clear", "after success", "durable", cleared, takes="2s", starts=2),
        Case("clear", "after success", "key", cleared, takes="2s", starts=2),
        Case("clear", "after success", "deferred", cleared, takes="2s", starts=2),
        Case("clear", "after failure", "once", cleared, takes="1s", ends='failure", "success', starts=2),
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
    it.trigger(case.mode, case.job, {"job": "m_second"})
    case.finished(it)
    handle, result = (it.xcom(case.mode, case.job, key) for key in ("handle", "return_value"))
    result = json.loads(result) if isinstance(result, str) else result
    run = result["runs"][0]
    got = f"handle {'known' if handle == run['handle'] else handle}, result {run['outcome']}"
    return Row("nothing", "XCom", case.mode, "handle known, result succeeded", got)
