"""The heap of a server's process: settled once, and bounded in what it keeps."""

from __future__ import annotations

import subprocess
import sys

from postmortems.web import rendered_parts
from postmortems.web.markdown import safe_html

SETTLED = (
    "import gc; from postmortems.web.server import heap; heap.load(); print(gc.isenabled()); "
    "heap.settle(); print(gc.isenabled(), gc.get_freeze_count() > 0, gc.get_count()[1:])"
)


def test_what_a_process_begins_with_is_looked_through_no_more() -> None:
    said = subprocess.run([sys.executable, "-c", SETTLED], capture_output=True, text=True, check=True)

    assert said.stdout.split("\n")[:2] == ["False", "True True (0, 0)"]


def test_what_is_kept_of_rendered_pages_is_a_small_part_of_a_process() -> None:
    assert rendered_parts.KEPT + safe_html.KEPT <= 16 * 1024 * 1024
