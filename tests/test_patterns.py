"""Patterns that are compiled at first use: the same as any other, and none of them wrong."""

from __future__ import annotations

import random
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


TEXTS = [
    line
    for file in (*(PACKAGE.parent / "docs").rglob("*.md"), *(PACKAGE.parent / "tests").rglob("*.txt"))
    for line in file.read_text(errors="replace").split("\n")
]
# As few lines hold what a pattern looks for, each is tried with pieces of what these patterns are about.
PIECES = (
    *(
        "**Severity:** SEV2 | x",
        "- [ ] ask (Ada, 2024-04-01).",
        "Owner: Ada. Due: May 3",
        "@ada: order",
        "x — Tom",
    ),
    *(
        "📅 2026-05-20",
        "✅ 2026-05-20 ",
        "3/4/2024 and 12-11 at 9:00",
        "| **Authors** ? Kim |",
        "| :--- | :---: |",
    ),
    *(
        "# **Title** {#a}",
        "a \\- b\\.c",
        '<div id="main-content">',
        "](a%20" + "0a" * 16 + ".md)",
        "- [x]  done",
        "- ## Impact",
    ),
    *("<aside> 💡 x", "ä：ö", "*Kim*: go", "[Tom]: go", "Kim -> go", "Kim => go", "Kim\t– go", "Kim:\tgo"),
)


def needy(name: str) -> list[patterns._Later]:
    made = vars(import_module(name)).values()
    return [each for each in made if isinstance(each, patterns._Later) and each._needs]


NEEDY = [each for name in USERS for each in needy(name)]


@pytest.mark.parametrize("made", NEEDY, ids=lambda made: made.pattern[:40])
def test_what_a_pattern_needs_is_in_all_that_it_matches(made: patterns._Later) -> None:
    plain = re.compile(made.pattern, made._flags)
    dice = random.Random(7)
    texts = [*PIECES, *TEXTS, *("".join(dice.choices(PIECES, k=3)) for _ in range(300))]
    texts += ["\n".join(dice.choices(TEXTS, k=20)) for _ in range(300)]
    found = [text for text in texts if plain.search(text)]

    assert found, "no text here shows what it is for"
    assert [text for text in found if not any(sign in text for sign in made._needs)] == []
    assert all(made.findall(text) == plain.findall(text) for text in found[:300])
    assert [match.span() for text in found[:300] for match in made.finditer(text)] == [
        match.span() for text in found[:300] for match in plain.finditer(text)
    ]


@pytest.mark.parametrize("looks", ["search", "match", "fullmatch", "finditer", "findall"])
@pytest.mark.parametrize("text", ["", "a", "a:1", ":1", "a:1 b:2", "b:2a:1"])
def test_a_text_without_what_is_needed_is_looked_through_to_no_avail(looks: str, text: str) -> None:
    made, plain = patterns.of(r"[a-z]:\d", needs=":"), re.compile(r"[a-z]:\d")

    def told(pattern: re.Pattern[str]) -> object:
        found = getattr(pattern, looks)(text)
        return [each.span() for each in found] if looks == "finditer" else found and str(found)

    assert told(made) == told(plain)
    assert made.search(text, 1) is None or made.search(text, 1).start() >= 1  # type: ignore[union-attr]
