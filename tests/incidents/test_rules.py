"""The pure parts: kinds of items, slugs, remarks, what may be stored, what changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.document.readers import formats
from postmortems.incidents import change_summary, guard_remarks, slugs, validation
from postmortems.incidents.items import item_numbers, kinds


@pytest.mark.parametrize(
    "category, section, kind",
    [
        ("Process", "Action items", "process"),
        ("Process improvements", "", "process"),
        ("Policies", "", "process"),
        ("", "Process", "process"),
        ("Documentation", "", "documentation"),
        ("Docs", "Action items", "documentation"),
        ("Monitoring / Detection", "", "monitoring"),
        ("Alerting", "", "monitoring"),
        ("Upstream KubeSpawner", "", "upstream"),
        ("upstream docs", "", "upstream"),
        ("Technical", "", "technical"),
        ("Technical: process the queue", "", "process"),
        ("JupyterHub", "Action items", "other"),
        ("", "", "other"),
        ("Processor", "", "other"),
    ],
)
def test_an_items_kind_is_read_from_its_heading(category: str, section: str, kind: str) -> None:
    assert kinds.kind_of(category, section) == kind


FOUNDING_TITLE = "Accidental merge to prod brings things down"


@pytest.mark.parametrize(
    "title, day, name, slug",
    [
        (
            FOUNDING_TITLE,
            None,
            "2018-01-25-accidental-merge-to-prod.md",
            "2018-01-25-accidental-merge-to-prod",
        ),
        (FOUNDING_TITLE, None, "in/a/folder/2018-01-25-Merge.html.md.erb", "2018-01-25-merge"),
        (FOUNDING_TITLE, date(2018, 1, 25), "", "2018-01-25-accidental-merge-to-prod-brings-things-down"),
        ("It's down", date(2018, 1, 25), "post.md", "2018-01-25-its-down"),
        ("", date(2018, 1, 25), "notes about it.md", "2018-01-25-notes-about-it"),
        ("2024-03-01 Hub down", date(2024, 3, 1), "", "2024-03-01-hub-down"),
        ("2024-03-01", date(2024, 3, 1), "", "2024-03-01"),
        ("2024-03-01: Hub down", date(2024, 3, 2), "", "2024-03-02-2024-03-01-hub-down"),
        ("2024-03-012 Hub down", date(2024, 3, 1), "", "2024-03-01-2024-03-012-hub-down"),
        ("Ärger", None, "", "arger"),
        ("漢字", None, "", "漢字"),
        ("ガイドの障害報告", date(2024, 3, 1), "", "2024-03-01-ガイドの障害報告"),
        ("Ошибка в базе", None, "", "ошибка-в-базе"),
        ("장애 보고서", None, "", "장애-보고서"),
        ("DNS 障害、対応", None, "", "dns-障害対応"),
        ("हिन्दी रिपोर्ट", None, "", "हिन्दी-रिपोर्ट"),
        ("Straße, Øst", None, "", "strasse-ost"),
        ("don’t \u202e 🚒", None, "", "dont"),
        ("", None, "", "incident"),
        ("../../etc/passwd", None, "", "etc-passwd"),
        ("word " * 40, None, "", "-".join(["word"] * 16)),
        ("x" * 200, None, "", "x" * 80),
    ],
)
def test_a_slug_is_made_from_file_name_or_date_and_title(title: str, day: date, name: str, slug: str) -> None:
    assert slugs.slug_for(title, day, name) == slug


def test_no_ending_of_a_format_stays_in_a_slug() -> None:
    for ending in (*formats.ENDINGS, *formats.DATA_ENDINGS):
        assert slugs.slug_for("", None, f"2018-01-25-hub-down{ending}") == "2018-01-25-hub-down", ending


@pytest.mark.parametrize(
    "slug, taken, unique",
    [("a", set(), "a"), ("a", {"a"}, "a-2"), ("a", {"a", "a-2", "a-4"}, "a-3"), ("new", set(), "new-2")],
)
def test_a_slug_that_is_taken_gets_a_number(slug: str, taken: set[str], unique: str) -> None:
    assert slugs.unique(slug, taken) == unique


@pytest.mark.parametrize(
    "ref, number",
    [("AI-1", 1), ("AI-42", 42), ("AI-0", None), ("AI-01", None), ("ai-1", None), ("AI-", None)],
)
def test_a_reference_is_read_exactly(ref: str, number: int | None) -> None:
    assert item_numbers.number_of(ref) == number


@pytest.mark.parametrize(
    "written, slug, bare",
    [
        ("staging-online", "staging-online", "staging-online"),
        ("staging-online (soft, enforced)", "staging-online", "staging-online"),
        ("staging-online (no such guard)", "staging-online", "staging-online"),
        ("staging-online (disabled)", "staging-online", "staging-online"),
        ("staging-online (ask Sam)", "staging-online", "staging-online (ask Sam)"),
        ("staging-online (soft) later", "staging-online", "staging-online (soft) later"),
        ("staging-online (soft, ask Sam)", "staging-online", "staging-online (soft, ask Sam)"),
    ],
)
def test_our_remark_is_told_from_the_authors(written: str, slug: str, bare: str) -> None:
    document = Document(sections=(Section("x", (Item("a", guards=(written,)), Prose("(soft)"))),))

    assert guard_remarks.slug(written) == slug
    assert guard_remarks.bare(document).items[0].guards == (bare,)


def in_section(*blocks: Any) -> Document:
    return Document(sections=(Section("Action items", blocks),))


BLOCK = "/sections/0/blocks/0"


@pytest.mark.parametrize(
    "document, pointer",
    [
        (Document(), "/title"),
        (Document(title="a\0b"), "/title"),
        (Document(heading="\ud800"), "/heading"),
        (Document(title="A", timezone="x" * 101), "/timezone"),
        (Document(title="A", severity="x" * 21), "/severity"),
        (Document(title="A", status="gone"), "/status"),
        (Document(title="A", recurrence_of="No slug"), "/recurrence_of"),
        (Document(title="A", services=("ok", "x" * 201)), "/services/1"),
        (Document(title="A", tags=("\0",)), "/tags/0"),
        (Document(title="A", extra=(("author", "\0"),)), "/extra/0/1"),
        (Document(sections=(Section("\0"),)), "/sections/0/heading"),
        (in_section(Prose("\0")), f"{BLOCK}/text"),
        (in_section(Category("\0")), f"{BLOCK}/heading"),
        (in_section(Entry("14:30", kind="odd")), f"{BLOCK}/kind"),
        (in_section(Entry("\0")), f"{BLOCK}/written"),
        (in_section(Item("a", id="AI-x")), f"{BLOCK}/id"),
        (in_section(Item("a", kind="odd")), f"{BLOCK}/kind"),
        (in_section(Item("a", status="odd")), f"{BLOCK}/status"),
        (in_section(Item("a", priority="P9")), f"{BLOCK}/priority"),
        (in_section(Item("a", guardability="maybe")), f"{BLOCK}/guardability"),
        (in_section(Item("a", owner="x" * 201)), f"{BLOCK}/owner"),
        (in_section(Item("a", team="x" * 201)), f"{BLOCK}/team"),
        (in_section(Item("a", tickets=("ok", "\0"))), f"{BLOCK}/tickets/1"),
        (in_section(Item("a", guards=("x" * 101,))), f"{BLOCK}/guards/0"),
        (in_section(Item("a", guards=("one", "one (soft)"))), f"{BLOCK}/guards/1"),
        (in_section(Item("a", id="AI-1"), Item("b", id="AI-1")), "/sections/0/blocks/1/id"),
        (in_section(Prose("x" * 400_001)), ""),
        (in_section(*[Category("x")] * 5_001), "/sections"),
        (Document(sections=(Section("x"),) * 5_001), "/sections"),
    ],
)
def test_what_cannot_be_stored_is_named_by_its_place(document: Document, pointer: str) -> None:
    assert [problem.pointer for problem in validation.problems(document)] == [pointer]


def test_an_ordinary_document_has_no_problems() -> None:
    document = in_section(Category("Process"), Item("a", id="AI-1", guards=("one", "two (soft)")), Item("b"))

    assert list(validation.problems(document)) == []


BEFORE = Document(
    title="A",
    sections=(Section("One", (Prose("x"),)), Section("Two", (Item("i", id="AI-1"),)), Section("One", ())),
)


@pytest.mark.parametrize(
    "after, parts",
    [
        (BEFORE, []),
        (replace(BEFORE, title="B", tags=("t",)), ["title", "tags"]),
        (replace(BEFORE, sections=(Section("One", ()), *BEFORE.sections[1:])), ["section One"]),
        (replace(BEFORE, sections=BEFORE.sections[:2]), ["section One removed"]),
        (
            replace(BEFORE, sections=(BEFORE.sections[1], BEFORE.sections[0], BEFORE.sections[2])),
            ["order of the sections"],
        ),
        (replace(BEFORE, sections=(Section("", (Prose("y"),)), *BEFORE.sections)), ["section at the top"]),
    ],
)
def test_what_changed_is_told_by_field_and_heading(after: Document, parts: list[str]) -> None:
    assert change_summary.parts(BEFORE, after) == parts


@pytest.mark.parametrize(
    "before, after, verbs",
    [
        (Item("a"), Item("a", status="open"), []),
        (Item("a"), Item("a", status="in_progress"), ["item.progressed"]),
        (Item("a"), Item("a", status="done"), ["item.closed"]),
        (Item("a", status="done"), Item("a", status="wont_do", reason="no"), ["item.closed", "item.edited"]),
        (Item("a", status="wont_do"), Item("a"), ["item.reopened"]),
        (Item("a"), Item("a", owner="sam", due=date(2026, 1, 1)), ["item.assigned", "item.dated"]),
        (Item("a"), Item("b", guards=("g",)), ["item.edited"]),
    ],
)
def test_what_happened_to_an_item_is_told_in_verbs(before: Item, after: Item, verbs: list[str]) -> None:
    documents = (in_section(replace(item, id="AI-1")) for item in (before, after))

    assert [verb for verb, _, _ in change_summary.item_events(*documents)] == verbs
