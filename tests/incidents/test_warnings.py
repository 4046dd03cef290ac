"""What is odd stands on the incident's page until somebody has looked; only what is new comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.errors import NotAllowed, NotFound
from postmortems.exchange.imports import import_file
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.incidents import queries, warnings
from tests.incidents.documents import save, stored
from tests.world import World

SYSTEM = Actor.system("test")
SLUG = "2020-02-01-disk-full"
TEXT = """\
---
title: Disk full
---

## Timeline

### 10:00

Full.

#### 09:00

Seen. TODO: by whom?

### 11:00

```
df
"""


def bring(text: str) -> None:
    found = ImportFile(f"{SLUG}.md", text.encode())
    assert import_file.bring(found, ImportDefaults(), actor=SYSTEM).result in {"new", "changed"}


def shown() -> list[tuple[str, int, bool]]:
    with db.reading():
        rows = warnings.open_of(queries.by_slug(SLUG, SYSTEM))
        return [(row.kind, row.line, row.in_file) for row in rows]


def first() -> int:
    with db.reading():
        return warnings.open_of(queries.by_slug(SLUG, SYSTEM))[0].id


def test_an_import_leaves_what_is_odd_with_the_lines_of_the_file(any_database: str) -> None:
    bring(TEXT)

    assert sorted(shown(), key=lambda row: (row[1], row[0])) == [
        ("heading", 11, True),
        ("time", 11, True),
        ("template", 13, True),
        ("fence", 17, True),
    ]


def test_an_edit_here_keeps_what_is_still_odd_with_the_lines_of_our_markdown(database: str) -> None:
    bring(TEXT)

    save(replace(stored(SLUG), title="Disk full again"), SLUG)

    assert {(kind, in_file) for kind, _, in_file in shown()} >= {("time", False), ("template", False)}


def test_what_was_dismissed_stays_away_and_only_what_is_new_comes_back(
    any_database: str, world: World
) -> None:
    bring(TEXT)
    browser = world.browser()
    assert "4 things look odd" in browser.get(f"/incidents/{SLUG}").text

    number = first()
    browser.send(f"/incidents/{SLUG}/warnings/{number}/dismiss")
    browser.send(f"/incidents/{SLUG}/warnings/{number}/dismiss")
    assert "3 things look odd" in browser.get(f"/incidents/{SLUG}").text
    bring(f"{TEXT}```\n\n### 10:30\n\nBack.\n")

    # It is closed now, and an entry that goes back was added below.
    assert [(kind, line) for kind, line, _ in shown()] == [("heading", 11), ("template", 13), ("time", 21)]
    with db.reading():
        verbs = [event.verb for event in audit.of("incident", SLUG)]
    assert verbs.count("incident.warning_dismissed") == 1


def test_who_may_dismiss_and_what(world: World) -> None:
    bring(TEXT)
    with pytest.raises(NotAllowed), db.transaction():
        warnings.dismiss(SLUG, first_inside(), actor=world.cy)
    with pytest.raises(NotFound), db.transaction():
        warnings.dismiss(SLUG, 999, actor=world.ada)
    assert "Dismiss" not in world.browser("cy").get(f"/incidents/{SLUG}").text


def first_inside() -> int:
    return warnings.open_of(queries.by_slug(SLUG, SYSTEM))[0].id
