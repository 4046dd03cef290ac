"""Patterns that are compiled at first use: the same as any other, and none of them wrong."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from postmortems import patterns

PACKAGE = Path(patterns.__file__).parent
USERS = sorted(
    ".".join(("postmortems", *file.relative_to(PACKAGE).with_suffix("").parts))
    for file in PACKAGE.rglob("*.py")
    if "patterns.of(" in file.read_text()
)


def test_a_pattern_is_compiled_when_it_is_first_used_and_not_again(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    usual = re.compile
    monkeypatch.setattr(re, "compile", lambda text, flags=0: compiled.append(text) or usual(text, flags))

    made = patterns.of(r"(?P<word>b+)", re.IGNORECASE)

    assert (made.pattern, compiled) == (r"(?P<word>b+)", [])
    assert [match["word"] for match in made.finditer("a BB b")] == ["BB", "b"]
    assert (made.sub("x", "abBa"), made.split("abc")) == ("axa", ["a", "b", "c"])
    assert compiled == [r"(?P<word>b+)"]


@pytest.mark.parametrize("flags", [0, re.IGNORECASE, re.MULTILINE | re.IGNORECASE])
def test_it_is_the_pattern_that_it_stands_for(flags: int) -> None:
    made, usual = patterns.of("^(a)(?P<b>.)", flags), re.compile("^(a)(?P<b>.)", flags)

    assert (made.flags, made.groups, made.groupindex) == (usual.flags, usual.groups, usual.groupindex)
    assert made.findall("AB\nab") == usual.findall("AB\nab")


def test_what_it_cannot_do_is_said_as_ever() -> None:
    with pytest.raises(AttributeError):
        patterns.of("a").walk  # type: ignore[attr-defined] # noqa: B018


@pytest.mark.parametrize("name", USERS)
def test_each_pattern_of_ours_can_be_compiled(name: str) -> None:
    found = [each for each in vars(import_module(name)).values() if isinstance(each, patterns._Later)]

    for each in found:
        re.compile(each.pattern, each._flags)
