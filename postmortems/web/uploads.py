"""File uploads: which views take larger bodies, and what was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request

from postmortems.exchange.imports.uploads import Upload

View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """Mark a view that is sent files; `web/auth.py` lets them in."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def sent(field: str) -> list[Upload]:
    """The files of a field of the form; a browser sends one without a name where none was chosen."""
    files = request.files.getlist(field)
    return [Upload(file.filename, file.stream) for file in files if file.filename]
