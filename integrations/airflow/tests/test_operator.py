"""The operator against the sandbox: what it returns and raises, and how many starts reached the service."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from conftest import Sandbox, Store, context

from airflow_provider_runajob import outcome
from airflow_provider_runajob.compat import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    ResumableJobMixin,
)
from airflow_provider_runajob.hook import RunAJobHook
from airflow_provider_runajob.operator import RunAJobOperator
from airflow_provider_runajob.program import Answer

try:
    from airflow.sdk.exceptions import TaskDeferred
except ImportError:
    from airflow.exceptions import TaskDeferred  # type: ignore[no-redef]


needs_task_state = pytest.mark.skipif(
    ResumableJobMixin.__module__ == "airflow_provider_runajob.compat", reason="Airflow has task state from 3.3 on"
)


def operator(task: str, **changes: Any) -> RunAJobOperator:
    return RunAJobOperator(
        **{"task_id": "load", "task": task, "type": "MTT", "poll_interval": 0.2, **changes},
    )


def run(it: RunAJobOperator, given: Any) -> Any:
    """Execute, past the guard that wants a task runner around."""
    execute = type(it).execute
    return getattr(execute, "__wrapped__", execute)(it, given)


def test_a_run_is_seen_to_its_end_and_returned_whole(sandbox: Sandbox) -> None:
    given = context(Store())
    result = run(operator("m_ok"), given)
    assert result["runs"][0]["outcome"] == "succeeded"
    assert given["ti"].xcom["handle"] == result["runs"][0]["handle"]
    assert sandbox.started() == 1


def test_a_start_without_waiting_returns_once_it_is_accepted(sandbox: Sandbox) -> None:
    store = Store()
    for _ in range(2):
        given = context(store)
        result = run(operator("m_long", wait=False), given)
        assert result["runs"][0]["handle"] == given["ti"].xcom["handle"]
    assert sandbox.started() == 1


@pytest.mark.parametrize("store", [Store(), None], ids=["task state", "key alone"])
def test_a_retry_joins_what_goes_on(sandbox: Sandbox, store: Store | None) -> None:
    with pytest.raises(AirflowException, match="a retry of this task joins it"):
        run(operator("m_long", timeout=1), context(store))
    with pytest.raises(AirflowException, match="still running"):
        run(operator("m_long", timeout=timedelta(milliseconds=500)), context(store))
    assert sandbox.started() == 1


@needs_task_state
def test_a_retry_on_another_worker_finds_the_handle_in_the_task_state(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store()
    with pytest.raises(AirflowException):
        run(operator("m_long", timeout=0.5), context(store))
    monkeypatch.setenv("AIRFLOW_CONN_RUNAJOB_DEFAULT", sandbox.connection(state_dir=str(sandbox.state) + "-other"))
    with pytest.raises(AirflowException):
        run(operator("m_long", timeout=0.5), context(store))
    assert sandbox.started() == 1


@needs_task_state
def test_a_worker_that_died_before_the_handle_was_kept_is_covered_by_the_key(sandbox: Sandbox) -> None:
    store = Store()
    with pytest.raises(AirflowException):
        run(operator("m_long", timeout=0.5), context(store))
    del store.values["runajob_run"]
    with pytest.raises(AirflowException):
        run(operator("m_long", timeout=0.5), context(store, max_tries=9))
    assert sandbox.started() == 1


def test_a_failed_run_is_started_anew_by_a_retry(sandbox: Sandbox) -> None:
    store = Store()
    with pytest.raises(AirflowException, match="m_flaky failed"):
        run(operator("m_flaky"), context(store))
    assert run(operator("m_flaky"), context(store))["runs"][0]["outcome"] == "succeeded"
    assert sandbox.started() == 2


def test_a_cleared_success_starts_anew_and_a_retry_of_one_does_not(sandbox: Sandbox) -> None:
    store = Store()
    for tries, starts in ((2, 1), (2, 1), (4, 2), (4, 2), (6, 3)):
        assert run(operator("m_ok"), context(store, max_tries=tries))["exit_code"] == 0
        assert sandbox.started() == starts


def test_mapped_tasks_have_a_start_each(sandbox: Sandbox) -> None:
    for index in (0, 1, 0, 1):
        run(operator("m_long", wait=False, options=["--allow-concurrent"]), context(map_index=index))
    assert sandbox.started() == 2


def test_a_failure_is_told_and_its_document_is_in_xcom(sandbox: Sandbox) -> None:
    given = context(Store())
    with pytest.raises(
        AirflowException, match=r"(?s)m_bad failed: WRT_8229.*run: MTT/.*next: runajob status MTT/"
    ) as end:
        run(operator("m_bad"), given)
    assert not isinstance(end.value, AirflowFailException)
    assert given["ti"].xcom["return_value"]["exit_code"] == 3


def test_warnings_end_by_policy_and_a_clear_starts_them_anew(sandbox: Sandbox) -> None:
    store = Store()
    with pytest.raises(AirflowFailException, match="finished with warnings"):
        run(operator("m_warns"), context(store))
    with pytest.raises(AirflowSkipException):
        run(operator("m_warns", on_warning="skip"), context(store))
    assert run(operator("m_warns", warnings_ok=True), context(store))["exit_code"] == 1
    assert sandbox.started() == 1
    run(operator("m_warns", warnings_ok=True), context(store, max_tries=7))
    assert sandbox.started() == 2


def test_a_second_instance_ends_by_policy(sandbox: Sandbox) -> None:
    with pytest.raises(AirflowException, match="once the other run is over"):
        run(operator("m_busy"), context())
    with pytest.raises(AirflowSkipException):
        run(operator("m_busy", on_already_running="skip"), context(run_id="b"))


@pytest.mark.parametrize("durable", [True, False], ids=["task state", "key alone"])
def test_a_start_that_another_run_keeps_back_ends_by_policy(sandbox: Sandbox, durable: bool) -> None:
    run(operator("m_long", wait=False), context())
    kept_back: dict[str, Any] = {"options": ["--if-running", "fail"], "durable": durable}
    with pytest.raises(AirflowException, match="once the other run is over"):
        run(operator("m_long", **kept_back), context(Store(), run_id="b"))
    with pytest.raises(AirflowSkipException):
        run(operator("m_long", on_already_running="skip", **kept_back), context(Store(), run_id="b"))
    store = Store()
    result = run(operator("m_long", on_already_running="success", **kept_back), context(store, run_id="b"))
    assert result["exit_code"] == 8
    assert "runajob_run" not in store.values
    assert sandbox.started() == 1


@pytest.mark.parametrize("durable", [True, False], ids=["task state", "key alone"])
def test_the_verdict_is_given_once(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, durable: bool) -> None:
    verdicts: list[int] = []
    conclude = outcome.conclude

    def counted(answer: Answer, *policy: Any) -> None:
        verdicts.append(answer.code)
        conclude(answer, *policy)

    monkeypatch.setattr(outcome, "conclude", counted)
    run(operator("m_ok", durable=durable), context(Store()))
    assert verdicts == [0]


@pytest.mark.faults("start:lost-answer")
def test_a_start_without_an_answer_says_look_first(sandbox: Sandbox) -> None:
    for _ in range(2):
        with pytest.raises(AirflowFailException, match="look first"):
            run(operator("tf_inputs", type="TASKFLOW"), context(Store()))
    assert sandbox.started() == 1


def test_inputs_reach_the_taskflow(sandbox: Sandbox) -> None:
    result = run(operator("tf_inputs", type="TASKFLOW", inputs={"region": "EMEA", "n": 3}), context())
    assert result["runs"][0]["outcome"] == "succeeded"


def test_a_suspended_taskflow_fails_with_both_ways_out_or_is_resumed(sandbox: Sandbox) -> None:
    store = Store()
    with pytest.raises(AirflowFailException, match=r"(?s)--on-suspended resume.*runajob stop TASKFLOW/"):
        run(operator("tf_suspended", type="TASKFLOW"), context(store))
    result = run(operator("tf_suspended", type="TASKFLOW", on_suspended="resume"), context(store, max_tries=5))
    assert result["runs"][0]["outcome"] == "succeeded"
    assert sandbox.started() == 1


@pytest.mark.parametrize("nothing", ["", "  ", "None"])
def test_a_template_that_renders_to_nothing_starts_nothing(sandbox: Sandbox, nothing: str) -> None:
    with pytest.raises(AirflowFailException, match="`task` of the task load renders to nothing"):
        run(operator(nothing), context())
    assert sandbox.calls() == 0


@pytest.mark.parametrize("task", ["--all", "nosuch"])
def test_a_task_that_is_not_there_fails_without_a_retry(sandbox: Sandbox, task: str) -> None:
    with pytest.raises(AirflowFailException, match="code: 9"):
        run(operator(task), context())
    assert sandbox.started() == 0


def test_a_program_that_is_missing_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def missing(hook: RunAJobHook, _: Any) -> None:
        looked.append(hook.runajob_conn_id)
        raise AirflowFailException("there is no program")

    monkeypatch.setattr(RunAJobHook, "get_conn", missing)
    with pytest.raises(AirflowFailException, match="there is no program"):
        run(operator("m_ok"), context())
    assert looked == ["runajob_default"]


def test_options_must_be_what_they_say() -> None:
    for name in ("on_kill", "on_warning", "on_already_running", "on_suspended"):
        with pytest.raises(ValueError, match=f"{name} is 'halt'"):
            operator("m_ok", **{name: "halt"})


# Kills. Airflow's task runner calls `on_kill` from its handler of SIGTERM, and after an execution time-out.


def killed(it: RunAJobOperator, given: Any, when: Callable[[], bool]) -> str:
    """Execute and send SIGTERM once something is so."""
    before = signal.signal(signal.SIGTERM, lambda *_: it.on_kill())

    def kill() -> None:
        while not when():
            time.sleep(0.05)
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGTERM)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    try:
        with pytest.raises(AirflowException) as end:
            run(it, given)
    finally:
        killer.join(10)
        signal.signal(signal.SIGTERM, before)
    return str(end.value)


@pytest.mark.parametrize(("policy", "stops"), [("leave", 0), ("stop", 1), ("clean-stop", 1)])
def test_a_kill_leaves_or_stops_the_job_as_asked(sandbox: Sandbox, policy: str, stops: int) -> None:
    given = context(Store())
    message = killed(
        operator("m_long", on_kill=policy), given, lambda: sandbox.started() == 1 and "handle" in given["ti"].xcom
    )
    assert given["ti"].xcom["handle"] in message
    assert sandbox.stopped() == stops


@pytest.mark.faults("start:latency=1500ms")
def test_a_kill_while_the_start_is_out_stops_what_it_started(sandbox: Sandbox) -> None:
    killed(operator("m_long", on_kill="stop"), context(Store()), lambda: sandbox.state.exists())
    assert (sandbox.started(), sandbox.stopped()) == (1, 1)


class TooLong(BaseException):
    """Stands for Airflow's execution time-out."""


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(None, marks=pytest.mark.faults()),
        pytest.param(None, marks=pytest.mark.faults("start:latency=1500ms")),
    ],
    ids=["waiting", "starting"],
)
def test_an_execution_time_out_stops_the_job_as_asked(sandbox: Sandbox, fault: None) -> None:
    it = operator("m_long", on_kill="stop")

    def expire(*_: Any) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, 1.2)
    try:
        with pytest.raises(TooLong):
            run(it, context(Store()))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    it.on_kill()
    it.on_kill()
    assert (sandbox.started(), sandbox.stopped()) == (1, 1)


