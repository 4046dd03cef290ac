"""The heap of a server's process: settled once, and bounded in what it keeps."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from postmortems.web import rendered_parts
from postmortems.web.markdown import safe_html

ROOT = Path(__file__).parents[3]
SETTLED = (
    "import gc; from postmortems.web.server import heap; heap.load(); print(gc.isenabled()); "
    "heap.settle(); print(gc.isenabled(), gc.get_freeze_count() > 0, gc.get_count()[1:])"
)


def test_what_a_process_begins_with_is_looked_through_no_more() -> None:
    said = subprocess.run([sys.executable, "-c", SETTLED], capture_output=True, text=True, check=True)

    assert said.stdout.split("\n")[:2] == ["False", "True True (0, 0)"]


# What moves tables, speaks git or HTTP, reads Word, knows holidays, signs in at a company and the like.
RARELY_NEEDED = (
    "alembic",
    "anyio",
    "authlib",
    "dns",
    "docutils",
    "docx",
    "dulwich",
    "holidays",
    "httpcore",
    "httpx",
    "icalendar",
    "joserfc",
    "lxml",
    "mammoth",
    "mako",
    "pygments",
    "scim2_models",
)
LOADED = f"import sys, app; print([name for name in {RARELY_NEEDED} if name in sys.modules])"
# How many views there are whose shapes can be made, and how many shapes were made.
SHAPES = """
import marshmallow
made, begin = [], marshmallow.Schema.__init__
def count(self, *args, **options):
    made.append(1)
    begin(self, *args, **options)
marshmallow.Schema.__init__ = count
import app
print(sum(hasattr(view, "describe") for view in app.app.view_functions.values()), len(made))
"""


def test_a_process_begins_without_what_few_requests_need(tmp_path: Path) -> None:
    assert after_start(LOADED, tmp_path) == "[]"


def test_a_process_begins_without_the_shapes_of_its_views(tmp_path: Path) -> None:
    views, made = map(int, after_start(SHAPES, tmp_path).split())

    # Those of modules that keep one for themselves.
    assert views > 200
    assert made < views / 5


def after_start(script: str, tmp_path: Path) -> str:
    """What the script prints in a process of its own, which may load the application."""
    named = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/none.db",
        "SECRET_KEY": "x" * 64,
        "URL": "http://127.0.0.1",
    }
    env = {f"POSTMORTEMS_{name}": value for name, value in named.items()}
    # As one of gunicorn's, whose first process has looked at the database.
    env |= {"SERVER_SOFTWARE": "gunicorn/25", "PATH": os.environ["PATH"]}
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env, cwd=ROOT
    )
    return said.stdout.strip()


def test_what_is_kept_of_rendered_pages_is_a_small_part_of_a_process() -> None:
    assert rendered_parts.KEPT + safe_html.KEPT <= 16 * 1024 * 1024
