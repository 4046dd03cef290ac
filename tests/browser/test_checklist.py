"""A report begun with a template: what is missing is told while one writes; prompts are never published."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage

REQUIRE = """async (sections) => {
  const answer = await fetch("/api/v1/publish-rules/SEV4", {
    method: "PUT",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify({ approvals: 0, due_days: 30, required_fields: [], required_sections: sections }),
  });
  return answer.status;
}"""


def test_a_short_form_is_begun_completed_by_its_checklist_and_published(open_page: NewPage) -> None:
    admin: Page = open_page("admin")
    admin.goto("/incidents")
    assert admin.evaluate(REQUIRE, ["Impact"]) in (200, 204)
    page: Page = open_page("ada")
    page.goto("/incidents/new")
    checklist = page.locator("#checklist")
    expect(checklist).to_contain_text("Give it a title")

    # The template that fits follows the severity at once, and taking it keeps what was written.
    page.get_by_label("Title", exact=True).fill("Begun as a short form")
    page.get_by_label("Severity", exact=True).select_option("SEV4")
    best = page.locator("#f-template_choice option", has_text="Short form first (fits best)")
    expect(best).to_have_count(1)
    page.get_by_label("Template", exact=True).select_option(label="Short form first (fits best)")
    page.get_by_role("button", name="Use it").click()
    prompt = page.locator(".prompt").first
    expect(prompt).to_be_visible()
    asked = prompt.inner_text()

    lack = checklist.get_by_role("link", name="Write something under Impact")
    expect(lack).to_be_visible()
    lack.click()
    expect(page.get_by_role("textbox", name="Impact")).to_be_focused()
    page.keyboard.type("Nobody could pay.")
    expect(checklist).to_contain_text("Nothing is missing before this can be published")
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_role("heading", name="Begun as a short form")).to_be_visible()
    expect(page.locator("#main")).to_contain_text("Nobody could pay.")
    expect(page.locator("#main")).not_to_contain_text(asked)
    assert asked not in page.request.get(f"{page.url}.md").text()
    assert admin.evaluate(REQUIRE, []) in (200, 204)
