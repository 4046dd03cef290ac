"""PDF: made apart, with a deadline, reaching nothing; and in words where there is none."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from postmortems.db import session as db
from postmortems.errors import TooMany, Unavailable
from postmortems.web.pdf import pdf as pdf_pdf
from tests.loopback import listening
from tests.shown import FOUNDING, with_demo
from tests.world import World

PLACE = f"/api/v1{FOUNDING}?format=pdf"
weasyprint = pytest.mark.skipif(
    not pdf_pdf.is_installed(), reason="WeasyPrint is not installed: see requirements-pdf.in"
)


def drawn(pdf: bytes) -> bytes:
    """What the pages draw, uncompressed."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    parts = []
    for part in found:
        try:
            parts.append(zlib.decompress(part))
        except zlib.error:
            parts.append(part)
    return b"\n".join(parts)


@weasyprint
def test_an_incident_is_a_pdf_with_its_drawing(world: World) -> None:
    browser = with_demo(world).browser("cy")
    answer = browser.get(PLACE)
    plain = browser.get(PLACE.replace("pdf", "html")).text

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].endswith('.pdf"')
    assert answer.data.startswith(b"%PDF-")
    without = pdf_pdf.pdf(re.sub(r"<svg.*?</svg>", "", plain, flags=re.DOTALL))
    # A circle is four curves, and the dots of the drawing are circles.
    assert drawn(answer.data).count(b" c\n") >= drawn(without).count(b" c\n") + 8


@weasyprint
def test_no_unit_is_open_while_a_pdf_is_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = with_demo(world).browser("cy")
    seen: list[bool] = []

    def watched(html: str) -> bytes:
        seen.append(db.is_open())
        return b"%PDF-"

    monkeypatch.setattr(pdf_pdf, "pdf", watched)
    browser.get(PLACE)

    assert seen == [False]


# On one page: a process for each takes a second.
FETCHING = """
<link rel="stylesheet" href="{url}/style.css">
<style>@import "{url}/style.css"; body {{ background: url({url}/x.png) }}</style>
<link rel="attachment" href="{url}/secret">
<p>x<img src="{url}/picture.png">
<object data="{url}/x.svg"></object>
<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}/x.png" width="9" height="9"/></svg>
"""


@weasyprint
def test_nothing_is_fetched() -> None:
    with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as server:
        assert pdf_pdf.pdf(FETCHING.format(url=server.url(""))).startswith(b"%PDF-")

    assert server.visits == []


@weasyprint
def test_no_local_file_is_read() -> None:
    html = '<link rel="attachment" href="file:///etc/passwd"><img src="file:///etc/passwd">'

    assert b"root:" not in drawn(pdf_pdf.pdf(html))


@weasyprint
def test_what_takes_too_long_is_refused_in_words() -> None:
    with pytest.raises(Unavailable, match=r"within 0\.05 s; take the HTML"):
        pdf_pdf.pdf("<p>x", deadline_s=0.05)


@weasyprint
@pytest.mark.parametrize("html", ["", "\ud800", "<svg><svg><svg>", "<table><td colspan=9999>", "<b>" * 200])
def test_odd_pages_are_pages(html: str) -> None:
    assert pdf_pdf.pdf(html).startswith(b"%PDF-")


@weasyprint
def test_a_page_that_is_too_deep_is_refused_in_words() -> None:
    with pytest.raises(Unavailable, match="take the HTML"):
        pdf_pdf.pdf("<div>" * 5000)


def test_without_weasyprint_the_answer_says_what_to_install(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = with_demo(world).browser("cy")
    monkeypatch.setattr(pdf_pdf, "is_installed", lambda: False)
    refused = browser.get(PLACE)

    assert (refused.status_code, refused.mimetype) == (501, "application/problem+json")
    assert "requirements-pdf.txt" in refused.json["detail"]
    assert "format=pdf" not in browser.get(FOUNDING).text


def done(returncode: int, stdout: bytes, stderr: bytes) -> Callable[..., Any]:
    return lambda *_, **__: subprocess.CompletedProcess([], returncode, stdout, stderr)


@pytest.mark.parametrize(
    "returncode, stdout, stderr, words",
    [
        (1, b"", b"WeasyPrint cannot start: cannot load library 'libpango-1.0-0'", "cannot load library"),
        (1, b"", b"Traceback\nMemoryError", "take the HTML"),
        (-9, b"", b"", "take the HTML"),
        (0, b"", b"", "take the HTML"),
        (0, b"no PDF", b"", "take the HTML"),
    ],
)
def test_a_child_that_fails_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, returncode: int, stdout: bytes, stderr: bytes, words: str
) -> None:
    monkeypatch.setattr(pdf_pdf, "is_installed", lambda: True)
    monkeypatch.setattr(subprocess, "run", done(returncode, stdout, stderr))

    with pytest.raises(Unavailable, match=re.escape(words)):
        pdf_pdf.pdf("<p>x")


def test_one_is_made_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_pdf, "is_installed", lambda: True)
    monkeypatch.setattr(pdf_pdf, "PATIENCE_S", 0)
    with pdf_pdf._free, pytest.raises(TooMany, match="another PDF"):
        pdf_pdf.pdf("<p>x")


def test_the_server_starts_without_weasyprint() -> None:
    code = "import sys; sys.modules['weasyprint'] = None; import postmortems.web.application"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
