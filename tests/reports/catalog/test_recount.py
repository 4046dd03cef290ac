"""Reports against a recount of plain rows, with every filter; and each count against the rows it leads to."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from postmortems.db import session as db
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.errors import Refusal
from postmortems.gate.enforcement import save_incident
from postmortems.guards import operations as guards
from postmortems.incidents.approvals import operations as approvals
from postmortems.incidents.items import owners
from tests.conftest import Clock
from tests.gate import founding
from tests.incidents.documents import SYSTEM, save
from tests.reports.catalog import recount
from tests.world import World

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HITS = ((), ("data8",), ("data8/prod",), ("data8/staging", "biology"), ("biology/prod",), ("elsewhere",))
KINDS = ("trigger", "change", "detection", "escalation", "mitigation", "recovery", "")
SCOPES: tuple[dict[str, str], ...] = (
    {},
    {"severity": "SEV2"},
    {"severity": "-"},
    {"service": "data8"},
    {"service": "data8/prod"},
    {"service": "-"},
    {"team": "platform"},
    {"team": "the hub people", "to": "2025-10-10"},
    {"from": "2025-01-05", "to": "2025-11-20"},
    {"team": "search", "service": "biology", "from": "2025-01-01"},
    {"severity": "SEV1", "service": "data8", "from": "2025-01-01", "to": "2025-12-31"},
    {"service": "nothing"},
)
FOLLOWED = (SCOPES[1], SCOPES[5], SCOPES[8])
# Figures that are no counts of the rows behind them: those are what they are worked out of.
WORKED_OUT = {"median_age_days", "p75", "p90", "p95", "p100", "tags"}
WORKED_OUT |= {"measured", "median", "p90", "longest"}
COLUMNS = {
    "ageing": ("age", "open", "overdue", "unowned"),
    "flow": ("month", "opened", "closed"),
    "policy": ("of", "done", "in_time", "late", "undated"),
    "funnel": ("protection", "fixes", "share"),
    "recurrence": ("month", "incidents", "repeats"),
    "causes": ("tag", "incidents", "repeats"),
    "unwritten": ("severity", "unwritten", "overdue", "draft", "in_review", "reopened"),
    "response-times": ("of", "until", "measured", "median", "p90", "longest"),
}


def tell(clock: Clock, world: World) -> None:
    """A year of incidents, each written when it happened, and what became of their items since."""
    dice = random.Random(5)
    clock.set(datetime(2025, 1, 1, 9, tzinfo=UTC))
    founding.tell(clock.now())
    with db.transaction():
        owners.create_team("platform", "Platform", {"ada": True, "cy": False}, actor=SYSTEM)
        owners.create_team("search", "Search", {"ben": True}, actor=SYSTEM)
        owners.name_owner("the hub people", team="platform", actor=SYSTEM)
        guards.save_service("biology", "Biology", ["staging", "prod"], team="search", actor=SYSTEM)
    slugs: list[str] = []
    while clock.now() < NOW - timedelta(days=9):
        clock.advance(hours=dice.randrange(48, 240))
        slugs.append(save(document(dice, clock.now().date(), slugs)).slug)
        for number in dice.sample(range(1, 4 * len(slugs)), 2):
            status = dice.choice(("open", "in_progress", "done", "done", "wont_do", "proposed"))
            with suppress(Refusal), db.transaction():
                save_incident.edit_item(f"AI-{number}", {"status": status, "reason": "so"}, actor=world.ben)
    for slug in dice.sample(slugs, 6):
        with suppress(Refusal), db.transaction():
            approvals.skip(slug, "too small", actor=SYSTEM)
    clock.set(NOW)


def document(dice: random.Random, today: date, earlier: list[str]) -> Document:
    day = today - timedelta(days=dice.randrange(40))
    entries = tuple(
        Entry(f"{day} {hour:02}:{dice.randrange(60):02}", text="x", kind=dice.choice(KINDS))
        for hour in range(5, 11)
    )
    whole = (
        Section("Summary", (Prose("It broke."),)),
        Section("Timeline", entries),
        Section("Action items", tuple(items(dice, day))),
    )
    return Document(
        f"Nr {len(earlier)}",
        date=day,
        timezone="UTC",
        severity=dice.choice(("", "SEV1", "SEV2", "SEV3", "SEV4")),
        status=dice.choice(("draft", "published")),
        services=dice.choice(HITS),
        tags=tuple(dice.sample(("DNS", "dns", "deploy", "human error"), dice.randrange(3))),
        recurrence_of=dice.choice(("", "", *earlier[-1:])),
        restricted=dice.choice((*[()] * 6, ("ben",))),
        sections=dice.choice(((), whole, whole)),
    )


def items(dice: random.Random, day: date) -> Iterable[Item]:
    for _ in range(dice.randrange(8)):
        yield Item(
            f"Do {dice.random()}.",
            kind=dice.choice(("process", "process", "technical")),
            owner=dice.choice(("", "@ada", "Ben", "kim", "platform", "@Platform")),
            team=dice.choice(("", "", "Platform", "Search", "the hub people")),
            status=dice.choice(("open", "in_progress", "proposed", "done", "wont_do")),
            due=dice.choice((None, day + timedelta(days=dice.randrange(200)))),
            guardability=dice.choice(("", "enforceable", "attestable", "not_guardable")),
            guards=tuple(dice.sample(list(founding.GUARDS), dice.randrange(2))),
            reason="no",
        )


def rows_behind(client: FlaskClient, headers: Mapping[str, str], address: str) -> int:
    """How many rows the list of an address has, page by page."""
    path, query = urlsplit(address).path, dict(parse_qsl(urlsplit(address).query))
    count, after = 0, ""
    while True:
        asked = urlencode(query | {"limit": "200"} | ({"after": after} if after else {}))
        answer = client.get(f"/api/v1{path}?{asked}", headers=headers)
        assert answer.status_code == 200, answer.text
        count += len(answer.json[path.strip("/").replace("-", "_")])
        after = answer.json["next"] or ""
        if not after:
            return count


def table_of(answer: Any, name: str) -> list[tuple[Any, ...]]:
    """The rows of an answer; numbers that no row has are left out of it."""
    found = [tuple(row.get(key) or 0 for key in COLUMNS[name]) for row in answer["rows"]]
    # The newest incident's spelling is a tag's name, and those of most incidents stand above.
    return sorted((tag.casefold(), *rest) for tag, *rest in found) if name == "causes" else found


@pytest.mark.parametrize("names", [recount.OF_FIXES, recount.OF_INCIDENTS], ids=["fixes", "incidents"])
def test_a_recount_of_plain_rows_says_the_same(
    names: Iterable[str], any_database: str, world: World, clock: Clock, client: FlaskClient
) -> None:
    tell(clock, world)
    headers, counted = world.headers("cy"), 0
    for name, said in product(names, SCOPES):
        answer = client.get(f"/api/v1/reports/{name}?{urlencode(said)}", headers=headers).json
        with db.reading():
            figures, rows = recount.recounted(name, said, NOW.date())
        table = [tuple(value or 0 for value in row) for row in rows]
        assert {one["name"]: one["value"] for one in answer["figures"]} == figures, (name, said)
        assert table_of(answer, name) == (sorted(table) if name == "causes" else table), (name, said)
        counted += len(rows)
    assert counted > 100


def test_every_count_has_as_many_rows_behind_it(world: World, clock: Clock, client: FlaskClient) -> None:
    tell(clock, world)
    headers = world.headers("cy")
    for name, said in product((*recount.OF_FIXES, *recount.OF_INCIDENTS), FOLLOWED):
        answer = client.get(f"/api/v1/reports/{name}?{urlencode(said)}", headers=headers).json
        counts = [(one["name"], one["value"], one["rows"]) for one in answer["figures"]]
        for row in answer["rows"]:
            counts += [(key, row[key], row["links"].get(key, "")) for key in row.keys() - {"links"}]
        for key, value, address in counts:
            if isinstance(value, int) and key not in WORKED_OUT:
                assert rows_behind(client, headers, address) == value, (name, key, address)
