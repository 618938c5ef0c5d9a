"""Airflow operator, sensor and trigger for the jobs of Informatica IICS/IDMC, on top of the program `runajob`."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


def get_provider_info() -> dict[str, Any]:
    """Describe the package to Airflow, which reads it without importing the hook."""

    def text(label: str, description: str, **schema: Any) -> dict[str, Any]:
        return {"label": label, "description": description, "schema": {"type": ["string", "null"], **schema}}

    return {
        "package-name": "airflow-provider-runajob",
        "name": "runajob",
        "description": "Start and watch Informatica IICS/IDMC jobs, each at most once.",
        "versions": [__version__],
        "connection-types": [
            {
                "connection-type": "runajob",
                "hook-name": "Informatica IICS/IDMC (runajob)",
                "hook-class-name": "airflow_provider_runajob.hook.RunAJobHook",
                "ui-field-behaviour": {
                    "hidden-fields": ["port", "schema"],
                    "relabeling": {"host": "Login URL", "login": "User"},
                    "placeholders": {"host": "https://dm-us.informaticacloud.com", "login": "svc_etl"},
                },
                "conn-fields": {
                    "profile": text(
                        "Profile",
                        "A profile of the config file on the workers, instead of login URL, user and password.",
                    ),
                    "expect_org": text("Organisation", "The organisation ID; a login that lands elsewhere fails."),
                    "once_dir": text(
                        "Folder of keys",
                        "A folder for the keys of --once, which all workers share. Without it each worker has its own.",
                    ),
                    "binary": text(
                        "Program", "The path of runajob, where it is neither in the environment nor on PATH."
                    ),
                },
            }
        ],
        "hook-class-names": ["airflow_provider_runajob.hook.RunAJobHook"],
    }
