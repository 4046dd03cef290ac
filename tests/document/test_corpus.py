"""The figures on real reports, where they are at hand: `POSTMORTEMS_CORPUS`, or beside the project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("POSTMORTEMS_CORPUS", ROOT / "../shared/corpus"))
SCORE = CORPUS / "../tools/score_import.py"
SOURCES = ("datahub", "mybinder")
FIGURES = {
    "title": 0.95,
    "date": 0.95,
    "sections": 0.95,
    "entries": 0.90,
    "times": 0.90,
    "items": 0.90,
    "categories": 0.90,
    "words": 0.999,
    "fixpoint": 1.0,
}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not SCORE.exists(), reason=f"no collection of real reports at {CORPUS}; set POSTMORTEMS_CORPUS"
    ),
]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """What the scoring tool says about the two sources that the first reader is for."""
    corpus = tmp_path_factory.mktemp("corpus")
    (corpus / "truth").mkdir()
    for source in SOURCES:
        shutil.copytree(CORPUS / source, corpus / source)
        for truth in (CORPUS / "truth").glob(f"{source}__*.json"):
            shutil.copy(truth, corpus / "truth")
    command = [sys.executable, str(SCORE), "--json", "--corpus", str(corpus)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_real_reports_are_read_well_enough(name: str, figures: dict[str, float]) -> None:
    assert figures[name] >= FIGURES[name]


def test_no_real_report_fails(figures: dict[str, float]) -> None:
    assert figures["documents"] > 20
    assert figures["failed"] == 0
