"""Redaction: what a public report takes out of a text, lists, and leaves alone."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.incidents.public_reports import redaction
from postmortems.incidents.public_reports.redaction import Known

CASES = Path(__file__).with_name("redaction_cases.txt")
KNOWN = Known(
    people=frozenset(
        {"ada", "ben", "ci-bot", "grace.hopper", "Kim Lee", "José", "田中", "May Wong", "Ö", "name"}
    ),
    hosts=frozenset({"grafana.example.com", "data8.example.net"}),
    public_hosts=frozenset({"status.example.com", "*.docs.example.com"}),
    tickets=frozenset({"#77"}),
    pictures=frozenset({"/attachments/AAAAAAAAAAAAAAAAAAAAAA"}),
)


def cases() -> list[tuple[str, str]]:
    lines = CASES.read_text("utf-8").splitlines()
    rows = [line.rpartition(" -> ") for line in lines if line and not line.startswith(("# ", "## "))]
    return [(_read(text), _read(text if shown == "=" else shown)) for text, _, shown in rows]


def _read(text: str) -> str:
    text = text.replace("\\n", "\n")
    for code in ("\\u200b", "\\u00ad", "\\u0301"):
        text = text.replace(code, chr(int(code[2:], 16)))
    return text


@pytest.mark.parametrize("text, shown", cases())
def test_a_text_is_shown_without_what_is_internal(text: str, shown: str) -> None:
    found = redaction.redacted(text, KNOWN)

    assert found.text == shown
    # What stayed is listed by nobody, and what went is.
    assert (
        bool(found.removals) == bool(redaction.MARK.search(shown))
        or "](" in text
        or "[" in text
        or "<a" in text
    )


@pytest.mark.parametrize("letters", ["_" * 22, "_aB3-_cD4__eF5-_gH6_-_", "-ada-_ben_-AI-1--OPS-1_", "A" * 22])
def test_a_chosen_picture_stays_whatever_letters_its_address_is_made_of(letters: str) -> None:
    link = f"/attachments/{letters[:22]}"
    known = replace(KNOWN, pictures=frozenset({link}))

    found = redaction.redacted(f"![of ada]({link}/a.png) [![a]({link})](https://status.example.com/x)", known)

    assert found.text == f"![of ‹name›]({link}) [![a]({link})](https://status.example.com/x)"
    assert found.hidden == ()


def test_each_removal_says_what_it_was_where_and_why() -> None:
    found = redaction.redacted("It was\n\nada, see OPS-1", KNOWN, where="Summary")

    assert [(each.kind, each.text, each.where, each.line) for each in found.removals] == [
        ("ticket", "OPS-1", "Summary", 3),
        ("name", "ada", "Summary", 3),
    ]
    assert found.removals[1].why == "a person's name or account"


@pytest.mark.parametrize(
    "text, kept, shown",
    [
        ("May Wong in May", ["may"], "‹name› in May"),
        ("ada and ada", ["Ada"], "ada and ada"),
        (
            "[x](https://wiki.example.org/a)",
            ["https://wiki.example.org/a"],
            "[x](https://wiki.example.org/a)",
        ),
        ("db1.internal", ["db1.internal"], "db1.internal"),
        # Nothing that runs is put back.
        ("[x](javascript:alert)", ["javascript:alert"], "x"),
    ],
)
def test_what_is_kept_stays_and_is_listed_as_kept(text: str, kept: list[str], shown: str) -> None:
    found = redaction.redacted(text, KNOWN, kept)

    assert found.text == shown
    assert "javascript" in text or any(each.is_kept for each in found.removals)


@pytest.mark.parametrize(
    "text",
    [
        "a**d**a did it",
        "[ad](https://status.example.com)a",
        "ad<br>a",
        "<b>a</b>da",
        "a`d`a",
        "db1.inter**nal**",
    ],
)
def test_what_only_marks_keep_apart_is_told(text: str) -> None:
    assert redaction.redacted(text, KNOWN).hidden


@given(
    st.text(max_size=60),
    st.sampled_from(["ada", "Kim Lee", "ada@example.com", "db.corp", "OPS-12"]),
    st.text(max_size=60),
)
def test_what_was_taken_out_is_not_there(before: str, name: str, behind: str) -> None:
    found = redaction.redacted(f"{before} {name} {behind}", KNOWN)

    assert f" {name} " not in found.text or any(each.text != name for each in found.removals)


@given(st.text(alphabet="[]()!<>`*_ada@.:/#-10\n\\\"'&;", max_size=200))
def test_redacting_again_takes_out_nothing_more(text: str) -> None:
    once = redaction.redacted(text, KNOWN).text

    assert redaction.redacted(once, KNOWN).text == once


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "[a](",
        "![",
        "<a href=x>",
        "<!--",
        '<img "',
        "a.",
        "@",
        "&#",
        "[a]: b\n",
        "1.1.",
        ":",
        "-----BEGIN PRIVATE KEY-----",
        "+1 2 ",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    def spent(length: int) -> float:
        text = (piece * length)[:length]
        began = time.process_time()
        redaction.redacted(text, KNOWN)
        return time.process_time() - began

    # Four times the text may cost sixteen times at most; what is worse is no square any more.
    assert spent(12_000) <= 40 * max(spent(3_000), 0.01)
