"""The editor's rows in the browser: changed without the server, by mouse and by keys, and nothing is lost."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from postmortems.incidents.editor import form as editor_form
from postmortems.incidents.editor import readings
from postmortems.web import forms
from tests.browser.conftest import NewPage
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser

TIMES = "[...document.querySelectorAll('#section-1 input[name$=\".written\"]')].map(field => field.value)"
SHUT = "for (const line of document.querySelectorAll('#section-1 details.line')) line.open = false"
FIELDS = "[...new FormData(document.getElementById('editor'))]"


def fresh(page: Page, *times: str) -> None:
    """A new form with these entries, closed, and a list of what it sends to the server."""
    page.goto("/incidents/new")
    page.locator("#editor.scripted").wait_for()
    for place, time in enumerate(times):
        if place:
            page.get_by_role("button", name="Entry", exact=True).click()
        page.get_by_label("Time as written").nth(place).fill(time)
        page.get_by_role("textbox", name="What happened").nth(place).fill(f"At {time or 'no time'}.")
    page.evaluate(SHUT)


def times(page: Page) -> list[str]:
    return list(page.evaluate(TIMES))


def line(page: Page, words: str) -> Locator:
    return page.locator("#editor > section details.line > summary", has_text=words)


@pytest.fixture
def sent() -> list[str]:
    """Requests of the pages that `watched` has been given, but for readings of times and drafts."""
    return []


def watched(page: Page, sent: list[str]) -> Page:
    def note(request: Request) -> None:
        if request.method == "POST" and not re.search("/write/|/drafts/", request.url):
            sent.append(request.url)

    page.on("request", note)
    return page


def test_rows_come_go_and_move_without_the_server(open_page: NewPage, sent: list[str]) -> None:
    page = watched(open_page("ada"), sent)
    fresh(page, "01:00", "02:00", "03:00")

    line(page, "01:00").click()
    opened = page.locator("#section-1 details[open].line")
    opened.get_by_role("button", name="Move down").click()
    assert times(page) == ["02:00", "01:00", "03:00"]
    opened.get_by_role("button", name="Duplicate").click()
    assert times(page) == ["02:00", "01:00", "01:00", "03:00"]
    opened.first.get_by_role("button", name="Remove").click()
    assert times(page) == ["02:00", "01:00", "03:00"]
    page.get_by_role("button", name=re.compile("Put back")).click()
    assert times(page) == ["02:00", "01:00", "01:00", "03:00"]
    opened.first.get_by_role("button", name="Add one below").click()
    assert times(page) == ["02:00", "01:00", "", "01:00", "03:00"]

    assert sent == []
    page.get_by_label("Title", exact=True).fill("Rows that came and went")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".entry .when")).to_have_text(["02:00", "01:00", "01:00", "03:00"])


def test_what_is_done_to_rows_is_undone_step_by_step_and_said(open_page: NewPage, sent: list[str]) -> None:
    page = watched(open_page("ada"), sent)
    fresh(page, "01:00", "02:00", "03:00")
    notes = "10:00 the disk is full\n10:05 somebody frees it"
    page.get_by_label("A chat log or your notes").fill(notes)
    line(page, "02:00").focus()
    page.get_by_role("button", name="Make rows").click()
    expect(page.locator("#savebar .undo")).to_contain_text("Made 2 rows of the notes")
    assert times(page) == ["01:00", "02:00", "10:00", "10:05", "03:00"]
    line(page, "01:00").focus()
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+Shift+ArrowDown")
    assert times(page) == ["02:00", "01:00", "01:00", "10:00", "10:05", "03:00"]
    page.locator("#section-1 details[open].line").get_by_role("button", name="Add one below").click()
    page.keyboard.type("Written into the new row")
    page.get_by_role("button", name="Undo: Added an entry").click()

    # What was written into it is not lost with it.
    page.get_by_role("button", name="Put back: Written into the new row").click()
    assert times(page) == ["02:00", "01:00", "01:00", "Written into the new row", "10:00", "10:05", "03:00"]
    line(page, "03:00").focus()
    page.keyboard.press("Delete")
    for undone, left in (
        ("03:00", ["02:00", "01:00", "01:00", "Written into the new row", "10:00", "10:05", "03:00"]),
        ("Duplicated", ["02:00", "01:00", "Written into the new row", "10:00", "10:05", "03:00"]),
        ("Moved to 2 of 5", ["01:00", "02:00", "Written into the new row", "10:00", "10:05", "03:00"]),
        ("Made 2 rows", ["01:00", "02:00", "Written into the new row", "03:00"]),
    ):
        line(page, "02:00").focus()
        page.keyboard.press("Control+z")
        expect(page.locator("#savebar .undo[role=status]")).to_contain_text(undone)
        assert times(page) == left
    expect(page.get_by_label("A chat log or your notes")).to_have_value(notes)
    assert sent == []


def test_the_cursor_stays_in_the_row_that_moves(open_page: NewPage) -> None:
    page = open_page("ada")
    fresh(page, "01:00", "02:00", "03:00")
    line(page, "01:00").click()
    text = page.locator("#section-1 details[open].line textarea")
    text.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.type("Still ")

    assert times(page) == ["02:00", "01:00", "03:00"]
    expect(text).to_be_focused()
    expect(text).to_have_value("Still At 01:00.")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    assert times(page) == ["01:00", "02:00", "03:00"]


def test_from_the_first_key_to_the_published_page_by_keys_alone(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.locator("#editor.scripted").wait_for()
    press = page.keyboard.press
    for _ in range(2):
        press("Tab")
        page.keyboard.press("Enter") if page.evaluate("document.activeElement.className") == "skip" else None
    expect(page.locator("#f-message")).to_be_focused()
    press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Save draft"

    page.locator("#f-title").focus()
    page.keyboard.type("By keys alone")
    for _ in range(60):
        press("Tab")
        if page.evaluate("document.activeElement.name?.endsWith('.written')"):
            break
    page.keyboard.type("10:00")
    press("Alt+Enter")
    page.keyboard.type("09:00")
    press("Escape")
    expect(line(page, "09:00")).to_be_focused()
    press("Alt+ArrowUp")
    press("Alt+Shift+ArrowDown")
    press("Escape")
    press("Delete")
    assert times(page) == ["09:00", "10:00"]
    press("Escape")
    press("ArrowUp")
    expect(line(page, "09:00")).to_be_focused()
    press("Enter")
    expect(page.locator("#section-1 details[open].line")).to_have_count(1)
    press("Control+Enter")

    expect(page.get_by_role("heading", name="By keys alone")).to_be_visible()
    expect(page.locator(".page-head").get_by_text("published")).to_be_visible()
    expect(page.locator(".entry .when")).to_have_text(["09:00", "10:00"])


def test_keys_save_and_are_listed_but_not_while_one_types(open_page: NewPage) -> None:
    page = open_page("ada")
    fresh(page)
    page.get_by_label("Title", exact=True).fill("Why")
    page.get_by_label("Title", exact=True).press("End")
    page.keyboard.type("?")
    expect(page.locator("dialog.keys")).to_be_hidden()
    line(page, "New entry").focus()
    page.keyboard.type("?")
    expect(page.locator("dialog.keys")).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")

    expect(page.get_by_role("heading", name="Why?")).to_be_visible()


def test_entries_are_sorted_when_asked_and_put_back(open_page: NewPage) -> None:
    page = open_page("ada")
    written = ["after all", "2026-03-04 12:00", "lunch", "2026-03-04 09:00", "2026-03-03 23:00", "?"]
    fresh(page, *written)
    page.get_by_role("button", name="Sort by time").click()
    page.locator(".undo", has_text="Sorted").wait_for()

    assert times(page) == ["after all", *written[4:], "2026-03-04 09:00", "2026-03-04 12:00", "lunch"]
    page.get_by_role("button", name="Put back: Sorted").click()
    assert times(page) == written


def test_a_time_is_read_beside_it_while_one_types(open_page: NewPage) -> None:
    page = open_page("ada")
    fresh(page)
    page.get_by_label("Date", exact=True).fill("2026-03-04")
    line(page, "New entry").click()
    page.get_by_label("Time as written").fill("~9:15pm")

    expect(page.get_by_text("read as about 2026-03-04 21:15")).to_be_visible()


def test_a_row_is_dragged_by_its_grip(open_page: NewPage) -> None:
    page = open_page("ada")
    fresh(page, "01:00", "02:00", "03:00")
    line(page, "02:00").evaluate("row => row.scrollIntoView({block: 'center'})")
    start = line(page, "01:00").locator(".grip").bounding_box()
    end = line(page, "03:00").bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 8, start["y"] + 12)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(start["x"] + 8, start["y"] + (end["y"] + 30 - start["y"]) * step / 10)
    page.mouse.up()

    assert times(page) == ["02:00", "03:00", "01:00"]
    expect(page.locator("details[open].line")).to_have_count(1)  # The blank action item, not the row.


def test_a_row_is_dragged_by_a_finger(open_page: NewPage) -> None:
    page = open_page("ada", viewport={"width": 390, "height": 844}, has_touch=True)
    fresh(page, "01:00", "02:00", "03:00")
    line(page, "02:00").evaluate("row => row.scrollIntoView({block: 'center'})")
    start = line(page, "01:00").locator(".grip").bounding_box()
    end = line(page, "03:00").bounding_box()
    assert start is not None
    assert end is not None
    finger = page.context.new_cdp_session(page)
    for step in range(12):
        kind = "touchStart" if step == 0 else "touchMove"
        y = start["y"] + 12 + (end["y"] + 40 - start["y"]) * step / 11
        finger.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": start["x"] + 10, "y": y}]}
        )
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    assert times(page) == ["02:00", "03:00", "01:00"]


def test_the_outline_the_words_and_the_preview_follow_what_is_written(open_page: NewPage) -> None:
    page = open_page("ada")
    fresh(page, "01:00", "02:00")
    page.get_by_role("textbox", name="Summary").fill("Nobody could **log in**.")
    outline = page.get_by_role("navigation", name="Sections")
    expect(outline.get_by_role("listitem")).to_have_text(
        ["Summary", "Timeline 2", "Conclusion", "Action items 2"]
    )
    page.get_by_role("button", name="Section", exact=True).click()
    page.keyboard.type("Causes")
    expect(outline.get_by_role("listitem").last).to_have_text("Causes")
    expect(page.locator("#words")).to_have_text(re.compile(r"^\d+ words$"))

    page.keyboard.press("Alt+p")
    pane = page.get_by_role("region", name="Preview")
    expect(pane.locator("strong", has_text="log in")).to_be_visible()
    page.get_by_role("textbox", name="Summary").fill("Everybody could.")
    expect(pane.get_by_text("Everybody could.")).to_be_visible()
    expect(pane.locator(".entry")).to_have_count(2)


def test_enter_goes_on_with_a_list_and_ends_it(open_page: NewPage) -> None:
    page = open_page("ada")
    fresh(page)
    summary = page.get_by_role("textbox", name="Summary")
    summary.focus()
    for words in ("3. one", "two", "", "- [x] done", "next", ""):
        page.keyboard.type(words)
        page.keyboard.press("Enter")

    expect(summary).to_have_value("3. one\n4. two\n- [x] done\n- [ ] next\n")


def test_what_was_removed_is_still_offered_after_a_refused_save(open_page: NewPage) -> None:
    page = open_page("ada")
    fresh(page, "01:00", "02:00")
    line(page, "01:00").press("Delete")
    page.get_by_role("button", name="Remove: Summary").click()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("alert")).to_contain_text("Give it a title")
    page.get_by_role("button", name=re.compile("Put back: 01:00")).click()

    expect(page.get_by_label("Time as written")).to_have_count(2)


def shuffled(rng: random.Random, values: editor_form.Values) -> str:
    """A button of the form that holds these values."""
    sections = values["sections"]
    if rng.random() < 0.15 or not sections:
        return "add-section"
    at = rng.randrange(len(sections))
    rows = len(sections[at]["blocks"])
    kind = rng.choice(["entry", "item", "category", "prose"])
    of_a_row = [
        f"{verb}-block-{at}-{rng.randrange(rows)}" for verb in ("up", "down", "copy", "remove") if rows
    ]
    return rng.choice([*of_a_row, *of_a_row, f"add-{kind}-{at}", f"up-section-{at}", f"remove-section-{at}"])


PRESS = """([verb, what, section, block]) => {
    const sections = [...document.querySelectorAll("#editor > section.editing")];
    const home = sections[section], row = home?.querySelector(".blocks").children[block];
    if (verb === "add" && what !== "section") {
        const holder = home.querySelector(".add-row button");
        holder.value = `add-${what}-0`;  // Each section may have rows of each kind; not each offers them.
        holder.click();
    } else if (verb === "add") document.querySelector("#editor button[value=add-section]").click();
    else [...(row ?? home.querySelector(".card-head")).querySelectorAll("button[name=do]")]
        .find(button => button.value.startsWith(`${verb}-`)).click();
}"""


def document_of(values: editor_form.Values) -> dict[str, Any]:
    return editor_form.to_json(values)[0]


def posted(page: Page) -> editor_form.Values:
    return editor_form.complete(forms.nest((name, text) for name, text in page.evaluate(FIELDS)))


WRITTEN = """\
---
title: Pressed at random
date: 2026-03-04
---

