"""Saving and deleting: versions, revisions, events, ids that last, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier, Thread
from typing import Any

import pytest

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Entry, Item, Section
from postmortems.errors import Invalid, NotAllowed, NotFound, Refusal, Stale
from postmortems.incidents import operations, queries, validation
from postmortems.incidents.models import ActionItem
from tests.incidents.documents import (
    FOUNDING,
    FOUNDING_NAME,
    SYSTEM,
    save,
    stored,
    with_item,
    without_item,
)
from tests.slugs import all_slugs
from tests.statements import counted

SLUG = "2018-01-25-accidental-merge-to-prod"
ADA = Actor(kind="person", name="ada", role="author")
# Of a new document; one begins.
MOST_STATEMENTS = 20


def events(subject_kind: str, subject: str) -> list[tuple[str, dict[str, Any]]]:
    """What happened to it, oldest first."""
    with db.reading():
        return [(event.verb, event.data) for event in reversed(audit.of(subject_kind, subject))]


def verbs(subject_kind: str, subject: str) -> list[str]:
    return [verb for verb, _ in events(subject_kind, subject)]


def item(ref: str) -> ActionItem:
    with db.reading():
        incident = queries.by_slug(SLUG, SYSTEM)
        return next(row for section in incident.sections for row in section.items if row.ref == ref)


def refusal_of(document: Document, slug: str | None = SLUG, **options: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        save(document, slug, **options)
    return [(problem.pointer, problem.detail) for problem in refused.value.problems]


def test_a_new_incident_gets_slug_numbers_revision_and_event(any_database: str, clock: Any) -> None:
    incident = save(FOUNDING, name=FOUNDING_NAME, actor=ADA, message="first")

    assert (incident.slug, incident.version, incident.created_by) == (SLUG, 1, "ada")
    assert [row.ref for row in incident.items] == ["AI-1", "AI-2", "AI-3"]
    assert {row.kind for row in incident.items} == {"process"}
    assert verbs("incident", SLUG) == ["incident.created", "incident.published"]
    with db.reading():
        kept = queries.revision(queries.by_slug(SLUG, SYSTEM), 1)
        assert (kept.author, kept.message, kept.at) == ("ada", "first", clock.now())
        assert "- Id: AI-2" in kept.text


def test_what_is_stored_already_is_not_stored_again(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)

    for document in (stored(SLUG), FOUNDING):
        again = save(document, SLUG, version=7)
        assert again.version == 1

    assert len(verbs("incident", SLUG)) == 2
    with db.reading():
        assert len(queries.revisions(queries.by_slug(SLUG, SYSTEM))) == 1


def test_the_version_moves_when_only_an_item_or_an_entry_changed(any_database: str, clock: Any) -> None:
    save(FOUNDING, name=FOUNDING_NAME)

    assert save(with_item(stored(SLUG), "AI-2", owner="sam"), SLUG, version=1).version == 2

    document = stored(SLUG)
    timeline = replace(document.sections[1], blocks=(*document.sections[1].blocks, Entry("17:00", "calm")))
    edited = replace(document, sections=(document.sections[0], timeline, document.sections[2]))
    assert save(edited, SLUG, version=2).version == 3
    with db.reading():
        assert [kept.version for kept in queries.revisions(queries.by_slug(SLUG, SYSTEM))] == [3, 2, 1]


def test_an_owner_that_is_taken_away_stays_away_until_the_words_name_somebody_anew(
    any_database: str,
) -> None:
    items = (Item("bob: measure the queue"), Item("Measure the disks"))
    slug = save(Document(title="It broke", sections=(Section("Action items", items),))).slug
    owners = [item.owner for item in stored(slug).items]
    read = stored(slug)

    # Who takes it away and who edits something else began from the same version.
    save(with_item(read, "AI-2", priority="P1"), slug, version=1)
    save(with_item(read, "AI-1", owner=""), slug, version=1, merges=True)
    owners.append(stored(slug).items[0].owner)
    save(replace(stored(slug), title="It broke again"), slug)
    owners.append(stored(slug).items[0].owner)
    save(with_item(stored(slug), "AI-1", text="kim: measure the queue"), slug)
    owners.append(stored(slug).items[0].owner)

    assert owners == ["bob", "", "", "", "kim"]
    assert stored(slug).items[1].priority == "P1"


def test_a_stale_version_is_refused_with_both_texts_and_nothing_is_lost(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    read = stored(SLUG)
    save(replace(read, title="Theirs"), SLUG, version=1)

    with pytest.raises(Stale) as refused:
        save(replace(read, title="Mine"), SLUG, version=1)

    assert refused.value.version == 2
    assert "Mine" in refused.value.mine
    assert "Theirs" in refused.value.theirs
    assert stored(SLUG).title == "Theirs"


# What is sent => how often it is checked: as it was sent, and as it is read back where that is another.
CHECKED = {"Add an alert": 1, "Add an alert (owner: Ada)": 2}


@pytest.mark.parametrize("said, times", CHECKED.items())
def test_a_document_is_checked_again_only_where_it_is_kept_as_another(
    said: str, times: int, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = list[Document]()
    refuse = validation.refuse

    def counted(document: Document) -> None:
        checked.append(document)
        refuse(document)

    monkeypatch.setattr(validation, "refuse", counted)

    save(Document(title="Hub down", sections=(Section("Action items", (Item(said),)),)))

    assert len(checked) == times


def test_two_who_save_at_once_do_not_overwrite_each_other(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    read = stored(SLUG)

    said = at_once(lambda name: save(replace(read, title=name), SLUG, version=1).title)

    assert sorted(type(answer).__name__ for answer in said) == ["Stale", "str"]


def test_two_who_add_incidents_at_once_get_different_numbers_and_slugs(any_database: str) -> None:
    said = at_once(lambda _: (lambda new: (new.slug, [row.ref for row in new.items]))(save(FOUNDING)))

    assert len({slug for slug, _ in said}) == 2
    assert sorted(ref for _, refs in said for ref in refs) == [f"AI-{number}" for number in range(1, 7)]


def at_once(act: Any) -> list[Any]:
    """What two threads get that do it at the same time: an answer or a refusal each."""
    start = Barrier(2)
    said: list[Any] = []

    def run(name: str) -> None:
        start.wait()
        try:
            said.append(act(name))
        except Refusal as refused:
            said.append(refused)

    threads = [Thread(target=run, args=(name,)) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def test_items_without_an_id_are_known_by_their_text(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    actions = FOUNDING.sections[2]
    blocks = (actions.blocks[0], actions.blocks[3], Item("Something new"), actions.blocks[1])

    save(replace(FOUNDING, sections=(Section("Action items", blocks),)), SLUG)

    assert [(block.id, block.text[:6]) for block in stored(SLUG).items] == [
        ("AI-3", "Show w"),
        ("AI-4", "Someth"),
        ("AI-1", "Read t"),
    ]


def test_an_id_that_is_not_of_this_incident_is_refused_at_its_place(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    save(Document(title="Other", sections=(Section("To do", (Item("theirs"),)),)))
    document = stored(SLUG)

    for ref in ("AI-4", "AI-99"):
        [(pointer, detail)] = refusal_of(with_item(document, "AI-2", id=ref))
        assert pointer == "/sections/2/blocks/2/id"
        assert ref in detail

    [(pointer, _)] = refusal_of(document, None)[:1]
    assert pointer == "/sections/2/blocks/1/id"


def test_an_id_hidden_in_a_text_is_refused_as_well(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    save(Document(title="Other", sections=(Section("To do", (Item("theirs"),)),)))

    for text in ("mine\n- Id: AI-4", "mine\n- Id: AI-1", "mine\n- Id: AI-99"):
        [(_, detail)] = refusal_of(with_item(stored(SLUG), "AI-2", id="", text=text))
        assert "AI-" in detail


def test_ids_come_in_with_a_file_where_nobody_ever_had_them(any_database: str) -> None:
    exported = Document(title="Old", sections=(Section("To do", (Item("a", id="AI-7"), Item("b"))),))

    old = save(exported, name="2017-01-01-old.md")
    assert [row.ref for row in old.items] == ["AI-7", "AI-8"]

    earlier = replace(exported, title="Older", sections=(Section("To do", (Item("c", id="AI-3"),)),))
    assert [row.ref for row in save(earlier, name="2016-01-01-older.md").items] == ["AI-3"]
    assert [row.ref for row in save(FOUNDING).items] == ["AI-9", "AI-10", "AI-11"]
    with db.transaction():
        operations.delete("2016-01-01-older", actor=SYSTEM)
    assert refusal_of(earlier, None, name="2016-01-01-older.md")[0][0] == "/sections/0/blocks/0/id"


def test_a_file_does_not_use_up_the_numbers(database: str) -> None:
    greedy = Document(title="Greedy", sections=(Section("To do", (Item("a", id="AI-999999999"),)),))

    assert refusal_of(greedy, None, name="2017-01-01-greedy.md")[0][0] == "/sections/0/blocks/0/id"
    assert [row.ref for row in save(FOUNDING).items] == ["AI-1", "AI-2", "AI-3"]


def test_an_item_that_vanishes_leaves_its_text_in_the_event_stream(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)

    save(without_item(stored(SLUG), "AI-3"), SLUG)

    assert events("item", "AI-3") == [
        (
            "item.removed",
            {"incident": SLUG, "version": 2, "text": "Show which deployment is being managed"},
        )
    ]
    assert [block.id for block in stored(SLUG).items] == ["AI-1", "AI-2"]
    assert [row.ref for row in save(Document(sections=(Section("x", (Item("new"),)),))).items] == ["AI-4"]


def test_an_item_with_a_guard_does_not_vanish(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    save(with_item(stored(SLUG), "AI-3", guards=("target-confirmed",)), SLUG)

    [(pointer, detail)] = refusal_of(without_item(stored(SLUG), "AI-3"))

    assert pointer == "/sections/2"
    assert detail == "AI-3 names target-confirmed: unlink it first, then take the item out"


def test_our_own_remark_behind_a_guard_is_not_stored(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)

    save(
        with_item(stored(SLUG), "AI-3", guards=("target-confirmed (soft, proven)", "other (see wiki)")), SLUG
    )

    assert stored(SLUG).items[2].guards == ("target-confirmed", "other (see wiki)")
    other_remark = with_item(stored(SLUG), "AI-3", guards=("target-confirmed (hard)", "other (see wiki)"))
    assert save(other_remark, SLUG).version == 2


def test_imported_items_began_on_the_incidents_day_and_added_ones_with_the_save(
    any_database: str, clock: Any
) -> None:
    actions = FOUNDING.sections[2]
    closed = replace(
        FOUNDING, sections=(replace(actions, blocks=(*actions.blocks, Item("old", status="done"))),)
    )
    save(closed, name=FOUNDING_NAME)
    document = stored(SLUG)
    more = replace(document.sections[0], blocks=(*document.sections[0].blocks, Item("new", status="done")))
    save(replace(document, sections=(more,)), SLUG, name=FOUNDING_NAME, actor=ADA)

    assert item("AI-1").opened_at == datetime(2018, 1, 25, tzinfo=UTC)
    assert (item("AI-4").closed_at, item("AI-4").closed_by) == (None, "")
    assert item("AI-5").opened_at == clock.now()
    assert (item("AI-5").closed_at, item("AI-5").closed_by) == (clock.now(), "ada")


def test_closing_and_opening_again_is_noted(any_database: str, clock: Any) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    closing = clock.now()
    save(with_item(stored(SLUG), "AI-2", status="done"), SLUG, actor=ADA)
    assert (item("AI-2").closed_at, item("AI-2").closed_by) == (closing, "ada")

    clock.advance(days=3)
    save(with_item(stored(SLUG), "AI-2", status="open"), SLUG, actor=ADA)

    again = item("AI-2")
    assert (again.closed_at, again.closed_by) == (None, "")
    assert again.opened_at == again.reopened_at == clock.now()
    assert verbs("item", "AI-2") == ["item.closed", "item.reopened"]


def test_each_change_of_an_item_is_an_event(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)

    save(
        with_item(stored(SLUG), "AI-2", owner="sam", status="in_progress", priority="P1"),
        SLUG,
        message="sorted",
    )

    assert events("item", "AI-2") == [
        ("item.progressed", {"incident": SLUG, "version": 2, "from": "open", "to": "in_progress"}),
        ("item.assigned", {"incident": SLUG, "version": 2, "from": "", "to": "sam"}),
        (
            "item.edited",
            {
                "incident": SLUG,
                "version": 2,
                "fields": ["priority"],
                "from": {"priority": ""},
                "to": {"priority": "P1"},
            },
        ),
    ]
    assert events("incident", SLUG)[-1] == (
        "incident.saved",
        {"version": 2, "changed": ["section Action items"], "message": "sorted"},
    )


def test_publishing_is_an_event_once(any_database: str, clock: Any) -> None:
    incident = save(replace(FOUNDING, status=""))
    assert (incident.status, incident.status_stated, incident.published_at) == ("draft", False, None)

    published = save(FOUNDING, incident.slug)
    first = clock.now()
    clock.advance(hours=1)
    save(replace(FOUNDING, title="Corrected"), incident.slug)

    assert (published.status, published.published_at) == ("published", first)
    assert verbs("incident", incident.slug).count("incident.published") == 1


UNSAID = replace(FOUNDING, status="")
MARKED = replace(UNSAID, extra=(("draft", "true"),))
NAMED = "_drafts/2018-01-25-merge.md"


@pytest.mark.parametrize(
    "document, name, status",
    [
        (UNSAID, FOUNDING_NAME, "published"),
        (MARKED, FOUNDING_NAME, "draft"),
        (UNSAID, NAMED, "draft"),
        (FOUNDING, NAMED, "published"),
        (UNSAID, "", "draft"),
    ],
)
def test_a_file_that_says_nothing_of_its_status_is_published_unless_marked_as_a_draft(
    database: str, document: Document, name: str, status: str
) -> None:
    incident = save(document, name=name)

    assert incident.status == status
    assert stored(incident.slug).status == document.status


def test_what_came_without_a_status_keeps_it_when_it_is_edited_here(database: str) -> None:
    incident = save(UNSAID, name=FOUNDING_NAME)

    edited = save(replace(stored(incident.slug), title="Corrected"), incident.slug)

    assert (edited.status, edited.status_stated) == ("published", False)
    assert verbs("incident", incident.slug).count("incident.published") == 1


@pytest.mark.parametrize(
    "actor, refusal",
    [
        (Actor(kind="person", name="cy", role="viewer"), NotAllowed),
        (Actor(kind="token", name="ada", role="author", scopes=frozenset({"read"})), NotAllowed),
    ],
)
def test_who_may_not_write_changes_nothing(database: str, actor: Actor, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        save(FOUNDING, actor=actor)

    with db.reading():
        assert all_slugs() == []


def test_deleting_takes_everything_but_the_event_stream(any_database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    with pytest.raises(NotAllowed), db.transaction():
        operations.delete(SLUG, actor=ADA)

    with db.transaction():
        operations.delete(SLUG, actor=SYSTEM)

    with db.reading():
        assert session().query(ActionItem).count() == 0
        with pytest.raises(NotFound):
            queries.by_slug(SLUG, SYSTEM)
    verb, data = events("incident", SLUG)[-1]
    assert verb == "incident.deleted"
    assert "Lab users cannot log in." in data["text"]
    assert verbs("item", "AI-2") == ["item.removed"]


def test_the_same_title_and_day_get_a_slug_of_their_own(any_database: str) -> None:
    slugs = [save(FOUNDING, name=FOUNDING_NAME).slug for _ in range(3)]

    assert slugs == [SLUG, f"{SLUG}-2", f"{SLUG}-3"]


def test_an_unknown_slug_is_not_found(database: str) -> None:
    with pytest.raises(NotFound):
        save(FOUNDING, "nothing-here")


def test_a_new_document_takes_the_same_statements_for_any_length(
    any_database: str, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    save(FOUNDING)
    counts = []
    for length in (10, 200):
        entries = tuple(Entry(f"{12 + at // 60}:{at % 60:02}", f"line {at}") for at in range(length))
        items = tuple(
            Item(f"item {at}", status=("open", "done")[at % 2], due=(None, date(2026, 1, 1))[at % 2])
            for at in range(length)
        )
        sections = (Section("Timeline", entries), Section("Action items", items))
        with count_queries() as statements:
            saved = save(replace(FOUNDING, title=f"Of {length}", sections=sections)).slug
        counts.append(len(statements))
        assert [entry.text for entry in stored(saved).entries] == [entry.text for entry in entries]
        assert [item.text for item in stored(saved).items] == [item.text for item in items]

    assert counts[0] == counts[1] <= MOST_STATEMENTS


@pytest.mark.parametrize("sees", [visibility.EVERYTHING, visibility.NOBODY], ids=["all", "none"])
@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Another"},
        {"restricted": ("ada",)},
        {"services": ("billing/prod",)},
        {"tags": ("tag",)},
        {"status": "draft"},
        {"recurrence_of": "2018-01-25-first"},
        {"title": "Another", "restricted": ("ada",), "tags": ("tag",), "severity": "SEV1", "sections": ()},
    ],
    ids=str,
)
def test_a_save_moves_the_version_once_whatever_it_changes(
    any_database: str, changed: dict[str, Any], sees: visibility.Viewer
) -> None:
    save(replace(FOUNDING, title="First"))
    slug = save(FOUNDING).slug
    with visibility.seen_by(sees):
        save(replace(FOUNDING, **changed), slug)

    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        incident = queries.by_slug(slug, SYSTEM)
        assert incident.version == 2
        assert [row.version for row in queries.revisions(incident)] == [2, 1]


def test_a_slug_is_looked_up_alone_while_nobody_has_it(database: str) -> None:
    looked_up = []
    for _ in range(3):
        with counted() as statements:
            save(Document(title="It fell", date=date(2026, 3, 2)))
        looked_up.append([one.count("?") for one in statements if "incidents.slug IN" in one])

    assert looked_up == [[1], [1, 4], [1, 4]]


def test_incidents_of_one_title_are_numbered_however_many_there_are(any_database: str) -> None:
    same = Document(title="It fell", date=date(2026, 3, 2))
    with db.transaction():
        found = [operations.save(None, same, version=None, actor=SYSTEM).slug for _ in range(12)]
        like = operations.save(None, replace(same, title="It fell over"), version=None, actor=SYSTEM).slug
        new = operations.save(None, Document(title="New"), version=None, actor=SYSTEM).slug

    assert found == ["2026-03-02-it-fell", *(f"2026-03-02-it-fell-{number}" for number in range(2, 13))]
    assert (like, new) == ("2026-03-02-it-fell-over", "new-2")
