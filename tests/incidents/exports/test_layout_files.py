"""One incident as a file that another tool takes in."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest

from postmortems.document.readers import registry
from tests.incidents.exports.test_standalone_pages import PLACE, SLUG, with_demo
from tests.world import World

FORMATS = {"docx": ".docx", "confluence": ".xml", "notion": ".md", "gdocs": ".html"}


@pytest.mark.parametrize("form, ending", FORMATS.items())
def test_an_incident_is_a_file_that_reads_back_as_the_same_report(
    form: str, ending: str, world: World
) -> None:
    answer = with_demo(world).browser("cy").get(f"{PLACE}/{SLUG}?format={form}")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="{SLUG}{ending}"'
    read = registry.read(f"{SLUG}{ending}", answer.data)
    assert read.title == "Accidental merge to prod brings things down"
    assert len(read.items) == 3


def test_the_menu_of_an_incident_offers_them(world: World) -> None:
    shown = with_demo(world).browser("cy").get(f"/incidents/{SLUG}").text

    assert all(f"/api/v1/incidents/{SLUG}?format={form}" in shown for form in FORMATS)


def test_a_document_of_word_is_one(world: World) -> None:
    answer = with_demo(world).browser("cy").get(f"{PLACE}/{SLUG}?format=docx")

    assert "word/document.xml" in ZipFile(io.BytesIO(answer.data)).namelist()
