"""The release before this one, as its commit has it, and its processes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.image import ROOT, copied
from tests.faults.serving import Process, environment

# The newest commit of the release before, and the revision of its tables: move both when a release is made.
COMMIT = "c21875e67086cf46387e7f83bea97809d541cc1c"
REVISION = "20261130_0245"


def why_missing() -> str | None:
    """A sentence where this clone has not the commit."""
    there = subprocess.run(["git", "cat-file", "-e", f"{COMMIT}^{{commit}}"], cwd=ROOT, capture_output=True)
    return None if there.returncode == 0 else f"The commit {COMMIT[:12]} is missing: fetch the whole history."


def unpack(folder: Path) -> Path:
    """What the image of that release would hold."""
    folder.mkdir()
    archive = subprocess.run(
        ["git", "archive", COMMIT, *copied()], cwd=ROOT, check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "-x"], cwd=folder, input=archive, check=True)
    return folder


@contextmanager
def running(release: Path, url: str, *words: str) -> Iterator[Process]:
    """`python -m postmortems WORDS` of that release; what it complains of is in `said` beside its folder."""
    with (release.parent / "said").open("a") as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", "postmortems", *words],
            cwd=release,
            env=environment(url) | {"PYTHONPATH": str(release)},
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        )
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"127\.0\.0\.1:(\d+)", said)
        made = Process(process, int(found[1]) if found else 0)
        try:
            assert said, (release.parent / "said").read_text()
            yield made
        finally:
            made.kill()
