"""Parses long texts in a child process with a deadline, so that they hold up nobody else.

Servers and workers install it; whoever runs a command has their own processor to wait for.
"""

from __future__ import annotations

import atexit
import base64
import json
import logging
import pickle
import time
from typing import Any

from postmortems import limits, visibility
from postmortems.child_processes import Children, Late
from postmortems.document import text_size
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.readers import registry as readers_registry
from postmortems.document.readers.formats import Part
from postmortems.document.readers.rich_text import clipboard as rich_text
from postmortems.document.readers.rich_text.clipboard import Pasted
from postmortems.egress.concurrency import ConcurrencyLimit
from postmortems.errors import Busy, Invalid

log = logging.getLogger(__name__)

# Shorter texts are read in a tenth of a second, whatever is in them.
LONG = 8_000
DEADLINE_S = float(limits.TEXT_WITHIN_S)
AT_ONCE, A_PERSON_AT_ONCE = 4, 2
WAITS_S = 20.0

_children = Children("postmortems.document.readers.parse_child", AT_ONCE, DEADLINE_S)
_turns = ConcurrencyLimit(AT_ONCE, A_PERSON_AT_ONCE)
atexit.register(_children.close)


def install() -> None:
    """Read long texts in children from here on."""
    parser.elsewhere = parse
    readers_registry.elsewhere = to_markdown
    readers_registry.split_elsewhere = parts
    readers_registry.decode_elsewhere = decoded


def parse(text: str) -> Document | None:
    """What a child reads in a long text; None of a short one. Raises `Invalid`, `Busy`."""
    if len(text) < LONG:
        return None
    found: Document = _asked("parse", "", "", text)
    return found


def to_markdown(as_format: str, name: str, text: str) -> str | None:
    """The Markdown that a child makes of a long file; None of a short one. Raises `Invalid`, `Busy`."""
    if len(text) < LONG:
        return None
    found: str = _asked("convert", as_format, name, text)
    return found


def parts(as_format: str, name: str, text: str) -> list[Part] | None:
    """The reports that a child finds in a long file; None for a short one. Raises `Invalid`, `Busy`."""
    if len(text) < LONG:
        return None
    found: list[Part] = _asked("split", as_format, name, text)
    return found


def decoded(as_format: str, data: bytes) -> str:
    """The text that a child makes of the bytes of a file that is none. Raises `Invalid`, `Busy`."""
    found: str = _asked("decode", as_format, "", base64.b64encode(data).decode())
    return found


def clipboard(text: str) -> Pasted:
    """A clipboard's HTML as Markdown, a long one read by a child. Raises `Invalid`, `Busy`."""
    text_size.check_tags(text, "what was pasted")
    if len(text) < LONG:
        return rich_text.read(text)
    found: Pasted = _asked("clipboard", "", "", text)
    return found


def _asked(act: str, as_format: str, name: str, text: str) -> Any:
    try:
        with _turns.take(visibility.viewer().name, time.monotonic() + WAITS_S):
            answer = _children.ask(json.dumps((act, as_format, name, text)).encode("utf-8"))
    except TimeoutError:
        told = f"{A_PERSON_AT_ONCE} long texts of yours are being read; send this one again in a moment"
        raise Busy(told, retry_after_s=5) from None
    except (Late, OSError) as error:
        log.warning("a text of %d characters was not read in time (%s)", len(text), type(error).__name__)
        raise Invalid(
            f"reading this text takes longer than {DEADLINE_S:.0f} seconds; make it shorter or simpler"
        ) from None
    if answer is None:
        raise Invalid("reading this text takes more memory than there is for one; make it shorter or simpler")
    value, problems = pickle.loads(answer)
    if problems is not None:
        raise Invalid(problems)
    return value
