"""Bodies that are ambiguous, or that no database could store, are refused with their place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.web.openapi import strict_json
from postmortems.web.openapi.strict_json import Malformed, escaped, parse


@pytest.mark.parametrize(
    "body, value",
    [
        (b"{}", {}),
        (b'{"a": [1, -2.5, true, null, "x"]}', {"a": [1, -2.5, True, None, "x"]}),
        (b' "text" ', "text"),
        ('{"größe": "\u2013 \U0001f600"}'.encode(), {"größe": "\u2013 \U0001f600"}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b"9223372036854775807", 2**63 - 1),
        (b"[" * 64 + b"]" * 64, None),
        (b'{"a": {"b": 1}, "c": {"b": 2}}', {"a": {"b": 1}, "c": {"b": 2}}),
    ],
)
def test_plain_json_is_read(body: bytes, value: object) -> None:
    assert value is None or parse(body) == value


@pytest.mark.parametrize(
    "body, pointer, word",
    [
        (b"", "", "not JSON"),
        (b"{", "", "not JSON"),
        (b'{"a": 1,}', "", "not JSON"),
        (b"{'a': 1}", "", "not JSON"),
        (b'{"a": 1} x', "", "not JSON"),
        (b"\xff\xfe", "", "UTF-8"),
        (b"\xef\xbb\xbf{}", "", "not JSON"),
        (b'{"a": {"b": NaN}}', "/a/b", "finite"),
        (b"[1, Infinity]", "/1", "finite"),
        (b"[-Infinity]", "/0", "finite"),
        (b"[1e999]", "/0", "finite"),
        (b'{"a": 1, "a": 2}', "", "twice"),
        (b'{"x": [{"a": 1, "a": 1}]}', "/x/0", "twice"),
        (b'{"n": 9223372036854775808}', "/n", "beyond"),
        (b'{"n": -9223372036854775808}', "/n", "beyond"),
        (b'{"n": ' + b"9" * 5000 + b"}", "/n", "beyond"),
        (b'{"t": "a\\u0000b"}', "/t", "NUL"),
        (b'{"t": "\\ud800"}', "/t", "surrogate"),
        (b'{"t": "\\udc00 x"}', "/t", "surrogate"),
        (b'{"a\\u0000": 1}', "", "key"),
        (b'{"a/b": {"c~d": NaN}}', "/a~1b/c~0d", "finite"),
        (b"[" * 65 + b"]" * 65, "/0" * 64, "deep"),
        (b"[" * 100_000 + b"]" * 100_000, "", "deep"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "", "deep"),
    ],
)
def test_what_would_surprise_is_refused_with_its_place(body: bytes, pointer: str, word: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(body)

    assert word in refusal.value.detail
    assert refusal.value.pointer == pointer


@pytest.mark.parametrize(
    "body, line, column",
    [(b'{\n  "a": 1,\n  oops\n}', 3, 3), (b"[1,\n2,]", 2, 3), (b'["ok",\n "\xff"]', 2, 3), (b"", 1, 1)],
)
def test_what_is_not_json_is_refused_with_line_and_column(body: bytes, line: int, column: int) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(body)

    assert (refusal.value.line, refusal.value.column) == (line, column)


@pytest.mark.parametrize(
    "key, step", [("plain", "plain"), ("a/b", "a~1b"), ("~", "~0"), ("~1", "~01"), (3, "3"), ("", "")]
)
def test_a_key_is_escaped_as_a_step_of_a_pointer(key: str | int, step: str) -> None:
    assert escaped(key) == step


def test_the_limit_of_depth_is_the_one_that_is_said() -> None:
    with pytest.raises(Malformed, match=str(strict_json.DEEPEST)):
        parse(b"[" * 65 + b"]" * 65)


KEYS = st.sampled_from(["a", "b", "ü", "a/b"])
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**65), 2**65),
        st.floats(),
        st.text(st.characters(exclude_categories=()), max_size=3),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


class Careful:
    """Leaves each text to whoever looks at all its values."""

    def decode(self, _text: str) -> Any:
        raise strict_json._Unusual


def read_with_care(body: bytes) -> tuple[Any, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strict_json, "_plain_decoder", Careful())
        return outcome(body)


def outcome(body: bytes) -> tuple[Any, ...]:
    try:
        return (repr(parse(body)),)
    except Malformed as refused:
        return refused.detail, refused.pointer, refused.line, refused.column


@given(value=VALUES, says_all=st.booleans(), spoils=st.sampled_from(["", ",", '"', "}", '{"a":1,"a":2}']))
def test_what_is_read_quickly_is_what_is_read_with_care(value: Any, says_all: bool, spoils: str) -> None:
    text = json.dumps(value, ensure_ascii=says_all) + spoils
    body = text.encode("utf-8", "surrogatepass")
    assert outcome(body) == read_with_care(body)
