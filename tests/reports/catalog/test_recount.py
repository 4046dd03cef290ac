"""Reports against a recount of plain rows, with every filter; and each count against the rows it leads to."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask.testing import FlaskClient

from postmortems.db import session as db
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.errors import Refusal
from postmortems.gate.decisions import ask
from postmortems.gate.decisions import queries as decisions
from postmortems.gate.effectiveness import block_review
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.gate.exemptions import overrides
from postmortems.guards import operations as guards
from postmortems.incidents.approvals import operations as approvals
from postmortems.incidents.items import owners
from postmortems.reports.monthly import contents
from tests.conftest import Clock
from tests.gate import founding
from tests.incidents.documents import SYSTEM, save
from tests.reports.catalog import recount
from tests.runtimes import RUNTIME
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
MONTHLY: tuple[dict[str, str], ...] = ({}, {"severity": "SEV2"}, {"team": "platform", "service": "data8"})
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
    "guards": ("guard", "blocks", "true_blocks", "false_blocks", "undecided"),
    "change-failures": ("target", "guarded", "changes", "failures", "rate"),
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


def ask_the_gate(clock: Clock, world: World) -> None:
    """Four months of deploys: let through or blocked, passed over, and what came of it."""
    dice = random.Random(7)
    clock.set(NOW - timedelta(days=120))
    founding.only("target-confirmed", "staging-validated")
    for _ in range(48):
        clock.advance(hours=dice.randrange(30, 70))
        target = dice.choice(("data8/prod", "data8/prod", "data8/staging", "biology/prod"))
        service, _, name = target.partition("/")
        digest = f"sha256:{dice.getrandbits(256):064x}"
        if dice.random() < 0.6:
            founding.attest(clock, digest)
        asked = {"service": service, "target": name, "artifact": {"digest": digest}}
        asked["declared_target"] = dice.choice((target, "biology/prod"))
        answer = ask.ask(asked | {"dry_run": dice.random() < 0.15}, actor=founding.CI, runtime=RUNTIME)
        if answer["decision"] == "block" and not answer["dry_run"]:
            follow(dice, clock, world, answer["id"], asked)
    clock.set(NOW)


def follow(dice: random.Random, clock: Clock, world: World, blocked: str, asked: Mapping[str, Any]) -> None:
    """What became of a block: who said what of it, and how the deploy went that an override let past."""
    with db.reading():
        slugs = block_review.stopping(decisions.decision(blocked))
    if dice.random() < 0.6:
        clock.advance(minutes=dice.choice((10, 60, 70)))
        with db.transaction():
            said = {"guards": slugs, "reason": founding.WHY}
            number = overrides.request(blocked, said, actor=founding.CI).id
        with db.transaction():
            overrides.grant(number, actor=founding.BEN)
        allowed = ask.ask(asked, actor=founding.CI, runtime=RUNTIME)
        for outcome in dice.choice(
            (("succeeded",), ("succeeded",), ("failed",), ("succeeded", "rolled_back"), ())
        ):
            clock.advance(minutes=20)
            told = {key: asked[key] for key in ("service", "target", "artifact")}
            with db.transaction():
                event = told | {"outcome": outcome, "decision_id": allowed["id"]}
                guard_changes.record_deploy(event, actor=founding.ADA)
    if (is_real := dice.choice((True, True, False, None, None))) is not None:
        with db.transaction():
            block_review.confirm(blocked, is_real, dice.choice((slugs[:1], ())), actor=founding.ADA)


def document(dice: random.Random, today: date, earlier: list[str]) -> Document:
    day = today - timedelta(days=dice.randrange(40))
    entries = tuple(
        Entry(f"{day} {hour:02}:{dice.randrange(60):02}", text="x", kind=dice.choice(KINDS))
        for hour in range(5, 11)
    )
    severity = dice.choice(("", "SEV1", "SEV2", "SEV3", "SEV4"))
    # One guard is named below some severities alone, so that it makes a difference of which items one asks.
    named = [slug for slug in founding.GUARDS if severity in ("", "SEV1") or slug != "target-confirmed"]
    whole = (
        Section("Summary", (Prose("It broke."),)),
        Section("Timeline", entries),
        Section("Action items", tuple(items(dice, day, named))),
    )
    return Document(
        f"Nr {len(earlier)}",
        date=day,
        timezone="UTC",
        severity=severity,
        status=dice.choice(("draft", "published")),
        services=dice.choice(HITS),
        tags=tuple(dice.sample(("DNS", "dns", "deploy", "human error"), dice.randrange(3))),
        recurrence_of=dice.choice(("", "", *earlier[-1:])),
        restricted=dice.choice((*[()] * 6, ("ben",))),
        sections=dice.choice(((), whole, whole)),
    )


def items(dice: random.Random, day: date, named: list[str]) -> Iterable[Item]:
    for _ in range(dice.randrange(8)):
        yield Item(
            f"Do {dice.random()}.",
            kind=dice.choice(("process", "process", "technical")),
            owner=dice.choice(("", "@ada", "Ben", "kim", "platform", "@Platform")),
            team=dice.choice(("", "", "Platform", "Search", "the hub people")),
            status=dice.choice(("open", "in_progress", "proposed", "done", "wont_do")),
            due=dice.choice((None, day + timedelta(days=dice.randrange(200)))),
            guardability=dice.choice(("", "enforceable", "attestable", "not_guardable")),
            guards=tuple(dice.sample(named, dice.randrange(2))),
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


def test_a_recount_of_plain_rows_says_the_same(
    any_database: str, world: World, clock: Clock, client: FlaskClient
) -> None:
    tell(clock, world)
    ask_the_gate(clock, world)
    headers, counted = world.headers("cy"), 0
    for name, said in product((*recount.OF_FIXES, *recount.OF_INCIDENTS, "guards"), SCOPES):
        answer = client.get(f"/api/v1/reports/{name}?{urlencode(said)}", headers=headers).json
        with db.reading():
            figures, rows = recount.recounted(name, said, NOW)
        assert_says(answer, name, figures, rows, said)
        counted += len(rows)
    assert counted > 100
    with db.reading():
        sums, of_guards = recount.recounted("guards", {}, NOW)
    # Every way that a block can go is among them.
    assert (all(sums.values()), len(of_guards)) == (True, 2), sums


def test_a_recount_of_plain_rows_says_the_same_as_the_report_of_a_month(
    any_database: str, world: World, clock: Clock, client: FlaskClient
) -> None:
    tell(clock, world)
    ask_the_gate(clock, world)
    for said in MONTHLY:
        query = urlencode(said | {"month": "2026-01"})
        answer = client.get(f"/api/v1/reports/monthly?{query}", headers=world.headers("cy")).json
        parts = {part["report"]: part for part in answer["parts"]}
        assert list(parts) == list(contents.PARTS)
        figures = {}
        for name, is_of_month in contents.PARTS.items():
            days = {"from": "2026-01-01", "to": "2026-01-31"} if is_of_month else {}
            with db.reading():
                figures[name], rows = recount.recounted(name, said | days, NOW)
            assert_says(parts[name], name, figures[name], rows, said)
        headline = [figures[part][figure] for part, figure in contents.HEADLINE]
        assert [one["value"] for one in answer["figures"]] == headline, said


def assert_says(
    answer: Any, name: str, figures: Mapping[str, Any], rows: list[tuple[Any, ...]], said: Mapping[str, str]
) -> None:
    """That an answer has these figures, and this table."""
    table = [tuple(value or 0 for value in row) for row in rows]
    assert {one["name"]: one["value"] for one in answer["figures"]} == figures, (name, said)
    assert table_of(answer, name) == (sorted(table) if name == "causes" else table), (name, said)


def test_every_count_has_as_many_rows_behind_it(world: World, clock: Clock, client: FlaskClient) -> None:
    tell(clock, world)
    headers = world.headers("cy")
    # Lists of decisions are pages alone: `test_gate_reports` follows them.
    listed = [name for name in (*recount.OF_FIXES, *recount.OF_INCIDENTS) if name != "change-failures"]
    for name, said in product(listed, FOLLOWED):
        answer = client.get(f"/api/v1/reports/{name}?{urlencode(said)}", headers=headers).json
        counts = [(one["name"], one["value"], one["rows"]) for one in answer["figures"]]
        for row in answer["rows"]:
            counts += [(key, row[key], row["links"].get(key, "")) for key in row.keys() - {"links"}]
        for key, value, address in counts:
            if isinstance(value, int) and key not in WORKED_OUT:
                assert rows_behind(client, headers, address) == value, (name, key, address)
