"""What may be expected of headers and JSON, one line each."""

from __future__ import annotations

import pytest

from postmortems.guards.kinds.http import assertions

CONTENT = {
    "status": "ok",
    "count": 3,
    "load": 0.5,
    "up": True,
    "none": None,
    "tags": ["a", "b"],
    "checks": {"db": {"status": "ok"}},
    "nodes": [{"load": 0.9}],
}


@pytest.mark.parametrize(
    "line, holds",
    [
        ('status == "ok"', True),
        ('$.status == "ok"', True),
        ('status != "down"', True),
        ('status contains "o"', True),
        ("count == 3", True),
        ("count >= 3", True),
        ("count > 2", True),
        ("load < 0.6", True),
        ("load <= 0.5", True),
        ("up == true", True),
        ("none == null", True),
        ("none exists", True),
        ('tags contains "b"', True),
        ("tags.1 exists", True),
        ('checks.db.status == "ok"', True),
        ("nodes.0.load < 1", True),
        ('checks contains "db"', True),
        ("up != 1", True),
        ('status == "OK"', False),
        ("count == 4", False),
        ('count == "3"', False),
        ('count < "4"', False),
        ("up == 1", False),
        ("count == true", False),
        ("none == 0", False),
        ("missing exists", False),
        ("missing == null", False),
        ("missing != 1", False),
        ("tags.2 exists", False),
        ("tags.x exists", False),
        ("tags.-1 exists", False),
        ("status.length exists", False),
        ('tags contains "c"', False),
        ("count contains 3", False),
        ("checks contains {}", False),
    ],
)
def test_a_line_about_json_holds_or_does_not(line: str, holds: bool) -> None:
    assert assertions.json_holds(line, CONTENT) is holds


def test_nothing_holds_of_what_is_not_json_and_nothing_is_known_of_what_was_cut_off() -> None:
    assert assertions.json_holds("a exists", assertions.parsed("<html>")) is False
    assert assertions.json_holds("a exists", assertions.UNREAD) is None


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "[" * 100_000, "1" * 10_000])
def test_what_is_no_json_is_no_content(text: str) -> None:
    assert assertions.parsed(text) is assertions.ABSENT


@pytest.mark.parametrize(
    "line",
    [
        "",
        "status",
        "status ==",
        '== "ok"',
        "status = 1",
        "status === 1",
        'status like "x"',
        "a == b",
        "a == [1",
        "a == Infinity",
        "a exists 1",
        "a ==1",
    ],
)
def test_a_line_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        assertions.read_json(line)


@pytest.mark.parametrize(
    "line, holds",
    [
        ("Content-Type: text/html", True),
        ("content-type:html", True),
        ("Content-Type: TEXT", False),
        ("X-Missing: x", False),
    ],
)
def test_a_line_about_headers_holds_or_does_not(line: str, holds: bool) -> None:
    assert assertions.header_holds(line, {"content-type": "text/html; charset=utf-8"}) is holds


@pytest.mark.parametrize("line", ["", "name", ": text", "name:", "na me: x", "näme: x"])
def test_a_header_line_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="Name: text"):
        assertions.read_header(line)
