"""A folder of reports, and a database as operators have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from click.testing import CliRunner, Result

from postmortems.db import session as db

PLAIN = """---
title: Disk full
date: 2020-02-01
---

## Timeline

### 10:00

The disk is full.

### 09:00

Somebody noticed before.

## Action items

### Process

1. Order disks in time
2. [x] Buy a bigger one
"""
SLUG = "2020-02-01-disk-full"


def run(command: Any, *words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def in_database(url: str, act: Callable[[], Any]) -> Any:
    """What `act` finds or does there."""
    db.connect(url)
    try:
        return act()
    finally:
        db.disconnect()
