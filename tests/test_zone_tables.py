"""Time zones: the newer tables are taken, and a time on a clock is an instant, or two, or none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zoneinfo
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tzdata
from hypothesis import given
from hypothesis import strategies as st

from postmortems import zone_tables

TOLD = """
from datetime import datetime
from postmortems import zone_tables
local = datetime(2027, 1, 5, 9, tzinfo=zone_tables.ZoneInfo("America/Vancouver"))
print(zone_tables.tables.version, local.utcoffset(), zone_tables.tables, sep="|")
"""


def told(folder: Path) -> list[str]:
    """Version, Vancouver's offset in 2027, and the sentence, with `folder` for the system's tables."""
    environment = {**os.environ, "PYTHONTZPATH": str(folder)}
    ran = subprocess.run(
        [sys.executable, "-c", TOLD], env=environment, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip().split("|")


def tables(folder: Path, version: str, said_in: str = "tzdata.zi") -> Path:
    """A folder of tables of a made-up release, in which Vancouver's clocks are Tokyo's."""
    (folder / "Etc").mkdir()
    (folder / "America").mkdir()
    made_of = Path(tzdata.__file__).parent / "zoneinfo" / "Asia" / "Tokyo"
    shutil.copy(made_of, folder / "America" / "Vancouver")
    (folder / said_in).write_text(f"# version {version}\nZ\n" if said_in == "tzdata.zi" else f"{version}\n")
    return folder


@pytest.mark.parametrize("said_in", ["tzdata.zi", "+VERSION", "version"])
def test_newer_tables_of_the_system_are_taken(tmp_path: Path, said_in: str) -> None:
    version, offset, sentence = told(tables(tmp_path, "2099a", said_in))

    assert (version, offset) == ("2099a", "9:00:00")
    assert sentence.endswith(f"not used: {tzdata.IANA_VERSION} (package tzdata)")


@pytest.mark.parametrize("version", ["2025b", "1999z", "none"])
def test_older_tables_of_the_system_are_not(tmp_path: Path, version: str) -> None:
    taken, offset, sentence = told(tables(tmp_path, version))

    assert (taken, offset) == (tzdata.IANA_VERSION, "-1 day, 17:00:00")
    assert str(tmp_path) in sentence


def test_without_tables_of_the_system_the_package_serves(tmp_path: Path) -> None:
    assert told(tmp_path)[0] == tzdata.IANA_VERSION


@pytest.mark.parametrize(
    "zone, wall, in_utc",
    [
        ("America/New_York", "2026-03-08T01:59", "2026-03-08T06:59"),
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        ("Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-30T23:59", "2011-12-30T10:00"),
        ("Asia/Beirut", "2026-03-29T00:00", "2026-03-28T22:00"),
        ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00"),
        ("Europe/Dublin", "2026-03-29T01:30", "2026-03-29T01:00"),
        ("UTC", "2026-03-29T01:30", "2026-03-29T01:30"),
    ],
)
def test_a_time_on_a_clock_is_one_instant(zone: str, wall: str, in_utc: str) -> None:
    found = zone_tables.instant(datetime.fromisoformat(wall), zone_tables.ZoneInfo(zone))

    assert found == datetime.fromisoformat(in_utc).replace(tzinfo=UTC)


SEVERAL = st.sampled_from(
    [
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Beirut",
        "Europe/Dublin",
        "Africa/Casablanca",
    ]
)


WALLS = st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001


@given(first=WALLS, name=SEVERAL)
def test_every_instant_of_a_time_shows_it_again(first: datetime, name: str) -> None:
    zone = zone_tables.ZoneInfo(name)
    shown = [one.astimezone(zone).replace(tzinfo=None) for one in zone_tables.instants(first, zone)]

    assert set(shown) <= {first}
    assert zone_tables.instants(first, zone)[:1] in ([], [zone_tables.instant(first, zone)])


def test_the_tables_of_this_process_are_the_newest_there_are() -> None:
    assert zone_tables.tables.version >= tzdata.IANA_VERSION
    assert bool(zoneinfo.TZPATH) is (zone_tables.tables.place != "package tzdata")
