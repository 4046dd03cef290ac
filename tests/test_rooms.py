"""The rules of the house, read off the source: imports, names, sizes, and what stands in one place only."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.conftest import FIRST

PACKAGE = Path(__file__).parent.parent / "postmortems"
MODULES = sorted(PACKAGE.rglob("*.py"))

# A room imports rooms to its left, never to its right.
ROOMS = (
    "kernel",
    "formats",
    "signatures",
    "db",
    "egress",
    "trackers",
    "document",
    "audit",
    "jobs",
    "accounts",
    "vault",
    "search",
    "incidents",
    "followup",
    "guards",
    "gate",
    "reviews",
    "exchange",
    "reports",
    "capture",
    "notify",
    "github",
    "gitlab",
    "tickets",
    "assistants",
    "doors",
)
# The single modules of the package. Settings are made of rules about addresses, which import nothing of ours.
KERNEL = {
    "actor",
    "child_processes",
    "clock",
    "config",
    "errors",
    "limits",
    "mail_addresses",
    "oidc_values",
    "patterns",
    "search_words",
    "setting_values",
    "visibility",
    "zone_tables",
}
PURE_RULES = {"postmortems.egress.address_rules"}
# In the gate likewise; what is not named here stands to the right of all that is.
GATE = (
    "models",
    "plain_request",
    "schemas",
    "deploy_request",
    "verdicts",
    "findings",
    "protection",
    "tallies",
    "decisions",
    "scenarios",
    "enforcement",
    "exemptions",
)
# Inside a room, likewise. Modules of other names stand where their own imports put them.
ORDER = {"models": 0, "queries": 2, "operations": 3}
DOORS = {"api", "pages"}
DOOR_ROOMS = {"web", "cli"}
DOOR_MODULES = {"worker", "demo", "__main__"}

MOST_MODULES = 20
LONGEST_MODULE = 400
LONGEST_FUNCTION = 40
# Names in -ing that are nouns of the field.
NOUNS = {"flapping", "staging", "ping"}
VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "managers",
    "misc",
    "base_utils",
}
WEB_LIBRARIES = {"flask", "flask_smorest", "flask_wtf", "webargs", "werkzeug"}
SOCKETS = {
    "httpx",
    "httpcore",
    "requests",
    "urllib",
    "http",
    "socket",
    "ssl",
    "socketserver",
    "asyncio",
    "smtplib",
}
HARMLESS = {"urllib.parse", "http", "http.HTTPStatus"}
# Units of work are ambient, so the engine they run on is; the clock is stood still by tests alone.
PROCESS_WIDE = {"postmortems.db.session", "postmortems.clock"}
# What listens, or asks the server from a pipeline, is no probe; and a URL may be taken apart anywhere.
CALLERS = {f"postmortems.egress.{part}" for part in ("client", "call", "resolver", "transport", "urls")}
# The server that takes mail is the operator's own, named in the settings and nowhere else.
CALLERS |= {"postmortems.notify.mail.smtp"}
LISTENERS = {"postmortems.cli.http_server"}
PIPELINE_CLIENT = "postmortems.cli."


def name_of(path: Path) -> str:
    """`postmortems.guards.queries`."""
    parts = ("postmortems", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that this one imports, wherever in it."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if is_module(inner) else node.module


@cache
def is_module(name: str) -> bool:
    path = PACKAGE.parent / Path(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def is_ours(name: str) -> bool:
    return name.split(".")[0] == "postmortems"


def is_door(name: str) -> bool:
    parts = name.split(".")[1:]
    return bool(parts) and (
        parts[0] in DOOR_ROOMS or parts[0] in DOOR_MODULES or parts[-1].split("_")[-1] in DOORS
    )


def room_of(name: str) -> str:
    parts = name.split(".")[1:]
    if is_door(name):
        return "doors"
    if name in PURE_RULES:
        return "kernel"
    return parts[0] if parts and parts[0] in ROOMS else "kernel"


def place_in_gate(name: str) -> int:
    """How far to the right a module of the gate stands."""
    parts = name.split(".")
    return GATE.index(parts[2]) if len(parts) > 2 and parts[2] in GATE else len(GATE)


def offenders(found: Callable[[Path], Iterable[object]]) -> dict[str, list[object]]:
    """By module, what a rule finds wrong with it; modules with nothing wrong are left out."""
    return {name_of(path): wrong for path in MODULES if (wrong := list(found(path)))}


def test_a_room_imports_only_rooms_to_its_left() -> None:
    def to_the_right(path: Path) -> list[str]:
        place = ROOMS.index(room_of(name_of(path)))
        return [name for name in imports(path) if is_ours(name) and ROOMS.index(room_of(name)) > place]

    assert offenders(to_the_right) == {}


def test_a_room_of_the_gate_imports_only_rooms_to_its_left() -> None:
    def to_the_right(path: Path) -> list[str]:
        name = name_of(path)
        if room_of(name) != "gate":
            return []
        in_gate = [imported for imported in imports(path) if room_of(imported) == "gate"]
        return [imported for imported in in_gate if place_in_gate(imported) > place_in_gate(name)]

    assert offenders(to_the_right) == {}


def test_inside_a_room_models_come_first_then_queries_then_operations() -> None:
    def later(path: Path) -> list[str]:
        room, _, last = name_of(path).rpartition(".")
        if last not in ORDER:
            return []
        beside = [name.rpartition(".") for name in imports(path)]
        return [other for there, _, other in beside if there == room and ORDER.get(other, -1) > ORDER[last]]

    assert offenders(later) == {}


def test_flask_stands_only_at_the_doors() -> None:
    def web(path: Path) -> list[str]:
        if is_door(name_of(path)):
            return []
        return [name for name in imports(path) if name.split(".")[0] in WEB_LIBRARIES]

    assert offenders(web) == {}


def test_only_the_sessions_of_the_database_commit() -> None:
    def commits(path: Path) -> list[int]:
        if name_of(path) in {"postmortems.db.session", "postmortems.db.units"}:
            return []
        calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        return [
            node.lineno
            for node in calls
            if isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        ]

    assert offenders(commits) == {}


def test_only_egress_and_mail_open_sockets() -> None:
    def sockets(path: Path) -> set[str]:
        name = name_of(path)
        if name in CALLERS | LISTENERS or name.startswith(PIPELINE_CLIENT):
            return set()
        return {used for used in imports(path) if used.split(".")[0] in SOCKETS and used not in HARMLESS}

    assert offenders(sockets) == {}


def test_a_module_says_what_it_is_for() -> None:
    assert [name_of(path) for path in MODULES if not ast.get_docstring(tree(path))] == []


def test_a_module_fits_on_a_few_screens() -> None:
    def lines(path: Path) -> list[int]:
        count = len(path.read_text(encoding="utf-8").splitlines())
        return [count] if count > LONGEST_MODULE else []

    assert offenders(lines) == {}


def test_a_function_fits_at_a_glance() -> None:
    def too_long(path: Path) -> list[str]:
        functions = [
            node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        return [
            node.name for node in functions if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
        ]

    assert offenders(too_long) == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert offenders(lambda path: {path.stem, *path.relative_to(PACKAGE).parent.parts} & VAGUE) == {}


def test_a_module_is_named_by_a_noun() -> None:
    assert [name_of(path) for path in MODULES if path.stem.endswith("ing") and path.stem not in NOUNS] == []


def test_a_folder_holds_few_modules() -> None:
    def count(folder: Path) -> int:
        return len(list(folder.glob("*.py")))

    assert {path.parent.name for path in MODULES if count(path.parent) > MOST_MODULES} == set()


def test_every_room_is_in_the_plan() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    modules = {path.stem for path in PACKAGE.glob("*.py") if path.name != "__init__.py"}

    assert rooms == set(ROOMS) - {"kernel", "doors"} | DOOR_ROOMS
    assert modules == KERNEL | DOOR_MODULES


def test_nothing_asks_the_environment_but_the_settings() -> None:
    def asks(path: Path) -> list[int]:
        if name_of(path) == "postmortems.config" or name_of(path).startswith(PIPELINE_CLIENT):
            return []
        attributes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)]
        # What the server says of one request has the same name in WSGI.
        asked = [node for node in attributes if ast.unparse(node) != "request.environ"]
        return [node.lineno for node in asked if node.attr in {"environ", "getenv"}]

    assert offenders(asks) == {}


def test_a_process_keeps_no_state_that_a_call_could_replace() -> None:
    """What a process is made of is a `Runtime`, passed on: two applications in one process do not mix."""

    def replaces(path: Path) -> list[int]:
        if name_of(path) in PROCESS_WIDE:
            return []
        return [
            node.lineno
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Global)
            or (isinstance(node, ast.FunctionDef) and node.name == "configure")
        ]

    assert offenders(replaces) == {}


def test_time_zones_come_from_one_module() -> None:
    """Whoever imported `zoneinfo` first would have other tables than the rest."""

    def zones(path: Path) -> list[str]:
        if name_of(path) == "postmortems.zone_tables":
            return []
        return [name for name in imports(path) if name.split(".")[0] in {"zoneinfo", "tzdata"}]

    assert offenders(zones) == {}


def test_the_test_files_that_begin_first_are_there() -> None:
    assert [name for name in FIRST if not (Path(__file__).parent / name).is_file()] == []
