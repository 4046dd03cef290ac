"""Spaces of Confluence: which page stands below which, and which pages read as reports."""

from __future__ import annotations

import pytest

from postmortems.document.readers.confluence import space
from tests.document.readers.confluence.test_forms import CASES, exported

INDEX = """<html><body><h1><span id="title-text">Space Details:</span></h1>
<div id="main-content" class="pageSection"></div>
<div class="pageSection"><h2 class="pageSectionTitle">Available Pages:</h2><ul><li>
<a href="Home_1.html">Home</a> <img src="images/icons/contenttypes/home_page_16.png"/>
<ul><li><a href="Postmortems_2.html">Post &amp; mortems</a>
<ul><li><a href="Hub-down_3.html">Hub down</a></li></ul>
<ul><li><a href="%C3%9Cber_4.html">Über</a></li></ul></li></ul></li><li><a href="Home_1.html">Home</a></li>
<li><a href="../outside_5.html">x</a></li>
<li><a href="https://example.org/a.html">x</a></li></ul></div></body></html>"""


def test_each_page_of_a_list_is_there_once_with_the_one_above_it() -> None:
    assert space.pages(INDEX) == {
        "Home_1.html": "",
        "Postmortems_2.html": "Home",
        "Hub-down_3.html": "Post & mortems",
        "Über_4.html": "Post & mortems",
    }


REPORTS = [
    ("Hub down", "<h2>Summary</h2><p>x</p><h2>Timeline</h2><p>x</p>"),
    ("Hub down", "<h1>Impact</h1><p>x</p><p><strong>Action items:</strong></p><p>x</p>"),
    ("Incident 7", "<h2>Action items</h2><p>x</p>"),
    ("Ausfall der Datenbank", "<h2>Zusammenfassung</h2><p>x</p>"),
]
OTHERS = [
    ("Postmortem template", "<h2>Summary</h2><p>x</p><h2>Timeline</h2>", space.TEMPLATE),
    ("Meeting notes", "<h2>Summary</h2><p>x</p><h2>Action items</h2><p>x</p>", space.NO_REPORT),
    ("Postmortems", "<p>All our postmortems.</p>", space.NO_REPORT),
    ("How to deploy", "<h2>Steps</h2><p>x</p>", space.NO_REPORT),
    ("Incidents", "<p> </p>", space.EMPTY),
    ("Hub down", '<div class="toc-macro"><h2>Summary</h2><h2>Timeline</h2></div><p>x</p>', space.NO_REPORT),
]


@pytest.mark.parametrize("title, body", REPORTS)
def test_a_page_with_sections_of_a_report_is_one(title: str, body: str) -> None:
    assert not space.why_no_report(exported(body, name=f"Ops : {title}"))


@pytest.mark.parametrize("title, body, reason", OTHERS)
def test_any_other_page_is_left_with_the_reason(title: str, body: str, reason: str) -> None:
    assert space.why_no_report(exported(body, name=f"Ops : {title}")) == reason


def test_what_is_no_page_says_so() -> None:
    assert space.why_no_report("<html><p>x</p></html>") == space.NOT_A_PAGE


def test_the_pages_among_the_cases_are_reports() -> None:
    pages = [case.source for case in CASES if case.name.startswith("page-")]

    assert [space.why_no_report(page) for page in pages] == [""] * 2
