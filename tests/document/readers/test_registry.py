"""Every file of `formats/`, named as the file it shows is named; and how bytes become text."""

from __future__ import annotations

import html
import json
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from postmortems import limits
from postmortems.document.markdown import parser
from postmortems.document.readers import formats
from postmortems.document.readers import registry as readers_registry
from postmortems.document.text import words
from postmortems.errors import Invalid
from tests.document.cases import Case, load
from tests.document.readers.office import office_cases
from tests.document.strategies import documents_as_text

FORMATS = [load(path) for path in sorted((Path(__file__).parents[1] / "formats").glob("*.md"))]
every_format = pytest.mark.parametrize("case", FORMATS, ids=lambda case: case.name)


@every_format
def test_a_file_is_written_as_its_canonical_form(case: Case) -> None:
    assert parser.write(readers_registry.read(case.name, case.input.encode())) == case.canonical


@every_format
def test_the_canonical_form_of_a_file_stays_as_it_is(case: Case) -> None:
    assert parser.write(parser.parse(case.canonical)) == case.canonical


TEXT = "# Größe\n\n## Summary\n\nShort.\n"
ENCODED = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with its mark": TEXT.encode("utf-8-sig"),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16, the other order": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "lines of Windows": TEXT.replace("\n", "\r\n").encode(),
    "lines of old": TEXT.replace("\n", "\r").encode(),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED.keys())
def test_a_text_is_the_same_however_it_is_encoded(data: bytes) -> None:
    assert readers_registry.read("report.md", data) == parser.parse(TEXT)


def test_a_file_that_is_packed_is_named_where_it_was_said_to_be_another() -> None:
    packed = office_cases.all_cases("docx")[0].data

    with pytest.raises(Invalid, match="this is a file of Word; name no other format for it"):
        readers_registry.read("report.docx", packed, as_format="jira")


