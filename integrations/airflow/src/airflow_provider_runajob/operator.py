"""The operator that starts a job, at most once whatever is killed, and sees it to its end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow.sdk import BaseOperator

from airflow_provider_runajob import outcome
from airflow_provider_runajob.compat import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    ResumableJobMixin,
    TaskDeferralTimeout,
)
from airflow_provider_runajob.hook import RunAJobHook
from airflow_provider_runajob.once import OnceKey
from airflow_provider_runajob.program import Answer, Program
from airflow_provider_runajob.trigger import RunAJobTrigger, stop

if TYPE_CHECKING:
    from airflow.sdk import Context
    from pydantic import JsonValue

KillPolicy = Literal["leave", "stop", "clean-stop"]
Suspended = Literal["fail", "wait", "resume", "skip"]

#: Airflow ends a task five seconds after it asked it to end.
_STOP_PATIENCE_S = 3.0
#: How long a worker stays with a taskflow that it resumed: the service may call it suspended for 30 s after that.
_RESUME_S = 40.0
#: How long a worker searches for a run that the service does not show yet; the program gives up after ten minutes.
_UNSEEN_S = 660.0
_ACTIVE, _SUCCEEDED, _ENDED, _SUPERSEDED = "active", "succeeded", "ended", "superseded"


class RunAJobOperator(ResumableJobMixin, BaseOperator):
    """Start a task of IICS/IDMC and, unless told otherwise, wait for the end of its run.

    Every start goes under a key of dag, task, run and map index, so that a retry joins the run of a killed try.

    :param task: Path (`Project/Folder/Name`) or name of the task, or `id:`, `fid:`, `name:`, `path:` and what follows.
    :param type: Its type, such as `MTT` or `TASKFLOW`; without it the type is found out.
    :param inputs: Input fields of a taskflow. They are handed over in a file, not on the command line.
    :param wait: Whether to wait for the end of the run. Without it the task succeeds once the start is accepted.
    :param timeout: How long a try waits at most. The job is left running, and a retry joins it.
    :param warnings_ok: Whether a run with warnings is a success; short for `on_warning="success"`.
    :param on_warning: What a run with warnings makes of the task: `fail` (without a retry), `skip` or `success`.
    :param on_already_running: The same where another instance of the task was running; `fail` is retried.
    :param on_suspended: What waiting does when a taskflow is suspended; `resume` and `skip` act once.
    :param on_kill: What becomes of the job when the task is ended, cleared, marked or exceeds its execution time-out.
    :param durable: Whether the handle is kept in Airflow's task state (3.3 and newer), for a retry on any worker.
    :param deferrable: Whether to wait in the triggerer, where all waits of a connection share one poll.
    :param poll_interval: A fixed pause between polls in seconds, instead of about 5 % of the elapsed time.
    :param options: More options of `runajob start`, such as `["--run-name", "{{ ds }}"]`.
    """

    template_fields: Sequence[str] = ("task", "type", "inputs", "options", "runajob_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {"inputs": "json"}
    ui_color = "#ffe8d4"
    external_id_key = "runajob_run"

    _answer: Answer
    _killed = False
    _handle: str | None = None
    _deadline: float | None = None

    def __init__(
        self,
        *,
        task: str,
        type: str | None = None,  # noqa: A002
        inputs: Mapping[str, Any] | None = None,
        runajob_conn_id: str = RunAJobHook.default_conn_name,
        wait: bool = True,
        timeout: timedelta | float | None = None,
        warnings_ok: bool = False,
        on_warning: outcome.Verdict = "fail",
        on_already_running: outcome.Verdict = "fail",
        on_suspended: Suspended = "fail",
        on_kill: KillPolicy = "leave",
        durable: bool = True,
        deferrable: bool = False,
        poll_interval: float | None = None,
        options: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(durable=durable, **kwargs)
        outcome.one_of("on_warning", on_warning, outcome.Verdict)
        outcome.one_of("on_already_running", on_already_running, outcome.Verdict)
        outcome.one_of("on_suspended", on_suspended, Suspended)
        outcome.one_of("on_kill", on_kill, KillPolicy)
        self.task = task
        self.type = type
        self.inputs = inputs
        self.runajob_conn_id = runajob_conn_id
        self.wait = wait
        self.timeout = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        self.on_warning: outcome.Verdict = "success" if warnings_ok else on_warning
        self.on_already_running = on_already_running
        self.on_suspended = on_suspended
        # `on_kill` is a method of every operator.
        self.kill_policy = on_kill
        self.deferrable = deferrable
        self.poll_interval = poll_interval
        self.options = options

    @cached_property
    def program(self) -> Program:
        return RunAJobHook(self.runajob_conn_id).get_conn(self.log.info)

    def execute(self, context: Context) -> Any:
        self._deadline = None if self.timeout is None else time.time() + self.timeout
        self._check_templates()
        self._key = OnceKey.of(context, durable=self.durable)
        self.execute_resumable(context)
        return self._finish(context, self._answer)

    # What ResumableJobMixin asks: start, how a run of an earlier try stands, and wait. Each notes what the program
    # answered last, of which `execute` gives the verdict.

    def submit_job(self, context: Context) -> JsonValue:
        self._key.keep()
        self._end_if_killed()
        type_ = ["--type", self.type] if self.type else []
        program = self.program
        try:
            answer = program.start(
                *("--no-wait", "--once", self._key.text, *type_, *self.options, "--", self.task), inputs=self.inputs
            )
        except BaseException:
            # The execution time-out came while the start was out. What it answered is what `on_kill` stops.
            self._handle = program.last.handle
            raise
        self._handle = answer.handle
        self._end_if_killed()
        self._answer = answer
        if answer.code not in (outcome.SUCCEEDED, outcome.WARNING):
            # There is nothing to wait for, and the mixin stores no handle.
            return None
        if answer.handle is None:
            raise AirflowFailException(f"the program accepted {self.task} and gave no handle")
        context["ti"].xcom_push(key="handle", value=answer.handle)
        return {"handle": answer.handle, "key": self._key.text}

    def get_job_status(self, external_id: JsonValue, context: Context) -> str:
        handle, key = _known(external_id)
        if key != self._key.text:
            # The run of a success that was cleared.
            return _SUPERSEDED
        self._handle = handle
        context["ti"].xcom_push(key="handle", value=handle)
        answer = self._answer = self.program.call("status", "--", handle)
        self._end_if_killed()
        if not self.wait:
            self._answer = Answer(outcome.SUCCEEDED, answer.document)
            return _SUCCEEDED
        if answer.code in (outcome.SUCCEEDED, outcome.WARNING):
            return _SUCCEEDED
        if answer.code in (outcome.FAILED, outcome.STOPPED, outcome.NOT_RUN, outcome.ALREADY_RUNNING):
            return _ENDED
        # Where it cannot be told how the run stands, it goes on. Waiting says more than one look does.
        return _ACTIVE

    def is_job_active(self, status: str) -> bool:
        return status == _ACTIVE

    def is_job_succeeded(self, status: str) -> bool:
        return status == _SUCCEEDED

    def poll_until_complete(self, external_id: JsonValue, context: Context) -> None:
        if external_id is None or not self.wait:
            return
        handle, _ = _known(external_id)
        if self.deferrable:
            self._defer(context, handle)
        self._answer = self._wait(handle)

    def get_job_result(self, external_id: JsonValue, context: Context) -> None:
        return None

    # The deferred way.

    def _defer(self, context: Context, handle: str, resumed: bool = False) -> None:
        timeout = None
        if self.execution_timeout is not None:
            elapsed = datetime.now(timezone.utc) - (context["ti"].start_date or datetime.now(timezone.utc))
            timeout = max(self.execution_timeout - elapsed, timedelta(seconds=1))
        self.defer(
            trigger=RunAJobTrigger(
                handle=handle,
                runajob_conn_id=self.runajob_conn_id,
                poll_interval=self.poll_interval,
                deadline=self._deadline,
                on_kill=self.kill_policy,
                ignore_suspended=self.on_suspended == "wait",
                resumed=resumed,
            ),
            method_name="execute_complete",
            timeout=timeout,
        )

    def execute_complete(self, context: Context, event: Mapping[str, Any]) -> Any:
        """Ask how the run stands, and go on waiting if it is not over."""
        handle, deadline, resumed = str(event["handle"]), event["deadline"], bool(event["resumed"])
        self._handle, self._deadline = handle, deadline
        self._key = OnceKey.of(context, durable=self.durable)
        self.log.info("the triggerer saw %s: %s", handle, event["seen"])
        answer = self.program.call("status", "--", handle)
        self._end_if_killed()
        if answer.code == outcome.NOT_FOUND:
            # The monitor lags behind a start. A taskflow that shows up suspended is for what follows.
            answer = self._wait(handle, _UNSEEN_S, on_suspended="fail")
        if answer.code == outcome.SUSPENDED and self.on_suspended in ("resume", "skip") and not resumed:
            answer, resumed = self._wait(handle, _RESUME_S), True
        waits = (outcome.TIMED_OUT, outcome.LAST_SEEN_RUNNING, outcome.UNREACHABLE)
        if answer.code in waits or (answer.code == outcome.SUSPENDED and self.on_suspended == "wait"):
            if deadline is None or time.time() < deadline:
                self._defer(context, handle, resumed)
            if answer.code != outcome.TIMED_OUT:
                answer = self._wait(handle, 0.0)
        return self._finish(context, answer)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        """Treat the execution time-out of a deferred task as one of a running task, which calls `on_kill`."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralTimeout:
            ti = context["ti"]
            self._handle = ti.xcom_pull(task_ids=ti.task_id, key="handle", map_indexes=ti.map_index)
            self._stop()
            raise

    # Ends.

    def on_kill(self) -> None:
        """Airflow calls this from a signal handler, and after an execution time-out."""
        self._killed = True
        # Looked up in passing: to make it here would ask the supervisor, perhaps in the middle of another question.
        program = vars(self).get("program")
        if program is not None and not program.interrupt():
            self._stop()

    def _end_if_killed(self) -> None:
        if self._killed:
            self._stop()
            raise AirflowException(
                f"the task was killed; the job is {self._handle or 'not known to have been started'}"
            )

    def _stop(self) -> None:
        handle = self._handle
        if handle is None:
            return
        if self.kill_policy == "leave":
            self.log.info("%s is left running; to wait for it: runajob wait %s", handle, handle)
            return
        # The policy is carried out once, though a kill may come here twice.
        policy, self.kill_policy = self.kill_policy, "leave"
        self.log.info("%s", stop(self.program, handle, policy, _STOP_PATIENCE_S))

    def _wait(self, handle: str, at_most: float | None = None, on_suspended: Suspended | None = None) -> Answer:
        """Wait for so many seconds at most, and never past the deadline."""
        # Nothing but a taskflow can be suspended, and the program refuses the option for others.
        arguments = ["--on-suspended", on_suspended or self.on_suspended] if handle.startswith("TASKFLOW/") else []
        to_deadline = None if self._deadline is None else self._deadline - time.time()
        limits = [limit for limit in (at_most, to_deadline) if limit is not None]
        if limits:
            arguments += ["--timeout", f"{max(int(min(limits) * 1000), 1)}ms"]
        if self.poll_interval is not None:
            arguments += ["--poll-interval", f"{int(self.poll_interval * 1000)}ms"]
        answer = self.program.call("wait", *arguments, "--", handle)
        self._end_if_killed()
        return answer

    def _finish(self, context: Context, answer: Answer) -> Any:
        """Give the verdict, with the whole result in XCom whatever it is."""
        try:
            again = "a retry starts it once the other run is over"
            outcome.conclude(answer, self._handle, self.on_warning, self.on_already_running, again)
        except AirflowException as verdict:
            if self.do_xcom_push and answer.document:
                context["ti"].xcom_push(key="return_value", value=answer.document)
            if answer.code == outcome.WARNING:
                self._key.delivered()
            if not isinstance(verdict, AirflowSkipException):
                self.log.error("%s", verdict)
            raise
        self._key.delivered()
        return answer.document

    def _check_templates(self) -> None:
        for name in ("task", "type", "runajob_conn_id"):
            value = getattr(self, name)
            if value is None and name == "type":
                continue
            advice = "Nothing was started. Check its template and what it takes its value from"
            outcome.rendered(self.task_id, name, value, advice)
        if self.inputs is not None and not isinstance(self.inputs, Mapping):
            raise AirflowFailException(f"`inputs` of the task {self.task_id} must map names to values")


def _known(external_id: JsonValue) -> tuple[str, str]:
    if not isinstance(external_id, dict):
        raise AirflowFailException(f"the task state holds {external_id!r}, which this package did not write")
    return str(external_id.get("handle")), str(external_id.get("key"))
