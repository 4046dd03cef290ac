"""Org is read by its outline; where words would be lost it stays as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document.markdown import parser
from postmortems.document.readers import registry as readers_registry
from postmortems.document.readers.wikis import org_text
from postmortems.document.text import words

REPORT = """\
#+title: Checkout was down
#+date: <2024-03-01 Fri>
#+author: Ana Example
#+filetags: :checkout:payments:
#+todo: TODO STARTED | DONE CANCELLED
#+options: toc:nil

* Summary
  A *bold* word, /two/ more, =kubectl get pods= and [[https://example.org/a][the page]].

* Timeline [2/3]
  - [2024-03-01 Fri 10:32] pods restart
  - <2024-03-01 Fri 10:40-10:55> errors
  - 11:05 :: all well

* Action items
** Prevent
*** TODO [#A] Rotate the keys                                     :ops:
    DEADLINE: <2024-03-05 Tue -3d>
    :PROPERTIES:
    :OWNER:    Ben
    :ID:       1f2e
    :END:
*** DONE Add a canary
    CLOSED: [2024-03-02 Sat 09:00] DEADLINE: <2024-03-08 Fri>
    Deployed to staging.
*** STARTED Write the runbook
    :LOGBOOK:
    - State "STARTED"    from "TODO"       [2024-03-04 Mon 09:00]
    CLOCK: [2024-03-04 Mon 09:00]--[2024-03-04 Mon 10:00] =>  1:00
    :END:
*** CANCELLED Buy a second database
** Detect
- [X] Page the owner
- [ ] Alert on errors (owner: Cleo, due: 2024-03-30)
"""


def test_a_report_in_org_is_read_whole() -> None:
    document = readers_registry.read("report.org", REPORT.encode())

    assert document.title == "Checkout was down"
    assert str(document.date) == "2024-03-01"
    assert document.tags == ("checkout", "payments")
    assert [section.heading for section in document.sections] == ["Summary", "Timeline", "Action items"]
    assert [(entry.written, entry.text) for entry in document.entries] == [
        ("2024-03-01 10:32", "pods restart"),
        ("2024-03-01 10:40 - 10:55", "errors"),
        ("11:05", "all well"),
    ]
    told = [
        (item.text.split("\n")[0], item.owner, str(item.due or ""), item.priority, item.status)
        for item in document.items
    ]
    assert told == [
        ("Rotate the keys", "Ben", "2024-03-05", "P1", "open"),
        ("Add a canary", "", "2024-03-08", "", "done"),
        ("Write the runbook", "", "", "", "in_progress"),
        ("Buy a second database", "", "", "", "wont_do"),
        ("Page the owner", "", "", "", "done"),
        ("Alert on errors", "Cleo", "2024-03-30", "", "open"),
    ]
    assert "Deployed to staging." in document.items[1].text


# What is written below a heading, and the Markdown that says the same.
BLOCKS = {
    "marks": ("*b* /i/ _u_ +gone+ =v*v= ~c/c~", "**b** *i* *u* ~~gone~~ `v*v` `c/c`"),
    "marks within marks": ("*bold and /both/*", "**bold and *both***"),
    "paths and names are no marks": (
        "/var/log/x and snake_case_name 2+2",
        "/var/log/x and snake_case_name 2+2",
    ),
    "a link, one without words, a bare one": (
        "[[https://example.org/a][words]] [[https://example.org/b]] <https://example.org/c>",
        "[words](https://example.org/a) https://example.org/b https://example.org/c",
    ),
    "a picture": ("[[file:graph.png]]", "![](graph.png)"),
    "a link to a heading": ("see [[*Impact]] and [[#impact][there]]", "see Impact and there"),
    "timestamps": (
        "<2024-03-01 Fri> [2024-03-01 Fri 10:32] <2024-03-05 Di. 09:00 +1w>",
        "2024-03-01 2024-03-01 10:32 2024-03-05 09:00",
    ),
    "spans": (
        "<2024-03-01 Fri 10:32-10:40> <2024-03-01 Fri 10:32>--<2024-03-02 Sat 11:00>",
        "2024-03-01 10:32 - 10:40 2024-03-01 10:32 - 2024-03-02 11:00",
    ),
    "a line that breaks": ("one \\\\\ntwo", "one<br>\ntwo"),
    "lists": ("- one\n  - two\n+ three\n\n1) a\n2) b", "- one\n  - two\n- three\n\n1. a\n2. b"),
    "stars are bullets where they do not begin a line": (" * one\n * two", "- one\n- two"),
    "a list that begins at five": ("5. [@5] five\n6. six", "5. five\n6. six"),
    "boxes": ("- [X] done\n- [ ] open\n- [-] in part", "- [x] done\n- [ ] open\n- [ ] in part"),
    "terms": ("- Impact :: none\n- 10:32 :: restart", "- **Impact**: none\n- 10:32 restart"),
    "words of an item on two lines": ("- one\n  and more\n- two", "- one and more\n- two"),
    "a list ends where words begin": ("- one\nafter it", "- one\n\nafter it"),
    "code in an item": (
        "- run\n  #+begin_src sh\n  du -s\n  #+end_src",
        "- run\n\n  ```sh\n  du -s\n  ```",
    ),
    "code, and what is escaped in it": (
        "#+BEGIN_SRC sh :results output\n,* one\n  two\n#+END_SRC",
        "```sh\n* one\n  two\n```",
    ),
    "an example and lines that are fixed": (
        "#+begin_example\na  b\n#+end_example\n: c  d\n:\n: e",
        "```\na  b\n```\n\n```\nc  d\n\ne\n```",
    ),
    "a quote": ("#+begin_quote\nIt was /me/.\n#+end_quote", "> It was *me*."),
    "verses": ("#+begin_verse\none\ntwo\n#+end_verse", "one<br>\ntwo"),
    "a block of a kind of its own": ("#+begin_warning\nCare.\n#+end_warning", "Care."),
    "a block that never ends": ("#+begin_quote\nIt was me.", "#+begin_quote It was me."),
    "a table with a header": ("| a | b |\n|---+---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"),
    "a table without one": ("|---+---|\n| 1 | 2 |\n| 3 | 4 |", "|  |  |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |"),
    "what is calculated": ("| a | 1 |\n#+TBLFM: $2=1", "|  |  |\n|---|---|\n| a | 1 |"),
    "a caption": ("#+CAPTION: Errors a minute\n#+NAME: fig\n[[./a.png]]", "Errors a minute\n\n![](./a.png)"),
    "a rule": ("one\n-----\ntwo", "one\n\n***\n\ntwo"),
    "a footnote": ("Said[fn:1].\n\n[fn:1] Where.", "Said[^1].\n\n[^1]: Where."),
    "comments": ("# not said\nsaid\n#+begin_comment\nnor this\n#+end_comment", "said"),
    "a drawer": (":NOTES:\nkept\n:END:", "kept"),
    "a drawer that never ends": (":NOTES:\nkept", ":NOTES: kept"),
    "a keyword that nobody knows": ("#+SEVERITY: SEV1", "SEVERITY: SEV1"),
    "what Markdown would take for marks": ("a <b> `c` 2 * 3", "a \\<b> \\`c\\` 2 * 3"),
}


@pytest.mark.parametrize("org, markdown", BLOCKS.values(), ids=BLOCKS.keys())
def test_what_stands_below_a_heading_says_the_same_in_markdown(org: str, markdown: str) -> None:
    assert org_text.to_markdown(f"* A\n{org}\n") == f"# A\n\n{markdown}\n"


HEADINGS = {
    "levels below a title": ("#+title: T\n* A\n** B\n", '---\ntitle: "T"\n---\n\n## A\n\n### B\n'),
    "levels without one": ("* A\n** B\n", "# A\n\n## B\n"),
    "tags, but those for export": ("* A :net:noexport:\n", "# A\n\nTags: net\n"),
    "properties, but those of Emacs": (
        "* A\n:PROPERTIES:\n:ID: 1\n:Severity: SEV1\n:END:\n",
        "# A\n\nSeverity: SEV1\n",
    ),
    "how much is done of it": ("* A [1/2]\n* B [50%]\n", "# A\n\n# B\n"),
    "one that is not exported": ("* COMMENT A\nsaid\n", "# A\n\nsaid\n"),
    "a time": ("* A\n** <2024-03-01 Fri 10:32> restart\n", "# A\n\n## 2024-03-01 10:32 restart\n"),
    "words for what is to be done": (
        "#+todo: OPEN | FIXED\n* A\n** FIXED one\n** OPEN two\n** TODO three\n",
        "# A\n\n- [x] one\n- [ ] two\n\n## TODO three\n",
    ),
    "items below an item": ("* A\n** TODO a\n*** DONE b\n", "# A\n\n- [ ] a\n  - [x] b\n"),
    "a section to be written is none": ("* TODO A\n** B\nsaid\n", "# A\n\n## B\n\nsaid\n"),
    "who does it, by any name": (
        "* A\n** TODO a\n:PROPERTIES:\n:Assignee: Ben\n:END:\n",
        "# A\n\n- [ ] a\n  - Owner: Ben\n",
    ),
    "a day with words of another language": (
        "* A\n** TODO a\nDEADLINE: <2024-03-05 火 +1m>\n",
        "# A\n\n- [ ] a\n  - Due: 2024-03-05\n",
    ),
}


@pytest.mark.parametrize("org, markdown", HEADINGS.values(), ids=HEADINGS.keys())
def test_headings_become_sections_or_items(org: str, markdown: str) -> None:
    assert org_text.to_markdown(org) == markdown


KEPT = {
    "more than is read": "* A\n" + "word\n" * 110_000,
    "a line that nobody reads": f"* A\n{'word ' * 2_100}\n",
    "blocks that begin and never end": "* A\n" + "#+begin_quote\nsaid\n" * 300,
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_what_is_not_taken_apart_stays_as_it_was_written(text: str) -> None:
    assert org_text.to_markdown(text) == text


PIECES = st.sampled_from(
    [
        *(
            "* A\n",
            "** TODO b c\n",
            "*** DONE d\n",
            "DEADLINE: <2024-03-05 Tue>\n",
            "- word\n",
            "  - inner\n",
        ),
        *(
            "1. one\n",
            "said\n",
            "\n",
            "| a | bb |\n",
            "|---+---|\n",
            "#+begin_src\n",
            "#+end_src\n",
            ":NOTES:\n",
        ),
        *(
            ":END:\n",
            ": fixed\n",
            "[fn:1] note\n",
            "*bold /both/*\n",
            "=code\n",
            "  deeper\n",
            "\n\n",
            "-----\n",
        ),
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_word_is_lost_and_reading_again_says_the_same(text: str) -> None:
    written = org_text.to_markdown(text)

    assert not words(org_text.SAYS_HOW.sub(" ", text)) - words(written)
    assert parser.write(parser.parse(parser.write(parser.parse(written)))) == parser.write(
        parser.parse(written)
    )
