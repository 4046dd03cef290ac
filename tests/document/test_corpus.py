"""The figures on real reports, where they are at hand: `POSTMORTEMS_CORPUS`, or beside the project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("POSTMORTEMS_CORPUS", ROOT / "../shared/corpus"))
SCORE = CORPUS / "../tools/score_import.py"
FIGURES = {
    "title": 0.97,
    "date": 0.97,
    "zone": 0.95,
    "sections": 0.97,
    "entries": 0.95,
    "times": 0.95,
    "approx": 0.97,
    "clean": 0.97,
    "items": 0.95,
    "categories": 0.95,
    "done": 0.95,
    "links": 0.97,
    "twins": 0.95,
    "words": 0.999,
    "fixpoint": 1.0,
    "same": 0.98,
}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not SCORE.exists(), reason=f"no collection of real reports at {CORPUS}; set POSTMORTEMS_CORPUS"
    ),
]


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    """What the scoring tool says about every report there is."""
    command = [sys.executable, str(SCORE), "--json", "--corpus", str(CORPUS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_real_reports_are_read_well_enough(name: str, figures: dict[str, float]) -> None:
    assert figures[name] >= FIGURES[name]


def test_no_real_report_fails(figures: dict[str, float]) -> None:
    assert figures["documents"] > 20
    assert figures["failed"] == 0
