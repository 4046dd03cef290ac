"""Rich text that a browser sends while somebody pastes: the Markdown of it, or why there is none."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from postmortems import limits
from postmortems.document.readers import parse_process
from tests.world import World

RICH = '<p><b>Down</b> since 14:30</p><img src="file:///C:/x/graph.png">'


def paste(world: World, body: bytes, name: str = "ada") -> TestResponse:
    browser = world.browser(name)
    headers = {"X-CSRFToken": browser.form_token()}
    return browser.post("/write/pasted", data=body, content_type="text/html", headers=headers)


@pytest.mark.parametrize("name", ["ada", "cy"])
def test_whoever_may_write_or_comment_gets_markdown(world: World, name: str) -> None:
    answer = paste(world, RICH.encode(), name)

    assert answer.status_code == 200
    assert answer.json == {
        "markdown": "**Down** since 14:30\n\n(picture missing: graph.png)",
        "missing": ["graph.png"],
    }


def test_a_form_of_another_site_is_refused(world: World) -> None:
    assert world.browser().post("/write/pasted", data=RICH, content_type="text/html").status_code == 403


def test_nobody_gets_nothing(world: World) -> None:
    answer = world.app.test_client().post("/write/pasted", data=RICH, content_type="text/html")  # type: ignore[union-attr]

    assert answer.status_code in (401, 403)


@pytest.mark.parametrize(
    "body, markdown",
    [
        (b"", ""),
        (b"\xff\xfe<p>half \xe2\x82</p>", "\ufffd\ufffd\n\nhalf \ufffd"),
        (b"<p>nul\0nul</p>", "nulnul"),
        ("<p>\u202eright to left e\u0301</p>".encode(), "\u202eright to left e\u0301"),
        (b"just words", "just words"),
    ],
)
def test_bytes_that_are_no_page_are_read_as_far_as_they_go(world: World, body: bytes, markdown: str) -> None:
    assert paste(world, body).json["markdown"] == markdown  # type: ignore[index]


def test_more_than_a_report_holds_is_refused_in_words(world: World) -> None:
    answer = paste(world, b"<i>" * (limits.TAGS + 1))

    assert answer.status_code == 422
    assert answer.json["refused"].startswith("what was pasted:1: more than 40,000 tags")  # type: ignore[index]


def test_a_megabyte_of_words_is_read(world: World) -> None:
    text = "<p>" + "some words and " * 70_000 + "</p>"

    assert len(text) > parse_process.LONG
    assert paste(world, text.encode()).json["markdown"].count("words") == 70_000  # type: ignore[index]
