"""Health endpoints: `/livez` and `/readyz`."""

from __future__ import annotations

import threading
from concurrent.futures import Future

from flask import Blueprint
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as TooLate

from postmortems.db import session as db
from postmortems.web.transactions import own_units

blueprint = Blueprint("health", __name__)

# So long the database may take to say that it is there, and when it has failed to, hardly any longer.
ANSWERS_WITHIN_S, SILENT_S = 1.0, 0.01


class Readiness:
    """Asks the database, once for all who ask at the same time, and waits for it no longer than is decent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: Future[None] | None = None
        self._was_silent = False

    def check(self) -> None:
        """Return when the database answers. Raises what it says instead, or `TooLate`."""
        with self._lock:
            asked = self._under_way
            if asked is None:
                asked = self._under_way = Future()
                threading.Thread(target=self._ask, args=(asked,), name="ready", daemon=True).start()
        try:
            asked.result(SILENT_S if self._was_silent else ANSWERS_WITHIN_S)
        except TimeoutError:
            self._was_silent = True
            raise TooLate("the database is silent") from None

    def _ask(self, answer: Future[None]) -> None:
        try:
            with db.reading() as session:
                session.execute(text("SELECT 1"))
        except Exception as broken:
            # Whatever it is, it is what those who wait are told.
            self._end(answer)
            answer.set_exception(broken)
        else:
            self._was_silent = False
            self._end(answer)
            answer.set_result(None)

    def _end(self, answer: Future[None]) -> None:
        with self._lock:
            if self._under_way is answer:
                self._under_way = None


_readiness = Readiness()


@blueprint.get("/livez")
@own_units
def live() -> dict[str, str]:
    """The process answers; says nothing about the database."""
    # Nothing to open: this must answer while the database is down.
    return {"status": "alive"}


@blueprint.get("/readyz")
@own_units
def ready() -> dict[str, str]:
    """The database answers too; 503 while it does not. Without its replica we are ready all the same."""
    _readiness.check()
    replica = db.replica()
    return {"status": "ready"} | ({"replica": str(replica.state())} if replica else {})
