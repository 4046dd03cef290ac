"""How times look, and when only a part of a page is sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader

from postmortems.web import render
from postmortems.web.markdown import safe_html
from postmortems.web.server.plain_flask import PlainFlask

INSTANT = datetime(2018, 1, 25, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone, words",
    [
        ("America/Los_Angeles", "2018-01-25 15:30 PST"),
        ("Europe/Berlin", "2018-01-26 00:30 CET"),
        ("UTC", "2018-01-25 23:30 UTC"),
        ("", "2018-01-25 23:30 UTC"),
        ("Mars/Olympus", "2018-01-25 23:30 UTC"),
        ("../../etc/passwd", "2018-01-25 23:30 UTC"),
        ("a\x00b", "2018-01-25 23:30 UTC"),
        ("x" * 5000, "2018-01-25 23:30 UTC"),
    ],
)
def test_a_moment_is_shown_in_its_zone_with_utc_beside(zone: str, words: str) -> None:
    shown = render.moment(INSTANT, zone)

    assert words in shown
    assert 'title="2018-01-25 23:30:00 UTC"' in shown
    assert 'datetime="2018-01-25T23:30:00Z"' in shown


@pytest.mark.parametrize(
    "span, words",
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=400), "400 days ago"),
        (timedelta(minutes=-5), "in 5 minutes"),
        (timedelta(days=-2), "in 2 days"),
    ],
)
def test_a_distance_is_told_in_the_coarsest_unit(clock: Any, span: timedelta, words: str) -> None:
    assert f">{words}<" in render.ago(clock.now() - span)


def test_days_are_days_and_nothing_is_nothing() -> None:
    assert render.day(date(2018, 1, 25)) == render.day(INSTANT) == "2018-01-25"
    assert (render.day(None), render.moment(None), render.ago(None)) == ("", "", "")


@pytest.mark.parametrize("headers, template", [({}, "page.html"), ({"HX-Request": "true"}, "_part.html")])
def test_htmx_gets_the_part_and_caches_tell_them_apart(headers: dict[str, str], template: str) -> None:
    app = PlainFlask("small")
    app.jinja_env.loader = DictLoader({"page.html": "page.html", "_part.html": "_part.html"})
    with app.test_request_context(headers=headers):
        answer = render.page_or_part("page.html", "_part.html")

    assert answer.get_data(as_text=True) == template
    assert "HX-Request" in answer.headers["Vary"]


def test_a_page_of_texts_that_each_take_long_ends_all_the_same(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each text takes four seconds of a clock that moves when it is looked at.
    monkeypatch.setattr(render, "monotonic", count(0, 4).__next__)
    monkeypatch.setattr(safe_html._renderer, "render", lambda text: f"<p>{text}</p>")

    with app.test_request_context("/"):
        shown = [render.as_html(f"slow {number}") for number in range(4)]
        assert shown[:2] == ["<p>slow 0</p>", "<p>slow 1</p>"]
        assert shown[2:] == ['<pre class="plain">slow 2</pre>', '<pre class="plain">slow 3</pre>']
        assert render.as_html("slow 0") == "<p>slow 0</p>"

    with app.test_request_context("/"):
        assert render.as_html("slow 2") == "<p>slow 2</p>"


def test_a_sentence_begins_with_a_capital_and_keeps_the_names_in_it() -> None:
    assert render.sentence("frozen until 19:00 PST, says AI-3") == "Frozen until 19:00 PST, says AI-3"
    assert render.sentence("") == ""
