"""The sensor that waits for a run which something else started."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.sdk import BaseSensorOperator, PokeReturnValue

from airflow_provider_runajob import outcome
from airflow_provider_runajob.compat import AirflowSensorTimeout
from airflow_provider_runajob.hook import RunAJobHook
from airflow_provider_runajob.program import Answer, Program
from airflow_provider_runajob.trigger import RunAJobTrigger

if TYPE_CHECKING:
    from datetime import timedelta

    from airflow.sdk import Context


class RunAJobSensor(BaseSensorOperator):
    """Wait until a run is over, and end as it did.

    :param handle: The handle of the run, such as `MTT/01ABCD0Z00000000001S/18`, usually from the XCom `handle`.
    :param warnings_ok: Whether a run with warnings is a success; short for `on_warning="success"`.
    :param on_warning: What a run with warnings makes of the task: `fail`, `skip` or `success`.
    :param on_already_running: The same for a run that another instance kept from running.
    :param deferrable: Whether to wait in the triggerer, where all waits of a connection share one poll.
    """

    template_fields: Sequence[str] = ("handle", "runajob_conn_id")
    ui_color = "#ffe8d4"

    def __init__(
        self,
        *,
        handle: str,
        runajob_conn_id: str = RunAJobHook.default_conn_name,
        warnings_ok: bool = False,
        on_warning: outcome.Verdict = "fail",
        on_already_running: outcome.Verdict = "fail",
        deferrable: bool = False,
        poke_interval: timedelta | float = 30,
        **kwargs: Any,
    ) -> None:
        super().__init__(poke_interval=poke_interval, **kwargs)
        outcome.one_of("on_warning", on_warning, outcome.Verdict)
        outcome.one_of("on_already_running", on_already_running, outcome.Verdict)
        self.handle = handle
        self.runajob_conn_id = runajob_conn_id
        self.on_warning: outcome.Verdict = "success" if warnings_ok else on_warning
        self.on_already_running = on_already_running
        self.deferrable = deferrable

    @cached_property
    def program(self) -> Program:
        return RunAJobHook(self.runajob_conn_id).get_conn(self.log.info)

    def poke(self, context: Context) -> bool | PokeReturnValue:
        # All of the first look happens here, where the base class heeds `soft_fail` and `never_fail`.
        advice = "Check that the task which starts the job ran, and pushed its handle"
        outcome.rendered(self.task_id, "handle", self.handle, advice)
        answer = self._look()
        if answer is None and self.deferrable:
            self._defer(time.time() + self.timeout)
        return answer is not None and PokeReturnValue(is_done=True, xcom_value=answer.document)

    def execute_complete(self, context: Context, event: Mapping[str, Any]) -> Any:
        """Ask how the run stands, and go on waiting if it is not over."""
        self.log.info("the triggerer saw %s: %s", self.handle, event["seen"])
        deadline, answer = float(event["deadline"]), self._look()
        if answer is not None:
            return answer.document
        if time.time() >= deadline:
            raise AirflowSensorTimeout(
                f"{self.handle} was not over within {self.timeout:.0f} s; to wait for it: runajob wait {self.handle}"
            )
        return self._defer(deadline)

    def on_kill(self) -> None:
        if program := vars(self).get("program"):
            program.interrupt()

    def _defer(self, deadline: float) -> NoReturn:
        trigger = RunAJobTrigger(handle=self.handle, runajob_conn_id=self.runajob_conn_id, deadline=deadline)
        self.defer(trigger=trigger, method_name="execute_complete")

    def _look(self) -> Answer | None:
        """Return the good end of the run, or nothing while it goes on or the service cannot be reached."""
        answer = self.program.call("status", "--", self.handle)
        if answer.code in (outcome.LAST_SEEN_RUNNING, outcome.UNREACHABLE):
            return None
        outcome.conclude(answer, self.handle, self.on_warning, self.on_already_running)
        return answer
