"""What we copied from others is what their table says, and each copy has its licence beside it."""

import base64
import hashlib
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = [ROOT / "static/vendor", ROOT / "tests/browser/vendor"]


class Vendored(NamedTuple):
    file: str
    name: str
    version: str
    licence: str
    package: str
    sha384: str


def vendored(folder: Path) -> list[Vendored]:
    rows = [line for line in (folder / "README.md").read_text().splitlines() if line.startswith("| ")]
    return [Vendored(*(cell.strip() for cell in row.strip("|").split("|"))) for row in rows[1:]]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_script_is_in_the_table_and_nothing_else_is(folder: Path) -> None:
    assert sorted(path.name for path in folder.glob("*.js")) == sorted(row.file for row in vendored(folder))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_script_is_unchanged(folder: Path) -> None:
    for row in vendored(folder):
        digest = hashlib.sha384((folder / row.file).read_bytes()).digest()
        assert row.sha384 == "sha384-" + base64.b64encode(digest).decode(), row.file


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_script_has_its_version_in_its_name_and_its_licence_beside_it(folder: Path) -> None:
    for row in vendored(folder):
        stem = f"{row.name}-{row.version}"
        assert row.file in {f"{stem}.js", f"{stem}.min.js"}
        assert (folder / f"{stem}.LICENSE.txt").stat().st_size > 0
