"""YAML as JSON would have it, and the lines at which it is something else."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.errors import Invalid
from postmortems.formats.strict_yaml import line_of, read, write


@pytest.mark.parametrize(
    "written, value",
    [
        ("2018-01-25T15:30:00-08:00", "2018-01-25T15:30:00-08:00"),
        ("19:00", "19:00"),
        ("yes", "yes"),
        ("1e5", "1e5"),
        ("0123", "0123"),
        ("123456789012345678901", "123456789012345678901"),
        (".nan", ".nan"),
        ("<<", "<<"),
        ("503", 503),
        ("-1.5", -1.5),
        ("true", True),
        ("~", None),
        ("", None),
        ("{a: [b]}", {"a": ["b"]}),
    ],
)
def test_only_what_json_knows_is_more_than_text(written: str, value: Any) -> None:
    assert read(f"x: {written}") == {"x": value}


@pytest.mark.parametrize(
    "value",
    [
        *("1e5", "12:30", "yes", "1.0e5", ".inf", "0x1F", "1_000", "-", "~", "null", "+1", "=", "<<", "1."),
        *("1234567e8", "2018-01-01", "", True, None, 1.5, 1e20, 1e-9, -3, 10**17),
    ],
)
def test_what_is_written_reads_back_as_it_was(value: Any) -> None:
    back = read(write({"data": {"x": value}}))["data"]["x"]

    assert (type(back), back) == (type(value), value)


@pytest.mark.parametrize(
    "text, line, told",
    [
        ("a: 1\nb: &x [1]\n", 2, "names such as &x are not taken"),
        ("a: [1]\nb: *x\n", 2, "names such as *x are not taken"),
        ("a: 1\nb: !!binary aGk=\n", 2, "the tag !!binary is not taken"),
        ("!!python/object/apply:os.system [id]", 1, "the tag !!python/object/apply:os.system is not taken"),
        ("a: 1\nb: !mine x\n", 2, "the tag !mine is not taken"),
        ("a: 1\nb: 2\na: 3\n", 3, "a comes twice"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a:\n  " + "[" * 500, 2, "more than 64 levels deep"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key is text"),
        ('a: 1\nb: "\\0"\n', 2, "NUL"),
        ('a: 1\nb: "\\ud800"\n', 2, "surrogate"),
        ("a: 1\nb: \0\n", 2, "character"),
        ("a: 1\n\tb: 2\n", 2, "token"),
        ("a: [1\n", 2, "expected"),
    ],
)
def test_what_is_hostile_or_ambiguous_is_refused_at_its_line(text: str, line: int, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)

    (problem,) = refused.value.problems
    assert problem.line == line
    assert told in problem.detail
    assert f"in line {line}, column" in problem.detail


@pytest.mark.parametrize(
    "pointer, line",
    [
        ("", 1),
        ("/1", 3),
        ("/1/facts", 4),
        ("/1/facts/at", 5),
        ("/1/facts/request", 4),
        ("/0/a~1b", 2),
        ("/9", 1),
    ],
)
def test_a_pointer_is_found_in_the_text_or_what_should_have_it(pointer: str, line: int) -> None:
    assert line_of("- c: 1\n  a/b: 2\n- name: x\n  facts:\n    at: now\n", pointer) == line
