"""One unit of work for each request: kept when the answer is below 400.

It is ended in `after_request`, while an answer can still be changed: a commit that fails becomes a problem,
where at teardown the client would already have been told that all went well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, g

from postmortems.db import session as db
from postmortems.web.server.plain_flask import PlainRequest, present

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

View = TypeVar("View", bound=Callable[..., Any])


def own_units(view: View) -> View:
    """Mark a view that opens its own units: it calls the network, or keeps what it wrote when refusing."""
    view.own_units = True  # type: ignore[attr-defined]
    return view


def may_lag(view: View) -> View:
    """Mark a view that reads a report: it may see what was stored some seconds ago, on a replica."""
    view.may_lag = True  # type: ignore[attr-defined]
    return view


def takes_over(asked: PlainRequest) -> bool:
    """Whether the view ends the unit in which it was looked up who asks: one is quicker than two."""
    return getattr(asked.view, "takes_over", False)


def only_reads(asked: PlainRequest) -> bool:
    """Whether the view runs in a unit that reads: it can be opened earlier."""
    return asked.method in SAFE_METHODS and not _opens_its_own(asked) and not _may_lag(asked)


def lend(*, reads_only: bool = False) -> None:
    """Open the unit that the view will find."""
    db.begin(reads_only=reads_only, sees_one_moment=reads_only)
    g.has_unit = True


def give_back() -> None:
    """Take back the unit that was lent, where one was: who asked may not."""
    if g.pop("has_unit", False) and db.is_open():
        db.finish(keep=False)


def install(app: Flask) -> None:
    """Open a unit before each view and end it after; register after whatever may refuse the request first."""
    app.before_request(_open)
    app.after_request(_end)
    app.teardown_request(_take_back)


def _opens_its_own(asked: PlainRequest) -> bool:
    if asked.endpoint is None or asked.endpoint == "static":
        return True
    return getattr(asked.view, "own_units", False)


def _may_lag(asked: PlainRequest) -> bool:
    """Whether the view is read from a replica: who asks is looked up elsewhere, and so before."""
    return db.replica() is not None and getattr(asked.view, "may_lag", False)


def _open() -> None:
    asked = present()
    if _opens_its_own(asked) or "has_unit" in g:
        return
    reads_only = asked.method in SAFE_METHODS
    db.begin(reads_only=reads_only, sees_one_moment=reads_only, may_lag=_may_lag(asked))
    g.has_unit = True


def _end(response: Response) -> Response:
    if g.pop("has_unit", False) and db.is_open():
        db.finish(keep=response.status_code < 400)
    return response


def _take_back(_error: BaseException | None) -> None:
    # Reached with a unit still open only when making the answer itself failed.
    give_back()
