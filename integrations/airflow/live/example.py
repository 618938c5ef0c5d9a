"""Runs the DAG of the README with `airflow dags test` against a sandbox, and counts its starts.

python live/example.py --binary FILE
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from world import HERE, until, world

JOBS = ("m_stage", "Load customers", "Load orders", "load_ledger", "tf_nightly")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--binary", required=True, help="the program to test")
    options = parser.parse_args()
    # The built-in scenario, which has the tasks of the example.
    printed = [options.binary, "sandbox", "--print-scenario"]
    scenario = subprocess.run(printed, capture_output=True, text=True, check=True).stdout
    with tempfile.TemporaryDirectory(prefix="runajob-airflow-") as folder, world(Path(folder), options.binary) as it:
        it.serve("runajob_default", scenario)
        it.connect("runajob_default")
        it.configure(HERE.parent / "example_dags", postgres=False)
        sandbox = it.sandboxes["runajob_default"]
        until("the sandbox listens", sandbox.listens, 10)
        it.run("dags", "reserialize")
        printed_state = it.run("dags", "test", "runajob_nightly", "2026-03-01")
        starts = {job: sandbox.starts(job) for job in JOBS}
    print(starts)
    # A retry would hide what went wrong in the first try.
    if set(starts.values()) != {1} or "Task failed" in printed_state:
        print(printed_state[-6000:])
        print("0 passed, 1 failed")
        return 1
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