## Summary

One.

## Timeline

### 10:00

Ten.

- Kind: trigger

### 09:00

Nine.

## Action items

### Process

1. Ask first.
   - Owner: @kai
   - Status: open
"""


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_buttons_pressed_at_random_give_the_document_that_the_server_gives(
    open_page: NewPage, seed: int
) -> None:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.get_by_label("A chat log or your notes").fill(WRITTEN)
    page.get_by_role("button", name="Make rows").click()
    page.get_by_role("button", name="Fill the form").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Pressed at random")
    page.locator("#editor:not(.htmx-settling):not(.htmx-added)").wait_for()
    rng = random.Random(seed)
    for _ in range(20):
        values = posted(page)
        button = shuffled(rng, values)
        verb, what, *at = button.split("-")
        page.evaluate(PRESS, [verb, what, *(int(place) for place in at), *[None] * (2 - len(at))])
        assert document_of(posted(page)) == document_of(editor_form.press(values, button)), button


def test_the_server_sorts_as_the_browser_does(open_page: NewPage) -> None:
    page = open_page("ada")
    fresh(page, "12:00", "no time", "09:00", "", "11:00", "09:00")
    page.get_by_label("Date", exact=True).fill("2026-03-04")
    before = posted(page)
    page.get_by_role("button", name="Sort by time").click()
    page.locator(".undo", has_text="Sorted").wait_for()

    assert document_of(posted(page)) == document_of(readings.sort(before, 1))


COUNTED = """count => {
    const rows = document.querySelector("#section-1 .blocks");
    const model = document.getElementById("blank-entry").innerHTML;
    for (let n = rows.children.length; n < count; n++) {
        const made = document.createElement("template");
        const number = n + 500;
        made.innerHTML = model.replaceAll("sections.S.blocks.B", `sections.1.blocks.${number}`)
            .replaceAll("sections-S-blocks-B", `sections-1-blocks-${number}`)
            .replaceAll("S-B", `1-${number}`);
        made.content.querySelector("details").open = false;
        rows.append(made.content);
    }
    const seen = [];
    const observer = new MutationObserver(records => seen.push(...records));
    const all = {subtree: true, childList: true, attributes: true, characterData: true};
    observer.observe(document.getElementById("editor"), all);
    const row = rows.children[5];
    for (const verb of ["down", "copy", "up", "remove"]) row.querySelector(`button[value^=${verb}-]`).click();
    seen.push(...observer.takeRecords());
    observer.disconnect();
    return seen.length;
}"""


def test_an_action_changes_as_little_among_500_rows_as_among_10(open_page: NewPage) -> None:
    page = open_page("ada")
    counts = []
    for rows in (10, 500):
        fresh(page)
        counts.append(page.evaluate(COUNTED, rows))

    assert counts[0] == counts[1]


def test_on_a_phone_rows_are_opened_moved_and_fit_the_screen(open_page: NewPage) -> None:
    page = open_page("ada", viewport={"width": 390, "height": 844}, has_touch=True)
    fresh(page, "2026-03-04 01:00", "2026-03-04 02:00")
    line(page, "02:00").tap()
    page.locator("#section-1 details[open].line").get_by_role("button", name="Move up").tap()

    assert times(page) == ["2026-03-04 02:00", "2026-03-04 01:00"]
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.get_by_role("button", name="Preview", exact=True).tap()
    expect(
        page.get_by_role("region", name="Preview").get_by_text("2026-03-04 02:00", exact=True)
    ).to_be_visible()
    assert findings(page) == []
