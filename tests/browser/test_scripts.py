"""Hundreds of texts that would be scripts, in a real browser: none runs where it is shown, or asks anywhere.

Once as pages are, and once with their policy of content switched off, so that nothing rests on that alone.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from postmortems.document.json_form import convert
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.notify.mail import message
from postmortems.notify.mail.message import Envelope
from postmortems.notify.notice import Line, Notice, Part
from tests.browser import serving
from tests.browser.attacks import RUN, corpus
from tests.browser.serving import Served

pytestmark = pytest.mark.browser

CORPUS = tuple(dict.fromkeys(corpus()))
# As many as a page of usual length shows.
ON_ONE_PAGE = 180
COMMENTED = 12
ATOM = "{http://www.w3.org/2005/Atom}"
# What an element has that would be run once somebody does something to it, or leads to code.
WOULD_RUN = """
() => {
  // As the browser itself reads an address.
  const leadsToCode = (address) => URL.canParse(address, document.baseURI)
    && !["http:", "https:", "mailto:"].includes(new URL(address, document.baseURI).protocol);
  return [...document.querySelectorAll("*:not(link[rel=icon])")].flatMap((element) => {
    const runs = [...element.attributes].some(({ name, value }) =>
      /^on|^srcdoc$/i.test(name)
      || (/^(href|src|action|formaction|data|xlink:href)$/i.test(name) && leadsToCode(value)));
    const loads = element.matches("iframe, object, embed, base, meta[http-equiv=refresh]")
      || element.matches("script:not([src^='/static/'], [type='application/json'])");
    return runs || loads ? [element.outerHTML.slice(0, 200)] : [];
  });
}
"""
Send = Callable[..., Any]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of its own: others count and look at what is stored on theirs."""
    with serving.served(tmp_path_factory.mktemp("scripts")) as running:
        running.command("users", "add", "eve", "--role", "admin")
        yield running


@pytest.fixture(scope="module")
def places(own: Served) -> Sequence[str]:
    """Pages that show the texts, once they are stored in all that takes Markdown or words."""
    admin, eve = sender(own, "admin"), sender(own, "eve")
    found = ["/", "/search?q=alert", "/incidents?q=alert", "/action-items", "/settings/audit", "/public/"]
    for start in range(0, len(CORPUS), ON_ONE_PAGE):
        texts = CORPUS[start : start + ON_ONE_PAGE]
        place = f"/incidents/{admin('POST', '/incidents', convert.to_json(report(start, texts)))['slug']}"
        for text in texts[:COMMENTED]:
            admin("POST", f"{place}/comments", {"text": text})
        admin("PUT", f"/policies/policy-{start}", {"title": texts[0], "text": "\n\n".join(texts)})
        found += [f"{place}{rest}" for rest in ("", "/comments", "/history", "/edit", "/public-report")]
        found += [f"/policies/policy-{start}", published(place, texts, admin, eve)]
    items = admin("GET", "/action-items?limit=5")["action_items"]
    return [*found, *(f"/action-items/{item['id']}" for item in items)]


def report(number: int, texts: Sequence[str]) -> Document:
    """Each text as prose, as an entry and as an item, whole."""
    return Document(
        title=f"{texts[0]} {number}",
        date=date(2026, 3, 1),
        severity="SEV2",
        status="published",
        tags=(RUN,),
        sections=(
            Section("Summary", tuple(map(Prose, texts))),
            Section("Timeline", tuple(Entry("09:12", text) for text in texts)),
            Section("Action items", tuple(Item(text, done_when=text, owner="@admin") for text in texts)),
        ),
    )


def published(place: str, texts: Sequence[str], admin: Send, eve: Send) -> str:
    """The page that anybody may read of an incident, with these texts."""
    # It is refused where a text spells out an address of data.
    told = "\n\n".join(text for text in texts if "data:" not in text)
    sections = [{"heading": "What happened", "text": told}]
    digest = admin("PUT", f"{place}/public-report", {"title": texts[0], "sections": sections})["digest"]
    admin("PUT", f"{place}/public-report/approval")
    eve("POST", f"{place}/public-report/approval", {"digest": digest})
    return str(admin("POST", f"{place}/public-report/publication")["publication"]["url"])


