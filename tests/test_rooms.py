"""The house rules, read off the source: who imports whom, what stands in one place only, how long it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "postmortems"
MODULES = sorted(PACKAGE.rglob("*.py"))

# A room imports rooms to its left, never to its right.
ROOMS = (
    "kernel",
    "document",
    "audit",
    "people",
    "incidents",
    "reviews",
    "exchange",
    "followup",
    "guards",
    "gate",
    "reports",
    "notify",
    "github",
    "gitlab",
    "doors",
)
# Inside a room, likewise. Modules of other names stand where their own imports put them.
ORDER = {"models": 0, "queries": 2, "operations": 3}
DOORS = {"api", "pages"}
DOOR_ROOMS = {"web", "cli"}
DOOR_MODULES = {"worker", "demo", "__main__"}

LONGEST_MODULE = 400
LONGEST_FUNCTION = 40
WEB_LIBRARIES = {"flask", "flask_smorest", "flask_wtf", "webargs", "werkzeug"}
SOCKETS = {"httpx", "httpcore", "requests", "urllib", "http", "socket", "ssl", "socketserver", "asyncio"}


def name_of(path: Path) -> str:
    """`postmortems.guards.queries`."""
    return ".".join(("postmortems", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    )


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Every module that this one imports, wherever in it, with the statement."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner if is_module(inner) else node.module), node


def is_module(name: str) -> bool:
    path = PACKAGE.parent / Path(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def is_door(name: str) -> bool:
    parts = name.split(".")[1:]
    return bool(parts) and (
        parts[0] in DOOR_ROOMS or parts[0] in DOOR_MODULES or parts[-1].split("_")[-1] in DOORS
    )


def room_of(name: str) -> str:
    parts = name.split(".")[1:]
    if is_door(name):
        return "doors"
    return parts[0] if parts and parts[0] in ROOMS else "kernel"


ours = pytest.mark.parametrize("path", MODULES, ids=[name_of(path) for path in MODULES])


@ours
def test_a_room_imports_only_rooms_to_its_left(path: Path) -> None:
    room = room_of(name_of(path))
    to_the_right = [
        imported
        for imported, _ in imports(path)
        if imported.split(".")[0] == "postmortems" and ROOMS.index(room_of(imported)) > ROOMS.index(room)
    ]

    assert to_the_right == []


@ours
def test_inside_a_room_models_come_first_then_queries_then_operations(path: Path) -> None:
    name = name_of(path)
    place = ORDER.get(name.split(".")[-1])
    if place is None:
        return
    later = [
        imported
        for imported, _ in imports(path)
        if imported.rpartition(".")[0] == name.rpartition(".")[0]
        and ORDER.get(imported.split(".")[-1], -1) > place
    ]

    assert later == []


@ours
def test_flask_stands_only_at_the_doors(path: Path) -> None:
    if is_door(name_of(path)):
        return

    assert [imported for imported, _ in imports(path) if imported.split(".")[0] in WEB_LIBRARIES] == []


@ours
def test_only_db_commits(path: Path) -> None:
    if name_of(path) == "postmortems.db":
        return
    calls = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]

    assert calls == []


# What listens, or asks the server from a pipeline, is no probe; and a URL may be taken apart anywhere.
CALLERS = {f"postmortems.{part}" for part in ("egress", "calling", "wire", "origins")}
LISTENERS = {"postmortems.cli.serving"}
PIPELINE_CLIENT = "postmortems.cli."
HARMLESS = {"urllib.parse", "http", "http.HTTPStatus"}


@ours
def test_only_egress_opens_sockets(path: Path) -> None:
    name = name_of(path)
    if name in CALLERS | LISTENERS or name.startswith(PIPELINE_CLIENT):
        return
    used = {
        imported
        for imported, _ in imports(path)
        if imported.split(".")[0] in SOCKETS and imported not in HARMLESS
    }

    assert used == set()


@ours
def test_a_module_says_what_it_is_for(path: Path) -> None:
    if path.name == "__init__.py" and not path.read_text(encoding="utf-8").strip():
        return

    assert ast.get_docstring(tree(path))


@ours
def test_a_module_fits_on_a_few_screens(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@ours
def test_a_function_fits_at_a_glance(path: Path) -> None:
    too_long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }

    assert too_long == {}


VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "managers",
    "services",
    "misc",
    "base_utils",
}


@ours
def test_no_module_has_a_name_that_says_nothing(path: Path) -> None:
    assert not {path.stem, *path.relative_to(PACKAGE).parent.parts} & VAGUE


@ours
def test_nothing_asks_the_environment_but_the_settings(path: Path) -> None:
    if name_of(path) == "postmortems.config" or name_of(path).startswith(PIPELINE_CLIENT):
        return
    asked = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]

    assert asked == []


def test_every_room_is_in_the_plan() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}

    assert rooms <= set(ROOMS) | DOOR_ROOMS


@ours
def test_time_zones_come_from_one_module(path: Path) -> None:
    """Whoever imported `zoneinfo` first would have other tables than the rest."""
    if name_of(path) != "postmortems.zones":
        assert [name for name, _ in imports(path) if name.split(".")[0] in {"zoneinfo", "tzdata"}] == []
