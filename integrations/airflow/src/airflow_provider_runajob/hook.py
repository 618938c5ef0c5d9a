"""A connection of the type `runajob`, turned into the environment of the program."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from airflow.sdk import BaseHook, Connection

from airflow_provider_runajob import get_provider_info
from airflow_provider_runajob.compat import AirflowFailException
from airflow_provider_runajob.program import Program, ProgramError, check_version, find_binary

#: What says who logs in where. A connection that says it replaces all of what the worker's environment says.
ACCOUNT = ("login_url", "pod", "username", "password", "password_command", "password_file", "session_id", "server_url")
_SECRETS = ("password", "password_command", "password_file", "token_command", "token_file")
#: Settings of the package itself, which the program does not know.
_OWN = ("binary",)


class RunAJobHook(BaseHook):
    """Gives the program with the account of a connection. Secrets go by the environment only, never by arguments."""

    conn_name_attr = "runajob_conn_id"
    default_conn_name = "runajob_default"
    conn_type = "runajob"
    hook_name = "Informatica IICS/IDMC (runajob)"

    def __init__(self, runajob_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.runajob_conn_id = runajob_conn_id

    def get_conn(self, log: Callable[[str], None] | None = None) -> Program:
        """Give the program, once it is there and new enough. What it says to people goes to the log."""
        connection = self.get_connection(self.runajob_conn_id)
        return self.program(connection, connection.extra_dejson, log or self.log.info)

    @staticmethod
    def program(connection: Connection, extra: Mapping[str, Any], log: Callable[[str], None]) -> Program:
        """Give the program for a connection that was read before, and its extra."""
        try:
            binary = find_binary(extra.get("binary") or None)
            check_version(binary)
        except ProgramError as error:
            raise AirflowFailException(str(error)) from error
        return Program(binary, environment_of(connection, extra), log)

    def test_connection(self) -> tuple[bool, str]:
        """Log in, as the button of the connection form asks."""
        lines: list[str] = []
        program = self.get_conn(lines.append)
        answer = program.call("config", "check")
        return answer.code == 0, "\n".join(lines) or ("The login works." if answer.code == 0 else f"code {answer.code}")

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Say which standard fields the form shows, for versions that do not read them from the provider's info."""
        behaviour = get_provider_info()["connection-types"][0]["ui-field-behaviour"]
        return {name.replace("-", "_"): value for name, value in behaviour.items()}


def environment_of(connection: Connection, extra: Mapping[str, Any]) -> dict[str, str]:
    """Build the program's environment: the worker's, with the connection's account and settings over it.

    Whatever stands in `extra` is a setting of the program under its own name, such as `once_dir` or `proxy`. The
    program refuses names that it does not know.
    """
    settings: dict[str, str] = {}
    for name, value in extra.items():
        if name not in _OWN and value not in (None, ""):
            settings[name] = str(value).lower() if isinstance(value, bool) else str(value)
    if connection.host:
        settings["login_url"] = login_url(connection)
    if connection.login:
        settings["username"] = connection.login
    if connection.password:
        settings["password"] = connection.password
    environment = dict(os.environ)
    if any(name in settings for name in (*ACCOUNT, "profile")):
        _refuse_half_account(connection.conn_id, settings)
        for name in (*ACCOUNT, "profile"):
            environment.pop(f"RUNAJOB_{name.upper()}", None)
    environment.update({f"RUNAJOB_{name.upper()}": value for name, value in settings.items()})
    # Whether a job is stopped is for `on_kill` of the task to say, not for a signal or a poll's end.
    environment.update(RUNAJOB_ON_SIGNAL="leave", RUNAJOB_ON_TIMEOUT="leave")
    return environment


def login_url(connection: Connection) -> str:
    """Return the login URL. A connection that was given as a URI has the host without a scheme."""
    host = (connection.host or "").strip()
    if "://" not in host:
        host = f"{connection.schema or 'https'}://{host}"
    return f"{host}:{connection.port}" if connection.port else host


def _refuse_half_account(conn_id: str, settings: dict[str, str]) -> None:
    if "profile" in settings or "session_id" in settings:
        return
    where = f"the connection {conn_id!r}"
    if "login_url" not in settings and "pod" not in settings:
        raise AirflowFailException(f"{where} has no login URL; put it into the field Login URL (host)")
    if "username" not in settings:
        raise AirflowFailException(f"{where} has no user; put it into the field User (login)")
    if not any(name in settings for name in _SECRETS):
        raise AirflowFailException(
            f"{where} has no password; put it into the field Password, or name a password_command or a "
            "password_file in the extra"
        )
