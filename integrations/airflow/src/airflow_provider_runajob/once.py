"""The key under which a task instance starts its job, and what tells a clear from a retry."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import Context

_STATE = "runajob_once"
_LONGEST = 1000


class OnceKey:
    """The key of `--once`, made of dag, task, run and map index, and of nothing that a retry changes.

    `max_tries` is what a clear raises and a retry leaves alone, so a success that is cleared gets a new key. A run that
    is not known to have ended well keeps its key through a clear too: it is joined if it goes on, and started anew by
    the program if it failed. That takes Airflow's task state (3.3 and newer); without it each clear gets a new key.
    """

    def __init__(self, text: str, max_tries: int, store: Any) -> None:
        self.text = text
        self._max_tries = max_tries
        self._store = store

    @classmethod
    def of(cls, context: Context, durable: bool) -> OnceKey:
        ti = context["ti"]
        max_tries = int(getattr(ti, "max_tries", 0))
        map_index = -1 if ti.map_index is None else ti.map_index
        store = context.get("task_state_store") if durable else None
        kept: Any = store.get(_STATE) if store is not None else None
        if isinstance(kept, dict) and not (kept.get("delivered") and kept.get("max_tries") != max_tries):
            return cls(str(kept["key"]), max_tries, store)
        text = f"airflow/{ti.dag_id}/{ti.task_id}/{ti.run_id}/{map_index}/{max_tries}"
        if len(text.encode()) > _LONGEST:
            text = f"airflow/{hashlib.sha256(text.encode()).hexdigest()}"
        return cls(text, max_tries, store)

    def keep(self) -> None:
        """Write the key down, before anything is started under it."""
        self._put(delivered=False)

    def delivered(self) -> None:
        """Write down that Airflow was told of the good end of its run."""
        self._put(delivered=True)

    def _put(self, delivered: bool) -> None:
        if self._store is not None:
            self._store.set(_STATE, {"key": self.text, "max_tries": self._max_tries, "delivered": delivered})
