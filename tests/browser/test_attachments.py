"""Pictures in a real browser: pasted, dropped and chosen, refused in words, and without a script."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import serving
from tests.browser.conftest import NewPage
from tests.browser.serving import Served
from tests.incidents.attachments import samples
from tests.incidents.editor.test_office_text import DOCX

pytestmark = pytest.mark.browser

PICTURE = samples.picture("JPEG", size=(80, 40), exif=samples.exif())
# A paste or drop of files, as a browser makes it of what the system hands over.
GIVE = """([kind, files, text]) => {
  const data = new DataTransfer();
  for (const [name, type, content] of files) {
    const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
  }
  if (text) data.setData("text/plain", text);
  const area = document.activeElement;
  const Kind = kind === "paste" ? ClipboardEvent : DragEvent;
  const told = kind === "paste" ? { clipboardData: data } : { dataTransfer: data };
  return area.dispatchEvent(new Kind(kind, { bubbles: true, cancelable: true, ...told }));
}"""


def begun(open_page: NewPage, title: str) -> Page:
    page = open_page("ada")
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill(title)
    return page


def give(page: Page, kind: str, *files: tuple[str, str, bytes], text: str = "") -> bool:
    sent = [[name, mime, base64.b64encode(content).decode()] for name, mime, content in files]
    return bool(page.evaluate(GIVE, [kind, sent, text]))


def test_a_pasted_picture_stands_at_the_cursor_and_on_the_page(open_page: NewPage) -> None:
    page = begun(open_page, "A picture was pasted")
    summary = page.get_by_role("textbox", name="Summary")
    summary.fill("Before.\n\nAfter.")
    summary.evaluate("area => area.setSelectionRange(9, 9)")

    assert not give(page, "paste", ("dash board.png", "image/png", PICTURE))
    expect(page.locator("#attaching")).to_have_text("dash board.png is in the text. Save to keep it there.")
    text = summary.input_value()
    assert text.startswith("Before.\n\n![dash board](/attachments/")
    assert text.endswith("/dash%20board.jpg)\n\nAfter.")
    page.get_by_role("button", name="Save draft").click()

    shown = page.get_by_role("img", name="dash board")
    expect(shown).to_be_visible()
    assert shown.evaluate(
        "async image => (await image.decode(), [image.naturalWidth, image.width, image.loading])"
    ) == [80, 80, "lazy"]


def test_words_beside_a_picture_are_pasted_as_words(open_page: NewPage) -> None:
    page = begun(open_page, "Words were pasted")
    page.get_by_role("textbox", name="Summary").focus()

    assert give(page, "paste", ("image.png", "image/png", PICTURE), text="a\tb")
    expect(page.locator("#attaching")).to_be_hidden()


def test_several_files_are_dropped_and_what_is_refused_is_said(open_page: NewPage) -> None:
    page = begun(open_page, "Files were dropped")
    summary = page.get_by_role("textbox", name="Summary")
    summary.focus()

    give(
        page,
        "drop",
        ("graph.jpg", "image/jpeg", PICTURE),
        ("chart.svg", "image/svg+xml", samples.SVG),
        ("server.log", "text/plain", b"it fell over"),
        ("cut.png", "image/png", b"no picture"),
    )

    said = page.get_by_role("alert")
    expect(said).to_contain_text("Not attached: chart.svg is an SVG")
    expect(said).to_contain_text("cut.png is no picture, whatever its name says")
    # What is refused may be told before the last is uploaded.
    expect(summary).not_to_have_value(re.compile("Uploading"))
    text = summary.input_value()
    assert "![graph](/attachments/" in text
    assert "[server.log](/attachments/" in text
    assert "chart.svg" not in text


def test_a_file_is_chosen_by_the_button_after_the_form_was_drawn_anew(open_page: NewPage) -> None:
    page = begun(open_page, "A file was chosen")
    page.get_by_role("button", name="Section", exact=True).click()
    page.get_by_role("textbox", name="Summary").focus()
    page.locator("#attach-file").set_input_files(
        {"name": "graph.png", "mimeType": "image/png", "buffer": PICTURE}
    )

    expect(page.locator("#attaching")).to_contain_text("graph.png is in the text")
    assert "![graph](/attachments/" in page.get_by_role("textbox", name="Summary").input_value()


def test_without_a_script_a_page_uploads_and_shows_what_to_paste(open_page: NewPage) -> None:
    page = open_page("ada", java_script_enabled=False)
    page.goto("/incidents/new")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Picture or file").click()
    uploads = opened.value
    uploads.get_by_label("Picture or file").set_input_files(
        {"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    uploads.get_by_role("button", name="Upload").click()
    expect(uploads.locator(".error").first).to_contain_text("notes.png is no picture")

    uploads.get_by_label("Picture or file").set_input_files(
        {"name": "plain.png", "mimeType": "image/png", "buffer": PICTURE}
    )
    uploads.get_by_role("button", name="Upload").click()
    line = uploads.locator(".attached-line", has_text="plain").inner_text()
    page.get_by_label("Title", exact=True).fill("Written without a script")
    page.get_by_role("textbox", name="Summary").fill(line)
    page.get_by_role("button", name="Save draft").click()

    expect(page.get_by_role("img", name="plain")).to_be_visible()


def test_a_save_waits_for_the_picture_that_is_on_its_way(open_page: NewPage) -> None:
    page = begun(open_page, "Saved while a picture was on its way")
    held: list[Route] = []
    page.route("**/api/v1/attachments", lambda route: held.append(route))
    page.get_by_role("textbox", name="Summary").click()
    with page.expect_request("**/api/v1/attachments"):
        give(page, "paste", ("graph.png", "image/png", PICTURE))
    page.keyboard.press("Control+s")
    held[0].continue_()

    expect(page.get_by_role("img", name="graph")).to_be_visible()
    expect(page.locator("#main")).not_to_contain_text("Uploading")


def test_a_picture_waits_for_its_writer_to_sign_in_again(open_page: NewPage, served: Served) -> None:
    page = begun(open_page, "A picture outlived its session")
    summary = page.get_by_role("textbox", name="Summary")
    summary.fill("Before.")
    page.context.clear_cookies()
    give(page, "paste", ("graph.png", "image/png", PICTURE))
    expect(page.locator("#attaching")).to_contain_text(
        "graph.png is not uploaded yet: your session has ended"
    )
    serving.sign_in(page.context, served.link("ada")).close()
    page.get_by_role("button", name="Try again").click()

    expect(page.locator("#attaching")).to_have_text("graph.png is in the text. Save to keep it there.")
    assert summary.input_value().startswith("Before.\n\n![graph](/attachments/")


def test_a_picture_that_the_server_cannot_take_now_is_left_out_on_request(open_page: NewPage) -> None:
    page = open_page("ada", expects=("Failed to load resource: net::ERR_FAILED",))
    page.goto("/incidents/new")
    page.route("**/api/v1/attachments", lambda route: route.abort())
    summary = page.get_by_role("textbox", name="Summary")
    summary.fill("Before.")
    give(page, "paste", ("graph.png", "image/png", PICTURE))
    expect(page.locator("#attaching")).to_contain_text("the server cannot be reached. It waits in this page.")
    page.get_by_role("button", name="Leave it out").click()

    expect(page.locator("#attaching")).to_contain_text("graph.png: left out")
    assert summary.input_value().strip() == "Before."


def test_a_document_of_word_that_is_dropped_is_read_into_the_text(open_page: NewPage) -> None:
    page = begun(open_page, "A document was dropped")
    summary = page.get_by_role("textbox", name="Summary")
    summary.focus()

    give(page, "drop", ("notes.docx", "", DOCX), ("cut.docx", "", DOCX[:-30]))

    expect(page.get_by_role("alert")).to_contain_text("Not attached: cut.docx")
    expect(summary).to_have_value(re.compile(r"^Words\.\s+!\[Load\]\(/attachments/"))


def test_a_document_of_word_that_is_chosen_is_attached_as_it_is(open_page: NewPage) -> None:
    page = begun(open_page, "A document was chosen")
    page.get_by_role("textbox", name="Summary").focus()

    page.locator("#attach-file").set_input_files([{"name": "notes.docx", "mimeType": "", "buffer": DOCX}])

    expect(page.get_by_role("textbox", name="Summary")).to_have_value(
        re.compile(r"\[notes\.docx\]\(/attachments/")
    )
