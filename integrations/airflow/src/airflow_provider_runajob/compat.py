"""What Airflow 3.1 to 3.3 have in different places or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import Context, ResumableJobMixin
    from airflow.sdk.exceptions import (
        AirflowException,
        AirflowFailException,
        AirflowSensorTimeout,
        AirflowSkipException,
        TaskDeferralTimeout,
    )
else:
    try:
        from airflow.sdk.exceptions import (
            AirflowException,
            AirflowFailException,
            AirflowSensorTimeout,
            AirflowSkipException,
            TaskDeferralTimeout,
        )
    except ImportError:
        from airflow.exceptions import (
            AirflowException,
            AirflowFailException,
            AirflowSensorTimeout,
            AirflowSkipException,
            TaskDeferralTimeout,
        )

    try:
        from airflow.sdk import ResumableJobMixin
    except ImportError:

        class ResumableJobMixin:
            """Stands in below 3.3, where no task state exists: `--once` alone keeps a retry from starting twice."""

            def __init__(self, *, durable: bool = True, **kwargs: Any) -> None:
                super().__init__(**kwargs)
                self.durable = durable

            def execute_resumable(self, context: Context) -> Any:
                job = self.submit_job(context)
                self.poll_until_complete(job, context)
                return self.get_job_result(job, context)


__all__ = [
    "AirflowException",
    "AirflowFailException",
    "AirflowSensorTimeout",
    "AirflowSkipException",
    "ResumableJobMixin",
    "TaskDeferralTimeout",
]