# Deferred.


def deferred(it: RunAJobOperator, given: Any) -> Any:
    with pytest.raises(TaskDeferred) as end:
        run(it, given)
    return end.value


def event(deferral: Any, seen: str) -> dict[str, Any]:
    """What the trigger of a deferral hands to the next worker."""
    _, kwargs = deferral.trigger.serialize()
    return {"seen": seen, **{name: kwargs[name] for name in ("handle", "deadline", "resumed")}}


def test_a_deferred_wait_ends_with_the_verdict_of_the_log(sandbox: Sandbox) -> None:
    given, it = context(Store()), operator("m_ok", deferrable=True)
    deferral = deferred(it, given)
    assert "sandbox" not in str(deferral.trigger.serialize()), "no secret is stored with a trigger"
    time.sleep(1.5)
    result = operator("m_ok", deferrable=True).execute_complete(given, event(deferral, "succeeded"))
    assert result["runs"][0]["outcome"] == "succeeded"
    assert sandbox.started() == 1


def test_a_trigger_that_fires_early_is_deferred_again(sandbox: Sandbox) -> None:
    given = context(Store())
    deferral = deferred(operator("m_long", deferrable=True), given)
    with pytest.raises(TaskDeferred):
        operator("m_long", deferrable=True).execute_complete(given, event(deferral, "not polled"))


