"""What an exit code of the program means for an Airflow task, and what its log says of it."""

from __future__ import annotations

from typing import Any, Literal, get_args

from airflow_provider_runajob.compat import AirflowException, AirflowFailException, AirflowSkipException
from airflow_provider_runajob.program import Answer

#: What becomes of a task whose run ended in a way that is neither good nor bad.
Verdict = Literal["fail", "skip", "success"]

SUCCEEDED, WARNING, FAILED, TIMED_OUT, STOPPED, LAST_SEEN_RUNNING, NOT_RUN = 0, 1, 3, 4, 5, 6, 7
ALREADY_RUNNING, NOT_FOUND, UNKNOWN, SUSPENDED, UNREACHABLE = 8, 9, 10, 11, 69

#: The job goes on, and a retry joins it.
GOES_ON = frozenset({TIMED_OUT, LAST_SEEN_RUNNING, 130, 137, 143})
#: The same command would start the job anew, or could not reach the service yet: what Airflow's retries are for.
_AGAIN = frozenset({FAILED, STOPPED, NOT_RUN, ALREADY_RUNNING, UNREACHABLE})
_WORDS = {
    WARNING: "finished with warnings",
    FAILED: "failed",
    TIMED_OUT: "was still running when the time-out passed",
    STOPPED: "was stopped",
    LAST_SEEN_RUNNING: "was running when last seen",
    NOT_RUN: "did not run",
    ALREADY_RUNNING: "did not run: another instance is already running",
    NOT_FOUND: "was not found",
    UNKNOWN: "may be running: the start was sent and no answer came",
    SUSPENDED: "is suspended and waits for a person",
}


def one_of(name: str, value: str, words: Any) -> None:
    """Refuse a word that is not one of the literal type `words`."""
    if value not in get_args(words):
        raise ValueError(f"{name} is {value!r}, and must be one of {', '.join(get_args(words))}")


def rendered(task_id: str, name: str, value: object, advice: str) -> None:
    """Refuse a template field that renders to nothing, or to the text of None."""
    if not isinstance(value, str) or value.strip() in ("", "None"):
        raise AirflowFailException(f"`{name}` of the task {task_id} renders to nothing ({value!r}). {advice}")


def conclude(
    answer: Answer,
    handle: str | None,
    on_warning: Verdict,
    on_already_running: Verdict,
    if_already_running: str | None = None,
) -> None:
    """Return for a task that succeeds, and raise what Airflow takes for each other end.

    `if_already_running` is what a task that fails over another instance adds to its report.
    """
    code = answer.code
    if code == SUCCEEDED:
        return
    report = explain(answer, handle)
    if code in (WARNING, ALREADY_RUNNING):
        verdict = on_warning if code == WARNING else on_already_running
        if verdict == "success":
            return
        if verdict == "skip":
            raise AirflowSkipException(report)
        if code == ALREADY_RUNNING and if_already_running:
            report = f"{report}\n{if_already_running}"
    if _is_unseen(answer):
        raise AirflowException(f"{report}\nthe job may be running; a retry of this task joins it")
    if code in GOES_ON:
        raise AirflowException(f"{report}\nthe job goes on; a retry of this task joins it and starts nothing")
    if code in _AGAIN:
        raise AirflowException(report)
    if code == UNKNOWN:
        raise AirflowFailException(f"look first, before anything is started again: {report}")
    # A retry would find the same, such as the same run under its key with the same warnings.
    raise AirflowFailException(report)


def explain(answer: Answer, handle: str | None) -> str:
    """Say in a few lines why, which run, and which command to run next."""
    run, error = answer.run, answer.error
    handle = answer.handle or handle
    name = (run.get("task") or {}).get("name") or handle or "the task"
    words = "has not been seen yet" if _is_unseen(answer) else _WORDS.get(answer.code, f"ended with code {answer.code}")
    what = error.get("what") or f"{name} {words}"
    why = error.get("why") or run.get("error") or _first_failed_part(run)
    lines = [f"{what}: {why}" if why else str(what)]
    if answer.code == NOT_FOUND and (foreign := _foreign_organisation(answer, handle)):
        lines.append(foreign)
    lines.append(f"code: {answer.code}")
    if handle:
        lines.append(f"run: {handle}")
    lines.extend(f"next: {command}" for command in next_commands(answer, handle))
    return "\n".join(lines)


def next_commands(answer: Answer, handle: str | None) -> list[str]:
    """Return what a person would run next, or the advice that the program gave."""
    if answer.code == SUSPENDED and handle:
        return [
            f"runajob wait {handle} --on-suspended resume    (repeats the step that failed; `skip` leaves it out)",
            f"runajob stop {handle}    (ends the taskflow)",
        ]
    if answer.error.get("fix"):
        return [str(answer.error["fix"])]
    if answer.code == ALREADY_RUNNING and answer.run.get("other_run"):
        return [f"runajob wait {answer.run['other_run']}"]
    if handle is None:
        return []
    verb = "wait" if answer.code in GOES_ON and not _is_unseen(answer) else "status"
    return [f"runajob {verb} {handle}"]


def _is_unseen(answer: Answer) -> bool:
    """Whether waiting ended before the service showed the run, of which nothing but its handle is known."""
    return answer.code in GOES_ON and answer.run.get("outcome") == "unknown"


def _first_failed_part(run: dict[str, object]) -> str | None:
    parts = run.get("subtasks")
    for part in parts if isinstance(parts, list) else []:
        if part.get("error"):
            return f"{part.get('name')}: {part['error']}"
    return None


def _foreign_organisation(answer: Answer, handle: str | None) -> str | None:
    """Compare the organisation in a handle's task ID, its first six characters, with the one that was logged in to."""
    org = answer.document.get("org")
    parts = (handle or "").split("/")
    if not org or len(parts) != 3 or len(parts[1]) < len(org) or parts[1].startswith(org):
        return None
    return f"the handle belongs to the organisation {parts[1][: len(org)]}, and the connection logs in to {org}"
