"""Deferred waits: many of them cost one child and one poll at a time."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Sandbox, context

from airflow_provider_runajob.compat import AirflowFailException, AirflowSensorTimeout, AirflowSkipException
from airflow_provider_runajob.hook import RunAJobHook
from airflow_provider_runajob.program import Answer
from airflow_provider_runajob.sensor import RunAJobSensor
from airflow_provider_runajob.trigger import RunAJobTrigger, Watcher

try:
    from airflow.sdk.exceptions import TaskDeferred
except ImportError:
    from airflow.exceptions import TaskDeferred  # type: ignore[no-redef]

CONNECTION = "runajob_default"


def start(sandbox: Sandbox, *tasks: str) -> list[str]:
    program = RunAJobHook().get_conn()
    names = [part for task in tasks for part in ("--name", task)]
    command = [program.binary, "start", "--no-wait", "--allow-concurrent", "--type", "MTT", *names]
    done = subprocess.run(command, env=program.environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


async def seen(trigger: RunAJobTrigger) -> str:
    async for event in trigger.run():
        return str(event.payload["seen"])
    raise AssertionError("the trigger ended without an event")


@pytest.fixture(autouse=True)
def _connect(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(conn_id: str) -> Any:
        from airflow.sdk import BaseHook

        return await asyncio.to_thread(BaseHook.get_connection, conn_id)

    monkeypatch.setattr("airflow.sdk.BaseHook.aget_connection", read)


def test_a_trigger_survives_the_database() -> None:
    trigger = RunAJobTrigger(
        "MTT/x/1", CONNECTION, poll_interval=3.0, deadline=9.0, on_kill="stop", ignore_suspended=True
    )
    path, kwargs = trigger.serialize()
    assert path == "airflow_provider_runajob.trigger.RunAJobTrigger"
    assert RunAJobTrigger(**kwargs).serialize() == (path, kwargs)


def test_each_wait_gets_the_word_for_its_own_run(sandbox: Sandbox) -> None:
    handles = start(sandbox, "m_ok", "m_bad", "m_warns")

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(seen(RunAJobTrigger(handle, CONNECTION, 0.2)) for handle in handles))

    assert asyncio.run(all_of_them()) == ["succeeded", "failed", "warning"]


@pytest.mark.parametrize(
    ("outcome", "code", "word"),
    [
        ("running", 4, None),
        ("unknown", 4, None),
        ("unknown", 130, None),
        ("unknown", 143, None),
        ("running", 6, "contact lost"),
        ("unknown", 6, "contact lost"),
        ("unknown", 10, "unknown"),
        ("suspended", 11, "suspended"),
        ("succeeded", 0, "succeeded"),
    ],
)
def test_a_poll_wakes_whose_run_does_not_go_on(outcome: str, code: int, word: str | None) -> None:
    async def told() -> str | None:
        watcher = Watcher(RunAJobHook().get_conn(), None)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        watcher._waits["MTT/x/1"] = [(0.0, future)]
        runs = [{"handle": "MTT/x/1", "outcome": outcome, "outcome_code": code}]
        watcher._tell(["MTT/x/1"], Answer(code, {"runs": runs}))
        return future.result() if future.done() else None

    assert asyncio.run(told()) == word


def test_many_waits_share_one_child_and_one_request_a_poll(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    handles = start(sandbox, *(f"m_many_{n}" for n in range(40)))
    before = sandbox.calls()
    polls, at_once = 0, 0
    poll = Watcher._poll

    async def counted(self: Watcher, given: list[str]) -> Any:
        nonlocal polls, at_once
        polls += 1
        at_once = max(at_once, len(given))
        return await poll(self, given)

    monkeypatch.setattr(Watcher, "_poll", counted)

    async def all_of_them() -> None:
        until = time.time() + 3
        waits = (seen(RunAJobTrigger(handle, CONNECTION, 0.5, deadline=until)) for handle in handles)
        assert set(await asyncio.gather(*waits)) == {"running"}

    asyncio.run(all_of_them())
    assert at_once == 40
    assert 2 <= polls <= 6
    # Each poll asks the monitor once, or the log once, and once more for the pages that a list may have.
    assert sandbox.calls() - before <= 3 * polls


def test_a_deadline_ends_a_wait_that_sees_nothing(sandbox: Sandbox) -> None:
    trigger = RunAJobTrigger(start(sandbox, "m_long")[0], CONNECTION, deadline=time.time() + 0.3)
    assert asyncio.run(seen(trigger)) == "running"


def test_a_poll_that_cannot_work_sends_its_waits_to_a_worker(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = start(sandbox, "m_long")[0]
    refused = sandbox.connection(state_dir=str(sandbox.state) + "-new").replace(
        '"password": "sandbox"', '"password": "x"'
    )
    monkeypatch.setenv("AIRFLOW_CONN_RUNAJOB_DEFAULT", refused)
    assert "contact lost" in asyncio.run(seen(RunAJobTrigger(handle, CONNECTION, 0.1)))


def test_a_trigger_stops_the_job_of_a_deferred_task_that_a_person_ended(sandbox: Sandbox) -> None:
    handle = start(sandbox, "m_long")[0]
    asyncio.run(RunAJobTrigger(handle, CONNECTION).on_kill())
    assert sandbox.stopped() == 0
    asyncio.run(RunAJobTrigger(handle, CONNECTION, on_kill="stop").on_kill())
    assert sandbox.stopped() == 1


def test_a_poll_never_stops_a_job(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = start(sandbox, "m_long")[0]
    monkeypatch.setenv("AIRFLOW_CONN_RUNAJOB_DEFAULT", sandbox.connection(on_timeout="stop", on_signal="stop"))
    asyncio.run(seen(RunAJobTrigger(handle, CONNECTION, 0.2, deadline=time.time() + 1)))
    assert sandbox.stopped() == 0


def sensor(handle: str, **changes: Any) -> RunAJobSensor:
    return RunAJobSensor(task_id="wait", handle=handle, poke_interval=0.2, **changes)


def look(it: RunAJobSensor) -> Any:
    execute = type(it).execute
    return getattr(execute, "__wrapped__", execute)(it, context())


def test_a_sensor_sees_a_run_to_its_end(sandbox: Sandbox) -> None:
    it = sensor(start(sandbox, "m_ok")[0])
    while not (poked := it.poke(context())):
        time.sleep(0.2)
    assert not isinstance(poked, bool)
    assert poked.xcom_value is not None
    assert poked.xcom_value["runs"][0]["outcome"] == "succeeded"


def test_a_deferred_sensor_gives_up_at_its_time_out(sandbox: Sandbox) -> None:
    it = sensor(start(sandbox, "m_long")[0], deferrable=True, timeout=60)
    with pytest.raises(TaskDeferred) as end:
        look(it)
    assert 0 < end.value.trigger.serialize()[1]["deadline"] - time.time() <= 60
    with pytest.raises(AirflowSensorTimeout, match="not over within 60 s"):
        it.execute_complete(context(), {"seen": "running", "deadline": time.time()})


def test_a_sensor_refuses_a_handle_that_is_none() -> None:
    with pytest.raises(AirflowFailException, match="`handle` of the task wait renders to nothing"):
        look(sensor("None", deferrable=True))


@pytest.mark.parametrize("policy", ["soft_fail", "never_fail"])
@pytest.mark.parametrize("deferrable", [False, True], ids=["poked", "deferred"])
def test_a_sensor_that_may_not_fail_is_skipped(sandbox: Sandbox, policy: str, deferrable: bool) -> None:
    changes: dict[str, Any] = {policy: True, "deferrable": deferrable}
    with pytest.raises(AirflowSkipException, match=policy):
        look(sensor("None", **changes))
    handle = start(sandbox, "m_warns")[0]
    time.sleep(1.5)
    with pytest.raises(AirflowSkipException, match=policy):
        look(sensor(handle, **changes))


@pytest.mark.parametrize("name", ["on_warning", "on_already_running"])
def test_a_sensor_refuses_words_that_it_does_not_know(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is 'halt', and must be one of fail, skip, success"):
        sensor("MTT/x/1", **{name: "halt"})


def test_a_sensor_says_whose_a_foreign_handle_is(sandbox: Sandbox) -> None:
    with pytest.raises(AirflowFailException, match="belongs to the organisation 01ABCD"):
        look(sensor("MTT/01ABCD0Z00000000001S/18", deferrable=True))


def test_the_package_is_typed() -> None:
    import airflow_provider_runajob

    assert Path(airflow_provider_runajob.__file__).with_name("py.typed").exists()
