"""Watchdog for PostgreSQL connections: a server that has stopped answering is noticed.

`statement_timeout` and its kin are the server's to keep, and TCP keeps a silent connection for hours.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, Self, TypeVar

import psycopg
from psycopg.abc import PQGen

# After so long without a sign of the server it is asked for another connection, which it has to give in time.
SILENT_S = 3.0

RV = TypeVar("RV")


class Connection(psycopg.Connection[Any]):
    """A connection that ends itself when its server neither answers nor takes another one."""

    _how: tuple[str, dict[str, Any]]

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> Self:
        made = super().connect(conninfo, **options)
        made._how = (conninfo, options)
        return made

    def wait(self, gen: PQGen[RV], *args: Any, **options: Any) -> RV:
        """What the steps of `gen` come to. Raises `psycopg.OperationalError` when the server stands still."""
        return super().wait(self._watched(gen), *args, **options)

    def _watched(self, gen: PQGen[RV]) -> PQGen[RV]:
        heard = monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                now = monotonic()
                if ready:
                    heard = now
                elif now - heard > SILENT_S:
                    if not self._is_there():
                        self.pgconn.finish()
                        raise psycopg.OperationalError("the server does not answer")
                    heard = monotonic()
                wanted = gen.send(ready)
        except StopIteration as done:
            found: RV = done.value
            return found

    def _is_there(self) -> bool:
        """Whether the server takes a new connection, or says why not."""
        conninfo, options = self._how
        try:
            psycopg.Connection.connect(conninfo, **options).close()
        except psycopg.errors.ConnectionTimeout:
            return False
        except psycopg.Error:
            return True
        return True
