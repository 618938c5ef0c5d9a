"""A night of jobs: one waits on its worker, many wait in the triggerer, one is started here and awaited there."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow.sdk import DAG

from airflow_provider_runajob.operator import RunAJobOperator
from airflow_provider_runajob.sensor import RunAJobSensor

with DAG(
    dag_id="runajob_nightly",
    schedule="0 2 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=1)},
) as dag:
    stage = RunAJobOperator(task_id="stage", task="m_stage", type="MTT")

    load = RunAJobOperator.partial(
        task_id="load", type="MTT", deferrable=True, on_warning="success", timeout=timedelta(hours=2)
    ).expand(task=["Sales/Nightly/Load customers", "Sales/Nightly/Load orders", "Finance/ETL/load_ledger"])

    publish = RunAJobOperator(
        task_id="publish",
        task="tf_nightly",
        type="TASKFLOW",
        inputs={"run_date": "{{ ts_nodash }}"},
        wait=False,
    )
    published = RunAJobSensor(
        task_id="published",
        handle="{{ ti.xcom_pull(task_ids='publish', key='handle') }}",
        deferrable=True,
        timeout=timedelta(hours=4),
    )
    stage >> load >> publish >> published
