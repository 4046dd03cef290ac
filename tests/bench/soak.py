"""`python -m tests.bench.soak`: hours of mixed work at a low rate, and what grows meanwhile.

Two web processes and a worker serve people and pipelines; memory, open files, connections, what waits and the
database's size are looked at again and again. Prints a Markdown table with what each grows an hour, once the
first third is over, in which caches fill. Ends with 1 where an answer was no success.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import linear_regression
from urllib.parse import urlencode

import psutil
import psycopg
from sqlalchemy import make_url

from tests.bench import reports
from tests.faults.serving import FORM_TOKEN, Answer, Group, Process, add_guard, attest, group, heartbeat_key
from tests.loopback import http, listening
from tests.postgres import TemporaryPostgres, why_missing
from tests.world import PASSWORD

EVERY_S = 15.0
MARKDOWN = {"Content-Type": "text/markdown"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAGES = ("/", "/incidents", "/action-items", "/reports/process-fixes", "/search?q=proxy", "/guards", "/gate",
         "/reports/ageing", "/incidents?q=proxy", "/settings/tokens")  # fmt: skip
OLDEST = re.compile(r"^postmortems_(\w+)_oldest_seconds(?:{[^}]*})? (\S+)$", re.MULTILINE)
# What is asked is counted as ever, and never too much: all of it comes from one address.
UNLIMITED = {"POSTMORTEMS_LIMITS_PERCENT": "100000"}


@dataclass
class Soak:
    """People and pipelines, one act after another. `faults` counts what was no success, by act and status."""

    group: Group
    servers: list[Process]
    pace_s: float
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    done: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    slugs: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        add_guard(self.group, "tested", "attestation", {"predicate": "tested", "target": "data8/staging"})
        add_guard(self.group, "beats", "heartbeat", {"period_s": 3600, "grace_s": 3600})
        attest(self.group, "tested")
        self.key = heartbeat_key(self.group, "beats")
        self.cookies = self.group.browser(self.servers[0], "ben")

    @property
    def server(self) -> Process:
        return self.dice.choice(self.servers)

    def act(self) -> None:
        """One act at random, and the pause after it."""
        acts: list[tuple[Callable[[], Answer], int]] = [
            (self._page, 40), (self._incident, 15), (self._ask, 20), (self._ping, 10), (self._create, 3),
            (self._edit, 5), (self._export, 2), (self._list, 5), (self._sign_in, 1), (self._missing, 2),
        ]  # fmt: skip
        act = self.dice.choices([one for one, _ in acts], [often for _, often in acts])[0]
        answer, name = act(), act.__name__.strip("_")
        self.done[name] += 1
        expected = {404} if name == "missing" else {200, 201, 202, 204, 303}
        if answer.status not in expected:
            self.faults[f"{name}: {answer.status} {str(answer.body)[:200]}"] += 1
        time.sleep(self.pace_s)

    def _page(self) -> Answer:
        return self.server.send("GET", self.dice.choice(PAGES), headers=self.cookies)

    def _incident(self) -> Answer:
        if not self.slugs:
            return self._create()
        return self.server.send("GET", f"/incidents/{self.dice.choice(self.slugs)}", headers=self.cookies)

    def _ask(self) -> Answer:
        return self.group.ask(self.server, name=self.dice.choice(("ada", "ben")))

    def _ping(self) -> Answer:
        return self.server.send("POST", f"/api/v1/heartbeats/{self.key}")

    def _create(self) -> Answer:
        headers = self.group.headers("ada", **MARKDOWN)
        made = self.server.send(
            "POST", "/api/v1/incidents", reports.text(next(self.numbers)).encode(), headers
        )
        if made.status == 201:
            self.slugs.append(made["slug"])
        return made

    def _edit(self) -> Answer:
        if not self.slugs:
            return self._create()
        place = f"/api/v1/incidents/{self.dice.choice(self.slugs[-20:])}"
        there = self.server.send("GET", place, headers=self.group.headers("ada", Accept="text/markdown"))
        headers = self.group.headers("ada", **MARKDOWN, **{"If-Match": there.headers["ETag"]})
        text = re.sub(r"12,\d{3} messages", f"12,{self.dice.randrange(1000):03} messages", there.body)
        return self.server.send("PUT", place, text.encode(), headers)

    def _export(self) -> Answer:
        if not self.slugs:
            return self._create()
        place = f"/api/v1/incidents/{self.dice.choice(self.slugs)}"
        return self.server.send("GET", place, headers=self.group.headers("cy"))

    def _list(self) -> Answer:
        return self.server.send("GET", "/api/v1/action-items?limit=50", headers=self.group.headers("cy"))

    def _sign_in(self) -> Answer:
        server = self.server
        page = server.send("GET", "/sign-in")
        token = FORM_TOKEN.search(page.body)
        assert token is not None
        cookie = {"Cookie": page.headers["Set-Cookie"].partition(";")[0]}
        form = {"csrf_token": token[1], "name": "cy", "password": PASSWORD}
        return server.send("POST", "/sign-in", urlencode(form), FORM | cookie)

    def _missing(self) -> Answer:
        return self.server.send("GET", f"/incidents/none-{next(self.numbers)}", headers=self.cookies)


@dataclass
class Watch:
    """What is looked at: by name, at which second how much."""

    soak: Soak
    processes: dict[str, list[int]]
    url: str
    seen: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def look(self, at: float) -> None:
        for name, pids in self.processes.items():
            for place, pid in enumerate(pids, 1):
                process = psutil.Process(pid)
                with process.oneshot():
                    told = f"{name} {place}" if len(pids) > 1 else name
                    self._note(f"{told}: memory, MB", at, process.memory_info().rss / 1e6)
                    self._note(f"{told}: open files", at, process.num_fds())
                    self._note(f"{told}: threads", at, process.num_threads())
        told = self.soak.server.send("GET", "/metrics", headers=self.soak.group.headers("ben"))
        for queue, age in OLDEST.findall(told.body if told.status == 200 else ""):
            self._note(f"oldest of {queue.replace('_', ' ')}, s", at, float(age))
        size, connections = self._database()
        self._note("database, MB", at, size / 1e6)
        if connections is not None:
            self._note("connections to PostgreSQL", at, connections)

    def _database(self) -> tuple[float, int | None]:
        url = make_url(self.url)
        if url.get_backend_name() == "sqlite":
            file = Path(url.database or "")
            return sum(one.stat().st_size for one in file.parent.glob(f"{file.name}*")), None
        with psycopg.connect(
            url.set(drivername="postgresql").render_as_string(hide_password=False)
        ) as connection:
            row = connection.execute(
                "SELECT pg_database_size(current_database()), count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
        assert row is not None
        return row[0], row[1]

    def _note(self, name: str, at: float, value: float) -> None:
        self.seen.setdefault(name, []).append((at, value))

    def told(self) -> str:
        lines = [
            "| | after the first third | at the end | most | an hour |",
            "| --- | --- | --- | --- | --- |",
        ]
        for name, points in self.seen.items():
            lines.append(f"| {name} | {row(points)} |")
        return "\n".join(lines)


def row(points: list[tuple[float, float]]) -> str:
    """First, last, most, and the slope an hour, of what was seen when the first third was over."""
    later = points[len(points) // 3 :]
    values = [value for _, value in later]
    slope = linear_regression(*zip(*later, strict=True)).slope * 3600 if len(later) > 1 else 0.0
    return " | ".join([*(f"{value:.1f}" for value in (values[0], values[-1], max(values))), f"{slope:+.1f}"])


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'soak.db'}"
        return
    if missing := why_missing():
        raise SystemExit(missing)
    # As operators run it: else what is dead is never taken away, and the database only grows.
    with TemporaryPostgres(settings={"autovacuum": "on", "fsync": "on"}) as server:
        yield server.fresh_database()


def main() -> None:
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(database(options.database, folder))
        made = stack.enter_context(group(url, folder))
        place = stack.enter_context(listening(http(b"up")))
        servers = [made.gunicorn(**UNLIMITED) for _ in range(2)]
        worker = made.work()
        add_guard(made, "answers", "http", {"url": place.url()}, level="shadow")
        soak = Soak(made, servers, options.pace)
        pids = [psutil.Process(one.process.pid).children()[0].pid for one in servers]
        watch = Watch(soak, {"web process": pids, "worker": [worker.process.pid]}, url)
        began = looked = time.monotonic()
        while (now := time.monotonic()) - began < options.minutes * 60:
            soak.act()
            if now - looked >= EVERY_S:
                looked = now
                watch.look(now - began)
        took = time.monotonic() - began
    print(
        f"{took / 60:.0f} minutes, {options.database}: {soak.done.total():,} requests ({dict(soak.done)})\n"
    )
    print(watch.told())
    for fault, often in soak.faults.items():
        print(f"WRONG, {often} ×: {fault}")
    sys.exit(1 if soak.faults else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--pace", type=float, default=0.2, help="seconds between two requests")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    return parser.parse_args()


if __name__ == "__main__":
    main()
