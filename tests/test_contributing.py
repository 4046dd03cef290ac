"""The steps of CONTRIBUTING for adding a feature, followed in a copy of the project, add it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text().split("## Adding a feature")[1].split("\n## ")[0]
RECIPES = {
    name: re.findall(r"^\d\. (.+)$", steps, re.MULTILINE)
    for name, steps in re.findall(r"^### An? (.+)\n((?:.|\n(?!### ))+)", TEXT, re.MULTILINE)
}
WRITE = re.compile(r"Write `([^`]+)`: ")
ADD = re.compile(r"In `([^`]+)`, after `([^`]+)`, add `([^`]+)`[.;]")
REPLACE = re.compile(r"In `([^`]+)`, for `([^`]+)`, write `([^`]+)`\.")
# What the new files hold, as short as they can be; tests are named but not needed here.
FILES = {
    "postmortems/guards/kinds/example.py": """
from marshmallow import Schema
from postmortems.guards.judgement import Judgement
from postmortems.guards.kind import Kind
class Config(Schema): pass
class Example(Kind):
    slug, label, passes_when, Config, sample = "example", "Example", "it is asked", Config, {}
    def judge(self, config, evidence, question): return Judgement("pass", "asked", "it was asked")
""",
    "docs/guards/example.md": "# `example`: it is asked\n\nNothing more.\n",
    "postmortems/document/readers/example.py": "def to_markdown(text): return '# Read: ' + text\n",
    "postmortems/notify/example.py": "def send(lent, runtime): ...\ndef noted(lent, outcome, now): ...\n",
    "postmortems/web/example.py": """
from flask import Blueprint
from postmortems.web.render import page
blueprint = Blueprint("example", __name__)
@blueprint.get("/example")
def show(): return page("example/show.html")
""",
    "templates/example/show.html": "an example of {{ plain or 'a page' }}",
}
# Run in the copy: prints one line for each feature that is there.
LOOK = """
from postmortems import worker
from postmortems.cli import export
from postmortems.config import Settings
from postmortems.document.readers import registry as readers
from postmortems.exchange.exports.layouts import LAYOUTS
from postmortems.guards.kinds.registry import KINDS
from postmortems.web.application import assemble
from postmortems.web.help import guide
import postmortems
app = assemble(Settings())
print("guard kind", KINDS["example"].configured({}) == {}, guide("guards/example").title)
print("reader", readers.read("2020-01-02.example", b"words").title)
print("layout", LAYOUTS["example"].path, "example" in export.LAYOUTS)
print("channel", worker.CHANNELS["example"][0].__module__)
with app.test_request_context("/example"):
    print("page", app.dispatch_request())
print("of", postmortems.__file__)
"""
SEEN = {
    "guard kind": "True example: it is asked",
    "reader": "Read: words",
    "layout": "posts/{slug}.md True",
    "channel": "postmortems.notify.example",
    "page": "an example of a page",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which all recipes were followed, step by step."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("postmortems", "templates", "static", "docs", "data"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for steps in RECIPES.values():
        for step in steps:
            follow(root, step)
    return root


def follow(root: Path, step: str) -> None:
    """Do what a step says: write its file, add its line behind the one it names, or replace words."""
    if written := WRITE.match(step):
        path = root / written[1]
        if written[1].startswith("tests/"):
            assert (ROOT / written[1]).parent.is_dir(), step
            return
        path.parent.mkdir(exist_ok=True)
        path.write_text(FILES[written[1]])
    elif added := ADD.match(step):
        path, anchor, line = root / added[1], added[2], added[3]
        lines = path.read_text().split("\n")
        at = [number for number, each in enumerate(lines) if each.strip() == anchor]
        assert len(at) == 1, step
        indent = lines[at[0]][: -len(anchor)] + ("    " if anchor.endswith("{") else "")
        path.write_text("\n".join([*lines[: at[0] + 1], indent + line, *lines[at[0] + 1 :]]))
    elif replaced := REPLACE.match(step):
        path = root / replaced[1]
        assert path.read_text().count(replaced[2]) == 1, step
        path.write_text(path.read_text().replace(replaced[2], replaced[3]))


def test_each_recipe_has_five_steps() -> None:
    assert {name: len(steps) for name, steps in RECIPES.items()} == dict.fromkeys(SEEN, 5)


def test_a_step_that_names_a_file_to_change_is_one_that_can_be_followed() -> None:
    steps = [step for steps in RECIPES.values() for step in steps if step.startswith(("Write ", "In "))]

    assert [step for step in steps if not (WRITE.match(step) or ADD.match(step) or REPLACE.match(step))] == []


def test_who_follows_the_steps_has_the_features(copy: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=tmp_path, env=environment, capture_output=True, text=True
    )

    assert run.returncode == 0, run.stderr
    assert str(copy) in run.stdout
    assert run.stdout.splitlines()[:-1] == [f"{name} {seen}" for name, seen in SEEN.items()]
