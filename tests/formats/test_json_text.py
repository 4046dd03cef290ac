"""JSON text: compact, in ASCII, and read back as what it was made of."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.formats.json_text import Dumped, dumped, loaded

TEXTS: list[tuple[Any, str]] = [
    ({"a": 1, "b": [True, None, "x"]}, '{"a":1,"b":[true,null,"x"]}'),
    ((1, 2), "[1,2]"),
    ("über 日本 🙂", '"\\u00fcber \\u65e5\\u672c \\ud83d\\ude42"'),
    ('a\\b"\n\x1f', '"a\\\\b\\"\\n\\u001f"'),
    (2**64, "18446744073709551616"),
    ({1: "one"}, '{"1":"one"}'),
    (Dumped('{"a": 1}'), '{"a": 1}'),
]


@pytest.mark.parametrize("value, text", TEXTS, ids=[text for _, text in TEXTS])
def test_a_value_is_one_text(value: Any, text: str) -> None:
    assert dumped(value) == text


@pytest.mark.parametrize("value", [datetime(2026, 3, 2, tzinfo=UTC), {1, 2}, b"x", object()])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        dumped(value)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN)
def test_it_is_read_as_what_the_standard_library_writes(value: Any) -> None:
    text = dumped(value)
    assert text.isascii()
    assert json.loads(text) == json.loads(json.dumps(value))


@given(PLAIN)
def test_what_is_stored_is_read_as_ever(value: Any) -> None:
    assert loaded(dumped(value)) == value


# As another program may have stored it.
@pytest.mark.parametrize("text", [' {"a": 1}', "[1, 2]\n", "\t1 ", "NaN", "-0.0", '"\\ud83d"', b'{"a":1}'])
def test_what_others_have_written_is_read_as_ever(text: Any) -> None:
    assert repr(loaded(text)) == repr(json.loads(text))


@pytest.mark.parametrize("text", ["", " ", "{", "[1,]", "1 2", '{"a":1}x', "'a'", "\ufeff1", "nul"])
def test_what_is_no_json_is_not_read(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        loaded(text)
