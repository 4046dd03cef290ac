"""A conflict is answered by a person, once; the next sync writes the answer back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from postmortems.db import session as db
from postmortems.document.markdown import parser
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Stale
from postmortems.exchange import resolve_conflict
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.reviews import queries
from tests.exchange.repositories import content, log, with_entry
from tests.exchange.synced import ADA, NAME, SLUG, TEXT, edit, edit_here, sync
from tests.incidents.documents import SYSTEM, stored, with_item


@pytest.fixture
def review_id(any_database: str, place: Path) -> int:
    """Both sides edited the second entry, and each something else besides."""
    return in_conflict(place)


def in_conflict(place: Path) -> int:
    sync(place)
    edit(place, NAME, b"It is full.", b"It never was full.")
    edit(place, NAME, b"The disk fills.", b"The disk filled.")
    edit_here(with_item(with_entry(stored(SLUG), 1, text="It was full."), "AI-2", status="open"))
    assert sync(place).conflicts == 1
    with db.reading():
        return queries.waiting(actor=SYSTEM)[0].id


def answer(review_id: int, take: str, text: str = "", **given: object) -> None:
    with db.transaction():
        version = incidents.by_slug(SLUG, SYSTEM).version
        given = {"version": version, "actor": ADA} | given
        resolve_conflict.answer(SLUG, review_id, take, text=text, **given)  # type: ignore[arg-type]


def begun(review_id: int) -> str:
    with db.reading():
        conflict = queries.one(incidents.by_slug(SLUG, SYSTEM), review_id).conflict
        assert conflict is not None
        return conflict.merged


def test_the_text_to_begin_from_has_the_edits_of_both(place: Path, review_id: int) -> None:
    text = begun(review_id)

    assert "The disk filled." in text
    assert "It was full." in text
    assert "It never was full." not in text
    assert "Status: done" not in text


def test_a_text_is_saved_and_written_back_in_its_lines_only(place: Path, review_id: int) -> None:
    answer(review_id, resolve_conflict.TEXT, begun(review_id).replace("It was full.", "It had been full."))

    outcome = sync(place)

    assert (outcome.brought, outcome.written, outcome.conflicts) == (0, 1, 0)
    wanted = TEXT.replace(b"fills", b"filled").replace(b"It is full", b"It had been full")
    assert content(place, f"incidents/{NAME}") == wanted.replace(b"[x]", b"[ ]")
    assert log(place, "%an|%s")[0].startswith("ada|Edit Disk full")
    assert sync(place).in_words() == "0 in, 0 out"


def test_what_is_here_is_kept_and_written_back(place: Path, review_id: int) -> None:
    answer(review_id, resolve_conflict.HERE)

    assert sync(place).written == 1
    assert b"It was full." in content(place, f"incidents/{NAME}")
    assert b"The disk fills." in content(place, f"incidents/{NAME}")
    assert sync(place).in_words() == "0 in, 0 out"


def test_the_file_is_taken_and_needs_no_commit(place: Path, review_id: int) -> None:
    answer(review_id, resolve_conflict.FILE)

    assert stored(SLUG).entries[1].text == "It never was full."
    assert stored(SLUG).items[1].status == "done"
    assert sync(place).in_words() == "0 in, 0 out"


def test_an_answer_is_given_once_and_for_what_was_seen(place: Path, review_id: int) -> None:
    with pytest.raises(Stale):
        answer(review_id, resolve_conflict.FILE, version=1)
    for take, text in (("neither", ""), (resolve_conflict.TEXT, " \n")):
        with pytest.raises(Invalid):
            answer(review_id, take, text)
    with pytest.raises(NotFound):
        answer(review_id + 1, resolve_conflict.HERE)
    with pytest.raises(NotAllowed):
        answer(review_id, resolve_conflict.HERE, actor=replace(ADA, role="viewer"))
    answer(review_id, resolve_conflict.HERE)
    with pytest.raises(Conflict, match="closed by ada already"):
        answer(review_id, resolve_conflict.FILE)


def test_an_edit_there_after_the_question_is_asked_about_again(place: Path, review_id: int) -> None:
    answer(review_id, resolve_conflict.HERE)
    edit(place, NAME, b"It never was full.", b"It was never full.")
    edit_here(with_entry(stored(SLUG), 1, text="It had been full."))

    assert sync(place).conflicts == 1
    with db.reading():
        found = queries.of(incidents.by_slug(SLUG, SYSTEM))
        assert [review.outcome for review in found] == ["merged", ""]
        assert parser.write(rows.to_document(incidents.by_slug(SLUG, SYSTEM))).count("had been") == 1
