"""Long texts are read in a child, short ones here; what is too much is refused by counting it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from postmortems import limits
from postmortems.child_processes import Children
from postmortems.document.markdown import parser
from postmortems.document.readers import parse_process, pasted
from postmortems.document.readers import registry as readers_registry
from postmortems.egress.concurrency import ConcurrencyLimit
from postmortems.errors import Busy, Invalid

SIZE = 400_000
PROSE = (
    "# T\n\n## Timeline\n\n"
    + "The disk of the hub was full, and nobody saw it until users said so.\n\n" * 5_600
)
HEAD = "# T\n\n## Timeline\n\n"
# By what is repeated: each is a block of its own.
BULK: dict[str, tuple[str, str]] = {
    "a table of one-word rows": (f"{HEAD}| Word |\n|---|\n", "| word |\n"),
    "a table of times": (f"{HEAD}| Time | What |\n|---|---|\n", "| 10:00 | a |\n"),
    "a table of items": ("# T\n\n## Action items\n\n| Item |\n|---|\n", "| a |\n"),
    "a list": (HEAD, "- a\n"),
    "a numbered list": (HEAD, "1. a\n"),
    "a list of items": ("# T\n\n## Action items\n\n", "- [ ] a\n"),
    "headings": (HEAD, "### a\n"),
    "sections": ("# T\n\n", "## a\n\n"),
    "paragraphs of a letter": (HEAD, "a\n\n"),
    "times": (HEAD, "10:00 a\n"),
    "days": (HEAD, "### 2020-01-01\n\n10:00 a\n\n"),
    "quotations": (HEAD, "> a\n\n"),
    "rules": (HEAD, "---\n\n"),
    "comments": (HEAD, "<!-- a -->\n"),
    "labels": ("# T\n\n", "**Owner:** a\n"),
    "definitions": ("# T\n\n", "[a]: b\n"),
    "one-word lines": (HEAD, "a\n"),
    "lines of emphasis": (HEAD, "*a*\n"),
    "lines of links": (HEAD, "[a](b)\n"),
    "emphasis": (HEAD, "*a* "),
    "marks that never end": (HEAD, "*a **b _c `d [e "),
    "lines that are blank and not empty": (HEAD, "\u00a0\n"),
    "empty lines": (HEAD, "\n"),
    "a list in a list": (HEAD, "".join("  " * depth + "- a\n" for depth in range(40))),
    "quotations in quotations": (HEAD, ">" * 1000 + " a\n"),
    "a wide table": (f"{HEAD}{'|a' * 500}|\n{'|-' * 500}|\n", "|b" * 500 + "|\n"),
    "broken lines": (HEAD, "10:00 a<br>"),
    "a table of tags": (f"{HEAD}<table>\n", "<tr><td>a</td></tr>\n"),
    "tags": (HEAD, "<b>a</b> "),
    "footnotes": (HEAD, "a[^1]\n\n[^1]: b\n\n"),
    "fences": (HEAD, "```\na\n```\n"),
    "lines of code": (f"{HEAD}```\n", "a\n"),
    "directives": (HEAD, ":::note\na\n:::\n"),
    "front matter": ("---\n", "a: b\n"),
    "front matter in brackets": ("---\ntags: [", "a,"),
    "aliases": ("---\na: &a [b]\nc: [", "*a, "),
    "a calendar": (HEAD, "BEGIN:VEVENT\nSUMMARY:a\nEND:VEVENT\n"),
    "comma-separated values": (HEAD, "10:00,a,b\n"),
    "times in one line": (HEAD, "10:00 -> "),
    "one word": (HEAD, "a"),
}
# The same of files that are made Markdown of first: by the file's name, its beginning and what is repeated.
FILES: dict[str, tuple[str, str, str]] = {
    "a page's table": ("a.html", "<table>", "<tr><td>a</td></tr>"),
    "a page's paragraphs": ("a.html", "", "<p>a"),
    "a page's list": ("a.html", "<ul>", "<li>a"),
    "a page's boxes": ("a.html", "", "<div>"),
    "a page's broken lines": ("a.html", "", "a<br>"),
    "a page's terms": ("a.html", "<dl>", "<dt>a<dd>b"),
    "a text's headings": ("a.txt", "", "Timeline\n\n"),
    "a text's times": ("a.txt", "", "10:00 a\n"),
    "a text's values": ("a.txt", "", "a,b,c\n"),
    "rst: a list": ("a.rst", "", "- a\n"),
    "rst: sections": ("a.rst", "", "a\n=\n\n"),
    "rst: a table": ("a.rst", "=== ===\na b\n=== ===\n", "a   b\n"),
    "rst: fields": ("a.rst", "", ":a: b\n"),
    "rst: definitions": ("a.rst", "", "a\n  b\n"),
    "rst: footnotes": ("a.rst", "", ".. [1] a\n"),
    "rst: directives": ("a.rst", "", ".. note:: a\n\n"),
    "a notebook's cells": ("a.ipynb", '{"cells":[', '{"cell_type":"markdown","source":["a"]},'),
}


def timed(text: str) -> float:
    """The shortest of three readings: in one of them memory may be tidied up that other tests left."""
    return min(_timed("a.md", text) for _ in range(3))


def is_quick(text: str, prose_s: float, name: str = "a.md") -> bool:
    """Whether it is read in three times the time of prose: what is slow is so each of five times.

    What seems so is compared with prose of the same moment: a processor that others share is slower.
    """
    return _timed(name, text) <= 3 * prose_s or any(
        _timed(name, text) <= 3 * _timed("a.md", PROSE) for _ in range(4)
    )


def _timed(name: str, text: str) -> float:
    """The processor's time of reading it in this process; a child may read for tests before this one."""
    with pytest.MonkeyPatch.context() as here, suppress(Invalid):
        here.setattr(parser, "elsewhere", None)
        here.setattr(readers_registry, "elsewhere", None)
        began = time.process_time()
        try:
            readers_registry.read(name, text.encode())
        finally:
            spent = time.process_time() - began
    return spent


