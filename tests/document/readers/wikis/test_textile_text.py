"""Textile is read by a library; where words would be lost it stays as it was written."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser
from postmortems.document.readers import registry as readers_registry
from postmortems.document.readers.wikis import textile_text

REPORT = """\
h1. Checkout was down

h2(#sum). Summary

A *bold* and _struck_ @code@, see "the page":https://example.org/a.

h2. Timeline

* 2026-03-04 10:00 Disk full
* 10:05 Alert

h2. Action items

|_. Action |_. Owner |_. Due |
| Alert | Ana | 2026-03-10 |
| Rotate | Ben | |

bc. df -h
du -s
"""


def test_a_report_in_textile_is_read_whole() -> None:
    document = readers_registry.read("report.textile", REPORT.encode())

    assert document.title == "Checkout was down"
    assert [section.heading for section in document.sections] == ["Summary", "Timeline", "Action items"]
    assert [entry.written for entry in document.entries] == ["2026-03-04 10:00", "10:05"]
    assert [(item.text, item.owner, str(item.due)) for item in document.items] == [
        ("Alert", "Ana", "2026-03-10"),
        ("Rotate", "Ben", "None"),
    ]
    assert "```\ndf -h\ndu -s\n```" in parser.write(document)


KEPT = {
    "words in a script": "h1. A\n\n<script>words of it</script>\n",
    "more than is read": "word " * 60_000,
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_where_words_would_be_lost_the_text_stays(text: str) -> None:
    assert textile_text.to_markdown(text) == text


def test_a_comment_shows_nowhere() -> None:
    assert textile_text.to_markdown("h1. A\n\n###. not said\n\nSaid.\n") == "# A\n\nSaid.\n"


def test_a_report_with_a_footnote_is_read_the_same_each_time() -> None:
    # The library names notes by ids that it draws: a report imported again had changed each time.
    text = "h1. Outage\n\nDown[1].\n\nfn1. It was the cache.\n"

    first, again = textile_text.to_markdown(text), textile_text.to_markdown(text)

    assert first == again == "# Outage\n\nDown[^1].\n\n[^1]: It was the cache.\n"


PEOPLE = {
    "two in a line": ("Tell @ana and @ben.", "Tell @ana and @ben."),
    "in brackets, beside code": (
        "Rotate (@ana, @ben) by @rm -r@ and @df@.",
        "Rotate (@ana, @ben) by `rm -r` and `df`.",
    ),
    "in two items": ("* Rotate (@ben)\n* Alert (@ana)", "- Rotate (@ben)\n- Alert (@ana)"),
    "three": ("@ana paged @ben and @cy", "@ana paged @ben and @cy"),
    "code alone": ("Ran @rm a@ and @rm b@.", "Ran `rm a` and `rm b`."),
    "in a listing": ("bc. tell @ana and @ben", "```\ntell @ana and @ben\n```"),
    "in a long listing": ("bc.. tell\n\nthem: @ana, @ben", "```\ntell\n\nthem: @ana, @ben\n```"),
}


@pytest.mark.parametrize("text, written", PEOPLE.values(), ids=PEOPLE.keys())
def test_people_behind_a_sign_are_no_code(text: str, written: str) -> None:
    assert textile_text.to_markdown(f"h1. A\n\n{text}\n") == f"# A\n\n{written}\n"
