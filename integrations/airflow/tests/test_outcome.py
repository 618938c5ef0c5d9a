"""Each exit code as Airflow takes it, and what the log says of it."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_runajob import outcome
from airflow_provider_runajob.compat import AirflowException, AirflowFailException, AirflowSkipException
from airflow_provider_runajob.program import Answer

HANDLE = "MTT/00SBX10Z000000000002/7"


def ended(code: int, **run: Any) -> Answer:
    return Answer(code, {"exit_code": code, "org": "00SBX1", "runs": [{"handle": HANDLE, **run}]})


def verdict(answer: Answer, warning: outcome.Verdict = "fail", running: outcome.Verdict = "fail") -> Any:
    try:
        outcome.conclude(answer, HANDLE, warning, running)
    except AirflowException as end:
        return type(end)
    return None


def test_what_each_code_makes_of_a_task() -> None:
    never_again = {1, 9, 10, 11, 64, 70, 77, 78}
    again = {3, 4, 5, 6, 7, 8, 69, 130, 137, 143}
    assert verdict(ended(0)) is None
    assert {code for code in range(1, 256) if verdict(ended(code)) is AirflowException} == again
    assert all(verdict(ended(code)) is AirflowFailException for code in never_again)


@pytest.mark.parametrize("code", [1, 8])
def test_warnings_and_a_second_instance_end_by_policy(code: int) -> None:
    assert verdict(ended(code), warning="skip", running="skip") is AirflowSkipException
    assert verdict(ended(code), warning="success", running="success") is None


def test_only_who_starts_jobs_says_that_a_retry_starts_one() -> None:
    with pytest.raises(AirflowException) as sensor:
        outcome.conclude(ended(8), HANDLE, "fail", "fail")
    assert "retry" not in str(sensor.value)
    with pytest.raises(AirflowException, match="a retry does") as operator:
        outcome.conclude(ended(8), HANDLE, "fail", "fail", "a retry does")
    assert not isinstance(operator.value, AirflowFailException)


def test_the_log_has_the_reason_the_handle_and_the_next_command() -> None:
    text = outcome.explain(ended(3, task={"name": "m_bad"}, error="WRT_8229 boom"), None)
    assert text.splitlines() == [
        "m_bad failed: WRT_8229 boom",
        "code: 3",
        f"run: {HANDLE}",
        f"next: runajob status {HANDLE}",
    ]


@pytest.mark.parametrize("code", [4, 6, 130, 143])
def test_a_run_that_the_service_has_not_shown_is_not_said_to_go_on(code: int) -> None:
    answer = ended(code, task={"name": "m_new"}, outcome="unknown", error="the service has not shown this run")
    with pytest.raises(AirflowException) as end:
        outcome.conclude(answer, None, "fail", "fail")
    assert str(end.value).splitlines() == [
        "m_new has not been seen yet: the service has not shown this run",
        f"code: {code}",
        f"run: {HANDLE}",
        f"next: runajob status {HANDLE}",
        "the job may be running; a retry of this task joins it",
    ]


def test_a_run_that_was_seen_is_said_to_go_on() -> None:
    with pytest.raises(AirflowException) as end:
        outcome.conclude(ended(4, task={"name": "m_long"}, outcome="running"), None, "fail", "fail")
    assert str(end.value).splitlines() == [
        "m_long was still running when the time-out passed",
        "code: 4",
        f"run: {HANDLE}",
        f"next: runajob wait {HANDLE}",
        "the job goes on; a retry of this task joins it and starts nothing",
    ]


def test_the_reason_may_stand_with_a_part() -> None:
    parts = [{"name": "s_1", "error": None}, {"name": "s_2", "error": "TE_7002"}]
    assert "s_2: TE_7002" in outcome.explain(ended(3, subtasks=parts), None)


def test_an_unknown_start_says_look_first() -> None:
    answer = Answer(
        10, {"runs": [], "error": {"code": 10, "what": "it is unknown whether tf was started", "fix": "look"}}
    )
    with pytest.raises(AirflowFailException, match=r"(?s)^look first.*next: look"):
        outcome.conclude(answer, None, "fail", "fail")


def test_a_suspended_taskflow_names_both_ways_out() -> None:
    text = outcome.explain(ended(11), HANDLE)
    assert f"runajob wait {HANDLE} --on-suspended resume" in text
    assert f"runajob stop {HANDLE}" in text


def test_a_handle_of_another_organisation_is_named() -> None:
    foreign = "MTT/01ABCD0Z00000000001S/18"
    answer = Answer(9, {"org": "00SBX1", "runs": [], "error": {"what": f"no run {foreign}"}})
    assert "belongs to the organisation 01ABCD, and the connection logs in to 00SBX1" in outcome.explain(
        answer, foreign
    )
    own = Answer(9, {"org": "00SBX1", "runs": [], "error": {"what": "no run"}})
    assert "organisation" not in outcome.explain(own, HANDLE)
    assert "organisation" not in outcome.explain(own, "TASKFLOW/778812345678901234")
