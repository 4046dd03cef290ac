"""A checkout of the project, this one or an older, on loopback: known by its commands and HTTP alone."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx

LINK = re.compile(r"(http://\S+)/sign-in/link/\S+")
WAITS_S = 120


@dataclass(frozen=True, slots=True)
class Served:
    """A server on a database of its own: a browser's session and a program's token for it."""

    url: str
    browser: httpx.Client
    program: httpx.Client

    def get(self, path: str) -> str:
        answer = self.browser.get(path)
        answer.raise_for_status()
        return answer.text

    def form(self, path: str) -> list[tuple[str, str]]:
        """The fields that a browser would send from the page's editor, by its button Save."""
        found = _Fields("editor")
        found.feed(self.get(path))
        return found.fields

    def post(self, path: str, fields: list[tuple[str, str]]) -> str:
        """Where a form that was accepted leads to."""
        sent: dict[str, list[str]] = {}
        for name, value in fields:
            sent.setdefault(name, []).append(value)
        answer = self.browser.post(path, data=sent)
        if answer.status_code != 303:
            raise RuntimeError(f"POST {path} answered {answer.status_code}")
        return answer.headers["Location"]

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """What the API answers; a refusal stops the bench."""
        answer = self.program.request(method, f"/api/v1{path}", json=body)
        if answer.status_code >= 300:
            raise RuntimeError(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.json()


class _Fields(HTMLParser):
    """The successful controls of one form (HTML Standard, 4.10.22.4), without its buttons."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._wanted, self._is_in, self._is_first = form, False, False
        self._field: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_in = told.get("id") == self._wanted
        if not self._is_in:
            return
        if tag == "input" and told.get("name"):
            if told.get("type") not in ("checkbox", "radio", "file", "submit") or "checked" in told:
                self.fields.append((told["name"], told.get("value", "")))
        elif tag in ("textarea", "select") and told.get("name"):
            self._field, self._is_first = [told["name"], ""], True
        elif tag == "option" and self._field and (self._is_first or "selected" in told):
            self._field[1], self._is_first = told.get("value", ""), False

    def handle_data(self, data: str) -> None:
        if self._field and self._is_in and self.lasttag == "textarea":
            self._field[1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select") and self._field:
            name, value = self._field
            self.fields.append((name, value.removeprefix("\n") if tag == "textarea" else value))
            self._field = None
        elif tag == "form":
            self._is_in = False


@contextmanager
def served(root: Path, python: Path, folder: Path, database: str = "") -> Iterator[Served]:
    """Serve the checkout in `root` by this Python; its data lie in `folder`, or in `database`."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    environment = kept | {"PYTHONPATH": str(root)}
    if database:
        environment["POSTMORTEMS_DATABASE_URL"] = database
    command = (str(python), "-u", "-m", "postmortems")
    process = subprocess.Popen(
        (*command, "serve", "--port", "0", "--no-worker"),
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        link = _first_link(process)
        url = link.partition("/sign-in/")[0]
        token = (*command, "tokens", "add", "--user", "admin", "--name", "bench")
        made = subprocess.run(
            (*token, "--scope", "read", "--scope", "write"),
            cwd=folder, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        program = httpx.Client(
            base_url=url, timeout=WAITS_S, headers={"Authorization": f"Bearer {made.stdout.strip()}"}
        )
        with httpx.Client(base_url=url, timeout=WAITS_S) as browser, program:
            _sign_in(browser, link)
            yield Served(url, browser, program)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _first_link(process: subprocess.Popen[str]) -> str:
    said = ""
    assert process.stdout is not None
    while not (found := LINK.search(said)):
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server did not start:\n{said}")
        said += line
    return found[0]


def _sign_in(browser: httpx.Client, link: str) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(link).text)
    assert token is not None
    answer = browser.post(link, data={"csrf_token": token[1]})
    if answer.status_code != 303 and answer.status_code != 302:
        raise RuntimeError(f"nobody was signed in: {answer.status_code}")
