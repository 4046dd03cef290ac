"""JSON text made once, so that what is answered is what is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from json import encoder, scanner
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class Dumped:
    """A JSON value that is text already: it is stored as it is, not made once more."""

    text: str


def dumped(value: Any) -> str:
    """The value as compact JSON text."""
    if type(value) is Dumped:
        return value.text
    return "".join(_chunks(value, 0))


def _made() -> Callable[[Any, int], Iterable[str]]:
    plain = json.JSONEncoder(separators=(",", ":"))
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return lambda value, _level: plain.iterencode(value)
    # `encode` puts this together for each value, which takes longer than writing a small one.
    made = make(None, plain.default, encoder.encode_basestring_ascii, None, ":", ",", False, False, True)
    return cast(Callable[[Any, int], Iterable[str]], made)


_chunks = _made()
# `json.loads` looks for space around a value with two patterns, which takes longer than reading a small one.
_read = scanner.make_scanner(json.JSONDecoder())  # type: ignore[arg-type]


def loaded(text: str) -> Any:
    """The value of JSON text that we have stored. Raises `JSONDecodeError`."""
    try:
        value, end = _read(text, 0)
    except (StopIteration, TypeError):
        return json.loads(text)
    return value if end == len(text) else json.loads(text)
