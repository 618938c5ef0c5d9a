"""The DAGs that the live tests run: one job each, named by the run's parameters, or many of them mapped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

from airflow_provider_runajob.operator import RunAJobOperator
from airflow_provider_runajob.sensor import RunAJobSensor

DEFAULTS: dict[str, Any] = {"retries": 3, "retry_delay": timedelta(seconds=1), "retry_exponential_backoff": False}
JOB: dict[str, Any] = {
    "task": "{{ params.job }}",
    "type": "{{ params.type }}",
    "runajob_conn_id": "{{ params.conn }}",
    "poll_interval": 1.0,
}
MODES: dict[str, dict[str, Any]] = {
    # Airflow's task state holds the handle.
    "durable": {},
    # Nothing but the key of --once, as below 3.3.
    "key": {"durable": False},
    "deferred": {"deferrable": True},
    "durable_stop": {"on_kill": "stop"},
    "deferred_stop": {"deferrable": True, "on_kill": "stop"},
    "expires": {"on_kill": "stop", "execution_timeout": timedelta(seconds=6), "retries": 0},
    "expires_deferred": {
        "deferrable": True,
        "on_kill": "stop",
        "execution_timeout": timedelta(seconds=6),
        "retries": 0,
    },
    "once": {"retries": 0},
    "lenient": {"retries": 0, "on_warning": "success", "on_already_running": "skip"},
}

for mode, changes in MODES.items():
    with DAG(
        dag_id=mode,
        schedule=None,
        catchup=False,
        max_active_runs=50,
        default_args=DEFAULTS,
        params={"job": "m_ok", "conn": "fast", "type": "MTT"},
    ) as dag:
        RunAJobOperator(task_id="load", **{**JOB, **changes})
    globals()[mode] = dag

with DAG(
    dag_id="plain", schedule=None, catchup=False, default_args=DEFAULTS, params={"job": "", "binary": ""}
) as plain:
    BashOperator(
        task_id="load",
        bash_command="exec {{ params.binary }} start {{ params.job }} --type MTT --wait --poll-interval 1s",
        env={
            "RUNAJOB_LOGIN_URL": "{{ conn.fast.host }}",
            "RUNAJOB_USERNAME": "{{ conn.fast.login }}",
            "RUNAJOB_PASSWORD": "{{ conn.fast.password }}",
            "RUNAJOB_STATE_DIR": "{{ conn.fast.extra_dejson.state_dir }}",
        },
    )

for mode, deferrable, count in (("mapped", False, 6), ("mapped_deferred", True, 6), ("many", True, 200)):
    with DAG(dag_id=mode, schedule=None, catchup=False, max_active_tasks=200, default_args=DEFAULTS) as dag:
        RunAJobOperator.partial(
            task_id="load", type="MTT", runajob_conn_id="fast", deferrable=deferrable, poll_interval=2.0
        ).expand(task=[f"m_{mode}_{index}" for index in range(count)])
    globals()[mode] = dag

with DAG(dag_id="sensed", schedule=None, catchup=False, default_args=DEFAULTS) as sensed:
    start = RunAJobOperator(task_id="start", task="m_sensed", type="MTT", runajob_conn_id="fast", wait=False)
    handle = "{{ ti.xcom_pull(task_ids='start', key='handle') }}"
    poked = RunAJobSensor(task_id="poked", handle=handle, runajob_conn_id="fast", poke_interval=2)
    deferred = RunAJobSensor(task_id="deferred", handle=handle, runajob_conn_id="fast", deferrable=True)
    start >> [poked, deferred]
