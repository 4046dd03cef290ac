"""Statements given to the driver as they are, within SQLAlchemy's transaction, events and errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def run(connection: Connection, text: str, given: Any = (), *, has_many: bool = False) -> Sequence[Any]:
    """What the driver answers, as it gives it; fails as any statement of this connection does.

    A result as SQLAlchemy makes it is described anew each time, which takes longer than a short statement.
    """
    driver, listeners = connection.dialect.loaded_dbapi, connection.dispatch
    cursor = connection.connection.cursor()
    try:
        for told in listeners.before_cursor_execute:
            told(connection, cursor, text, given, None, has_many)
        (cursor.executemany if has_many else cursor.execute)(text, given)
        for told in listeners.after_cursor_execute:
            told(connection, cursor, text, given, None, has_many)
        return cursor.fetchall() if cursor.description else ()
    except driver.Error as broken:
        is_lost = connection.dialect.is_disconnect(broken, connection.connection, cursor)
        if is_lost:
            connection.invalidate(broken)
        raise DBAPIError.instance(
            text,
            given,
            broken,
            driver.Error,
            hide_parameters=connection.engine.hide_parameters,
            connection_invalidated=is_lost,
            dialect=connection.dialect,
            ismulti=has_many,
        ) from broken
    except Exception:
        # A value that the driver cannot hold: nothing was sent.
        raise
    except BaseException as broken:
        # Whoever is stopped here cannot tell how far the driver has come.
        connection.invalidate(broken)
        raise
    finally:
        try:  # noqa: SIM105 - each statement comes through here, and `suppress` takes four calls.
            cursor.close()
        except driver.Error:
            pass  # Of a connection that is given up: what went wrong is told, not that it has no cursors.
