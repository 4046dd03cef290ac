"""Strict JSON bodies: what is ambiguous or cannot be stored is refused with its place."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any

from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Request

from postmortems.errors import Refusal

JSON = "application/json"
DEEPEST = 64
# What both databases hold: a signed 64-bit number.
LARGEST = 2**63 - 1
MOST_DIGITS = 19
# NUL, which PostgreSQL refuses, and halves of surrogate pairs, which no UTF-8 can say.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# Only so can they stand in JSON that is UTF-8 (RFC 8259, 7); most texts have none.
ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class Malformed(Refusal):
    """A body that is not JSON as we take it: why, and where (`pointer`; `line`, `column` if known)."""

    def __init__(
        self, detail: str, pointer: str = "", line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(detail)
        self.pointer, self.line, self.column = pointer, line, column


class _Object(dict[str, Any]):
    """A JSON object that remembers a key that came twice."""

    twice: str | None = None


class _TooLong(int):
    """Stands for a number that we never worked out: that alone takes quadratic time."""


def read(request: Request) -> Any:
    """The JSON body of a request. Raises `Malformed`, or `UnsupportedMediaType` if it is called otherwise."""
    # Nearly all call it so and no more; what others call it has to be taken apart.
    if request.environ.get("CONTENT_TYPE") != JSON and not request.is_json:
        raise UnsupportedMediaType("send JSON, with Content-Type: application/json")
    return parse(request.get_data(cache=True))


def parse(body: bytes) -> Any:
    """The value of JSON text in UTF-8. Raises `Malformed`."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(body[: error.start])
        raise Malformed("the body is not UTF-8", line=line, column=column) from None
    has_escapes = ESCAPE.search(text) is not None
    if not has_escapes and text.count("{") + text.count("[") <= DEEPEST:
        # Nearly all there is: neither too deep nor with a text that cannot be stored.
        try:
            return _plain_decoder.decode(text)
        except (_Unusual, json.JSONDecodeError):
            pass  # Read once more, to say what is wrong, and where.
    try:
        if text.startswith("\ufeff"):
            raise json.JSONDecodeError("begins with a byte order mark", text, 0)
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error.msg}", line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise Malformed(f"nested more than {DEEPEST} levels deep") from None
    _check(value, has_escapes=has_escapes)
    return value


def _place(before: bytes) -> tuple[int, int]:
    return before.count(b"\n") + 1, len(before) - before.rfind(b"\n")


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        found.twice = next(key for key, _ in reversed(pairs) if counts[key] > 1)
    return found


def _whole_number(digits: str) -> int:
    return int(digits) if len(digits.lstrip("-")) <= MOST_DIGITS else _TooLong(0)


# Made once: for a short text making it takes as long as reading.
_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole_number)


class _Unusual(Exception):
    """Has to be looked at: it may be wrong."""


def _plain_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Unusual
    return found


def _plain_number(digits: str) -> int:
    if len(digits) >= MOST_DIGITS:
        raise _Unusual
    return int(digits)


def _plain_float(said: str) -> float:
    value = float(said)
    if not math.isfinite(value):
        raise _Unusual
    return value


_plain_decoder = json.JSONDecoder(
    object_pairs_hook=_plain_object,
    parse_int=_plain_number,
    parse_float=_plain_float,
    parse_constant=_plain_float,
)


def _check(value: Any, *, has_escapes: bool) -> None:
    """Walk the value without recursion and refuse the first place that is wrong.

    Without escapes no text can be, and nearly all there is are texts.
    """
    waiting = [("", 1, value)]
    while waiting:
        pointer, depth, value = waiting.pop()
        wrong = _what_is_wrong(value, depth)
        if wrong:
            raise Malformed(wrong, pointer=pointer)
        if has_escapes and isinstance(value, _Object) and any(map(_is_unstorable, value)):
            raise Malformed("a key with a character that no text may hold", pointer=pointer)
        inside = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        waiting += [
            (f"{pointer}/{escaped(step)}", depth + 1, inner)
            for step, inner in inside
            if (has_escapes and _is_unstorable(inner) if type(inner) is str else inner is not None)
        ]


def _what_is_wrong(value: Any, depth: int) -> str | None:
    if isinstance(value, _Object) and value.twice is not None:
        return f"the key {value.twice!r} comes twice"
    if isinstance(value, dict | list) and depth > DEEPEST:
        return f"nested more than {DEEPEST} levels deep"
    if isinstance(value, _TooLong) or (isinstance(value, int) and abs(value) > LARGEST):
        return f"a whole number beyond {LARGEST}"
    if isinstance(value, float) and not math.isfinite(value):
        return "not a finite number"
    if isinstance(value, str) and _is_unstorable(value):
        return "text with NUL or half a surrogate pair"
    return None


def _is_unstorable(text: str) -> bool:
    return UNSTORABLE.search(text) is not None


def escaped(key: str | int) -> str:
    """A key as a step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")