def test_a_deferred_wait_gives_up_at_its_time_out_and_a_retry_joins(sandbox: Sandbox) -> None:
    store = Store()
    deferral = deferred(operator("m_long", deferrable=True, timeout=0.1), context(store))
    time.sleep(0.2)
    with pytest.raises(AirflowException, match="a retry of this task joins it"):
        operator("m_long", deferrable=True).execute_complete(context(store), event(deferral, "running"))
    deferred(operator("m_long", deferrable=True), context(store))
    assert sandbox.started() == 1


def test_a_deferred_suspended_taskflow_is_resumed_once(sandbox: Sandbox) -> None:
    given, changes = context(Store()), {"type": "TASKFLOW", "deferrable": True, "on_suspended": "resume"}
    deferral = deferred(operator("tf_suspended_long", **changes), given)
    time.sleep(2)
    with pytest.raises(TaskDeferred) as again:
        operator("tf_suspended_long", **changes).execute_complete(given, event(deferral, "suspended"))
    resumed = event(again.value, "succeeded")
    assert resumed["resumed"] is True
    time.sleep(5)
    result = operator("tf_suspended_long", **changes).execute_complete(given, resumed)
    assert result["runs"][0]["outcome"] == "succeeded"


class Scripted:
    """A program that gives these answers, and remembers what it was asked."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)
        self.asked: list[tuple[str, ...]] = []

    def call(self, *arguments: str) -> Answer:
        self.asked.append(arguments)
        return Answer(self.codes.pop(0))

    def of_last(self, option: str) -> str:
        return self.asked[-1][self.asked[-1].index(option) + 1]


FLOW = "TASKFLOW/778812345678901234"


def woken(program: Scripted, given: Any, deadline: float | None = None, **changes: Any) -> Any:
    """Wake a deferred task whose program is scripted."""
    it = operator("tf", type="TASKFLOW", deferrable=True, **changes)
    vars(it)["program"] = program
    return it.execute_complete(given, {"handle": FLOW, "seen": "", "deadline": deadline, "resumed": False})


def test_a_resumed_taskflow_is_watched_for_as_long_as_it_may_still_be_called_suspended() -> None:
    program = Scripted(11, 4)
    with pytest.raises(TaskDeferred) as end:
        woken(program, context(), on_suspended="resume")
    assert end.value.trigger.serialize()[1]["resumed"] is True
    assert (program.of_last("--timeout"), program.of_last("--on-suspended")) == ("40000ms", "resume")


def test_a_run_that_is_not_shown_yet_keeps_a_worker_for_some_minutes_only() -> None:
    program = Scripted(9, 4)
    with pytest.raises(TaskDeferred) as end:
        woken(program, context(), on_suspended="resume")
    assert end.value.trigger.serialize()[1]["resumed"] is False
    assert program.of_last("--timeout") == "660000ms"


def test_a_run_that_shows_up_suspended_is_resumed() -> None:
    program = Scripted(9, 11, 4)
    with pytest.raises(TaskDeferred) as end:
        woken(program, context(), on_suspended="resume")
    assert end.value.trigger.serialize()[1]["resumed"] is True
    assert [call[2] for call in program.asked[1:]] == ["fail", "resume"]


@pytest.mark.parametrize("codes", [(9, 4), (11, 4)], ids=["not shown", "suspended"])
def test_no_wait_of_a_worker_goes_past_the_time_out(codes: tuple[int, ...]) -> None:
    program, deadline = Scripted(*codes), time.time() + 7
    with pytest.raises(TaskDeferred):
        woken(program, context(), deadline, on_suspended="resume")
    assert 1 <= int(program.of_last("--timeout").removesuffix("ms")) <= 7000
    program = Scripted(*codes)
    with pytest.raises(AirflowException, match="a retry of this task joins it"):
        woken(program, context(), time.time() - 7, on_suspended="resume")
    assert program.of_last("--timeout") == "1ms"