NO_TEXT = {
    "NUL": (b"a\n\0", "report.md:2: a NUL byte"),
    "NUL in UTF-16": ("a\n\nb\0".encode("utf-16"), "report.md:3: a NUL byte"),
    "UTF-16 without its mark": ("a\n".encode("utf-16-le"), "report.md:1: a NUL byte"),
    "half a character": (b"\xff\xfea\0\n\0\x00\xd8", "report.md:2: half a character"),
    "an odd number of bytes": (b"\xff\xfea", "report.md:1: half a character"),
    "Latin-1": (b"a\nb\n\ncaf\xe9", "report.md:4: byte 0xe9 is not valid UTF-8; save the text as UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "report.md:1: byte 0x89 is not valid UTF-8"),
    "an archive": (b"PK\x03\x04\n\0", "report.md:2: a NUL byte"),
    "a surrogate": (b"\xed\xa0\x80", "report.md:1: byte 0xed is not valid UTF-8"),
    "too much": (b"x" * (limits.REPORT + 1), "report.md: larger than 10 MB"),
}


@pytest.mark.parametrize("data, said", NO_TEXT.values(), ids=NO_TEXT.keys())
def test_what_is_no_text_is_refused_with_file_and_line(data: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        readers_registry.read("report.md", data)

    assert refusal.value.detail.startswith(said)


NO_DATA = {
    "cut off": (
        '{"issues": [\n{"key": "A-1",',
        "dump.json:2: this is no whole JSON: it breaks off here; download it again",
    ),
    "a slip": ('{"issues": 1 2}', "dump.json:1: this is no whole JSON: Expecting"),
    "something else": ('{"name": "x"}', "dump.json: JSON that no format recognises; say what it is"),
}


@pytest.mark.parametrize("text, said", NO_DATA.values(), ids=NO_DATA.keys())
def test_data_that_is_no_report_says_whether_it_is_whole(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        readers_registry.read("dump.json", text.encode())

    assert refusal.value.detail.startswith(said)


def test_a_page_that_is_called_a_text_is_read_as_a_page() -> None:
    page = "<!DOCTYPE html><html><body><h1>Hub down</h1><h2>Impact</h2><p>All.</p></body></html>"

    assert readers_registry.read("page.txt", page.encode()) == readers_registry.read(
        "page.html", page.encode()
    )
    assert readers_registry.to_markdown("a.txt", "See <html> for all.\n").strip() == "See <html> for all."


@pytest.mark.parametrize("name", ["report", "REPORT.MD", "a/b.qmd", "x.html.md.erb", "x.md.erb", "notes.log"])
def test_every_name_that_no_reader_has_asked_for_is_read_as_markdown(name: str) -> None:
    assert readers_registry.to_markdown(name, "# *a*\n- b") == "# *a*\n- b"


@given(documents_as_text)
def test_reading_plain_text_loses_no_word(text: str) -> None:
    assert not words(text) - words(readers_registry.to_markdown("notes.txt", text))


TAGS = (
    "p",
    "div",
    "b",
    "em",
    "code",
    "a",
    "li",
    "ul",
    "ol",
    "td",
    "tr",
    "table",
    "h2",
    "h3",
    "pre",
    "dl",
    "dt",
)
PIECES = st.one_of(
    st.sampled_from(
        ["one ", "two & three ", "14:30 ", "a &lt;b&gt; c ", "2021-03-04 ", "* x", "1. y", "_z_", "<br>"]
    ),
    st.sampled_from(TAGS).map(lambda tag: f"<{tag}>"),
    st.sampled_from(TAGS).map(lambda tag: f"</{tag}>"),
    st.sampled_from(
        ['<a href="https://example.org/(x">', "<dd>", "<th>", "<blockquote>", "<img alt=four src=x> "]
    ),
)


@example("<pre>* x<p>one ")
@given(st.lists(PIECES, max_size=40).map("".join))
def test_reading_a_page_loses_no_word_of_it(page: str) -> None:
    seen = html.unescape(re.sub(r"<[^<>]*>", " ", page.replace("<img alt=four", " four <img")))

    assert not words(seen) - words(parser.write(readers_registry.read("page.html", page.encode())))


HOSTILE_PAGES = {
    "nested": "<div>" * 5_000 + "deep" + "</div>" * 5_000,
    "nested lists": "<ul><li>a" * 2_000,
    "nested emphasis": "<b><i>" * 5_000 + "deep",
    "nested tables": "<table><tr><td>" * 2_000 + "deep",
    "nested quotes": "<blockquote>" * 2_000 + "deep",
    "never closed": "<p>a" * 5_000,
    "never opened": "</p></div>" * 5_000,
    "crossed": "<b><p></b></p>" * 3_000,
    "open tag": "<a " * 5_000,
    "open comment": "<!--" * 5_000,
    "open instruction": "<?x" * 5_000,
    "open declaration": "<!x" * 5_000,
    "open section": "<![CDATA[" * 5_000,
    "angles": "<" * 20_000,
    "references": "&" * 20_000 + "&#x110000;&#0;&#xd800;",
    "attributes": "<p " + "a=b " * 5_000 + ">x",
    "wide table": "<table><tr>" + "<td>a" * 3_000,
    "script never closed": "<p>a</p><script>" + "<p>b" * 1_000,
    "long list number": '<ol start="99999999999999999999"><li>a<li>b</ol>',
    "nothing": "",
}


@pytest.mark.parametrize("page", HOSTILE_PAGES.values(), ids=HOSTILE_PAGES.keys())
def test_a_hostile_page_is_a_document_like_any_other(page: str) -> None:
    written = parser.write(readers_registry.read("page.html", page.encode()))

    assert ("deep" in written) == ("deep" in page)
    assert parser.write(parser.parse(written)) == written


RST_LINES = """\
Disk full
=========
---
~~~~~
14:30 the log grows
* one
  * two
1. three
   four
``five`` and `six <https://example.org>`_
`seven`_ eight_ [9]_ |ten|
.. _seven: https://example.org/7
.. note:: eleven
.. unknown:: twelve
.. raw:: html
   <b>thirteen</b>
term
  said of it
::
:field: fourteen
| fifteen
> sixteen
.. comment seventeen
*eighteen
**nineteen
.. [9] twenty
.. |ten| replace:: twenty-one
☒ ticked
== ==
a  b
+--+
|a |
:role:`x`

"""


@given(st.lists(st.sampled_from(RST_LINES.split("\n")), max_size=30).map("\n".join))
def test_reading_restructured_text_loses_no_word(text: str) -> None:
    said = re.sub(r"^\.\. .*$|^:field:|:role:|[|]ten[|]", "", text, flags=re.MULTILINE)

    assert not words(said) - words(readers_registry.to_markdown("report.rst", text))


HOSTILE_RST = {
    "nested lists": "\n\n".join("  " * depth + "* a" for depth in range(300)),
    "nested quotes": "\n\n".join("  " * depth + "a" for depth in range(300)),
    "long line": "word " * 20_000,
    "stars": "*a " * 5_000,
    "backquotes": "`a " * 5_000,
    "bars": "|a " * 5_000,
    "underscores": "a_ " * 5_000,
    "titles": "a\n=\n\n" * 1_000,
    "short underline": "A long title\n===\n\nb",
    "levels that slip": "A\n=\n\nB\n-\n\nC\n~\n\nD\n=\n\nE\n~\n",
    "broken table": "+---+\n| a\n+---",
    "unknown role": ":a:`b` " * 1_000,
    "circular": ".. |a| replace:: |b|\n.. |b| replace:: |a|\n\n|a|",
    "date of today": ".. |a| date::\n\n|a|",
    "circular targets": ".. _a: b_\n.. _b: a_\n\na_",
}


@pytest.mark.parametrize("text", HOSTILE_RST.values(), ids=HOSTILE_RST.keys())
def test_a_hostile_restructured_text_is_a_document_like_any_other(text: str) -> None:
    written = parser.write(readers_registry.read("report.rst", text.encode()))

    assert parser.write(parser.parse(written)) == written
    assert not words(text) - words(written) - words("replace replace date")


@pytest.mark.parametrize(
    "directive",
    [
        ".. include:: {}",
        ".. include:: {}\n   :literal:",
        ".. literalinclude:: {}",
        ".. raw:: html\n   :file: {}",
        ".. raw:: html\n   :url: file://{}",
        ".. csv-table:: x\n   :file: {}",
        ".. figure:: {}\n   :figwidth: image",
        ".. code-block:: text\n   :include: {}",
    ],
)
def test_no_file_is_read_into_a_document(directive: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("swordfish", encoding="utf-8")

    written = parser.write(
        readers_registry.read("report.rst", f"A\n=\n\n{directive.format(secret)}\n".encode())
    )

    assert "swordfish" not in written
    assert str(secret) in written


NO_NOTEBOOKS = {
    "no JSON": ("{\n\n]", "a.ipynb:3: this is no notebook"),
    "a list": ("[]", "a.ipynb:1: this is no notebook: it has no list of cells"),
    "another version": ('{"worksheets": []}', "a.ipynb:1: this is no notebook: it has no list of cells"),
    "nested": ("[" * 100_000, "a.ipynb:1: this is no notebook"),
    "nothing": ("", "a.ipynb:1: this is no notebook"),
    "a long number": ("9" * 10_000, "a.ipynb:1: this is no notebook"),
}


@pytest.mark.parametrize("text, said", NO_NOTEBOOKS.values(), ids=NO_NOTEBOOKS.keys())
def test_what_is_no_notebook_is_refused_with_file_and_line(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        readers_registry.read("a.ipynb", text.encode())

    assert refusal.value.detail.startswith(said)


@pytest.mark.parametrize(
    "cell", [1, None, {}, {"source": None}, {"source": 1}, {"source": [1]}, {"cell_type": []}]
)
def test_a_strange_cell_stops_no_notebook(cell: object) -> None:
    text = json.dumps({"cells": [cell, {"source": "# Disk full"}], "metadata": {"language_info": 1}})

    assert readers_registry.read("a.ipynb", text.encode()).title == "Disk full"


@given(st.binary(), st.sampled_from(readers_registry.ENDINGS))
def test_any_bytes_are_a_document_or_refused(data: bytes, ending: str) -> None:
    with suppress(Invalid):
        written = parser.write(readers_registry.read(f"report{ending}", data))
        assert parser.write(parser.parse(written)) == written


TEXTS = [ending for ending in readers_registry.ENDINGS if not formats.is_packed(f"a{ending}")]


@given(documents_as_text, st.sampled_from(TEXTS))
def test_any_text_is_a_document_under_every_ending(text: str, ending: str) -> None:
    text = json.dumps({"cells": [{"source": text}]}) if ending == ".ipynb" else text
    written = parser.write(
        readers_registry.read(f"report{ending}", text.encode("utf-8", "replace").replace(b"\0", b""))
    )

    assert parser.write(parser.parse(written)) == written


@pytest.mark.parametrize("ending", [".md", ".markdown", ".mdx", ".qmd", ".Rmd", ".MDX"])
def test_every_ending_of_markdown_is_read_alike(ending: str) -> None:
    text = b"---\ntitle: R\n---\n\n## Timeline\n\n- 2024-03-01 10:00 a\n"

    assert readers_registry.read(f"r{ending}", text) == readers_registry.read("r.md", text)
