"""A small trail of audit events with seals, and statements of somebody who lays hands on it."""

from __future__ import annotations

import random
from typing import Any

from sqlalchemy import text

from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit import sealer
from postmortems.db import session as db

ADA = Actor(kind="person", name="ada", role="author", user_id=1)
WORKER = Actor.system("worker")
DATA: tuple[dict[str, Any], ...] = (
    {},
    {"changed": {"title": ["It fell", "It fell over"]}, "version": 3},
    {"reason": "Zeit, daß … 🙂", "until": None},
    {"share": 0.1, "large": 1e16, "few": [1, 2.0, -0.0, 1e-7, True]},
)


def write(count: int, rng: random.Random | None = None) -> None:
    """Record so many events, in one unit of work."""
    rng = rng or random.Random(count)
    with db.transaction():
        for _ in range(count):
            kind = rng.choice(["incident", "item", "guard"])
            audit.record(ADA, f"{kind}.edited", kind, f"one-{rng.randrange(9)}", **rng.choice(DATA))


def sealed_trail(rng: random.Random, seals: int = 4) -> None:
    """So many seals of a few events each, and a few events behind the last one."""
    for _ in range(seals):
        write(rng.randrange(3, 8), rng)
        # A number that was given out and not used, as on PostgreSQL after a conflict.
        with db.transaction():
            do("DELETE FROM events WHERE id = (SELECT max(id) - 1 FROM events)")
        assert sealer.seal_all(WORKER)
    write(2, rng)


def do(statement: str, **values: object) -> None:
    """What somebody does who can write to the database, in a unit of work."""
    db.connection().execute(text(statement), values)
