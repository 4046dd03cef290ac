"""Units of work: a connection from the first statement on, and a session where one is asked for.

A session keeps track of objects; making one and leading each statement through it takes longer than a short
statement itself. So what is only about columns goes straight to the connection, and both share a transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

# Done in the transaction, last of all before it is committed.
at_commit: list[Callable[[], None]] = []


class Unit:
    """One unit of work of one engine, or of a connection whose transaction somebody else has begun and ends.

    `noted` is what was found out in it.
    """

    __slots__ = ("_connection", "_of", "_session", "_shared", "noted")

    def __init__(self, of: Engine | Connection) -> None:
        self.noted: dict[Any, Any] = {}
        self._of = of
        self._connection: Connection | None = None
        self._session: Session | None = None
        # That of the session, where it has one by now.
        self._shared: Connection | None = None

    def connection(self) -> Connection:
        if self._session is not None:
            held = self._session
            # Asked, a session begins its savepoint, or says that what failed has to be taken back first.
            if self._shared is None or held.in_nested_transaction() or not held.is_active:
                self._shared = held.connection()
            return self._shared
        if isinstance(self._of, Connection):
            return self._of
        if self._connection is None:
            self._connection = self._of.connect()
            self._connection.begin()
        return self._connection

    def session(self) -> Session:
        if self._session is None:
            if self._connection is None:
                self._session = Session(self._of, expire_on_commit=False)
            else:
                mine = {"expire_on_commit": False, "join_transaction_mode": "control_fully"}
                self._session = Session(self._connection, **mine)  # type: ignore[arg-type]
        return self._session

    @property
    def is_pristine(self) -> bool:
        """Whether nobody has asked for a session yet."""
        return self._session is None

    def flush(self) -> None:
        if self._session is not None:
            self._session.flush()

    def commit(self) -> None:
        if self._session is None and self._connection is None:
            return
        self.flush()
        for last in at_commit:
            last()
        if self._session is not None:
            self._session.commit()
        # A session that was asked for nothing since leaves what the connection wrote before as it is.
        if self._connection is not None and self._connection.in_transaction():
            self._connection.commit()

    def rollback(self) -> None:
        if self._session is not None:
            self._session.rollback()
        elif self._connection is not None:
            self._connection.rollback()

    def close(self) -> None:
        """Give back what was taken; what is not committed by now is taken back."""
        if self._session is not None:
            self._session.close()
        if self._connection is not None:
            self._connection.close()
