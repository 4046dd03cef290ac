"""Related incidents: those that hit the same targets, have the same tags, or name the same uncommon words.

Each sign asks the index for a bounded number of incidents, so the cost does not grow with what is stored. A
word that more than `RARE` other incidents name, or a fifth of a few, says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.incidents import queries
from postmortems.incidents.models import Incident, Prose, Section
from postmortems.search import queries as search
from postmortems.search import tokens
from postmortems.search.models import SearchEntry
from postmortems.search.plain_text import plain
from postmortems.search.query import Facet, Query, Term

RARE = 40
MOST_WORDS, MOST_NAMES, SHOWN = 24, 8, 5
SHORTEST_WORD = 4
# What stands where people say what happened and why; the rest names too much.
TELLING = ("summary", "contributing_factors", "conclusion")
# A shared service alone relates nothing, and neither does one word.
LEAST = 3


@dataclass(frozen=True, slots=True)
class Sign:
    """What two incidents may share: how it is asked for, what it weighs, and how it is told."""

    query: Query
    weight: int
    kind: str
    name: str


@dataclass(slots=True)
class Shared:
    """What an incident shares with another one."""

    weight: int = 0
    names: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Related:
    """A related incident, and why: `same target data8/prod, both name staging`."""

    slug: str
    title: str
    day: date
    why: str


def of(slug: str, actor: Actor) -> list[Related]:
    """The incidents most related to this one, as the viewer may see them. Raises `NotFound`."""
    incident = queries.front(slug, actor)
    shared = _shared(incident)
    best = sorted(shared, key=lambda row_id: (-shared[row_id].weight, -row_id))
    wanted = [row_id for row_id in best if shared[row_id].weight >= LEAST][:SHOWN]
    rows = select(Incident).where(Incident.id.in_(wanted))
    found = {row.id: row for row in session().scalars(rows)}
    return [
        Related(one.slug, one.title, one.occurred_on, _told(shared[one.id]))
        for row_id in wanted
        if (one := found.get(row_id))
    ]


def _shared(incident: Incident) -> dict[int, Shared]:
    """By id of another incident, what it shares with this one."""
    shared: dict[int, Shared] = {}
    few = search.count(select(SearchEntry.id), Query(), ("incident",))
    rare = min(RARE, max(1, few // 5))
    for sign in _signs(incident):
        selected = select(SearchEntry.row_id).where(SearchEntry.row_id != incident.id)
        found, place = search.narrowed(selected, sign.query, ("incident",))
        row_ids = session().scalars(found.order_by(place.desc()).limit(RARE + 1)).all()
        if sign.kind == "word" and len(row_ids) > rare:
            continue
        for row_id in row_ids:
            one = shared.setdefault(row_id, Shared())
            names = one.names.setdefault(sign.kind, [])
            # One that names a target names its service too.
            if sign.kind == "service" and any(
                name.startswith(f"{sign.name}/") for name in one.names.get("target", ())
            ):
                continue
            one.weight += sign.weight
            names.append(sign.name)
    return shared


def _signs(incident: Incident) -> Iterator[Sign]:
    services = dict.fromkeys(name.partition("/")[0] for name in incident.services)
    for name in [name for name in incident.services if "/" in name][:MOST_NAMES]:
        yield Sign(_property("service", name), 3, "target", name)
    for name in list(services)[:MOST_NAMES]:
        yield Sign(_property("service", name), 1, "service", name)
    for tag in incident.tags[:MOST_NAMES]:
        yield Sign(_property("tag", tag), 3, "tag", tag)
    for word in _words(incident):
        yield Sign(Query(terms=(Term(tuple(tokens.of_run(word)), (word,)),)), 2, "word", word)


def _property(name: str, value: str) -> Query:
    return Query(facets=(Facet((tokens.facet(name, value),)),))


def _words(incident: Incident) -> Sequence[str]:
    """The words of its title, and of what says what happened and why, each once."""
    texts = (
        select(Prose.text)
        .join(Section, Section.id == Prose.section_id)
        .where(Section.incident_id == incident.id, Section.role.in_(TELLING))
        .order_by(Section.position, Prose.position)
        .limit(MOST_NAMES)
    )
    said = "\n".join((incident.title, *(plain(text[:2_000]) for text in session().scalars(texts))))
    words = (word for word in tokens.runs(said) if len(word) >= SHORTEST_WORD and not word[0].isdigit())
    return list(dict.fromkeys(words))[:MOST_WORDS]


def _told(shared: Shared) -> str:
    said = {
        "target": "same target {}",
        "service": "same service {}",
        "tag": "both tagged {}",
        "word": "both name {}",
    }
    return ", ".join(
        words.format(", ".join(names[:4]))
        for kind, words in said.items()
        if (names := shared.names.get(kind))
    )
