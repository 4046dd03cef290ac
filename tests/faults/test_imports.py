"""A thousand reports in one run that is killed in the middle: it goes on, and again it changes nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.exchange.models import Source
from postmortems.incidents.models import Incident, Revision
from tests.bench import reports
from tests.faults.conftest import Figures
from tests.faults.serving import ANSWERS_WITHIN_S, Group, environment, until

pytestmark = pytest.mark.faults

COUNT, EVERY = 1_000, 50
# A command that notes at its end how much memory it took. What `wait4` tells is the more of that and of what
# the process had that started it (Linux 6.18).
MEASURED = """
import atexit, pathlib, runpy, sys
noted = pathlib.Path(sys.argv.pop(1))
atexit.register(lambda: noted.write_text(pathlib.Path("/proc/self/status").read_text()))
runpy.run_module("postmortems", run_name="__main__", alter_sys=True)
"""
BAD = (b"\0", b"\xff\xfe\xfa", b"x" * (10 * 1024 * 1024 + 1), b'{"cells": 5}')


def write(folder: Path, count: int) -> None:
    """Reports, and at every fiftieth place a file that cannot be taken."""
    folder.mkdir()
    for number in range(count):
        if number % EVERY == EVERY - 1:
            ending = ".ipynb" if number // EVERY % len(BAD) == 3 else ".md"
            (folder / f"{number:04}{ending}").write_bytes(BAD[number // EVERY % len(BAD)])
        else:
            (folder / f"{number:04}.md").write_text(reports.text(number))


def importing(processes: Group, folder: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", MEASURED, str(processes.folder / "memory"), "import", str(folder)]
    with (processes.folder / "said").open("w") as said:
        return subprocess.Popen(
            words, cwd=processes.folder, env=environment(processes.url), stdout=said, text=True
        )


def ended(processes: Group, process: subprocess.Popen[str]) -> tuple[int, int]:
    """Its exit code, and how many megabytes it took at most."""
    process.wait()
    noted = re.search(r"VmHWM:\s*(\d+) kB", (processes.folder / "memory").read_text())
    assert noted is not None
    return process.returncode, int(noted[1]) // 1024


def stored() -> int:
    with db.reading():
        return session().scalar(select(func.count()).select_from(Incident)) or 0


def said(processes: Group) -> dict[str, int]:
    """The counts in the last line of what an import printed."""
    last = (processes.folder / "said").read_text().splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", last)}


def test_a_long_import_goes_on_after_kill_9_and_again_is_a_no_op(
    processes: Group, tmp_path: Path, figures: Figures
) -> None:
    count = COUNT if processes.url.startswith("sqlite") else COUNT // 4
    bad = count // EVERY
    folder = tmp_path / "reports"
    write(folder, count)

    first = importing(processes, folder)
    until(lambda: stored() > count // 3)
    first.kill()
    first.wait(ANSWERS_WITHIN_S)
    before = stored()
    code, megabytes = ended(processes, importing(processes, folder))
    counts = said(processes)
    with db.reading():
        revisions = session().scalar(select(func.count()).select_from(Revision))
        sources = session().scalar(select(func.count()).select_from(Source))
    code_again, _ = ended(processes, importing(processes, folder))

    assert (code, code_again) == (2, 2)
    assert counts == {"new": count - bad - before, "changed": 0, "same": before, "failed": bad}
    assert said(processes) == {"new": 0, "changed": 0, "same": count - bad, "failed": bad}
    assert (stored(), revisions, sources) == (count - bad,) * 3
    figures(f"{count:,} files imported, kill -9 on the way: lost or twice there", "0", "0")
    figures(f"{count:,} files imported: most memory", "≤ 200 MB", f"{megabytes} MB")
