"""Whom an incident is shown to: what the document says, who stays among the named, and what is refused."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

import postmortems
from postmortems import visibility
from postmortems.accounts import operations as accounts_operations
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Item, Section
from postmortems.errors import Invalid, NotFound
from postmortems.incidents import operations, queries, rows
from postmortems.incidents.models import ActionItem, Affected, Incident
from postmortems.incidents.queries import Filters
from postmortems.incidents.restricted import restrictions
from postmortems.visibility import EVERYTHING, NOBODY, Viewer

SYSTEM = Actor.system("test")
ADA = Actor("person", "ada", role="author", user_id=1)
SECRET = Document(
    title="A leak",
    date=date(2018, 1, 25),
    services=("data8",),
    restricted=("@ben", "ada"),
    sections=(Section("Action items", (Item("Close it."),)),),
)


@pytest.fixture
def accounts(any_database: str) -> None:
    with db.transaction():
        for name in ("ada", "ben", "cy"):
            accounts_operations.add_user(name, "author", actor=SYSTEM)


def save(
    document: Document = SECRET, slug: str | None = None, actor: Actor = ADA, *, opens: bool = False
) -> str:
    with db.transaction(), visibility.seen_by(EVERYTHING):
        return operations.save(slug, document, version=None, actor=actor, opens=opens).slug


def stored(slug: str) -> Document:
    with db.reading(), visibility.seen_by(EVERYTHING):
        return rows.to_document(queries.by_slug(slug, ADA))


@pytest.mark.parametrize(
    "viewer, is_seen",
    [
        (Viewer("ada"), True),
        (Viewer("ben"), True),
        (Viewer("cy"), False),
        (Viewer("@ben"), False),
        (Viewer("test"), False),
        (NOBODY, False),
        (EVERYTHING, True),
    ],
)
def test_only_the_named_see_it(accounts: None, viewer: Viewer, is_seen: bool) -> None:
    save()
    with db.reading(), visibility.seen_by(viewer):
        assert len(queries.listing(Filters()).rows) == is_seen
        assert queries.matching(Filters(service="data8")) == is_seen
        assert queries.years() == [2018] * is_seen
        for model in (Incident, ActionItem, Affected, Event):
            named = select(func.count()).select_from(model)
            if model is Event:
                named = named.where(Event.subject_kind.in_(["incident", "item"]))
            assert bool(session().scalar(named)) == is_seen, model


def test_what_is_not_restricted_is_seen_by_all(accounts: None) -> None:
    save(replace(SECRET, restricted=()))
    with db.reading():
        assert len(queries.listing(Filters()).rows) == 1


def test_a_query_that_only_mentions_an_incident_is_narrowed_too(accounts: None) -> None:
    save()
    with db.reading(), visibility.seen_by(Viewer("cy")):
        inside = select(ActionItem.incident_id).join(ActionItem.incident)
        assert session().scalars(select(Incident.slug).where(Incident.id.in_(inside))).all() == []
        assert session().scalar(select(func.count()).select_from(inside.subquery())) == 0


def test_who_restricts_an_incident_stays_among_the_named(accounts: None) -> None:
    slug = save(replace(SECRET, restricted=("ben",)))
    with db.reading(), visibility.seen_by(Viewer("ada")):
        assert rows.to_document(queries.by_slug(slug, ADA)).restricted == ("ben", "ada")


def test_whoever_is_taken_off_sees_it_no_longer(accounts: None) -> None:
    slug = save()
    save(replace(SECRET, restricted=("ada",)), slug)

    with db.reading(), visibility.seen_by(Viewer("ben")), pytest.raises(NotFound):
        queries.by_slug(slug, ADA)


def test_whoever_does_not_see_it_cannot_save_it(accounts: None) -> None:
    slug = save()

    with db.transaction(), visibility.seen_by(Viewer("cy")), pytest.raises(NotFound):
        operations.save(slug, SECRET, version=None, actor=replace(ADA, name="cy"))


def test_a_name_without_an_account_is_refused_at_its_place(accounts: None) -> None:
    with pytest.raises(Invalid) as refused:
        save(replace(SECRET, restricted=("ada", "bne")))

    assert [(one.pointer, one.detail) for one in refused.value.problems] == [
        ("/restricted/1", "there is no account named 'bne'")
    ]


def test_a_file_may_name_people_who_come_later(accounts: None) -> None:
    slug = save(replace(SECRET, restricted=("eve",)), actor=SYSTEM)
    with db.reading(), visibility.seen_by(Viewer("eve")):
        assert queries.by_slug(slug, ADA).title == "A leak"


def test_restricting_and_opening_are_told_in_the_audit_log(accounts: None) -> None:
    slug = save(replace(SECRET, restricted=()))
    save(SECRET, slug)
    save(replace(SECRET, restricted=()), slug, opens=True)
    with db.reading():
        told = session().scalars(select(Event).where(Event.verb == "incident.saved").order_by(Event.id))
        assert [event.data["changed"] for event in told] == [["restricted"], ["restricted"]]


def test_what_says_nothing_of_it_leaves_it_restricted(accounts: None) -> None:
    slug = save()
    save(replace(SECRET, restricted=(), title="A leak, mended"), slug)

    assert (stored(slug).title, stored(slug).restricted) == ("A leak, mended", ("@ben", "ada"))


@pytest.mark.parametrize("key", ["restricted: []", "restricted:  []"])
def test_a_text_that_says_so_opens_it_and_keeps_no_trace_of_that(accounts: None, key: str) -> None:
    slug = save()
    save(parser.parse(f"---\ntitle: A leak\n{key}\n---\n"), slug)

    assert (stored(slug).restricted, stored(slug).extra) == ((), ())


@pytest.mark.parametrize("key", ["restricted:", "restricted: ada", "restricted: false", "Restricted: []"])
def test_a_text_that_says_something_else_does_not_open_it(accounts: None, key: str) -> None:
    slug = save()
    save(parser.parse(f"---\ntitle: A leak\n{key}\n---\n"), slug)

    assert stored(slug).restricted == ("@ben", "ada")


def test_the_key_goes_out_and_comes_in(accounts: None) -> None:
    slug = save()
    with db.reading(), visibility.seen_by(Viewer("ben")):
        text = parser.write(rows.to_document(queries.by_slug(slug, ADA)))

    assert 'restricted: ["@ben", ada]' in text
    assert parser.parse(text).restricted == ("@ben", "ada")


def test_a_value_that_is_no_list_of_names_stays_another_tools_key() -> None:
    document = parser.parse("---\ntitle: A\nrestricted: true\n---\n")

    assert document.restricted == ()
    assert document.extra == (("restricted", "true"),)


HIDDEN = {model.__name__ for model in restrictions.HIDES}


def _unsaid(path: Path) -> Iterator[str]:
    """Where functions of what may be hidden are selected, without saying from where."""
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef | ast.Module):
            continue
        values = {
            target.id: node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        said = {
            id(node.func.value)
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if node.func.attr in {"select_from", "join", "join_from"}
        }
        for node in ast.walk(function):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "select"
            ):
                continue
            told = [values.get(arg.id, arg) if isinstance(arg, ast.Name) else arg for arg in node.args]
            names = {each.id for arg in told for each in ast.walk(arg) if isinstance(each, ast.Name)}
            if all(isinstance(arg, ast.Call) for arg in told) and names & HIDDEN and id(node) not in said:
                yield f"{path.name}:{node.lineno}"


def test_who_selects_only_functions_says_from_what() -> None:
    package = Path(postmortems.__file__).parent

    assert [place for path in package.rglob("*.py") for place in _unsaid(path)] == []


def test_hiding_takes_one_query_more_a_unit_of_work(
    accounts: None, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    save()
    counts = []
    for viewer in (EVERYTHING, Viewer("cy")):
        with db.reading(), visibility.seen_by(viewer), count_queries() as statements:
            queries.listing(Filters())
            queries.listing(Filters())
        counts.append(len([one for one in statements if one.startswith("SELECT")]))

    assert counts[1] == counts[0] + 1
