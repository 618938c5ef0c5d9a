"""Kills each part of a real Airflow at each step, and counts the starts that reached the simulated service.

    python live/run.py --binary FILE [--only GROUP,...] [--json FILE]

Ends with 0 when each job was started as often as it should have been and each task has the right state.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cases import Case, Row, people, play, result_in_xcom, worker_kills
from shared import (
    MANY,
    MANY_TAKE_S,
    many,
    mapped,
    overhead,
    scheduler_cases,
    scheduler_kill,
    sensed,
    triggerer_cases,
    triggerer_kill,
)
from world import HERE, world

#: How many cases run side by side.
SIDE_BY_SIDE = 5

SCENARIO = """
[timing]
monitor_delay = "200ms"
log_gap = "200ms"
stop = "500ms"
[[task]]
name = "m_second"
takes = "1s"
[[task]]
name = "m_sensed"
takes = "15s"
"""


def scenario(cases: Iterable[Case]) -> str:
    names = [f"m_mapped_{index}" for index in range(6)] + [f"m_mapped_deferred_{index}" for index in range(6)]
    parts = [f'[[task]]\nname = "{name}"\ntakes = "8s"\n' for name in names]
    # Long enough for the last one to be deferred before the first one ends.
    parts += [f'[[task]]\nname = "m_many_{index}"\ntakes = "{MANY_TAKE_S}s"\n' for index in range(MANY)]
    return SCENARIO + "".join(case.scenario() for case in cases) + "".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--binary", required=True, help="the program to test")
    parser.add_argument("--only", default="", help="only these groups, with commas between them")
    parser.add_argument("--json", type=Path, help="write the table and the figures to this file")
    parser.add_argument("--keep", type=Path, help="copy the logs to this folder if something is wrong")
    options = parser.parse_args()
    rows: list[Row] = []
    figures: dict[str, Any] = {}
    kills, others = worker_kills(), people()
    known = [*kills, *others, *triggerer_cases(), *scheduler_cases(False), *scheduler_cases(True)]
    with tempfile.TemporaryDirectory(prefix="runajob-airflow-") as folder, world(Path(folder), options.binary) as it:
        text = scenario(known)
        it.serve("fast", text)
        it.serve("slow_login", text, "login:latency=3s")
        it.serve("slow_start", text, "start:latency=5s")
        it.serve("slow_log", text, "log:latency=2s")
        it.serve("lossy", text, "start:lost-answer*1")
        for name in it.sandboxes:
            it.connect(name, **({"session_cache": False} if name == "slow_login" else {}))
        it.configure(HERE / "dags")
        it.start_all()

        def play_all(cases: list[Case]) -> None:
            with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
                rows.extend(pool.map(lambda case: play(it, case), cases))

        groups: dict[str, Callable[[], Any]] = {
            "overhead": lambda: overhead(it, figures),
            "workers": lambda: play_all(kills),
            "people": lambda: play_all(others),
            "xcom": lambda: rows.append(result_in_xcom(it)),
            "sensors": lambda: rows.append(sensed(it)),
            "mapped": lambda: rows.extend([mapped(it, "mapped", 6, True), mapped(it, "mapped_deferred", 6, False)]),
            "triggerer": lambda: rows.extend(triggerer_kill(it)),
            "scheduler": lambda: rows.extend(scheduler_kill(it, whole=False)),
            "host": lambda: rows.extend(scheduler_kill(it, whole=True)),
            "many": lambda: rows.append(many(it, MANY, figures)),
        }
        for name, group in groups.items():
            if not options.only or name in options.only.split(","):
                begun = time.monotonic()
                try:
                    group()
                except Exception as error:
                    traceback.print_exc()
                    rows.append(Row(name, "", "", "no error", str(error)))
                print(f"-- {name}: {time.monotonic() - begun:.0f} s", flush=True)
        wrong = [row for row in rows if not row.right]
        if wrong and options.keep:
            shutil.copytree(folder, options.keep, ignore=shutil.ignore_patterns("postgres"), dirs_exist_ok=True)
            print(f"the logs are in {options.keep}")
    print(table(rows))
    print("\n".join(f"{name}: {value}" for name, value in figures.items()))
    if options.json:
        options.json.write_text(json.dumps({"rows": [asdict(row) for row in rows], "figures": figures}, indent=2))
    print(f"{len(rows) - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


def table(rows: list[Row]) -> str:
    lines = ["| killed or done | moment | mode | wanted | got | |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        mark = "right" if row.right else "WRONG"
        lines.append(f"| {row.what} | {row.moment} | {row.mode} | {row.wanted} | {row.got} | {mark} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
