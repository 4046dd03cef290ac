"""Connections to PostgreSQL that the next test takes over: a new one has to look up every table first.

It gets them as new: without prepared statements, settings, locks or anything else of the session before.
"""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy import Engine, event

# By the URL of a database that tests share, those that nobody uses.
_idle: dict[str, list[psycopg.Connection[Any]]] = {}


def share(url: str) -> None:
    """Keep from here on what is closed to this database."""
    _idle.setdefault(url, [])


def numbers(url: str) -> list[int]:
    """The processes of the server at the other ends of what is kept."""
    return [one.info.backend_pid for one in _idle.get(url, []) if not one.closed]


def close(url: str) -> None:
    """The database is shared no more."""
    for one in _idle.pop(url, []):
        one.close()


def close_all() -> None:
    for url in list(_idle):
        close(url)


def keep_of(engine: Engine, url: str) -> None:
    """Have this engine give back what it closes, and take that before it makes another."""
    (made,), closed = engine.dialect.dispatch.do_connect, engine.dialect.do_close
    event.remove(engine, "do_connect", made)

    def given_back(connection: Any) -> None:
        is_idle = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        if url in _idle and is_idle and not connection.closed:
            _idle[url].append(connection)
        else:
            closed(connection)

    @event.listens_for(engine, "do_connect")
    def taken(*asked: Any) -> Any:
        while kept := _idle.get(url):
            if is_as_new(connection := kept.pop()):
                return connection
            connection.close()
        return made(*asked)

    engine.dialect.do_close = given_back  # type: ignore[method-assign]


def is_as_new(connection: psycopg.Connection[Any]) -> bool:
    """Forget the session before; False where the server has ended it."""
    try:
        connection.autocommit = True
        connection.execute("DISCARD ALL")
        connection.autocommit = False
    except psycopg.Error:
        return False
    # How often each statement was run, so that none is prepared earlier than on a new connection.
    connection._prepared.clear()
    return True
