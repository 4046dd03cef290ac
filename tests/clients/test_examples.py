"""The examples of the Python client in the guides are Python, name what there is, and do what they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from postmortems_client import calls

from tests.clients.test_live import live as live
from tests.world import World

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "clients" / "python" / "README.md", ROOT / "docs" / "pipeline.md"]
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)
CALL = re.compile(r"\bcalls\.(\w+)\.(\w+)")


def examples() -> list[str]:
    return [example for page in PAGES for example in EXAMPLE.findall(page.read_text())]


@pytest.mark.parametrize("example", examples())
def test_each_is_python(example: str) -> None:
    body = "\n    ".join(example.splitlines())

    compile(f"async def example():\n    {body}\n", "example", "exec")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_call_that_is_named_is_there(page: Path) -> None:
    named = CALL.findall(page.read_text())

    assert named
    assert [name for group, name in named if not hasattr(getattr(calls, group), name)] == []


@pytest.mark.parametrize(
    "target, ends", [("prod", None), ("nowhere", "the gate says block")], ids=["allowed", "blocked"]
)
def test_the_one_for_pipelines_asks_the_gate(
    live: str,
    world: World,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    ends: str | None,
) -> None:
    example = EXAMPLE.findall((ROOT / "docs" / "pipeline.md").read_text())[0].replace("prod", target)
    told = {"URL": live, "TOKEN": world.tokens["ada"]}
    for name, value in told.items():
        monkeypatch.setenv(f"POSTMORTEMS_{name}", value)
    monkeypatch.setenv("DIGEST", f"sha256:{'a' * 64}")
    monkeypatch.setenv("RUN_ID", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    if ends is None:
        exec(compile(example, "example", "exec"), {})
    else:
        with pytest.raises(SystemExit, match=ends):
            exec(compile(example, "example", "exec"), {})

    listed: Any = client.get("/api/v1/gate/decisions", headers=world.headers()).json
    assert [each["target"] for each in listed["decisions"]] == [f"data8/{target}"]
