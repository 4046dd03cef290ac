"""The documentation says what there is: settings, commands, guard kinds, codes, files."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest
from flask import Flask

from postmortems import cli
from postmortems.actor import ROLES, SCOPES
from postmortems.config import PREFIX, Settings
from postmortems.document.markdown.items.item_fields import KEYS
from postmortems.document.model import ENTRY_KINDS, GUARDABILITIES, ITEM_KINDS, ITEM_STATUSES
from postmortems.gate.protection.rules import PROTECTIONS
from postmortems.guards.judgement import LEVELS
from postmortems.guards.kinds.registry import KINDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
GUIDES = {path.stem: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])


def first_cells(text: str) -> set[str]:
    """The code in the first cell of each table row."""
    return set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))


def test_the_readme_lists_exactly_the_settings_there_are() -> None:
    listed = {name for name in first_cells(README) if name.startswith(PREFIX)}

    of_commands = {"POSTMORTEMS_TOKEN", "POSTMORTEMS_INCIDENT"}
    assert listed == {PREFIX + field.name.upper() for field in fields(Settings)} | of_commands


def test_the_readme_states_each_default_as_it_is() -> None:
    settings = Settings()

    for name in ("database_url", "url", "trusted_proxies"):
        row = next(line for line in README.splitlines() if line.startswith(f"| `{PREFIX}{name.upper()}`"))
        assert f"`{getattr(settings, name)}`" in row


def test_the_readme_lists_exactly_the_commands_there_are() -> None:
    commands = README.split("## Commands")[1].split("## Settings")[0]

    assert first_cells(commands) == set(cli.COMMANDS)


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_each_subcommand_stands_in_the_readme(name: str) -> None:
    command = cli.cli.get_command(
        cli.cli.make_context("postmortems", ["--help"], resilient_parsing=True), name
    )

    row = next(line for line in README.splitlines() if line.startswith(f"| `{name}`"))

    for subcommand in getattr(command, "commands", ()):
        assert f"`{subcommand}`" in row


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_guard_kind_is_described(kind: str) -> None:
    assert f"| `{kind}` |" in GUIDES["admin"]
    assert f"`{kind}`" in README.split("## Adding a guard kind")[1]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_guard_kind_has_its_page(kind: str) -> None:
    page = ROOT / "docs" / "guards" / f"{kind}.md"

    assert page.read_text().startswith(f"# `{kind}`: ")


@pytest.mark.parametrize(
    "guide, words",
    [
        ("author", ENTRY_KINDS),
        ("author", ITEM_KINDS),
        ("author", ITEM_STATUSES),
        ("author", GUARDABILITIES),
        ("author", [key for key in KEYS if key != "Id"]),
        ("admin", PROTECTIONS),
        ("admin", LEVELS),
        ("operator", SCOPES),
        ("admin", ROLES),
    ],
)
def test_each_word_of_a_vocabulary_is_explained(guide: str, words: list[str]) -> None:
    missing = [word for word in words if not re.search(rf"\b{word}", GUIDES[guide], re.IGNORECASE)]

    assert not missing


def test_every_place_that_the_readme_names_exists() -> None:
    places = README.split("## Where things live")[1].split("## Commands")[0]

    for name in re.findall(r"^\| (`.*?) \|", places, re.MULTILINE):
        for place in re.findall(r"`([^`]+)`", name):
            assert (ROOT / place).exists() or (ROOT / "postmortems" / place).exists(), place


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    for address in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in address:
            assert (page.parent / address).exists(), address


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_shows_exists(page: Path) -> None:
    for name in re.findall(r"-m postmortems ([a-z]+)", page.read_text()):
        assert name in cli.COMMANDS, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_shows_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()

    for target in re.findall(r"^\s*make ([a-z]+)|`make ([a-z]+)", page.read_text(), re.MULTILINE):
        assert re.search(rf"^{''.join(target)}:", makefile, re.MULTILINE), target


def shown_commands() -> list[tuple[str, str]]:
    """Every command line that a page shows, with the page's name; broken lines joined."""
    found = []
    for page in PAGES:
        text = page.read_text().replace("\\\n", " ")
        found += [(page.stem, line) for line in re.findall(r"-m postmortems ([a-z][^`\n)]*)", text)]
    return found


@pytest.mark.parametrize("page, line", shown_commands())
def test_every_option_that_a_page_shows_exists(page: str, line: str) -> None:
    words = line.split("#")[0].split()
    command: click.Command | None = cli.cli
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        context = click.Context(command)
        command = command.get_command(context, words.pop(0))
    assert command is not None, line

    known = {option for parameter in command.params for option in parameter.opts}

    assert {word for word in words if word.startswith("--")} <= known


def test_every_address_of_the_api_that_a_page_shows_exists(app: Flask) -> None:
    rules = {re.sub(r"<[^>]*>", "<>", rule.rule) for rule in app.url_map.iter_rules()}
    shown = {
        re.sub(r"<[^>]*>", "<>", path)
        for page in PAGES
        for path in re.findall(r"/api/[a-z0-9/.<>-]*[a-z0-9>]", page.read_text())
    }

    assert shown <= rules


PICTURE = re.compile(
    r'<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">\s*'
    r'<img alt="([^"]*)" src="([^"]+)" width="\d+">\s*</picture>'
)
LARGEST_PICTURE, ALL_PICTURES = 60_000, 500_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_picture_is_there_for_light_and_dark_small_and_said_in_words(page: Path) -> None:
    text = page.read_text()
    found = PICTURE.findall(text)

    assert len(found) == text.count("<img") == text.count("<picture")
    assert "![" not in re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    for dark, alt, light in found:
        assert dark == light.replace("-light.", "-dark.") != light
        assert len(alt.split()) > 5
        for name in (dark, light):
            assert 0 < (page.parent / name).stat().st_size < LARGEST_PICTURE, name


def test_the_pictures_are_those_that_the_docs_show_and_small_together() -> None:
    shown = {
        (page.parent / name).resolve()
        for page in PAGES
        for dark, _, light in PICTURE.findall(page.read_text())
        for name in (dark, light)
    }
    there = set((ROOT / "docs" / "pictures").iterdir())

    assert shown == there
    assert sum(path.stat().st_size for path in there) < ALL_PICTURES
