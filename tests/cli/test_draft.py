"""`draft`: one's own drafts from a terminal, against the application over loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from werkzeug.serving import make_server

from postmortems.cli.draft import draft
from postmortems.document.markdown import parser
from tests.incidents.documents import FOUNDING
from tests.world import World

TEXT = parser.write(FOUNDING)


class Terminal:
    """Ada's, in a folder with a file in it."""

    def __init__(self, url: str, token: str, folder: Path) -> None:
        self.env = {"POSTMORTEMS_URL": url, "POSTMORTEMS_TOKEN": token}
        self.file = folder / "draft.md"
        self.file.write_text(TEXT)

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(draft, words, env=self.env)


@pytest.fixture
def terminal(app: Flask, world: World, tmp_path: Path) -> Iterator[Terminal]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Terminal(f"http://127.0.0.1:{server.port}", world.tokens["ada"], tmp_path)
    finally:
        server.shutdown()
        thread.join()


def test_a_file_is_kept_listed_shown_and_discarded(terminal: Terminal) -> None:
    saved = terminal("save", str(terminal.file))
    assert saved.exit_code == 0, saved.output
    name = saved.stdout.strip()

    assert terminal("list").stdout.startswith(f"{name}\tnew\t0\t")
    assert FOUNDING.title in terminal("list").stdout
    assert terminal("show", name).stdout == TEXT
    assert terminal("discard", name).exit_code == 0
    assert terminal("list").stdout == ""


def test_a_draft_of_an_incident_is_named_by_its_slug(terminal: Terminal, world: World) -> None:
    assert world.app is not None
    headers = world.headers() | {"Content-Type": "text/markdown"}
    added = world.app.test_client().post("/api/v1/incidents", data=TEXT, headers=headers).get_json()

    first = terminal("save", str(terminal.file), "--of", added["slug"], "--version", "1")
    again = terminal("save", str(terminal.file), "--of", added["slug"], "--version", "1")

    assert first.stdout == again.stdout
    assert terminal("show", added["slug"]).exit_code == 0
    assert terminal("discard", added["slug"]).exit_code == 0
    assert terminal("show", added["slug"]).exit_code == 21


@pytest.mark.parametrize(
    "words, told",
    [
        (("show", "no-such-incident"), "no incident"),
        (("show", "0" * 32), "no such draft"),
        (("show", "../users"), "404"),
        (("discard", "no-such-incident"), "no incident"),
        (("save", "draft.txt"), "neither .md nor .json"),
        (("save", "draft.md", "--of", "no-such-incident", "--version", "1"), "no incident"),
        (("save", "broken.json"), "400"),
    ],
)
def test_what_cannot_be_done_is_one_line(terminal: Terminal, words: tuple[str, ...], told: str) -> None:
    folder = terminal.file.parent
    (folder / "draft.txt").write_text(TEXT)
    (folder / "broken.json").write_text("{")
    words = tuple(
        str(folder / word) if word.partition(".")[0] in {"draft", "broken"} else word for word in words
    )

    done = terminal(*words)

    assert done.exit_code == 21
    assert told in done.output
    assert len(done.output.splitlines()) == 1
