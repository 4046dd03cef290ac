"""Templates in the form: what a report begins with, changing it, and prompts that reach no reader."""

from __future__ import annotations

from dataclasses import replace

from postmortems.document.model import Document, Prose, Section
from postmortems.incidents.editor import form, template_sections
from postmortems.incidents.templates import queries
from postmortems.incidents.templates.template import Template
from tests.world import World

PROMPTED = "<!-- prompt: Who noticed? -->"


def starter(slug: str) -> Template:
    return queries.starters()[slug]


def headings(values: form.Values) -> list[str]:
    return [section["heading"] for section in values["sections"]]


def test_a_report_begins_with_a_blank_row_for_each_section() -> None:
    values = template_sections.begun(starter("standard-report"))

    assert headings(values) == ["Summary", "Timeline", "Conclusion", "Action items"]
    kinds = [section["blocks"][0]["type"] for section in values["sections"]]
    assert kinds == ["prose", "entry", "prose", "category"]


def test_another_template_keeps_what_was_written_and_the_headings_of_ones_own() -> None:
    before = starter("standard-report")
    values = template_sections.begun(before)
    values["sections"][0]["blocks"][0]["text"] = "The hub was down."
    values["sections"][1]["heading"] = "What happened when"
    values["sections"][1]["blocks"][0]["written"] = "14:30"
    values["sections"][2]["blocks"][0]["text"] = "We learned much."
    own = form.complete(form.to_values(Document(sections=(Section("Mine"),))))["sections"]
    values["sections"] += own

    after = template_sections.changed(values, before, starter("short-form-first"))

    assert all(words in str(after) for words in ("The hub was down.", "14:30", "We learned much."))
    assert "Action items" not in headings(after)
    assert {"Impact", "Mine", "Conclusion", "Summary"} <= set(headings(after))


def test_going_through_every_template_loses_no_word() -> None:
    before = starter("full-review")
    values = template_sections.begun(before)
    for number, section in enumerate(values["sections"]):
        section["blocks"] = form.rows_of([Prose(f"Word{number}")])
    for after in queries.starters().values():
        values = template_sections.changed(values, before, after)
        before = after

    assert [n for n in range(11) if str(values).count(f"'Word{n}'") != 1] == []


def test_each_section_asks_what_its_template_does() -> None:
    full = starter("full-review")
    values = template_sections.begun(full)

    assert template_sections.prompts(values, full) == [section.prompt for section in full.sections]
    assert set(template_sections.prompts(values, None)) == {""}
    assert set(template_sections.prompts(values, replace(full, sections=()))) == {""}


def test_a_new_report_offers_templates_and_shows_prompts_to_its_author_alone(world: World) -> None:
    ada = world.browser()
    begun = ada.get("/incidents/new").text
    assert "Two or three sentences for somebody who was not there" in begun
    assert "Facilitated debrief" in begun
    sent = {"title": "It broke", "date": "2026-03-01", "sections.0.heading": "Summary"}
    sent |= {"sections.0.blocks.0.type": "prose", "sections.0.blocks.0.text": f"Down.\n\n{PROMPTED}"}

    chosen = ada.send("/incidents/new", sent | {"template_choice": "full-review", "do": "template"}).text
    assert "Down." in chosen
    assert "What set it off at that very moment." in chosen
    path = ada.send("/incidents/new", sent | {"do": "publish"}).headers["Location"]

    assert "Who noticed?" not in ada.get(path).text
    assert "Who noticed?" not in ada.get(f"{path}.md").text
    assert "Down." in ada.get(f"{path}.md").text


def test_a_template_that_is_gone_takes_nothing_with_it(world: World) -> None:
    sent = {"title": "It broke", "template": "gone", "template_choice": "gone", "do": "template"}
    prose = {"sections.0.heading": "Ours", "sections.0.blocks.0.text": "Kept words."}

    answer = world.browser().send("/incidents/new", sent | prose)

    assert "That template was deleted meanwhile" in answer.text
    assert "Kept words." in answer.text


def test_a_published_report_shows_no_heading_without_a_word_under_it(world: World) -> None:
    sent = {"title": "It broke", "date": "2026-03-01", "do": "publish"}
    sent |= {
        "sections.0.heading": "Empty",
        "sections.1.heading": "Full",
        "sections.1.blocks.0.text": "Words.",
    }

    path = world.browser().send("/incidents/new", sent).headers["Location"]

    page = world.browser().get(path).text
    assert 'class="document published"' in page
    assert page.count("unwritten") == 1