def sender(own: Served, name: str) -> Send:
    """`send(method, path, body)` to the API by a token of that person."""
    scopes = [word for scope in ("read", "write", "admin", "sign") for word in ("--scope", scope)]
    token = own.command("tokens", "add", "--user", name, "--name", "scripts", *scopes).strip()

    def send(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{own.url}/api/v1{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.read().decode()}") from None

    return send


@contextmanager
def watched(context: BrowserContext, own: Served) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what was run in it or asked for anywhere but here."""
    heard: list[str] = []
    context.set_default_timeout(120_000)
    context.expose_function("heard", lambda said: heard.append(f"ran: {said}"))
    context.add_init_script("for (const name of ['alert', 'confirm', 'prompt']) window[name] = window.heard;")
    page = context.new_page()
    page.on("dialog", lambda dialog: (heard.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def asked(url: str) -> None:
        if not url.startswith((own.url, "data:", "about:")):
            heard.append(f"asked for {url}")

    page.on("request", lambda request: asked(request.url))
    page.on("popup", lambda popup: heard.append(f"opened {popup.url}"))
    yield page, heard
    context.close()


@pytest.mark.parametrize("has_policy", [True, False])
def test_nothing_runs_on_any_page(
    own: Served, browser: Browser, places: Sequence[str], has_policy: bool
) -> None:
    context = browser.new_context(base_url=own.url, bypass_csp=not has_policy)
    serving.sign_in(context, own.link("admin")).close()
    with watched(context, own) as (page, heard):
        reported = violations(page)
        for place in places:
            page.goto(place)
            assert page.evaluate(WOULD_RUN) == [], place
        assert heard == []
        assert reported == []


def violations(page: Page) -> list[str]:
    """What pages say that their policy has kept away."""
    reported: list[str] = []

    def note(text: str) -> None:
        if "Content Security Policy" in text:
            reported.append(text)

    page.on("console", lambda said: note(said.text))
    return reported


def test_nothing_runs_in_a_preview_beside_the_form(
    own: Served, browser: Browser, places: Sequence[str]
) -> None:
    context = browser.new_context(base_url=own.url, bypass_csp=True)
    serving.sign_in(context, own.link("admin")).close()
    with watched(context, own) as (page, heard):
        for place in (place for place in places if place.endswith("/edit")):
            page.goto(place)
            page.get_by_role("button", name="Preview", exact=True).first.click()
            page.locator("#whole-preview h2").first.wait_for()
            assert page.evaluate(WOULD_RUN) == [], place
        assert heard == []


def test_nothing_runs_in_a_reader_of_the_feed(own: Served, browser: Browser, places: Sequence[str]) -> None:
    context = browser.new_context(base_url=own.url)
    serving.sign_in(context, own.link("admin")).close()
    with watched(context, own) as (page, heard):
        feed = Xml.fromstring(context.request.get("/feed.atom").text())
        told = [one.text or "" for one in feed.iter(f"{ATOM}summary") if one.get("type") == "html"]
        assert any(RUN in html for html in told)
        page.set_content("".join(told))
        assert page.evaluate(WOULD_RUN) == []
        assert heard == []


def test_nothing_runs_in_a_mail(own: Served, browser: Browser) -> None:
    notice = Notice(
        title=CORPUS[0],
        said=CORPUS[1],
        parts=(Part(CORPUS[2], tuple(Line(text, "AI-1", text, own.url) for text in CORPUS)),),
        why=CORPUS[3],
    )
    to = Envelope(
        Address(addr_spec="p@example.org"), "ada@example.org", "key", datetime(2026, 3, 1, tzinfo=UTC)
    )
    written = message_from_bytes(message.written(notice, to), policy=default)
    html = written.get_body(("html",))
    assert html is not None
    with watched(browser.new_context(), own) as (page, heard):
        page.set_content(html.get_content())
        assert page.locator("li").count() == len(CORPUS)
        assert page.evaluate(WOULD_RUN) == []
        assert heard == []


@pytest.mark.parametrize(
    "text",
    [f"<img src=data:, onerror={RUN}>", f"<svg onload={RUN}>", f"<iframe srcdoc='<script>{RUN}</script>'>"],
)
def test_what_does_run_is_heard(own: Served, browser: Browser, text: str) -> None:
    with watched(browser.new_context(), own) as (page, heard):
        page.set_content(text)
        page.wait_for_timeout(0)
        while not heard:
            page.evaluate("() => new Promise((done) => setTimeout(done))")
        assert page.evaluate(WOULD_RUN) != []
