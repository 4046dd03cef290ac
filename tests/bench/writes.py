"""Rows of the bench for what is written: decisions, heartbeats, saves and imports."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from markdown_it import MarkdownIt
from sqlalchemy import select

from postmortems.db import session as db
from postmortems.document.json_form import convert
from postmortems.document.model import Document
from postmortems.incidents.models import Incident
from tests.bench import bare, clones, editor, reports, world
from tests.bench.cases import Bench, Case, Maker
from tests.bench.measuring import Call
from tests.bench.server import Client, Served

RAW_FROM = 1_200_000_000
# Wide enough apart that a round of our own saves fits between two of these.
RAW_STRIDE = 100_000
MANY = 50
AT_ONCE, PINGS = 8, 80


def rows() -> dict[str, Maker]:
    """By number, what makes the cases."""
    return {"P1": _decision, "P1-50": _decision_of_many, "P2": _heartbeat, "P7": _save, "P8": _import}


def asking(target: str = "prod") -> Callable[[Served], Call]:
    """What asks the gate about a deploy."""

    def make(side: Served) -> Call:
        client, asked = side.reader(), world.question(target)
        return lambda: client.post("/api/v1/gate/decisions", asked)

    return make


def plain_post(bench: Bench, path: str) -> Call:
    """The plain application's answer to a post with a key of its own."""
    client = bench.plain.client({"Authorization": f"Bearer {bare.TOKEN}"})
    return lambda: client.post(path, json.dumps({"key": uuid4().hex}))


def _decision(bench: Bench) -> Iterator[Case]:
    work = "gate decision, 5 guards / token select, insert, commit"
    yield bench.case(work, "≥ 0.65; then × 1.8", asking(), plain_post(bench, "/decide"))


def _decision_of_many(bench: Bench) -> Iterator[Case]:
    for side in filter(None, (bench.ours, bench.theirs)):
        _guard_wide(side.writer())
    work = f"gate decision, {MANY} guards / token select, insert, commit"
    yield bench.case(work, "≥ 0.4; then × 3", asking("wide"), plain_post(bench, "/decide"))


def _guard_wide(client: Client) -> None:
    """A target with many guards, which judge stored evidence."""
    service = {"title": "Bench", "targets": ["staging", "prod", "wide"]}
    client.send("PUT", "/api/v1/services/bench", json.dumps(service))
    for number in range(MANY):
        kind, config = of_all_kinds(number)
        guard = {"slug": f"wide-{number}", "title": f"wide-{number}", "kind": kind, "config": config}
        client.post("/api/v1/guards", json.dumps(guard | {"targets": ["bench/wide"]}))


def of_all_kinds(number: int) -> tuple[str, dict[str, object]]:
    """Kind and configuration of one of many guards: two attestations, two windows, the target itself."""
    if number % 5 == 4:
        return "target", {}
    if number % 5 in (2, 3):
        freeze = {"tz": "Europe/Berlin", "starts": "03:00", "ends": "03:01", "rrule": "FREQ=DAILY"}
        return "window", freeze | {"reason": f"reason {number}"}
    return "attestation", {"predicate": "staging-validated", "target": "bench/staging"}


def _heartbeat(bench: Bench) -> Iterator[Case]:
    work = "heartbeat / one insert, one update, commit"
    yield bench.case(work, "≥ 0.85; then × 1.1", ping, plain_post(bench, "/change"))
    yield Case(
        f"heartbeat, {AT_ONCE} at once (below 2.58 ms: more than 388 a second)",
        "< 2.58 ms",
        _pings(bench.ours),
        None,
        bench.theirs and _pings(bench.theirs),
        per=PINGS,
    )


def ping(side: Served) -> Call:
    """What one job after the other says that it is done."""
    client, jobs = side.client(), itertools.cycle(side.world.jobs)
    return lambda: client.post(f"/api/v1/heartbeats/{next(jobs)}", "done")


def _pings(side: Served) -> Call:
    """Many pings, some at a time, each thread with jobs of its own."""
    clients = [side.client() for _ in range(AT_ONCE)]
    jobs = [itertools.cycle(side.world.jobs[place::AT_ONCE]) for place in range(AT_ONCE)]
    pool = ThreadPoolExecutor(AT_ONCE)

    def share(place: int) -> None:
        for _ in range(PINGS // AT_ONCE):
            clients[place].post(f"/api/v1/heartbeats/{next(jobs[place])}", "done")

    return lambda: list(pool.map(share, range(AT_ONCE)))


def _save(bench: Bench) -> Iterator[Case]:
    numbers, starts = itertools.count(), itertools.count(RAW_FROM, RAW_STRIDE)
    engine, written = db.engine(), _rows_of(bench.ours.world.template)

    def raw() -> None:
        with engine.begin() as connection:
            clones.write(connection, clones.moved(written, next(starts)))

    yield Case(
        "save of 10 entries, 3 items / the same rows by SQL",
        "≥ 0.4",
        lambda: world.save_one(next(numbers)),
        raw,
    )
    short, long = world.document(), editor.document()
    yield bench.case("POST of 10 entries, 3 items", "then × 3", lambda side: _post(side, short))
    yield bench.case("PUT of them, one entry changed", "then × 4", lambda side: _put(side, short))
    work = "POST of 300 entries, 100 items / of 10 and 3"
    yield bench.case(work, "≥ 0.1", lambda side: _post(side, long), _post(bench.ours, short))
    yield bench.case("PUT of 300 and 100, one entry changed", "then × 4", lambda side: _put(side, long))


def _rows_of(slug: str) -> clones.Rows:
    with db.reading():
        incident = db.session().scalars(select(Incident).where(Incident.slug == slug)).one()
        return clones.of(db.session().connection(), incident)


NEWER = ("id", "evidence", "blocked_by")


def body(document: Document) -> dict[str, Any]:
    """A document as any version takes it, without what an older one does not know."""
    told = convert.to_json(document)
    for section in told["sections"]:
        for part in (section, *section["blocks"]):
            for name in NEWER:
                part.pop(name, None)
    return dict(told)


def _post(side: Served, document: Document) -> Call:
    client, numbers, told = side.writer(), itertools.count(), body(document)

    def call() -> None:
        client.post("/api/v1/incidents", json.dumps(told | {"title": f"{document.title} {next(numbers)}"}))

    return call


def _put(side: Served, document: Document) -> Call:
    client, numbers = side.writer(), itertools.count()
    stored = json.loads(client.post("/api/v1/incidents", json.dumps(body(document))))
    path = f"/api/v1/incidents/{stored['slug']}"

    def call() -> None:
        nonlocal stored
        stored["sections"][1]["blocks"][0]["text"] = f"Edited {next(numbers)} times."
        stored = json.loads(client.send("PUT", path, json.dumps(stored)))

    return call


def _import(bench: Bench) -> Iterator[Case]:
    numbers, again = itertools.count(), itertools.count()
    reader = MarkdownIt()
    held = [reports.text(number) for number in range(reports.COUNT)]
    yield Case(
        "import of one report / markdown-it-py parsing it",
        "≥ 0.25",
        lambda: world.import_one(next(numbers)),
        lambda: reader.parse(held[next(again) % reports.COUNT]),
    )
    yield bench.case("import of one report by the API", "then × 4", _sent)


def _sent(side: Served) -> Call:
    client, numbers = side.writer(), itertools.count(1_000_000)

    def call() -> None:
        number = next(numbers)
        one = {"name": f"sent-{number}.md", "text": reports.text(number)}
        client.post("/api/v1/imports", json.dumps({"texts": [one]}))

    return call
