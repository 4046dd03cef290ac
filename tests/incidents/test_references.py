"""Links and footnotes used in one part of a postmortem and defined in another are alive when shown."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from postmortems.document.model import Entry, Item, Prose, Section
from postmortems.web.pdf import pdf
from tests import system_packages
from tests.incidents.documents import FOUNDING, save
from tests.world import World

LINKED = "https://example.org/163"
SECTIONS = (
    Section("Summary", (Prose("See [prose][163], noted[^n]."),)),
    Section("Timeline", (Entry("12:00", "See [entry][163], noted[^n]."),)),
    Section("Action items", (Item("See [item][163], noted[^n]."),)),
    Section("Links", (Prose(f"[163]: {LINKED}\n[other]: https://example.org/1\n\n[^n]: From the log."),)),
)


@pytest.fixture
def slug(world: World) -> str:
    return str(save(replace(FOUNDING, sections=SECTIONS)).slug)


@pytest.mark.parametrize("address", ["/incidents/{}", "/api/v1/incidents/{}?format=html"])
def test_every_part_has_its_links_and_notes(
    client: FlaskClient, world: World, slug: str, address: str
) -> None:
    html = world.browser().get(address.format(slug)).text

    for word in ("prose", "entry", "item"):
        assert f'<a href="{LINKED}" rel="noopener noreferrer nofollow">{word}</a>' in html
    # The parts that can be commented on are listed by their own words.
    html = html.partition('id="comments"')[0]
    assert html.count("From the log.") == 3
    assert "[163]" not in html
    assert "[^n]" not in html


def test_the_page_of_an_item_has_them(client: FlaskClient, world: World, slug: str) -> None:
    html = world.browser().get("/action-items/AI-1").text.split('class="prose"')[1]

    assert f'<a href="{LINKED}" rel="noopener noreferrer nofollow">item</a>' in html
    assert "From the log." in html


def test_the_preview_of_a_field_has_those_of_the_form(client: FlaskClient, world: World) -> None:
    answer = world.browser().send("/preview?field=a", {"a": "See [it][163].", "b": f"[163]: {LINKED}"})

    assert f'href="{LINKED}"' in answer.text


def test_a_note_that_nothing_shown_refers_to_is_text(client: FlaskClient, world: World) -> None:
    sections = (Section("Summary [^1]", (Prose("[^1]: By the pager."),)),)
    saved = save(replace(FOUNDING, sections=sections))

    assert "[^1]: By the pager." in world.browser().get(f"/incidents/{saved.slug}").text


@pytest.mark.skipif(not pdf.is_installed(), reason="WeasyPrint is not installed")
def test_the_pdf_has_them(client: FlaskClient, world: World, slug: str, tmp_path: Path) -> None:
    system_packages.require(system_packages.why_pdftotext_is_missing())
    file = tmp_path / "it.pdf"
    file.write_bytes(world.browser().get(f"/api/v1/incidents/{slug}?format=pdf").data)
    told = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout

    assert told.count("From the log.") == 3
    assert "[163]" not in told
