"""The trigger of a deferred wait. All waits of one account share one watcher, which polls with one child process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from airflow.sdk import BaseHook
from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_runajob.hook import RunAJobHook
from airflow_provider_runajob.outcome import GOES_ON, LAST_SEEN_RUNNING, UNREACHABLE
from airflow_provider_runajob.program import Answer, Program, answer_of

log = logging.getLogger(__name__)

#: A worker looks at each run at least this often: what the watcher cannot tell (a run that no list shows) it can.
RECHECK_S = 3600.0
#: The pause between polls is this share of the age of the youngest wait, within these bounds.
SHARE, SHORTEST_S, LONGEST_S = 0.05, 2.0, 30.0
#: A poll whose last look was cut off at two seconds is followed by one with this much time.
SLOW_S, PATIENT = 1.9, "30s"


class Watcher:
    """Polls the runs of one account, all in one command, and wakes who waits for those that are over."""

    _all: ClassVar[dict[tuple[int, str, frozenset[tuple[str, str]]], Watcher]] = {}

    def __init__(self, program: Program, poll_interval: float | None) -> None:
        self._program = program
        self._poll_interval = poll_interval
        self._waits: dict[str, list[tuple[float, asyncio.Future[str]]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._patient = False

    @classmethod
    def of(cls, program: Program, poll_interval: float | None) -> Watcher:
        """Return the watcher of this account in this event loop."""
        key = (
            id(asyncio.get_running_loop()),
            f"{program.binary} {poll_interval}",
            frozenset(program.environment.items()),
        )
        return cls._all.setdefault(key, cls(program, poll_interval))

    async def over(self, handle: str) -> str:
        """Wait until the run is over or suspended, and return the word for it."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        wait = (time.monotonic(), future)
        self._waits.setdefault(handle, []).append(wait)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        try:
            return await future
        finally:
            self._forget(handle, wait)

    def _forget(self, handle: str, wait: tuple[float, asyncio.Future[str]]) -> None:
        waits = self._waits.get(handle, [])
        with contextlib.suppress(ValueError):
            waits.remove(wait)
        if not waits:
            self._waits.pop(handle, None)

    async def _watch(self) -> None:
        while self._waits:
            await asyncio.sleep(self._pause())
            handles = list(self._waits)
            if not handles:
                return
            try:
                self._tell(handles, await self._poll(handles))
            except Exception as error:
                # Whoever waits goes to a worker, which says what is wrong.
                log.exception("polling %d runs failed", len(handles))
                for handle in handles:
                    self._wake(handle, f"not polled: {error}")

    def _pause(self) -> float:
        if self._poll_interval is not None:
            return self._poll_interval
        youngest = max(begun for waits in self._waits.values() for begun, _ in waits)
        return min(max((time.monotonic() - youngest) * SHARE, SHORTEST_S), LONGEST_S)

    async def _poll(self, handles: list[str]) -> Answer:
        begun = time.monotonic()
        timeout = PATIENT if self._patient else "1ms"
        child = await asyncio.create_subprocess_exec(
            self._program.binary,
            "wait",
            *("-o", "json", "--quiet", "--timeout", timeout, "--poll-interval", "1h", "--from-file", "-"),
            env=self._program.environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            stdout, _ = await child.communicate("\n".join(handles).encode())
        finally:
            if child.returncode is None:
                child.kill()
        self._patient = not self._patient and time.monotonic() - begun > SLOW_S
        return answer_of(child.returncode or 0, stdout)

    def _tell(self, handles: list[str], answer: Answer) -> None:
        runs = answer.document.get("runs") or []
        for run in runs:
            handle, outcome, code = str(run.get("handle")), str(run.get("outcome")), run.get("outcome_code")
            if code == LAST_SEEN_RUNNING:
                # The service lets nobody in any more, such as with a changed password.
                self._wake(handle, "contact lost")
            # Where the poll ended first, an `unknown` run is one that the log does not show yet.
            elif code not in GOES_ON:
                self._wake(handle, outcome)
        # Without any run in the answer nothing was polled, and the task's log is the place that says why.
        if not runs and answer.code != UNREACHABLE:
            for handle in handles:
                self._wake(handle, f"not polled: {answer.what}")

    def _wake(self, handle: str, word: str) -> None:
        for _, future in self._waits.pop(handle, []):
            if not future.done():
                future.set_result(word)


class RunAJobTrigger(BaseTrigger):
    """Fires when a run may be over. The event is a hint: a worker then asks the log, which decides."""

    def __init__(
        self,
        handle: str,
        runajob_conn_id: str,
        poll_interval: float | None = None,
        deadline: float | None = None,
        on_kill: str = "leave",
        ignore_suspended: bool = False,
        resumed: bool = False,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.handle = handle
        self.runajob_conn_id = runajob_conn_id
        self.poll_interval = poll_interval
        self.deadline = deadline
        self.kill_policy = on_kill
        self.ignore_suspended = ignore_suspended
        self.resumed = resumed

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "handle": self.handle,
                "runajob_conn_id": self.runajob_conn_id,
                "poll_interval": self.poll_interval,
                "deadline": self.deadline,
                "on_kill": self.kill_policy,
                "ignore_suspended": self.ignore_suspended,
                "resumed": self.resumed,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        begun = time.time()
        until = min(begun + RECHECK_S, self.deadline or float("inf"))
        try:
            word = await asyncio.wait_for(self._over(), max(until - begun, 0.0))
        except asyncio.TimeoutError:
            word = "running"
        # What the worker needs travels with the event: `airflow dags test` hands nothing else over.
        event = {"handle": self.handle, "seen": word, "deadline": self.deadline, "resumed": self.resumed}
        yield TriggerEvent(event)  # type: ignore[no-untyped-call]

    async def _over(self) -> str:
        watcher = Watcher.of(await self._connect(), self.poll_interval)
        while (word := await watcher.over(self.handle)) == "suspended" and self.ignore_suspended:
            await asyncio.sleep(LONGEST_S)
        return word

    async def _connect(self) -> Program:
        connection = await BaseHook.aget_connection(self.runajob_conn_id)
        # `extra_dejson` would talk to the supervisor from the thread, which ends the triggerer of Airflow 3.1.
        extra = json.loads(connection.extra or "{}")
        return await asyncio.to_thread(RunAJobHook.program, connection, extra, log.info)

    async def on_kill(self) -> None:
        """Stop the job where the task says so. Airflow calls this when a person marks or clears a deferred task."""
        if self.kill_policy == "leave":
            return
        program = await self._connect()
        log.info("%s", await asyncio.to_thread(stop, program, self.handle, self.kill_policy, 25.0))


def stop(program: Program, handle: str, policy: str, patience: float) -> str:
    """Stop a run as the policy says, and say what became of it."""
    answer = program.stop(handle, policy == "clean-stop", patience)
    if answer is None:
        return f"the stop of {handle} was sent and goes on by itself"
    if answer.code == 0:
        return f"the stop of {handle} was accepted"
    return f"{handle} was not stopped: {answer.what}"
