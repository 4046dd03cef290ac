"""People's regular expressions: run in linear time, or refused with a word."""

from __future__ import annotations

import sys

import pytest

from postmortems.guards.probing import regex


@pytest.mark.parametrize(
    "pattern, text, is_found",
    [
        ("^ok$", "ok", True),
        ("v[0-9]+", "version v12", True),
        ("(?i)READY", "ready", True),
        ("\\bkernel\\b", "no kernels", False),
        ("ä+", "Bär", True),
        # It would keep a backtracking engine busy for longer than anybody lives.
        ("(a+)+$", "a" * 5000 + "b", False),
        ("(a|a)*c", "a" * 5000, False),
        ("(.*)*(.*)*x", "y" * 5000, False),
    ],
)
def test_expressions_are_found(pattern: str, text: str, is_found: bool) -> None:
    assert regex.found(pattern, text) is is_found


@pytest.mark.parametrize(
    "pattern", ["(", "[a", "(?=a)", "(a)\\1", "a{1001}", "a" * 201, "((((a{100}){100}){100}){100})", "*"]
)
def test_what_cannot_be_run_in_linear_time_or_little_memory_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="expression"):
        regex.check(pattern)


def test_without_re2_no_expression_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)

    with pytest.raises(ValueError, match="lacks google-re2"):
        regex.check("never seen before")
