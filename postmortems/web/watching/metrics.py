"""Metrics of the running service: requests, the gate, queues, probes, deliveries, the database, guards.

What is counted or timed comes from the database, where all processes add it up: whichever answers a scrape
tells of all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from itertools import product

from postmortems.gate.verdicts import decision_table
from postmortems.jobs import counts
from postmortems.notify import delivery
from postmortems.reports.services import metrics
from postmortems.reports.services.exposition import Counter, Family, Gauge, Histogram, Labels, Number
from postmortems.web.watching import queries
from postmortems.web.watching.queries import Queue

Counted = Mapping[tuple[str, ...], int]

# What has not happened yet is told as 0: of a series that begins with 1 Prometheus sees no increase.
DECIDED = (*decision_table.DECISIONS, "error")
REQUEST = ("route", "method", "status")


def families(now: datetime) -> list[Family]:
    """All that there is to tell, in a fixed number of queries."""
    return [*metrics.gauges(now), *_counted(queries.counts()), *_queues(now), *_guards(), *_database()]


def _counted(found: Mapping[str, Counted]) -> list[Family]:
    return [
        _histogram(
            "postmortems_http_request_duration_seconds",
            "Requests, by route, method and class of status, and how long the answer took to its last byte.",
            REQUEST,
            found.get("requests", {}),
        ),
        _histogram(
            "postmortems_probe_duration_seconds",
            "Probes of guards, by kind, and how long they took.",
            ("kind",),
            found.get("probes", {}),
        ),
        _counter(
            "postmortems_decisions",
            "Answers of the gate, by decision; error is one that blocks because the gate could not decide. "
            "A decision that waits counts each time it is judged.",
            ("decision", "dry_run"),
            dict.fromkeys(product(DECIDED, ("yes", "no")), 0) | dict(found.get("decisions", {})),
        ),
        _counter(
            "postmortems_deliveries",
            "Attempts to send a message, by channel and what became of it: sent, put_off or given_up.",
            ("channel", "outcome"),
            _deliveries(found.get("deliveries", {})),
        ),
    ]


def _deliveries(found: Counted) -> Counted:
    channels = {channel for channel, _ in found}
    return dict.fromkeys(product(sorted(channels), delivery.BECAME.values()), 0) | dict(found)


def _counter(name: str, meaning: str, names: tuple[str, ...], found: Counted) -> Counter:
    return Counter(
        name, meaning, tuple((_labels(names, said), value) for said, value in sorted(found.items()))
    )


def _histogram(name: str, meaning: str, names: tuple[str, ...], found: Counted) -> Histogram:
    """Of what was counted by class of time: how many took up to each end, and the sum in seconds."""
    classes: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for (*said, end), value in found.items():
        classes[tuple(said)][end] = value
    samples = []
    for labels, by_end in sorted(classes.items()):
        so_far, ends = 0, []
        for end in counts.CLASSES:
            so_far += by_end.get(end, 0)
            ends.append((end, so_far))
        samples.append((_labels(names, labels), tuple(ends), by_end.get(counts.SUM, 0) / 1_000_000))
    return Histogram(name, meaning, tuple(samples))


def _queues(now: datetime) -> list[Family]:
    messages = sorted(queries.waiting_messages(now).items())
    by_channel: dict[Labels, Queue] = {(("channel", channel),): queue for channel, queue in messages}
    jobs, files = queries.overdue_jobs(now), queries.waiting_files(now)
    return [
        *_queue("messages_waiting", "Messages that wait to be sent, by channel", by_channel),
        *_queue("jobs_overdue", "Jobs of the worker that are due and that none does", {(): jobs}),
        *_queue("import_files_waiting", "Files of imports that wait for the worker", {(): files}),
    ]


def _queue(name: str, meaning: str, found: Mapping[Labels, Queue]) -> list[Family]:
    age = f"{meaning}: how long the one has that has waited longest."
    return [
        _gauge(name, f"{meaning}.", {labels: queue.count for labels, queue in found.items()}),
        _gauge(f"{name}_oldest_seconds", age, {labels: queue.oldest_s for labels, queue in found.items()}),
    ]


def _guards() -> list[Family]:
    found = sorted(queries.guards().items())
    by_level: dict[Labels, int] = {(("level", level),): count for level, count in found}
    return [_gauge("guards", "Guards that are switched on, by level.", by_level)]


def _database() -> list[Family]:
    found = queries.database()
    states: dict[Labels, int] = {
        (("state", state),): count for state, count in sorted(found.connections.items())
    }
    told: list[Family] = [
        _gauge("database_size_bytes", "The size of the database.", {(): found.size}),
        _gauge(
            "database_connections",
            "Connections to the database by state; on SQLite those of the process that answers.",
            states,
        ),
    ]
    if found.log_size is not None:
        meaning = "The size of SQLite's write-ahead log."
        told.append(_gauge("database_wal_bytes", meaning, {(): found.log_size}))
    if found.written is not None:
        meaning = "What PostgreSQL has written to its write-ahead log, all its databases together."
        told.append(Counter("postmortems_database_wal_written_bytes", meaning, (((), found.written),)))
    return told


def _gauge(name: str, meaning: str, found: Mapping[Labels, Number]) -> Gauge:
    return Gauge(f"postmortems_{name}", meaning, tuple(found.items()))


def _labels(names: tuple[str, ...], said: tuple[str, ...]) -> Labels:
    return tuple(zip(names, said, strict=True))
