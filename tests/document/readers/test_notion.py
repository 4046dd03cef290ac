"""Every file of `notion/`, named as a file of an export is: what it becomes, and no word lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from postmortems.document.markdown import parser
from postmortems.document.readers.editors import mentions
from postmortems.document.readers.notion import database, export, html_page, markdown_page, names
from postmortems.document.times import timeline_times
from postmortems.errors import Invalid
from tests.document.cases import Case, load, shown

CASES = [load(path) for path in sorted((Path(__file__).parents[1] / "notion").glob("*.md"))]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def markdown_of(case: Case) -> str:
    if case.name.endswith(".html"):
        return html_page.to_markdown(case.input)
    if case.name.endswith(".csv"):
        return database.to_markdown(case.input, names.without_id(case.name))
    return markdown_page.to_markdown(case.input)


@every_case
def test_a_page_is_written_as_its_canonical_form(case: Case) -> None:
    assert parser.write(parser.parse(markdown_of(case))) == case.canonical


@every_case
def test_the_canonical_form_of_a_page_stays_as_it_is(case: Case) -> None:
    assert parser.write(parser.parse(case.canonical)) == case.canonical


@every_case
def test_the_times_of_a_page_are_read_as_they_were_meant(case: Case) -> None:
    document = parser.parse(markdown_of(case))

    assert [shown(reading) for reading in timeline_times.read_entries(document)] == list(case.readings)


HEX = "0123456789abcdef0123456789abcdef"
NAMES = {
    f"Down {HEX}.md": (f"notion:{HEX}", "Down"),
    f"Down {HEX.upper()}.md": (f"notion:{HEX}", "Down"),
    f"Down_{HEX}.md": (f"notion:{HEX}", "Down"),
    f"Down-{HEX}.html": (f"notion:{HEX}", "Down"),
    f"Down%20{HEX}.md": (f"notion:{HEX}", "Down"),
    "Down 01234567-89ab-cdef-0123-456789abcdef.md": (f"notion:{HEX}", "Down"),
    f"{HEX}.md": (f"notion:{HEX}", ""),
    f"{HEX} Down.md": (f"notion:{HEX}", "Down"),
    f"Items {HEX}_all.csv": (f"notion:{HEX}", "Items"),
    f"a {HEX[::-1]}/Down {HEX}.md": (f"notion:{HEX}", "Down"),
    f"a {HEX}/Down.md": ("", "Down"),
    "Down.md": ("", "Down"),
    f"Down {HEX}0.md": ("", f"Down {HEX}0"),
    f"Down x{HEX}.md": ("", f"Down x{HEX}"),
    "Items_all.csv": ("", "Items_all"),
}


@pytest.mark.parametrize("name, told", NAMES.items())
def test_a_name_says_what_a_page_is_and_what_it_is_called(name: str, told: tuple[str, str]) -> None:
    assert (names.identity(name), names.without_id(name.rpartition("/")[2])) == told


DAYS = {
    "January 25, 2018": "2018-01-25",
    "January 25, 2018 2:40 PM (PST)": "2018-01-25",
    "January 25, 2018 → February 2, 2018": "2018-02-02",
    "January 25, 2018 2:40 PM (PST) → January 26, 2018 4:10 AM (PST)": "2018-01-26",
    "@January 25, 2018": "2018-01-25",
    "Jan 25, 2018": "2018-01-25",
    "2018/01/25": "2018-01-25",
    "2018-01-25": "2018-01-25",
    "25 de septiembre de 2024 17:44": "2024-09-25",
    "25. Januar 2018": "2018-01-25",
    "25 janvier 2018 14:40": "2018-01-25",
    "2018년 1월 25일 오후 2:40": "2018-01-25",
    "2018年1月25日 14:40": "2018-01-25",
    "": None,
    "soon": None,
    "January": None,
    "January 25": None,
    "January 35, 2018": None,
    "January 25, 2018 or later": None,
    "→": None,
    "a → b → c": None,
}


@pytest.mark.parametrize("said, day", DAYS.items())
def test_a_day_in_words_is_a_day(said: str, day: str | None) -> None:
    found = mentions.last_day(said)

    assert (found[0].isoformat() if found else None) == day


TASKS = {
    "Alert @Ada Lovelace @February 8, 2018": "Alert (owner: Ada Lovelace, due 2018-02-08)",
    "Alert @February 8, 2018 @Ada": "Alert (owner: Ada, due 2018-02-08)",
    "Alert – @Ada @Ben": "Alert (owner: Ada, Ben)",
    "Alert @Ada.": "Alert (owner: Ada)",
    "Alert by @February 8, 2018 5:00 PM (PST)": "Alert by (due 2018-02-08)",
    "Ask @Ada about it": "Ask @Ada about it",
    "@Ada looks": "@Ada looks",
    "@Ada": "@Ada",
    "Mail ada@example.org": "Mail ada@example.org",
    "Due @today": "Due @today",
    "Watch it": "Watch it",
}


@pytest.mark.parametrize("said, told", TASKS.items())
def test_who_and_when_behind_a_task_are_its_owner_and_its_day(said: str, told: str) -> None:
    assert mentions.of_task(said) == told


NO_DATABASE = {
    "": "1: an empty database",
    "\n\n": "1: an empty database",
    'Name,Status\n"open': "this is no database of Notion's",
    'Name\n"a" b': "this is no database of Notion's",
    "Name\n" + "a\n" * 3_001: "a database with more than 3,000 rows",
}


@pytest.mark.parametrize("text, said", NO_DATABASE.items(), ids=range(len(NO_DATABASE)))
def test_what_is_no_database_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        database.to_markdown(text)


NO_PAGE = {
    "nothing": "",
    "no title": "Only words, with @January 25, 2018 and [x](y%20" + HEX + ".md)",
    "a callout without end": "# a\n\n<aside>\n💡 deep",
    "a toggle without end": "# a\n\n<details>\n<summary>deep",
    "an end without toggle": "# a\n\n</details>\n</summary>deep",
    "many callouts": "# a\n" + "<aside>\n" * 3_000 + "deep",
    "toggles in toggles": "\n".join("    " * depth + "- Timeline" for depth in range(60))
    + "\n"
    + "    " * 60
    + "deep",
    "stars": "# a\n" + "**b **" * 3_000 + "deep",
    "marks of mentions": "- [ ] " + "@a " * 3_000 + "deep",
    "links": "[a](" * 3_000 + "deep",
    "keys": "# a\n\n" + "a: b\n" * 3_000 + "deep: deep",
    "half a fence": "# a\n\n```\n<aside>deep",
}


@pytest.mark.parametrize("text", NO_PAGE.values(), ids=NO_PAGE.keys())
def test_a_broken_page_is_text_like_any_other(text: str) -> None:
    written = markdown_page.to_markdown(text)

    assert "deep" not in text or "deep" in written


BROKEN_HTML = {
    "an article without end": '<article class="page sans"><div class="page-body"><p>deep',
    "lists": '<article class="page"><div class="page-body">' + '<ul class="to-do-list"><li>' * 500 + "deep",
    "toggles": '<article class="page"><div class="page-body">'
    + "<details><summary>a</summary>" * 500
    + "deep",
    "callouts": '<article class="page"><div class="page-body">' + '<figure class="callout">' * 500 + "deep",
    "a database without table": '<article class="page"><div class="collection-content">'
    '<h4 class="collection-title">deep</h4></div>',
    "an empty table": '<article class="page"><table class="properties"></table><div class="page-body">'
    '<div class="collection-content"><table></table></div>deep',
    "days": '<article class="page"><div class="page-body">' + "<time>@</time>" * 500 + "deep",
}


@pytest.mark.parametrize("text", BROKEN_HTML.values(), ids=BROKEN_HTML.keys())
def test_a_broken_page_of_html_is_text_like_any_other(text: str) -> None:
    assert "deep" in html_page.to_markdown(text)


def test_a_page_of_html_says_what_it_is() -> None:
    text = f'<article id="{HEX[:8]}-{HEX[8:12]}-{HEX[12:16]}-{HEX[16:20]}-{HEX[20:]}" class="page sans">'

    assert html_page.identity(text) == f"notion:{HEX}"
    assert html_page.identity("<article>") == ""


RECOGNISED = {
    f"# a\n\n[b](a%20{HEX}/b%20{HEX[::-1]}.md)\n": True,
    f"# a\n\n![b](a%20{HEX}/b.png)\n": True,
    "# a\n\n- [ ]  b\n": True,
    "# a\n\n<aside>\n💡 b\n\n</aside>\n\n@January 25, 2018\n": True,
    '<html><body><article class="page sans"><h1 class="page-title">a</h1></article>': True,
    "# a\n\n- [ ] b\n": False,
    "# a\n\n<aside>b</aside>\n": False,
    f"# a\n\n[b](https://www.notion.so/b-{HEX})\n": False,
    f"# a\n\n[b](b-{HEX}.md)\n": False,
    '<html><body><article class="page"><h1>a</h1></article>': False,
    "": False,
}


@pytest.mark.parametrize("text, is_it", RECOGNISED.items())
def test_a_page_is_recognised_by_what_no_other_tool_writes(text: str, is_it: bool) -> None:
    assert export.is_it(text) is is_it


# A report => where the rows of the database "Rows" go: into its section, which has no more than a link.
REPORTS = {
    "## Rows\n\n[Rows](Rows.csv)\n": "## Rows\n\n[Rows](Rows.csv)\n\n- Do it\n",
    "## Rows\n\nRows\n\n## Notes\n\nNone.\n": "## Rows\n\nRows\n\n- Do it\n\n\n## Notes\n\nNone.\n",
    "## Rows\n\n- Ask Ada\n": "## Rows\n\n- Ask Ada\n\n## Rows\n\n- Do it\n",
    "## Notes\n\nSee Rows.\n": "## Notes\n\nSee Rows.\n\n## Rows\n\n- Do it\n",
}


@pytest.mark.parametrize("report, written", REPORTS.items())
def test_what_is_below_a_report_goes_where_it_has_a_place_for_it(report: str, written: str) -> None:
    assert export.with_subpages(report, [export.Subpage("Rows", "- Do it\n")]) == written
