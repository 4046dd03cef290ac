"""What a process has logged, line by line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from postmortems.web.watching import logs


@contextmanager
def written(style: str) -> Iterator[io.StringIO]:
    """The log of this process, in this style, while the block lasts."""
    into, root, requests = io.StringIO(), logging.getLogger(), logging.getLogger(logs.REQUESTS)
    before = (root.handlers[:], root.level, requests.level)
    logs.install(style)
    (ours,) = [handler for handler in root.handlers if isinstance(handler, logs.Standard)]
    ours.setStream(into)
    try:
        yield into
    finally:
        root.handlers[:], _, _ = before
        root.setLevel(before[1])
        requests.setLevel(before[2])


def parsed(text: str) -> list[dict[str, Any]]:
    """Each line as its object."""
    return [json.loads(line) for line in text.splitlines()]
