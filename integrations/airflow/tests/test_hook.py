"""The environment that a connection makes, and the connections that are refused before anything runs."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk import Connection
from conftest import Sandbox

from airflow_provider_runajob import get_provider_info
from airflow_provider_runajob.compat import AirflowFailException
from airflow_provider_runajob.hook import RunAJobHook, environment_of


def connection(**fields: Any) -> Connection:
    return Connection(conn_id="iics", conn_type="runajob", **fields)


def settings(given: Connection) -> dict[str, str]:
    return {
        name: value for name, value in environment_of(given, given.extra_dejson).items() if name.startswith("RUNAJOB_")
    }


def test_a_form_becomes_variables() -> None:
    given = connection(
        host="https://dm-us.informaticacloud.com",
        login="svc_etl",
        password="hush",
        extra='{"once_dir": "/shared/keys", "session_cache": false, "profile": "", "binary": "/opt/runajob"}',
    )
    assert settings(given) == {
        "RUNAJOB_LOGIN_URL": "https://dm-us.informaticacloud.com",
        "RUNAJOB_USERNAME": "svc_etl",
        "RUNAJOB_PASSWORD": "hush",
        "RUNAJOB_ONCE_DIR": "/shared/keys",
        "RUNAJOB_SESSION_CACHE": "false",
        "RUNAJOB_ON_SIGNAL": "leave",
        "RUNAJOB_ON_TIMEOUT": "leave",
    }


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"host": "dm-us.informaticacloud.com"}, "https://dm-us.informaticacloud.com"),
        ({"host": "127.0.0.1", "port": 8085, "schema": "http"}, "http://127.0.0.1:8085"),
        ({"host": "http://127.0.0.1:8085"}, "http://127.0.0.1:8085"),
    ],
)
def test_a_host_becomes_a_login_url(fields: dict[str, Any], url: str) -> None:
    assert settings(connection(login="u", password="p", **fields))["RUNAJOB_LOGIN_URL"] == url


def test_the_account_of_the_connection_replaces_the_worker_s(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SESSION_ID", "SERVER_URL", "PASSWORD_COMMAND", "PASSWORD"):
        monkeypatch.setenv(f"RUNAJOB_{name}", "the worker's")
    monkeypatch.setenv("RUNAJOB_PROXY", "http://proxy")
    seen = settings(connection(extra='{"profile": "prod"}'))
    assert seen == {
        "RUNAJOB_PROFILE": "prod",
        "RUNAJOB_PROXY": "http://proxy",
        "RUNAJOB_ON_SIGNAL": "leave",
        "RUNAJOB_ON_TIMEOUT": "leave",
    }
    assert settings(connection())["RUNAJOB_PASSWORD"] == "the worker's"


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"host": "https://x", "login": "u"}, "no password"),
        ({"host": "https://x", "password": "p"}, "no user"),
        ({"login": "u", "password": "p"}, "no login URL"),
    ],
)
def test_half_an_account_is_refused_without_a_retry(fields: dict[str, Any], missing: str) -> None:
    with pytest.raises(AirflowFailException, match=f"'iics' has {missing}"):
        environment_of(connection(**fields), {})


def test_a_password_command_is_a_password() -> None:
    given = connection(host="https://x", login="u", extra='{"password_command": "pass show iics"}')
    assert settings(given)["RUNAJOB_PASSWORD_COMMAND"] == "pass show iics"


def test_a_missing_program_fails_without_a_retry(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_RUNAJOB_DEFAULT", sandbox.connection(binary="/nowhere/runajob"))
    with pytest.raises(AirflowFailException, match="there is no program '/nowhere/runajob'"):
        RunAJobHook().get_conn()


def test_the_button_of_the_form_logs_in(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    assert RunAJobHook().test_connection()[0] is True
    monkeypatch.setenv(
        "AIRFLOW_CONN_RUNAJOB_DEFAULT", sandbox.connection().replace('"password": "sandbox"', '"password": "x"')
    )
    works, why = RunAJobHook().test_connection()
    assert works is False
    assert "refused" in why


def test_the_form_is_the_same_for_versions_that_ask_the_hook() -> None:
    assert RunAJobHook.get_ui_field_behaviour() == {
        "hidden_fields": ["port", "schema"],
        "relabeling": {"host": "Login URL", "login": "User"},
        "placeholders": {"host": "https://dm-us.informaticacloud.com", "login": "svc_etl"},
    }


def test_the_provider_s_info_is_what_airflow_s_schema_wants() -> None:
    import json
    from pathlib import Path

    import airflow
    import jsonschema

    schema = Path(airflow.__file__).with_name("provider_info.schema.json")
    jsonschema.validate(get_provider_info(), json.loads(schema.read_text()))