@pytest.fixture(scope="module")
def prose_s() -> float:
    return timed(PROSE)


@pytest.mark.parametrize("name", BULK)
def test_bulk_is_read_or_refused_in_three_times_the_time_of_prose(name: str, prose_s: float) -> None:
    head, line = BULK[name]

    assert is_quick(head + line * (SIZE // len(line)), prose_s)


@pytest.mark.parametrize("name", BULK)
def test_as_much_as_is_let_in_is_read_as_quickly(name: str, prose_s: float) -> None:
    head, line = BULK[name]
    # A part that holds several blocks is let in so many times fewer, and no text is longer than its aim.
    rows = min(limits.BLOCKS // max(1, line.count("\n"), line.count("|")), SIZE // len(line)) - 10

    assert is_quick(head + line * rows, prose_s)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_kind_is_read_or_refused_as_quickly(name: str, prose_s: float) -> None:
    file, head, part = FILES[name]

    assert is_quick(head + part * (SIZE // len(part)), prose_s, file)


def test_what_is_pasted_is_counted_too() -> None:
    for read in (pasted.rows, pasted.document):
        with pytest.raises(Invalid, match="more than 3,000 rows"):
            read("10:00 a\n" * 2 * limits.BLOCKS)


def test_prose_and_code_may_be_long() -> None:
    code = f"{HEAD}```\n" + "- a\n" * 3 * limits.BLOCKS + "```\n"

    assert parser.parse(PROSE).sections
    assert parser.parse(code).sections


def test_what_is_too_much_is_refused_with_its_line() -> None:
    with pytest.raises(Invalid, match=f"line {limits.BLOCKS + 3}: more than 3,000 rows"):
        parser.parse(HEAD + "- a\n" * SIZE)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(parser, "elsewhere", parse_process.parse)
    monkeypatch.setattr(readers_registry, "elsewhere", parse_process.to_markdown)
    yield
    parse_process._children.close()


def test_a_long_text_is_read_as_in_this_process(installed: None) -> None:
    text = f"{HEAD}- 10:00 one\n- 10:05 two\n\n## Summary\n\n" + "Words. " * parse_process.LONG

    assert parse_process.parse(text) == parser._refereed(text.split("\n"))
    assert parser.parse(text).sections
    assert parse_process.parse("short") is None


def test_a_long_page_is_read_as_in_this_process(installed: None) -> None:
    page = f"<h1>T</h1><p>{'Words. ' * parse_process.LONG}</p>"

    assert readers_registry.read("a.html", page.encode()).title == "T"
    with pytest.raises(Invalid, match=r"\Aa\.ipynb:1: this is no notebook"):
        readers_registry.read("a.ipynb", b"{" * parse_process.LONG)


def test_what_takes_too_long_is_refused(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    late = Children("postmortems.document.readers.parse_child", 1, 0.0)
    monkeypatch.setattr(parse_process, "_children", late)
    with pytest.raises(Invalid, match="takes longer than"):
        parser.parse(HEAD + "Other words. " * parse_process.LONG)
    late.close()


def test_a_file_that_takes_too_long_is_named(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    late = Children("postmortems.document.readers.parse_child", 1, 0.0)
    monkeypatch.setattr(parse_process, "_children", late)
    with pytest.raises(Invalid, match=r"\Aa\.html: reading this text takes longer than"):
        readers_registry.read("a.html", b"<p>" + b"Other words. " * parse_process.LONG)
    late.close()


def test_a_person_has_two_texts_read_at_once(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_process, "_turns", ConcurrencyLimit(4, 2))
    monkeypatch.setattr(parse_process, "WAITS_S", 0.0)
    with (
        parse_process._turns.take("", time.monotonic() + 60),
        parse_process._turns.take("", time.monotonic() + 60),
    ):
        with pytest.raises(Busy):
            parse_process.parse("w" * parse_process.LONG)
        with parse_process._turns.take("another", time.monotonic() + 60):
            pass
