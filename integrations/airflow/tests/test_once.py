"""The key of a start: what keeps it and what makes a new one."""

from __future__ import annotations

from typing import Any

from conftest import Store, context

from airflow_provider_runajob.once import OnceKey


def key(store: Store | None = None, **changes: Any) -> OnceKey:
    return OnceKey.of(context(store, **changes), durable=True)


def test_a_key_tells_dags_tasks_runs_and_maps_apart() -> None:
    changes: list[dict[str, Any]] = [{}, {"dag_id": "d"}, {"task_id": "t"}, {"run_id": "r"}, {"map_index": 4}]
    assert len({key(**change).text for change in changes}) == 5
    assert key().text == "airflow/nightly/load/scheduled__2026-03-01/-1/2"


def test_a_long_key_is_shortened_and_stays_itself() -> None:
    long: dict[str, Any] = {"dag_id": "d" * 250, "run_id": "ü" * 250, "task_id": "t" * 250}
    assert len(key(**long).text.encode()) < 1024
    assert key(**long).text == key(**long).text != key(**{**long, "map_index": 1}).text


def test_without_task_state_a_clear_makes_a_new_key() -> None:
    assert key(max_tries=2).text != key(max_tries=5).text


def test_a_cleared_success_gets_a_new_key_and_a_retry_does_not() -> None:
    store = Store()
    first = key(store)
    first.keep()
    assert key(store).text == first.text
    first.delivered()
    assert key(store).text == first.text, "the worker died before Airflow heard of the success"
    assert key(store, max_tries=5).text != first.text


def test_what_did_not_end_well_keeps_its_key_through_a_clear() -> None:
    store = Store()
    first = key(store)
    first.keep()
    cleared = key(store, max_tries=5)
    assert cleared.text == first.text
    cleared.delivered()
    assert key(store, max_tries=5).text == first.text
    assert key(store, max_tries=9).text not in (first.text, key(None, max_tries=5).text)
