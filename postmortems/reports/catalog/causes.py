"""Top causes: the tags that incidents have most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from postmortems.incidents.queries import Filters
from postmortems.reports.catalog import incidents
from postmortems.reports.catalog.incidents import Told
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.catalog.scope import Scope
from postmortems.search import tokens

TITLE = "Top causes"
DEFINITION = (
    "The tags that most incidents have; one with two tags counts under both, so the rows may add up to more "
    "than there are incidents. Without a first day it is the last twelve months."
)
MOST_TAGS, MOST_BARS = 20, 6
COLUMNS = (
    Column("tag", "Tag", is_number=False),
    Column("incidents", "Incidents"),
    Column("repeats", "Repeat an earlier one"),
)


def report(scope: Scope, now: datetime) -> Report:
    """How many incidents have which tag, most first."""
    base = incidents.lately(scope, now)
    found, notes = incidents.newest(base)
    spelt, all_of, again = _counted(found)
    top = sorted(all_of.items(), key=lambda row: (-row[1], spelt[row[0]]))[:MOST_TAGS]
    untagged = sum(1 for one in found if not one.tags)
    behind = incidents.behind(base)
    return Report(
        name="causes",
        title=TITLE,
        definition=DEFINITION,
        as_of=now,
        scope=scope,
        columns=COLUMNS,
        rows=tuple(_row(key, spelt[key], (all_of, again), base) for key, _ in top),
        figures=(
            Figure("incidents", "Incidents", len(found), "All of these days.", behind),
            Figure(
                "tags", "Tags", len(all_of), "How many different tags these have.", incidents.behind(base)
            ),
            Figure(
                "untagged",
                "Without a tag",
                untagged,
                "Incidents that say nothing of their cause by a tag.",
                incidents.behind(replace(base, untagged=True)),
            ),
        ),
        chart=Bars(
            "Incidents by tag",
            ", ".join(f"{spelt[key]} {count}" for key, count in top[:MOST_BARS]),
            ("incidents",),
            tuple((_short(spelt[key]), (count,)) for key, count in top[:MOST_BARS]),
        ),
        notes=notes if top or not found else ("No incident of these days has a tag.",),
    )


def _counted(found: Iterable[Told]) -> tuple[dict[str, str], Counter[str], Counter[str]]:
    """Each tag as it is written, how many incidents have it, and how many of them repeat one."""
    # One tag in several spellings is one, called by the one that the newest incident has.
    spelt: dict[str, str] = {}
    all_of: Counter[str] = Counter()
    again: Counter[str] = Counter()
    for one in found:
        for key, tag in {tokens.facet("tag", tag): tag for tag in one.tags}.items():
            spelt.setdefault(key, tag)
            all_of[key] += 1
            again[key] += bool(one.recurrence_of)
    return spelt, all_of, again


def _row(key: str, tag: str, counts: tuple[Counter[str], Counter[str]], base: Filters) -> tuple[Cell, ...]:
    having = replace(base, q=_asks(tag))
    behind = (incidents.behind(having), incidents.behind(replace(having, repeats=True)))
    return Cell(tag), *(Cell(each[key], rows) for each, rows in zip(counts, behind, strict=True))


def _asks(tag: str) -> str:
    """The words of a search for incidents with the tag."""
    plain = tag.replace('"', " ")
    return f'tag:"{plain}"' if " " in plain else f"tag:{plain}"


def _short(tag: str) -> str:
    return tag if len(tag) <= 9 else f"{tag[:8]}…"
