"""The page on which a public report is written: beside the original, with what would be shown."""

from __future__ import annotations

import re

import pytest

from postmortems.db import session as db
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.attachments import operations as attachments
from postmortems.incidents.attachments.image_process import Checked
from postmortems.incidents.attachments.models import AttachmentUse
from tests.apps import app_on
from tests.incidents.public_reports.test_public_reports_api import Doors
from tests.world import Browser


@pytest.fixture
def doors(database: str) -> Doors:
    return Doors(app_on(database, public_name="Example Cloud", public_hosts=("status.example.com",)))


def page(doors: Doors, browser: Browser | None = None) -> str:
    answer = (browser or doors.world.browser("ada")).get(f"/incidents/{doors.slug}/public-report")
    assert answer.status_code == 200
    return answer.text


def value_of(html: str, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', html)
    assert found is not None
    return found[1]


FORM = {
    "title": "Mail was late",
    "summary": "",
    "version": "0",
    "section.0.part": "",
    "section.0.heading": "What happened",
    "section.0.text": "ada saw it",
    "section.0.chosen": "true",
}


def test_it_begins_with_the_incidents_words_and_what_would_go(doors: Doors) -> None:
    html = page(doors)

    assert "The incident's own words" in html
    assert f'method="post" action="/incidents/{doors.slug}/public-report"' in html
    assert value_of(html, "title") == "Ada filled the disk"
    shown = html.partition('id="shown"')[2].partition('id="removed"')[0]
    assert '<span class="out">‹name›</span> filled the disk' in shown or "‹name› filled the disk" in shown
    assert "grafana.corp" not in shown
    assert "grafana.corp" in html.partition('id="removed"')[2]


def test_two_people_publish_it_by_form(doors: Doors) -> None:
    place = f"/incidents/{doors.slug}/public-report"
    ada, eve = doors.world.browser("ada"), doors.world.browser("eve")
    assert ada.send(place, FORM).status_code == 303
    assert ada.send(f"{place}/approval", {"do": "ask"}).status_code == 303
    assert "Approve what is shown" not in page(doors, ada)
    digest = value_of(page(doors, eve), "digest")
    eve.send(f"{place}/approval", {"do": "approve", "digest": digest})
    ada.send(f"{place}/publication", {"do": "publish"})

    assert "‹name›" in doors.public().text
    assert "/public/2026-03-04-mail-was-late" in ada.get(f"/incidents/{doors.slug}").text
    ada.send(place, FORM | {"version": "1", "section.0.text": "somebody saw it"})
    html = page(doors, ada)
    assert "Changed since published" in html
    assert re.search(r"<del>‹?name|<del>‹", html)
    assert "Changed since it was published" in ada.get(f"/incidents/{doors.slug}").text
    ada.send(f"{place}/publication", {"do": "withdraw"})
    assert doors.public().status_code == 404
    ada.send(f"{place}/delete")
    assert "Save it first." in page(doors, ada)


def test_a_ticked_removal_stays_in_and_says_who_let_it_in(doors: Doors) -> None:
    place, ada = f"/incidents/{doors.slug}/public-report", doors.world.browser("ada")
    ada.send(place, FORM | {"kept": "ada"})

    html = page(doors, ada)
    assert "“ada” was allowed by ada." in html
    assert "ada saw it" in html.partition('id="shown"')[2].partition('id="removed"')[0]


def test_ticked_entries_are_taken_into_the_text_before_it_is_saved(doors: Doors) -> None:
    with db.reading():
        document = rows.to_document(incidents.by_slug(doors.slug, doors.world.ben))
    timeline = next(each for each in document.sections if each.entries)
    form = FORM | {
        "section.0.part": timeline.id,
        "section.0.entries": [timeline.entries[0].id],
        "do": "draw.0",
    }
    html = doors.world.browser("ada").send(f"/incidents/{doors.slug}/public-report", form).text

    assert "- **09:12** the disk of db1.internal is full</textarea>" in html
    assert "it is not saved yet" in html
    assert doors.api("GET").status_code == 404


def test_what_is_refused_keeps_what_was_typed(doors: Doors) -> None:
    place, ada = f"/incidents/{doors.slug}/public-report", doors.world.browser("ada")
    refused = ada.send(place, FORM | {"title": ""})
    ada.send(place, FORM)
    late = ada.send(place, FORM | {"section.0.text": "mine, typed late"})

    assert refused.status_code == late.status_code == 422
    assert "a title of its own" in refused.text
    assert "mine, typed late" in late.text


def test_who_reads_sees_what_would_be_shown_and_no_form(doors: Doors) -> None:
    doors.put()
    html = page(doors, doors.world.browser("cy"))

    assert "public-form" not in html
    assert "‹name› saw" in re.sub("<[^>]+>", "", html)
    assert doors.world.browser("cy").send(f"/incidents/{doors.slug}/public-report", FORM).status_code == 403


def test_a_picture_is_shown_where_it_was_chosen_and_nowhere_else(doors: Doors) -> None:
    with db.transaction():
        incident = incidents.by_slug(doors.slug, doors.world.ben)
        file = Checked("ada-at-work.png", b"not looked at here", "image/png", 8, 8)
        row = attachments.add(file, actor=doors.world.ada)
        link = f"/attachments/{row.id}"
        attachments.use(incident, link, row)
    text = f"![the graph of ada]({link}/ada-at-work.png) ![other](/attachments/{'A' * 22})"
    doors.published(sections=[{"heading": "What", "text": text}], pictures=[link])

    html = doors.public().text
    (source,) = re.findall(r'<img[^>]* src="([^"]+)"', html)
    answer = doors.public(source)
    assert (answer.mimetype, answer.data) == ("image/png", b"not looked at here")
    assert re.fullmatch(r"/public/2026-03-04-mail-was-late/files/[0-9a-f]{16}\.png", source)
    assert "ada" not in html
    assert row.id not in html
    assert doors.public(source.replace(".png", "x.png")).status_code == 404
    doors.api("DELETE", "/publication")
    assert doors.public(source).status_code == 404
    with db.reading():
        assert db.session().query(AttachmentUse).count() == 1
