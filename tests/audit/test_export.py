"""What is exported can be verified without the database, and tampering with it is found."""

from __future__ import annotations

import csv
import io
import json
import random
from base64 import b64decode
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from postmortems import clock as the_clock
from postmortems.audit import export, export_file, sealer
from postmortems.audit import operations as audit
from postmortems.audit.verification import Findings
from postmortems.db import session as db
from postmortems.errors import Invalid
from tests.audit import test_retention as ages
from tests.audit.trail import ADA, WORKER, sealed_trail, write
from tests.conftest import Clock

Lines = list[dict[str, Any]]


def exported(path: Path, since: date | None = None) -> Path:
    with db.reading(at_one_moment=True):
        path.write_bytes(b"".join(export.json_lines(since)))
    return path


def lines(path: Path) -> Lines:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def put(path: Path, said: Lines) -> Findings:
    path.write_text("".join(json.dumps(line) + "\n" for line in said))
    return export_file.verified(path)


@pytest.fixture
def file(any_database: str, tmp_path: Path) -> Path:
    """Four seals, and what came behind the last."""
    sealed_trail(random.Random(1))
    return exported(tmp_path / "audit.jsonl")


def test_what_is_exported_is_as_it_was_sealed(file: Path) -> None:
    found = export_file.verified(file)

    assert found.faults == []
    assert (found.seals, found.unsealed) == (4, 3)
    assert found.events == sum("verb" in line for line in lines(file)) - 3
    assert found.head
    assert export_file.verified(file, found.head.hash).faults == []
    assert export_file.verified(file, "0" * 64).count == 1


def test_a_line_has_the_hash_that_its_seal_lists(file: Path) -> None:
    first = file.read_bytes().splitlines()[0]
    seal = next(line["seal"] for line in lines(file) if "seal" in line)

    assert b64decode(seal["listed"])[8:40] == sha256(first).digest()


def of_seal(name: str, value: object) -> Callable[[Lines], object]:
    return lambda said: next(line for line in said if "seal" in line)["seal"].update({name: value})


def nested(times: int) -> object:
    made: object = 1
    for _ in range(times):
        made = [made]
    return made


@pytest.mark.parametrize(
    "lay_hands_on, told",
    [
        (lambda said: said[1].update(actor="mallory"), "event 2 was changed"),
        (lambda said: said[1]["data"].update(x=1), "event 2 was changed"),
        (lambda said: said[1].update(way="web"), "event 2 was changed"),
        (lambda said: said.pop(0), "event 1 was removed"),
        (lambda said: said.insert(1, {**said[0], "id": -7}), "event -7 was inserted"),
        (lambda said: said[0].update(id="1"), "event 0 was inserted"),
        (
            lambda said: said.__delitem__([n for n, one in enumerate(said) if "seal" in one][1]),
            "seal 2 is missing",
        ),
        (of_seal("hash", "0" * 64), "seal 1 was changed"),
        (of_seal("sealed_at", "soon"), "seal 1 was changed"),
        (of_seal("count", None), "seal 1 was changed"),
        (of_seal("listed", "no base64"), "the list of seal 1 was changed"),
        (of_seal("listed", 7), "the list of seal 1 was changed"),
        (of_seal("number", 10**30), "seal 0 was changed"),
        (of_seal("sealed_at", "0001-01-01T00:00:00+14:00"), "seal 1 was changed"),
        (lambda said: said[1].update(seal=7), "event 2 was changed"),
        (lambda said: said[1]["data"].update(x=nested(700)), "event 2 was changed"),
    ],
)
def test_tampering_with_the_file_is_found(
    database: str, tmp_path: Path, lay_hands_on: Callable[[Lines], object], told: str
) -> None:
    sealed_trail(random.Random(1))
    path = exported(tmp_path / "audit.jsonl")
    said = lines(path)
    lay_hands_on(said)

    assert told in put(path, said).faults[0]


def test_a_seal_that_says_more_announces_nothing(file: Path) -> None:
    said = lines(file)
    next(line for line in said if "seal" in line).update(verb="audit.events_removed")
    said.pop(0)

    assert put(file, said).faults[0].startswith("event 1 was removed")


def test_a_file_that_others_have_formatted_anew_is_the_same(file: Path) -> None:
    assert put(file, lines(file)).faults == []


def test_a_part_of_the_chain_says_where_it_begins(any_database: str, tmp_path: Path, clock: Clock) -> None:
    for _ in range(3):
        write(2)
        sealer.seal_all(WORKER)
        clock.advance(days=10)
    begin = the_clock.now().date() - timedelta(days=20)

    found = export_file.verified(exported(tmp_path / "part.jsonl", begin))

    assert found.faults == []
    assert (found.begins, found.seals) == (1, 2)


def test_what_retention_has_removed_is_known_from_the_file(
    any_database: str, tmp_path: Path, clock: Clock
) -> None:
    ages.write(3)
    sealer.seal_all(WORKER)
    clock.advance(days=730)
    ages.told()
    ages.remove(clock)
    sealer.seal_all(WORKER)

    found = export_file.verified(exported(tmp_path / "audit.jsonl"))

    assert (found.faults, found.removed) == ([], 3)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}\n",
        b"[1]\n",
        b"\xff\xfe\n",
        b"id,at\r\n1,2\r\n",
        b"[" * 100_000,
        b'{"seal": 7}\n',
        b'{"data": [], "verb": 1}\n',
    ],
)
def test_what_is_no_exported_log_is_told_with_its_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "strange"
    path.write_bytes(content)

    with pytest.raises(Invalid, match=r"line 1|has no seal"):
        export_file.verified(path)


def test_a_spreadsheet_gets_one_event_a_line_and_runs_none(any_database: str) -> None:
    with db.transaction():
        audit.record(ADA, "item.closed", "item", "=1+1", evidence='a, "b"')
    with db.reading():
        (row,) = csv.DictReader(io.StringIO(b"".join(export.csv()).decode()))

    assert (row["id"], row["actor"], row["subject"]) == ("1", "ada", "'=1+1")
    assert json.loads(row["data"]) == {"evidence": 'a, "b"'}
    assert len(row["hash"]) == 64
