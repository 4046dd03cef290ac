"""Rich text pasted in a browser: it becomes Markdown, or plain words where nobody answers."""

from __future__ import annotations

import base64

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.document.readers import clipboard_cases
from tests.incidents.attachments import samples

# What a browser hands over of a clipboard with rich text in it.
PASTE = """([html, text]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/html", html);
  clipboardData.setData("text/plain", text);
  const told = { bubbles: true, cancelable: true, clipboardData };
  return document.activeElement.dispatchEvent(new ClipboardEvent("paste", told));
}"""
COPY = """() => navigator.clipboard.write([new ClipboardItem({
  "text/html": new Blob(["<b>bold</b> words"], { type: "text/html" }),
  "text/plain": new Blob(["bold words"], { type: "text/plain" }),
})])"""
THROW_ONCE = """() => {
  document.execCommand = () => { delete document.execCommand; throw new Error("no room"); };
}"""
CASES = {case.name: case for case in clipboard_cases.all_cases()}
DOT = f"data:image/png;base64,{base64.b64encode(samples.picture('PNG', size=(2, 2))).decode()}"


def paste(page: Page, html: str, text: str) -> bool:
    """Whether the browser is left to paste it itself."""
    return bool(page.evaluate(PASTE, [html, text]))


def test_what_word_processors_and_chats_copy_becomes_markdown(open_page: NewPage) -> None:
    page = open_page("ada", expects=("Failed to load resource: net::ERR_FAILED",))
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill("Rich text was pasted")
    summary = page.get_by_role("textbox", name="Summary")
    said = page.locator(".pasted")
    summary.fill("Before after")
    summary.evaluate("area => area.setSelectionRange(7, 7)")

    assert not paste(page, "<b>bold</b> and <i>slanted</i>", "bold and slanted")
    expect(said).to_contain_text("Pasted as Markdown.")
    assert summary.input_value() == "Before **bold** and *slanted*after"
    page.keyboard.press("Control+z")
    assert summary.input_value() == "Before after"

    docs = CASES["google-docs"]
    paste(page, docs.html, "plain words of it")
    expect(summary).to_have_value(f"Before \n\n{docs.markdown}\n\nafter")
    said.get_by_role("button", name="Paste as plain text instead").click()
    assert summary.input_value() == "Before plain words of itafter"

    # What says no more than its words is left to the browser; Ctrl Shift V means the words alone.
    assert paste(page, "<meta charset='utf-8'><span style='font-weight: 400'>words</span>", "words")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(COPY)
    summary.fill("")
    page.keyboard.press("Control+Shift+V")
    expect(summary).to_have_value("bold words")
    summary.fill("")
    page.keyboard.press("Control+v")
    expect(summary).to_have_value("**bold** words")

    summary.fill("")
    paste(page, f'<p>A dot <img src="{DOT}" alt="dot"> and <img src="file:///C:/graph.png"></p>', "A dot and")
    expect(page.locator("#attaching")).to_contain_text("dot is in the text")
    # The picture that was uploaded meanwhile changed the text, but nobody typed there.
    expect(said).to_contain_text("One picture was not in the clipboard (graph.png)")
    assert "A dot ![dot](/attachments/" in summary.input_value()

    summary.fill("")
    page.route("**/write/pasted", lambda route: route.abort())
    paste(page, "<ul><li><b>one</b></li></ul>", "one\ntwo")
    expect(said).to_have_text("Pasted as plain text, without its marks: the server cannot be reached.")
    assert summary.input_value() == "one\ntwo"
    page.unroute("**/write/pasted")

    # A save that comes before the answer waits for it.
    paste(page, "<p>At <b>last</b></p>", "At last")
    page.keyboard.press("Control+s")
    expect(page.locator("#main strong", has_text="last")).to_be_visible()


def test_a_paste_that_goes_wrong_holds_up_neither_the_next_nor_the_form(open_page: NewPage) -> None:
    page = open_page("ada", expects=("no room",))
    page.goto("/incidents/new")
    page.get_by_label("Title", exact=True).fill("One paste went wrong")
    summary = page.get_by_role("textbox", name="Summary")
    summary.fill("")
    page.evaluate(THROW_ONCE)

    paste(page, "<p><b>lost</b></p>", "lost")
    paste(page, "<p><b>kept</b></p>", "kept")
    expect(summary).to_have_value("**kept**")
    page.get_by_role("button", name="Publish").first.click()

    expect(page.get_by_role("heading", name="One paste went wrong")).to_be_visible()
