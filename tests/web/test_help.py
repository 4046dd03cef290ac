"""The guides are served where they are needed, and lead to each other."""

from __future__ import annotations

import re

import pytest

from postmortems.web.help import GUIDES, OF_READERS, ROOT, guide
from tests.world import World


def test_the_list_names_every_guide(world: World) -> None:
    text = world.browser("cy").get("/help").text

    assert [name for name in GUIDES if f'href="/help/{name}"' in text] == list(GUIDES)


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_is_shown_rendered_and_every_guide_it_names_is_there(world: World, name: str) -> None:
    answer = world.browser("cy").get(f"/help/{name}")

    assert answer.status_code == 200
    assert f"<h1>{guide(name).title}</h1>" in answer.text
    led_to = set(re.findall(r'href="/help/([^"#]+)(?:#([^"]*))?"', answer.text))
    assert {to for to, _ in led_to} <= set(GUIDES)
    pages = {to: world.browser("cy").get(f"/help/{to}").text for to, place in led_to if place}
    assert [(to, place) for to, place in led_to if place and f'id="{place}"' not in pages[to]] == []
    assert not re.search(r'href="(?!/|#|https?:)', answer.text)


def test_each_page_about_a_place_that_reports_come_from_is_listed_and_served() -> None:
    folder = ROOT / "docs" / "readers"
    index = (folder / "README.md").read_text()
    pages = {path.stem for path in folder.glob("*.md")} - {"README"}

    assert {name.removeprefix("readers/") for name in OF_READERS} == pages
    assert [name for name in sorted(pages) if f"(../readers/{name}.md)" not in index] == []


def test_a_files_own_name_leads_to_its_page(world: World) -> None:
    answer = world.browser("cy").get("/help/README.md")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/help/readme")


@pytest.mark.parametrize("name", ["nothing", "..", "..%2Fapp.py", "author.md.md"])
def test_nothing_but_a_guide_is_served(world: World, name: str) -> None:
    assert world.browser("cy").get(f"/help/{name}").status_code == 404


def test_a_guide_shows_its_pictures_for_light_and_dark(world: World) -> None:
    browser = world.browser("cy")
    found = re.findall(
        r'<picture .*?srcset="([^"]+)".*?alt="([^"]+)" src="([^"]+)"', browser.get("/help/readme").text
    )

    assert len(found) == 4
    for dark, alt, light in found:
        assert alt
        assert {browser.get(address).mimetype for address in (dark, light)} == {"image/webp"}


@pytest.mark.parametrize("name", ["nothing.webp", "../author.md", "..%2Fauthor.md", "", "incident-light.png"])
def test_a_picture_is_a_picture_of_the_guides_and_nothing_else(world: World, name: str) -> None:
    assert world.browser("cy").get(f"/help/pictures/{name}").status_code in {301, 404}
