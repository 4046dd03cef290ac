"""Texts made to hang a reader, or to make it fall over. They are read like any other."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser
from postmortems.document.readers import pasted
from postmortems.document.text import is_all_there
from postmortems.document.times import timeline_times

TIMELINE, ITEMS = "## Timeline\n\n", "## Action items\n\n"
HOSTILE = {
    "brackets": "[" * 20_000,
    "closed brackets": "[a](" * 5_000,
    "angles": "<" * 20_000,
    "backquotes": "`" * 20_000,
    "stars": "*" * 20_000,
    "emphasis": TIMELINE + "- " + "**1" * 6_000,
    "digits": TIMELINE + "1" * 20_000,
    "colons": TIMELINE + "12:" * 6_000,
    "dates": TIMELINE + "### " + "2018-01-25 " * 2_000,
    "blanks": TIMELINE + "14:30" + " " * 20_000 + "x",
    "tildes": TIMELINE + "### " + "~" * 20_000,
    "headings": "# x\n\n" * 2_000,
    "sections": "## x\n\n" * 2_000,
    "entries": TIMELINE + "### 14:30\n\nx\n\n" * 500,
    "items": ITEMS + "1. x\n   - Id: AI-1\n" * 500,
    "kinds": TIMELINE + "### 14:30\n\n" + "- Kind: detection\n" * 1_000,
    "nested lists": ITEMS + "\n".join("  " * depth + "- a" for depth in range(300)),
    "nested labels": ITEMS + "\n".join("  " * depth + "- **a**" for depth in range(300)),
    "nested days": TIMELINE + "\n".join("  " * depth + "- 2018-01-25" for depth in range(300)),
    "nested quotes": "\n".join(">" * depth + " a" for depth in range(200)),
    "dashes": "- " * 5_000,
    "fences": "```\nx\n" * 1_000,
    "comments": "<!--\n" * 2_000,
    "marks": ITEMS + "<!-- prose -->\n\n" * 500,
    "verbatim": "<!-- verbatim -->\n\n" * 500 + "<!-- /verbatim -->\n\n" * 500,
    "table": TIMELINE + "| Time | E |\n|--|--|\n" + "| 14:30 | x |\n" * 500,
    "wide table": "|a" * 2_000 + "\n" + "|-" * 2_000,
    "definitions": "[a]: b\n" * 2_000,
    "guards": ITEMS + "1. x\n   - Guards: " + "a(," * 5_000,
    "front matter": "---\n" + "a: b\n" * 2_000 + "---\n",
    "deep front matter": "---\ntitle: " + "[" * 10_000 + "\n---\n",
    "aliases": "---\ntitle: &a [x]\ntags: [*a, *a]\nservices: &b [*b]\n---\n",
    "tags of YAML": "---\ntitle: !!python/object/apply:os.system [id]\n---\n",
    "deep TOML": "+++\na = " + "[" * 5_000 + "\n+++\n",
    "carriage returns": "a\rb\r\n\rc\n\r",
    "byte order mark": "\ufeff# Title\n\n\ufeff## x",
    "controls": "".join(map(chr, range(32))) + "\x7f\x85\u2028\u2029",
    "half surrogates": "# \ud800\n\n## \udfff\n\n\ud800",
    "NUL": "# a\0b\n\n## c\0d",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_is_a_document_like_any_other(text: str) -> None:
    document = parser.parse(text, name=text[:200])
    written = parser.write(document)

    assert is_all_there(text, written)
    assert parser.write(parser.parse(written)) == written
    assert len(timeline_times.read_entries(document)) == len(document.entries)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_paste_is_rows_like_any_other(text: str) -> None:
    assert isinstance(pasted.rows(text), tuple)
