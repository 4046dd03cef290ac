"""The pages on which incidents are read and written, without a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from postmortems.db import session as db
from postmortems.document.markdown import parser
from postmortems.gate.enforcement import save_incident
from postmortems.incidents.models import Incident, Revision
from tests.shown import FOUNDING, with_demo, words
from tests.world import World

FORM = {
    "title": "It broke",
    "date": "2026-03-01",
    "timezone": "Europe/Berlin",
    "services": "data8/prod",
    "sections.0.heading": "Summary",
    "sections.0.blocks.0.type": "prose",
    "sections.0.blocks.0.text": "Nobody could work.",
    "sections.1.heading": "Timeline",
    "sections.1.blocks.0.type": "entry",
    "sections.1.blocks.0.written": "09:12",
    "sections.1.blocks.0.kind": "trigger",
    "sections.1.blocks.0.text": "A deploy.",
    "sections.2.heading": "Action items",
    "sections.2.blocks.0.type": "category",
    "sections.2.blocks.0.heading": "Process",
    "sections.2.blocks.1.type": "item",
    "sections.2.blocks.1.text": "Refuse it.",
    "sections.2.blocks.1.owner": "@ada",
    "do": "save",
}


@pytest.fixture
def shown(world: World) -> World:
    return with_demo(world)


def stored(world: World, path: str) -> str:
    return world.browser().get(f"{path}.md").text


def create(world: World, **changes: str) -> str:
    """A new incident from the form; its address."""
    answer = world.browser().send("/incidents/new", FORM | changes)
    assert answer.status_code == 303, words(answer.text)
    return answer.headers["Location"]


def edit_form(html: str) -> dict[str, Any]:
    """The fields of the editor as a browser would send them back."""
    form = html[html.index('id="editor"') :].partition("</form>")[0]
    fields = dict(re.findall(r'<input[^>]*\sname="([^"]+)"[^>]*\svalue="([^"]*)"', form))
    fields |= dict(re.findall(r'<textarea[^>]*\sname="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL))
    for name, options in re.findall(r'<select[^>]*\sname="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        fields[name] = (re.findall(r'value="([^"]*)" selected', options) or [""])[0]
    ticked = re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]*)"[^>]*checked', form)
    for name, value in ticked:
        fields[name] = [
            *([fields[name]] if isinstance(fields.get(name), str) else fields.get(name, [])),
            value,
        ]
    for name, value in list(fields.items()):
        if name.endswith("[]"):
            fields[name] = [each for tick, each in ticked if tick == name]
        elif isinstance(value, str):
            fields[name] = value.replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")
    return {name: value for name, value in fields.items() if value != [] and name != "csrf_token"}


def test_an_incident_reads_as_its_author_wrote_it(shown: World) -> None:
    html = shown.browser("cy").get(FOUNDING).text
    text = words(html)

    parts = ("Summary", "Impact", "Timeline", "Conclusion", "Process AI-1", "AI-2", "AI-3")
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert re.findall(r'class="entry (\w+)"', html) == ["change", "trigger", "detection", "recovery"]
    assert "started 15:30 detected 16:11 after 41 min resolved 16:35 after 1 h 5 min" in text
    assert "Would today’s guards stop this? What is a drill? Yes." in text


def test_times_show_their_zone_and_utc(shown: World) -> None:
    html = shown.browser().get(FOUNDING).text

    assert '<time datetime="2018-01-25T23:30:00Z" title="2018-01-25 23:30 UTC">15:30</time>' in html
    assert "Times as written, in America/Los_Angeles." in html


def test_the_form_makes_an_incident_with_items_that_have_ids(world: World) -> None:
    path = create(world)

    document = parser.parse(stored(world, path))
    assert (document.title, document.services) == ("It broke", ("data8/prod",))
    assert [(entry.written, entry.kind) for entry in document.entries] == [("09:12", "trigger")]
    assert [(item.id, item.owner) for item in document.items] == [("AI-1", "@ada")]


def test_publishing_and_going_back_to_draft_are_buttons(world: World) -> None:
    path = create(world, do="publish")
    assert parser.parse(stored(world, path)).status == "published"

    form = edit_form(world.browser().get(f"{path}/edit").text)
    world.browser().send(f"{path}/edit", form | {"do": "unpublish"})

    assert parser.parse(stored(world, path)).status == "draft"


def test_sending_the_form_back_as_it_came_changes_nothing(shown: World) -> None:
    browser = shown.browser()
    slugs = re.findall(r'<tr[^>]*><td><a href="(/incidents/[^"]+)"', browser.get("/incidents").text)
    assert len(slugs) == 10
    for path in slugs:
        before = stored(shown, path)
        form = edit_form(browser.get(f"{path}/edit").text)
        assert browser.send(f"{path}/edit", form | {"do": "save"}).status_code == 303
        assert stored(shown, path) == before
    with db.reading() as session:
        assert set(session.scalars(select(Incident.version))) == {1}


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("title", "", "Give it a title"),
        ("date", "yesterday", "must be a date"),
        ("sections.1.blocks.0.kind", "panic", "must be empty or one of"),
        ("sections.2.blocks.1.due", "2026-02-30", "must be a date"),
        ("sections.2.blocks.1.status", "finished", "must be empty or one of"),
        ("sections.2.blocks.1.id", "AI-77", "AI-77"),
        ("title", "It \0 broke", "NUL"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world: World, name: str, value: str, message: str) -> None:
    answer = world.browser().send("/incidents/new", FORM | {name: value})

    assert answer.status_code == 422
    assert message in words(answer.text)
    field = "f-" + name.replace(".", "-")
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"|id="{field}-error"', answer.text)
    assert "Nobody could work." in answer.text
    with db.reading() as session:
        assert session.scalars(select(Incident)).all() == []


def test_a_refused_publishing_leaves_a_draft_to_be_published(world: World) -> None:
    answer = world.browser().send("/incidents/new", FORM | {"title": "", "do": "publish"})

    assert answer.status_code == 422
    assert 'value="publish"' in answer.text
    assert 'name="status" value="published"' not in answer.text


def test_a_button_shows_the_form_again_with_what_was_typed_and_stores_nothing(world: World) -> None:
    answer = world.browser().send("/incidents/new", FORM | {"do": "add-entry-1"})

    assert answer.status_code == 200
    assert 'name="sections.1.blocks.1.written"' in answer.text
    assert "Nobody could work." in answer.text
    with db.reading() as session:
        assert session.scalars(select(Incident)).all() == []


def test_pasted_notes_become_rows_and_keep_every_word(world: World) -> None:
    notes = "14:30 the chart is merged\n~15:30 prod goes down\nnobody knows why"
    answer = world.browser().send("/incidents/new", FORM | {"do": "paste-rows-1", "sections.1.paste": notes})

    form = edit_form(answer.text)
    times = [form[f"sections.1.blocks.{n}.written"] for n in range(3)]
    assert times == ["09:12", "2026-03-01 14:30", "~15:30"]
    assert "nobody knows why" in " ".join(str(value) for value in form.values())


def test_a_stale_save_shows_both_texts_and_keeps_what_was_typed(world: World) -> None:
    path = create(world)
    form = edit_form(world.browser().get(f"{path}/edit").text)
    first = form | {"sections.0.blocks.0.text": "What Ada says.", "do": "save"}
    second = form | {"sections.0.blocks.0.text": "What Ben says.", "do": "save"}
    assert world.browser("ada").send(f"{path}/edit", first).status_code == 303

    refused = world.browser("ben").send(f"{path}/edit", second)

    assert refused.status_code == 409
    assert "What Ada says." in refused.text
    assert "What Ben says." in refused.text
    assert "What Ada says." in stored(world, path)

    kept = dict(re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', refused.text, re.DOTALL))
    again = world.browser("ben").send(f"{path}/edit", kept | {"do": "save"})
    assert again.status_code == 409
    both = world.browser("ben").send(f"{path}/edit", kept | {"do": "keep-both"})
    on_top = world.browser("ben").send(f"{path}/edit", edit_form(both.text) | {"do": "save"})
    assert on_top.status_code == 303
    assert "What Ada says." in stored(world, path)
    assert "What Ben says." in stored(world, path)
    with db.reading() as session:
        assert session.query(Revision).count() == 3


def test_a_field_of_one_value_that_both_changed_is_asked_for_beside_it(world: World) -> None:
    path = create(world)
    form = edit_form(world.browser().get(f"{path}/edit").text)
    world.browser("ada").send(f"{path}/edit", form | {"date": "2026-03-02", "do": "save"})
    mine = form | {"date": "2026-03-03", "title": "Ben's", "do": "keep-both"}

    both = world.browser("ben").send(f"{path}/edit", mine)
    saved = world.browser("ben").send(f"{path}/edit", edit_form(both.text) | {"do": "save"})

    assert both.status_code == 422
    assert "theirs is 2026-03-02, yours is 2026-03-03" in both.text
    assert edit_form(both.text)["date"] == "2026-03-03"
    assert saved.status_code == 303


def test_without_a_script_each_change_is_chosen_by_itself(world: World) -> None:
    path = create(world)
    form = edit_form(world.browser().get(f"{path}/edit").text)
    summary = "sections.0.blocks.0.text"
    hers = {"date": "2026-03-02", "title": "By Ada", summary: "What Ada says."}
    his = {"date": "2026-03-03", "title": "By Ben", summary: "What Ben says."}
    world.browser("ada").send(f"{path}/edit", form | hers | {"do": "save"})
    refused = world.browser("ben").send(f"{path}/edit", form | his | {"do": "save"})
    assert re.findall(r'type="radio" name="(choice\.\d)" value="(\w+)" checked', refused.text) == [
        ("choice.0", "both"),
        ("choice.1", "mine"),
        ("choice.2", "both"),
    ]
    kept = dict(re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', refused.text, re.DOTALL))
    chosen = kept | {"choice.0": "mine", "choice.1": "theirs", "choice.2": "both", "do": "keep-chosen"}

    # Somebody saved since it was chosen: that is told, and nothing of the old choice is carried over.
    other = edit_form(world.browser("ada").get(f"{path}/edit").text) | {"title": "By Ada again", "do": "save"}
    world.browser("ada").send(f"{path}/edit", other)
    again = world.browser("ben").send(f"{path}/edit", chosen | {"onto": "2"})
    assert (again.status_code, "By Ada again" in again.text) == (409, True)

    shown = world.browser("ben").send(f"{path}/edit", chosen | {"onto": "3"})
    found = edit_form(shown.text)
    assert (found["date"], found["title"]) == ("2026-03-02", "By Ben")
    assert found[summary] == "What Ada says.\nWhat Ben says."
    assert world.browser("ben").send(f"{path}/edit", found | {"do": "save"}).status_code == 303


def test_a_row_that_both_moved_stands_once_and_both_are_told(world: World) -> None:
    path = create(world)
    form = edit_form(world.browser().get(f"{path}/edit").text)
    rows = {f"sections.1.blocks.{n}.type": "entry" for n in range(6)}
    times = [f"09:{n}0" for n in range(6)]
    begun = form | rows | {f"sections.1.blocks.{n}.written": time for n, time in enumerate(times)}
    begun |= {f"sections.1.blocks.{n}.text": f"Seen {n}." for n in range(6)} | {"do": "save"}
    world.browser("ada").send(f"{path}/edit", begun)
    form = edit_form(world.browser().get(f"{path}/edit").text)

    def moved(*order: int) -> dict[str, Any]:
        stem = "sections.1.blocks"
        names = ("id", "written", "text", "kind")
        return {
            f"{stem}.{at}.{n}": form[f"{stem}.{place}.{n}"] for at, place in enumerate(order) for n in names
        }

    world.browser("ada").send(f"{path}/edit", form | moved(1, 2, 0, 3, 4, 5) | {"do": "save"})
    ben = world.browser("ben")
    ben.send(f"{path}/edit", form | moved(1, 2, 3, 4, 0, 5) | {"do": "save"})

    assert stored(world, path).count("Seen 0.") == 1
    assert "You both moved “09:00 Seen 0.”: it stands where you put it." in ben.get(path).text


@pytest.mark.parametrize("chosen", [{}, {"choice.0": "mine"}, {"choice.x": "mine", "choice.²": "mine"}])
def test_too_few_choices_are_asked_for_again(world: World, chosen: dict[str, str]) -> None:
    path = create(world)
    form = edit_form(world.browser().get(f"{path}/edit").text)
    hers, his = {"title": "By Ada", "date": "2026-03-02"}, {"title": "By Ben", "date": "2026-03-03"}
    world.browser("ada").send(f"{path}/edit", form | hers | {"do": "save"})

    answer = world.browser("ben").send(
        f"{path}/edit", form | his | chosen | {"onto": "2", "do": "keep-chosen"}
    )

    assert answer.status_code == 409
    assert "By Ben" in answer.text


def test_an_earlier_version_can_be_restored_as_a_new_one(world: World) -> None:
    path = create(world)
    form = edit_form(world.browser().get(f"{path}/edit").text)
    before = stored(world, path)
    world.browser().send(f"{path}/edit", form | {"title": "Something else", "do": "save"})

    world.browser().send(f"{path}/history/1/restore")

    assert stored(world, path) == before
    assert "Restore version 1" in words(world.browser().get(f"{path}/history").text)


def test_a_restored_version_has_the_status_that_it_had(world: World) -> None:
    path = create(world)
    form = edit_form(world.browser().get(f"{path}/edit").text)
    world.browser().send(f"{path}/edit", form | {"do": "publish"})

    world.browser().send(f"{path}/history/1/restore")

    assert "status: draft" in stored(world, path)
    assert 'value="publish"' in world.browser().get(f"{path}/edit").text


def test_a_restored_version_of_an_import_has_its_status_everywhere(world: World) -> None:
    with db.transaction():
        document = parser.parse("# It broke\n\n## Summary\n\nAt noon.\n")
        slug = save_incident.save(None, document, version=None, actor=world.ada, name="2026-03-01-it.md").slug
    path, browser, sent = f"/incidents/{slug}", world.browser(), world.headers("ada")
    form = edit_form(browser.get(f"{path}/edit").text)
    browser.send(f"{path}/edit", form | {"do": "unpublish"})
    unpublished = browser.get(f"/api/v1{path}", headers=sent).json["status"]

    browser.send(f"{path}/history/1/restore")

    assert unpublished == "draft"
    assert edit_form(browser.get(f"{path}/edit").text)["status"] == "published"
    assert browser.get(f"/api/v1{path}", headers=sent).json["status"] == "published"
    assert browser.get("/api/v1/incidents?status=draft", headers=sent).json["incidents"] == []
    assert "status: published" in stored(world, path)


def test_edits_of_different_parts_come_together(world: World) -> None:
    path = create(world)
    form = edit_form(world.browser().get(f"{path}/edit").text)
    mine = form | {"title": "It broke again", "sections.0.blocks.0.text": "Ben: nobody.", "do": "save"}
    theirs = form | {"date": "2026-03-02", "sections.1.blocks.0.text": "Ada: a deploy.", "do": "publish"}
    assert world.browser("ada").send(f"{path}/edit", theirs).status_code == 303
    assert world.browser("ada").send("/action-items/AI-1", {"status": "in_progress"}).status_code == 303

    saved = world.browser("ben").send(f"{path}/edit", mine, follow_redirects=True)

    assert "What somebody else saved meanwhile is in it too." in saved.text
    text = stored(world, path)
    for words_of in ("It broke again", "2026-03-02", "published", "Ben: nobody.", "Ada: a deploy."):
        assert words_of in text
    assert "in progress" in text or "in_progress" in text


def test_the_preview_renders_one_field_and_no_script(world: World) -> None:
    text = "**loud** <script>hurt()</script>"
    answer = world.browser().send(
        "/preview?field=sections.0.blocks.0.text", {"sections.0.blocks.0.text": text}
    )

    assert "<strong>loud</strong>" in answer.text
    assert "hurt()</script>" not in answer.text


def test_only_an_admin_deletes(world: World) -> None:
    path = create(world)

    assert world.browser("ada").send(f"{path}/delete").status_code == 403
    assert world.browser("ben").send(f"{path}/delete").status_code == 303
    assert world.browser("ben").get(path).status_code == 404


def test_htmx_gets_the_list_alone(shown: World) -> None:
    answer = shown.browser().get("/incidents?q=proxy", headers={"HX-Request": "true"})

    assert "<html" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]
    assert words(answer.text).startswith("3 incidents")


def test_an_incident_that_repeats_another_says_so_on_both_pages(shown: World) -> None:
    browser = shown.browser()
    earlier = "2018-01-25-accidental-merge-to-prod"
    form = {"title": "It is down again", "date": "2019-02-02", "recurrence_of": earlier, "do": "save"}

    made = browser.send("/incidents/new", form, follow_redirects=True)

    assert f'href="/incidents/{earlier}"' in made.text
    assert 'href="/incidents/2019-02-02-it-is-down-again"' in browser.get(f"/incidents/{earlier}").text
    edit = browser.get("/incidents/2019-02-02-it-is-down-again/edit").text
    assert f'name="recurrence_of" value="{earlier}"' in edit
    assert browser.send("/incidents/new", form | {"recurrence_of": "No slug"}).status_code == 422
