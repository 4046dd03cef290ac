"""The figures on real reports, where they are at hand: `POSTMORTEMS_CORPUS`, or beside the project."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType

import pytest

from postmortems.cli import main

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
    """What the scoring tool says about every report there is.

    It starts a process for each command. Here the commands run in this one: hundreds of starts took a minute.
    """
    tool = imported(SCORE)
    tool.run = run  # type: ignore[attr-defined]
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(said):
        patched.setattr(sys, "argv", [SCORE.name, "--json", "--corpus", str(CORPUS)])
        tool.main()
    found: dict[str, float] = json.loads(said.getvalue())
    return found


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*arguments: str) -> CompletedProcess[str]:
    """The command as the tool would have run it."""
    said, told = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(told):
        try:
            main(list(arguments))
        except SystemExit as end:
            return CompletedProcess(arguments, int(end.code or 0), said.getvalue(), told.getvalue())
    return CompletedProcess(arguments, 0, said.getvalue(), told.getvalue())


@pytest.mark.parametrize("name", FIGURES)
def test_real_reports_are_read_well_enough(name: str, figures: dict[str, float]) -> None:
    assert figures[name] >= FIGURES[name]


def test_no_real_report_fails(figures: dict[str, float]) -> None:
    assert figures["documents"] > 20
    assert figures["failed"] == 0
