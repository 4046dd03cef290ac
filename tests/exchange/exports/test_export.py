"""Files come back as they came, with what was edited; what was filled in on the way in stays out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from postmortems.db import session as db
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Entry, Item, Section
from postmortems.document.readers import registry as readers_registry
from postmortems.errors import Stale
from postmortems.exchange import queries
from postmortems.exchange.exports import export as exports_export
from postmortems.exchange.exports.export import Names, safe
from postmortems.exchange.imports import apply
from postmortems.exchange.imports.normalise import ImportDefaults, as_in_file, with_ids
from postmortems.incidents import queries as incidents
from postmortems.incidents.queries import Filters
from tests.exchange.repositories import with_entry
from tests.incidents.documents import SYSTEM, save, stored, with_item

NAME = "2020/2020-02-01-disk-full.md"
SLUG = "2020-02-01-disk-full"
TEXT = b"""\xef\xbb\xbf# Disk full\r
\r
## Timeline\r
\r
| Time | What |\r
|------|------|\r
| 2020-02-01 10:00 | The disk fills. |\r
| 10:05 | It is full. |\r
\r
## Action items\r
\r
* [ ] Order disks\r
* [x] Buy one"""


def bring(content: bytes = TEXT, name: str = NAME, **given: Any) -> apply.Import:
    with db.transaction():
        document = readers_registry.read(name, content)
        return apply.import_document(document, name, actor=SYSTEM, content=content, **given)


def given_back(slug: str = SLUG) -> exports_export.File:
    with db.reading():
        return exports_export.in_source(incidents.by_slug(slug, SYSTEM))


def test_an_unedited_file_comes_back_to_the_byte_whatever_was_filled_in(any_database: str) -> None:
    bring(service="data8", timezone="Europe/Berlin")

    assert stored(SLUG).services == ("data8",)
    assert [item.id for item in stored(SLUG).items] == ["AI-1", "AI-2"]
    assert given_back() == exports_export.File(NAME, TEXT)


def test_a_better_reader_changes_no_file_that_nobody_edited(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring()
    monkeypatch.setattr(readers_registry, "read", lambda name, data: Document(title="Read in another way"))

    assert given_back().content == TEXT


def test_one_edited_entry_changes_its_line_only(any_database: str) -> None:
    bring(service="data8")
    save(with_entry(stored(SLUG), 1, text="It was full."), SLUG)

    assert given_back().content == TEXT.replace(b"It is full.", b"It was full.")


def test_one_edited_item_changes_its_line_only(database: str) -> None:
    bring()
    save(with_item(stored(SLUG), "AI-2", status="open"), SLUG)

    assert given_back().content == TEXT.replace(b"* [x] Buy one", b"* [ ] Buy one")


def test_an_edit_taken_back_gives_the_very_bytes(database: str) -> None:
    bring()
    before = stored(SLUG)
    save(with_entry(before, 0, text="Something else."), SLUG)
    save(before, SLUG)

    assert given_back().content == TEXT


def test_what_was_written_here_is_canonical_under_its_slug(database: str) -> None:
    slug = save(Document(title="Hub down", date=date(2021, 3, 4))).slug

    assert given_back(slug) == exports_export.File(f"{slug}.md", parser.write(stored(slug)).encode())


def test_other_formats_come_back_as_they_came_and_as_markdown_once_edited(database: str) -> None:
    came = bring(b"Outage\n\nTimeline\n\n10:00\n\nIt is out.\n", "2021-03-04-outage.txt")
    untouched = given_back(came.slug)
    save(replace(stored(came.slug), title="Another"), came.slug)
    edited = given_back(came.slug)

    assert untouched == exports_export.File(
        "2021-03-04-outage.txt", b"Outage\n\nTimeline\n\n10:00\n\nIt is out.\n"
    )
    assert edited.path == "2021-03-04-outage.md"
    assert parser.parse(edited.content.decode()).title == "Another"


def test_an_edit_in_the_file_and_an_edit_here_come_together_and_go_back(any_database: str) -> None:
    bring()
    save(with_item(stored(SLUG), "AI-1", owner="sam"), SLUG)
    edited = TEXT.replace(b"The disk fills.", b"The disk filled.")

    assert bring(edited).result == "changed"
    assert stored(SLUG).entries[0].text == "The disk filled."
    assert stored(SLUG).items[0] == Item("Order disks", id="AI-1", status="open", owner="sam")
    back = given_back().content
    assert back == edited.replace(b"Order disks\r\n", b"Order disks\r\n  - Owner: sam\r\n")
    assert bring(back).result == "same"
    assert bring(back).result == "same"
    assert given_back().content == back


def test_an_item_edited_in_its_file_keeps_its_number(database: str) -> None:
    bring()
    bring(TEXT.replace(b"Order disks", b"Order disks in time"))

    assert [(item.id, item.text) for item in stored(SLUG).items] == [
        ("AI-1", "Order disks in time"),
        ("AI-2", "Buy one"),
    ]


def test_an_owner_that_is_taken_away_here_stays_away_though_the_file_names_one(any_database: str) -> None:
    led = TEXT.replace(b"Order disks", b"bob: order disks")
    bring(led)
    assert stored(SLUG).items[0].owner == "bob"
    save(with_item(stored(SLUG), "AI-1", owner=""), SLUG)
    assert stored(SLUG).items[0].owner == ""
    save(with_item(stored(SLUG), "AI-2", status="open"), SLUG)
    back = given_back().content

    assert back == led.replace(b"* [x] Buy one", b"* [ ] Buy one")
    assert bring(back).result == "same"
    assert bring(back.replace(b"The disk fills.", b"The disk filled.")).result == "changed"
    assert stored(SLUG).items[0] == Item("bob: order disks", id="AI-1", status="open")
    with pytest.raises(Stale):
        bring(back.replace(b"bob: order", b"kim: order"))


def test_a_conflict_tells_both_texts_and_changes_nothing(any_database: str) -> None:
    bring()
    save(with_entry(stored(SLUG), 1, text="It was full."), SLUG)

    with pytest.raises(Stale) as refused:
        bring(TEXT.replace(b"It is full.", b"It never was full."))

    assert "It never was full." in refused.value.mine
    assert "It was full." in refused.value.theirs
    assert stored(SLUG).entries[1].text == "It was full."
    assert given_back().content == TEXT.replace(b"It is full.", b"It was full.")


def test_a_report_of_the_same_name_in_another_folder_is_another_incident(database: str) -> None:
    first, second = bring(name="a/2020-02-01-disk.md"), bring(TEXT + b" or two", name="b/2020-02-01-disk.md")

    assert (first.result, second.result) == ("new", "new")
    assert first.slug != second.slug


def test_drafts_stay_out_unless_asked_for_and_files_do_not_count_as_such(any_database: str) -> None:
    bring()
    bring(b"---\nstatus: draft\n---\n\n# Not yet\n", "2020-03-03-not-yet.md")
    save(Document(title="Begun here"))
    out = save(Document(title="Out", status="published")).slug

    def listed(**given: Any) -> list[str]:
        with db.reading():
            return [each.slug for each in queries.to_export(Filters(), actor=SYSTEM, **given)]

    assert listed() == [SLUG, out]
    assert listed(drafts=True) == [SLUG, "2020-03-03-not-yet", "begun-here", out]


@pytest.mark.parametrize("count", [10, 1000])
def test_a_page_of_an_export_costs_the_same_at_any_size(
    database: str, count_queries: Callable[[], AbstractContextManager[list[str]]], count: int
) -> None:
    from postmortems.incidents.models import Incident

    with db.transaction() as session:
        now = importing_time()
        session.add_all(
            Incident(slug=f"x-{n}", title="x", occurred_on=date(2020, 1, 1), status="published",
                     created_at=now, saved_at=now)
            for n in range(count)
        )  # fmt: skip
    with db.reading(), count_queries() as statements:
        page = queries.to_export(Filters(), actor=SYSTEM, limit=100)

    assert len(page) == min(count, 100)
    # The page, and the look whether anything is restricted.
    assert len([each for each in statements if each.startswith("SELECT")]) == 2


def importing_time() -> Any:
    from postmortems import clock

    return clock.now()


@pytest.mark.parametrize(
    "name, path",
    [
        ("2018/x.md", "2018/x.md"),
        ("../../etc/x.md", "etc/x.md"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\..\\x.md", "x.md"),
        ("C:\\x.md", "C/x.md"),
        (".git/config", "git/config"),
        ("a//./b.md", "a/b.md"),
        ("a\n\0b.md", "ab.md"),
        ("...", ""),
        ("", ""),
        ("漢字.md", "漢字.md"),
    ],
)
def test_a_name_leads_out_of_no_folder(name: str, path: str) -> None:
    assert safe(name) == path


def test_no_two_files_get_one_name() -> None:
    names = Names()

    found = [names.free(path) for path in ("a/x.html.md.erb", "a/X.html.md.erb", "a/x.html.md.erb", "x.md")]

    assert found == ["a/x.html.md.erb", "a/X-2.html.md.erb", "a/x-3.html.md.erb", "x.md"]


def test_ids_are_written_where_the_file_has_them() -> None:
    plain = Document(sections=(Section("To do", (Item("a"), Item("b"))),))
    named = Document(sections=(Section("To do", (Item("a", id="AI-1"), Item("b", id="AI-2"))),))
    more = Document(sections=(Section("To do", (Item("a", id="AI-1"), Item("new", id="AI-9"))),))

    assert as_in_file(named, plain, ImportDefaults()) == plain
    assert as_in_file(named, named, ImportDefaults()) == named
    assert as_in_file(more, named, ImportDefaults()) == more


def test_what_was_filled_in_goes_out_again_only_while_it_is_that() -> None:
    then, filled = Document(title="x"), ImportDefaults("data8", "Europe/Berlin")

    assert filled.out_of(filled.into(then), then) == then
    edited = replace(filled.into(then), services=("hub",))
    assert filled.out_of(edited, then) == replace(then, services=("hub",))


def test_ids_follow_edited_and_moved_items_and_no_strangers() -> None:
    then = Document(sections=(Section("To do", (Item("Order more disks", "AI-1"), Item("Rest", "AI-2"))),))
    now = Document(
        sections=(Section("To do", (Item("Order many more disks"), Entry("x"), Item("Quite another"))),)
    )

    assert [item.id for item in with_ids(now, then).items] == ["AI-1", ""]
