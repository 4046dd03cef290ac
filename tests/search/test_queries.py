"""What is found, in which order, by whom: the same on both databases."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.db import full_text
from postmortems.db import session as db
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.errors import Invalid
from postmortems.guards import search_entries as guard_entries
from postmortems.guards.models import Guard, Service, Target
from postmortems.incidents import operations as incidents
from postmortems.incidents import queries as incident_queries
from postmortems.incidents import rows, search_entries
from postmortems.incidents.comments import operations as comments
from postmortems.incidents.models import ActionItem, Incident
from postmortems.search import queries, results, tokens
from postmortems.search.models import SearchEntry
from postmortems.search.query import read
from postmortems.visibility import Viewer
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.tables import create_all  # noqa: F401  (imports every table's module)

HITS = [
    [part.strip() for part in line.rsplit(" : " if " : " in line else " :", 1)]
    for line in (Path(__file__).parent / "hits.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
TEXTS = {
    "a": Document(
        "Kube-proxy lost its rules", date(2019, 1, 1), services=("data8",), tags=("dns",),
        sections=(Section("Summary", (Prose("A **rule** was gone."),)), Section("Process", (
            Item("Alert when pods are OOMKilled", owner="Ada", due=date(2020, 1, 1), guards=("not-there",)),
        ))),
    ),
    "b": Document(
        "Nodes down", date(2017, 5, 1), services=("hub/prod",),
        sections=(Section("Summary", (Prose("The kube-proxy on windows, written in C#."),)),),
    ),
    "c": Document(
        "Pods OOMKilled", date(2019, 6, 1), severity="SEV1",
        sections=(Section("Summary", (Prose("They ran out of memory."),)),),
    ),
    "d": Document(
        "Compiler", date(2020, 1, 1),
        sections=(Section("Summary", (Prose("C++ at 10.0.0.1 wrote to `/var/log/x` the end."),)),),
    ),
    "e": Document(
        "Platte voll", date(2020, 6, 1), tags=("two words",),
        sections=(Section("Summary", (Prose("Überwache die Straße."),)),),
    ),
    "f": Document(
        "Anderswo", date(2020, 7, 1), status="draft",
        sections=(Section("Summary", (Prose("サービス障害が発生した。数据库宕机。서버가 죽었다."),)),),
    ),
}  # fmt: skip


WORLD = Actor("person", "ben", "admin")


@pytest.fixture
def slugs(any_database: str, clock: Clock) -> dict[str, str]:
    """The incidents of the table, published but one, with an item, a comment and a guard: names by slug."""
    slugs = {save(replace(one, status=one.status or "published")).slug: name for name, one in TEXTS.items()}
    with db.transaction() as session, visibility.seen_by(visibility.EVERYTHING):
        pods = next(slug for slug, name in slugs.items() if name == "c")
        comments.add(pods, "A bystander's comment", actor=WORLD)
        data8 = Service(name="data8", title="", targets=[Target(name="prod", position=0)])
        guard = Guard(
            slug="green-build", title="Green build", kind="scm_check", config={}, created_at=clock.now()
        )
        guard.edited_at, guard.targets = clock.now(), list(data8.targets)
        session.add_all([data8, guard])
        session.flush()
        guard_entries.touch(guard)
    return {**slugs, "AI-1": "a1", "green-build": "g"}


def found(query: str, viewer: Viewer = visibility.EVERYTHING, limit: int = 50) -> list[str]:
    with db.reading(), visibility.seen_by(viewer):
        wanted = queries.asked(query)
        refs, place = [], ""
        while True:
            hits, place = results.of(wanted, place, limit)
            refs += [hit.ref for hit in hits]
            if not place:
                break
        assert results.count(wanted) == len(refs)
    return refs


# Named one by one as far as there are few, or all of them as a beginning.
@pytest.mark.parametrize("most_begun", [full_text.MOST_BEGUN, 0])
def test_each_query_finds_what_the_table_says(
    slugs: dict[str, str], monkeypatch: pytest.MonkeyPatch, most_begun: int
) -> None:
    monkeypatch.setattr(full_text, "MOST_BEGUN", most_begun)
    told = [f"{query} : {' '.join(slugs[ref] for ref in found(query))}" for query, _ in HITS]

    assert told == [f"{query} : {hits}" for query, hits in HITS]


def test_what_is_found_is_also_told_by_the_entries_themselves(slugs: dict[str, str]) -> None:
    with db.reading() as session, visibility.seen_by(visibility.EVERYTHING):
        items = {item.id: item.opened_at.date() for item in session.scalars(select(ActionItem))}
        told = {query: queries.those_of("item", items, queries.asked(query)) for query, _ in HITS}
        known = {
            query: set(
                session.scalars(
                    select(ActionItem.id).where(
                        *queries.conditions(ActionItem.id, "item", queries.asked(query))
                    )
                )
            )
            for query, _ in HITS
        }

    assert told == known
    assert set(map(len, told.values())) == {0, 1}


def test_what_begins_so_is_named_where_it_is_not_much(any_database: str) -> None:
    words = "restart restarted restarts rest re restful resting restless"
    save(Document("Again", sections=(Section("Summary", (Prose(words),)),)))
    if db.engine().dialect.name != "sqlite":
        return
    asked = {
        "restart": '"restart" OR "restarted" OR "restarts"',
        "-restf": '"restful"',
        "re": '"re" *',
        "res": '"res" *',
        "aaaa bbbb cccc dddd eeee": '"aaaa" *',
    }
    asked |= {"unheard": '"unheard"', '"rest re"': '"rest re"', "rest": '"rest" OR'}

    with db.reading():
        said = {
            query: str(queries.narrowed(select(SearchEntry.id), queries.asked(query))[0].compile().params)
            for query in asked
        }

    assert {query for query in asked if asked[query] not in said[query]} == set()


def test_pages_of_one_row_give_the_same_in_the_same_order(slugs: dict[str, str]) -> None:
    for query, _ in HITS:
        assert found(query, limit=1) == found(query)


def test_what_is_restricted_is_found_by_those_it_names_alone(any_database: str) -> None:
    open_one = save(replace(TEXTS["c"], status="published")).slug
    hidden = save(replace(TEXTS["a"], status="published", restricted=("ada",))).slug

    for query in (
        "oomkilled",
        "kube",
        "kube-proxy",
        "rule",
        "service:data8",
        "is:restricted",
        "-tag:x",
        "owner:ada",
    ):
        assert hidden not in found(query, Viewer("ben"))
        assert set(found(query, Viewer("ben"))) <= {open_one}
    assert found("kube", Viewer("ada")) == [hidden]
    assert set(found("is:restricted", Viewer("ada"))) == {hidden, "AI-1"}


def test_what_changes_is_found_as_it_is_now(any_database: str) -> None:
    named = Item("Alert when pods are OOMKilled")
    before = replace(TEXTS["a"], sections=(Section("Action items", (named,)),))
    slug = save(before).slug
    assert found("oom") == ["AI-1", slug]
    save(replace(before, title="Another title", date=date(2001, 1, 1), sections=()), slug)

    assert found("lost rules") == [slug]  # Its slug stays as it was.
    assert found("oom") == []
    assert found("another title") == [slug]
    assert found("before:2002") == [slug]

    with db.transaction():
        incidents.delete(slug, actor=Actor.system("test"))
    assert found("another") == []
    with db.reading() as session:
        assert session.scalars(select(SearchEntry.id)).all() == []


def test_an_entry_that_says_the_same_is_not_written_again(any_database: str) -> None:
    slug = save(TEXTS["a"]).slug

    with db.transaction() as session:
        ids = session.scalars(select(Incident.id).where(Incident.slug == slug)).all()
        assert search_entries.put(session.connection(), ids) == 0


def test_phrases_are_found_however_long_a_text_is(any_database: str) -> None:
    long = " ".join(f"the word{number} of" for number in range(9_000))
    slug = save(Document("Long", sections=(Section("Summary", (Prose(f"{long} the end."),)),))).slug

    assert found('"the word8999"') == [slug]
    assert found('"of the end"') == [slug]
    assert found('"the of"') == []
    assert found('-"the end" long') == []


@pytest.mark.parametrize("query", ["severity:9", "x" * 501, "a " * 40, "service:"])
def test_what_is_wrong_with_a_query_is_refused(query: str) -> None:
    with pytest.raises(Invalid):
        queries.asked(query)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(st.text(max_size=40) | st.text("\"'-:*()^|&!<>+#\\\0 abü障", max_size=40))
def test_whatever_is_typed_is_answered(any_database: str, query: str) -> None:
    with db.reading():
        wanted = read(query)
        if wanted.asks and not wanted.problems:
            assert results.of(wanted, "", 10)[1] == ""


@pytest.mark.parametrize("looked_through", [1, 2, 100])
@pytest.mark.parametrize("word, count", [("net", 9), ("pods", 3), ("nothing", 0), ("-pods net", 6)])
def test_page_by_page_everything_comes_once_and_in_order_however_far_one_looks_for_it(
    any_database: str, monkeypatch: pytest.MonkeyPatch, looked_through: int, word: str, count: int
) -> None:
    # Beside the newest entries, PostgreSQL asks its index; which of both tells is nobody's to see.
    monkeypatch.setattr(full_text, "LOOKED_THROUGH", looked_through)
    monkeypatch.setattr(full_text, "MOST_LOOKED_THROUGH", 4 * looked_through)
    for number in range(9):
        said = "net pods" if number in {0, 1, 7} else "net"
        save(Document(f"Nr {number}", sections=(Section("Summary", (Prose(said),)),)))
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        wanted, refs, after = queries.asked(word), list[str](), ""
        while True:
            hits, after = results.of(wanted, after, 2)
            refs += [hit.ref for hit in hits]
            if not after:
                break
        places = {
            ref: number for number, ref in db.session().execute(select(SearchEntry.id, SearchEntry.ref))
        }
        assert len(refs) == results.count(wanted) == count
    assert [places[ref] for ref in refs] == sorted({places[ref] for ref in refs}, reverse=True)


def test_one_page_takes_two_statements_and_a_common_word_is_not_sorted(
    any_database: str, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    slug = save(TEXTS["a"]).slug
    save(TEXTS["c"])

    with db.reading(), visibility.seen_by(visibility.EVERYTHING), count_queries() as seen:
        results.of(queries.asked("pods"), "", 10)
    # PostgreSQL looks beside each whether there are enough among the newest.
    is_sqlite = db.engine().dialect.name == "sqlite"
    assert len([one for one in seen if one.startswith("SELECT")]) == (2 if is_sqlite else 4)
    # What begins so: in titles, and then anywhere.
    assert len([one for one in seen if "WITH" in one]) == (2 if db.engine().dialect.name == "sqlite" else 0)
    if db.engine().dialect.name == "sqlite":
        with db.reading() as session:
            page, place = queries.narrowed(select(SearchEntry.id), queries.asked("pods"))
            compiled = page.order_by(place.desc()).limit(10).compile(db.engine())
            plan = session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {compiled}", tuple(compiled.params.values())
            )
            steps = [row[3] for row in plan]
        assert not any("TEMP B-TREE" in step or step.startswith("SCAN search_entries") for step in steps)
    assert slug


def test_only_what_says_something_else_is_cut_and_written_anew(
    any_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = tuple(Item(f"Ask {number} first") for number in range(5))
    entries = (Entry("14:30", "We look."), Entry("14:35", "It is up."))
    incident = save(
        Document("A title", sections=(Section("Timeline", entries), Section("Action items", items)))
    )
    with db.reading():
        before = {row.id: (row.digest, row.title) for row in db.session().scalars(select(SearchEntry))}
    cut: list[str] = []
    stream = tokens.stream
    monkeypatch.setattr(tokens, "stream", lambda title, *rest: cut.append(title) or stream(title, *rest))

    with db.transaction():
        document = rows.to_document(incident_queries.for_saving(incident.slug))
        timeline = replace(document.sections[0], blocks=(replace(entries[0], text="We see."), entries[1]))
        edited = replace(document, sections=(timeline, document.sections[1]))
        incidents.save(incident.slug, edited, version=1, actor=Actor.system("test"))

    with db.reading():
        after = {row.id: (row.digest, row.title) for row in db.session().scalars(select(SearchEntry))}
    assert cut == ["A title"]
    assert [title for number, (_, title) in after.items() if before[number] != after[number]] == ["A title"]
