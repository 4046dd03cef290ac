"""Notion downloads as a whole: what becomes a report, what is put into one, and what is left, and why."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest

from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.readers import registry as readers_registry
from postmortems.exchange.imports import parse_report, zip_files
from postmortems.exchange.imports.archives import registry
from postmortems.exchange.imports.archives.notion import composition, download
from postmortems.exchange.imports.files import ImportFile, Left

Files = dict[str, str | bytes]


def hex_of(number: int) -> str:
    return f"{number:032x}"


def path(*parts: tuple[str, int], ending: str = ".md") -> str:
    """`Incidents 0…1/Down 0…2.md`."""
    return "/".join(f"{title} {hex_of(number)}" for title, number in parts) + ending


def link(*parts: tuple[str, int], ending: str = ".md") -> str:
    return path(*parts, ending=ending).replace(" ", "%20")


def reports(files: Files) -> tuple[dict[str, ImportFile], Left]:
    """The reports of a download by their names, and what was left."""
    left = Left()
    content = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
    found = registry.reports("x.zip", list(content), content.get, left)
    return {file.name: file for file in found or ()}, left


def document(file: ImportFile) -> Document:
    return readers_registry.read(file.name, file.content, as_format=file.format)


HUB, DOWN = ("Incidents", 1), ("Down", 2)
TWO_SECTIONS = "## Summary\n\nIt was.\n\n## Impact\n\nMany.\n"
REPORT = f"# Down\n\nDate: January 25, 2018\nTags: queue\n\n{TWO_SECTIONS}"


def test_a_page_with_all_that_is_below_it_is_one_report() -> None:
    rows = 'Name,Status,Due\nAlert,Done,"February 8, 2018"\n'
    found, left = reports(
        {
            path(HUB): "# Incidents\n\n[Down](x)\n",
            path(HUB, DOWN): f"{REPORT}\n[Runbook]({link(DOWN, ('Runbook', 3))})\n\n"
            f"## Action items\n\n[Follow-ups]({link(DOWN, ('Follow-ups', 4), ending='.csv')})\n",
            path(HUB, DOWN, ("Runbook", 3)): "# Runbook\n\n# Steps\n\nRestart.\n\n![p](Runbook%20x/p.png)\n",
            f"{path(HUB, DOWN, ending='')}/Runbook x/p.png": b"\x89PNG",
            path(HUB, DOWN, ("Follow-ups", 4), ending=".csv"): rows,
            path(HUB, DOWN, ("Follow-ups", 4), ending="_all.csv"): f"{rows}Watch,Open,\n",
            path(HUB, DOWN, ("Follow-ups", 4), ("Alert", 5)): "# Alert\n\nStatus: Done\n\nMore of it.\n",
            path(HUB, DOWN, ("Follow-ups", 4), ("Watch", 6)): "# Watch\n\nStatus: Open\n",
        }
    )

    (report,) = found.values()
    read = document(report)
    assert (report.name, report.identity) == ("Incidents/Down.md", f"notion:{hex_of(2)}")
    assert [section.heading for section in read.sections if section.heading] == [
        "Summary", "Impact", "Action items", "Alert", "Runbook",
    ]  # fmt: skip
    assert [(item.text, item.status, str(item.due)) for item in read.items] == [
        ("Alert", "done", "2018-02-08"),
        ("Watch", "open", "None"),
    ]
    assert [one.link for one in report.beside] == [f"Down {hex_of(2)}/Runbook x/p.png"]
    assert left.reasons == {path(HUB): download.LEADS}


def test_a_page_that_nothing_is_below_comes_as_it_is() -> None:
    found, _ = reports({path(DOWN): REPORT})

    assert (found["Down.md"].content, found["Down.md"].format) == (REPORT.encode(), "notion")


HTML = (
    '<html><body><article id="00000000-0000-0000-0000-000000000002" class="page sans"><header>'
    '<h1 class="page-title">Down</h1></header><div class="page-body"><h2>Summary</h2><p>It was.</p>'
    "<h2>Impact</h2><p>Many.</p></div></article></body></html>"
)


def test_a_page_of_html_is_known_by_what_it_says_where_its_name_does_not() -> None:
    found, _ = reports({"Down.html": HTML, "index.html": "<html></html>"})

    assert found["Down.html"].identity == f"notion:{hex_of(2)}"


SHAPES: dict[str, tuple[Files, set[str], dict[str, str]]] = {
    "folders without ids": (
        {path(DOWN): REPORT, f"Down/Notes {hex_of(3)}.md": "# Notes\n\nWords.\n"},
        {"Down.md"},
        {},
    ),
    "pages beside reports": (
        {
            path(HUB): "# Incidents\n",
            path(HUB, DOWN): REPORT,
            path(HUB, ("How we work", 3)): "# How we work\n\nWords.\n",
        },
        {"Incidents/Down.md"},
        {path(HUB): download.LEADS, path(HUB, ("How we work", 3)): download.NO_SECTIONS},
    ),
    "pages of no known sections": (
        {path(("One", 3)): "# One\n\nWords.\n", path(("Two", 4)): "# Two\n\nWords.\n"},
        {"One.md", "Two.md"},
        {},
    ),
    "links in a circle": (
        {
            path(DOWN): f"{REPORT}\n[A]({link(('A', 3))})\n",
            path(("A", 3)): f"# A\n\n[B]({link(('B', 4))})\n",
            path(("B", 4)): f"# B\n\n[A]({link(('A', 3))}) [Down]({link(DOWN)})\n",
        },
        {"Down.md"},
        {},
    ),
    "rows that are reports": (
        {
            f"Postmortems {hex_of(3)}.csv": "Name,Severity\nDown,SEV1\nSlow,SEV2\n",
            f"Postmortems/{path(DOWN)}": REPORT,
        },
        {"Postmortems/Down.md", "Postmortems/Slow.md"},
        {f"Postmortems {hex_of(3)}.csv": download.ROWS_HAVE_PAGES},
    ),
    "items that name their report": (
        {
            path(DOWN): REPORT,
            f"To do {hex_of(3)}.csv": f"Task,Owner,Report\nAlert,Ada,Down ({link(DOWN)})\nLone,Ben,\n",
        },
        {"Down.md"},
        {f"To do {hex_of(3)}.csv": download.ITEMS_ALONE.format(1, 2)},
    ),
    "items alone": ({f"To do {hex_of(3)}.csv": "Task,Owner\nAlert,Ada\n"}, {"To do.md"}, {}),
    "a table of anything": (
        {path(DOWN): REPORT, f"Lunch {hex_of(3)}.csv": "Name,Price\nSoup,3\n"},
        {"Down.md"},
        {f"Lunch {hex_of(3)}.csv": download.NO_ITEMS},
    ),
    "a page whose part is missing": (
        {path(DOWN): REPORT, f"Gone {hex_of(7)}/{path(('Notes', 8))}": "# Notes\n\nWords.\n"},
        {"Down.md"},
        {f"Gone {hex_of(7)}/{path(('Notes', 8))}": download.LOST},
    ),
}  # fmt: skip


def test_a_row_without_a_page_is_said_to_come_from_notion() -> None:
    files, _, _ = SHAPES["rows that are reports"]
    row = reports(files)[0]["Postmortems/Slow.md"]

    told = parse_report.understood(document(row), row.name, row.content, row.format)

    assert (told.reader, told.title) == ("page of Notion", "Slow")


@pytest.mark.parametrize("files, names, why", SHAPES.values(), ids=SHAPES.keys())
def test_what_is_a_report_and_what_is_left_with_the_reason(
    files: Files, names: set[str], why: dict[str, str]
) -> None:
    found, left = reports(files)

    assert set(found) == names
    assert left.reasons == why


def test_words_of_pages_that_links_alone_put_below_a_report_are_kept() -> None:
    found, _ = reports(SHAPES["links in a circle"][0])

    assert {"A", "B"} <= {section.heading for section in document(found["Down.md"]).sections}


def test_what_is_not_in_the_download_is_told() -> None:
    found, _ = reports({path(DOWN): f"{REPORT}\n[Notes]({link(DOWN, ('Notes', 3))})\n"})

    (warned,) = found["Down.md"].stored.missing
    assert (warned.words, warned.text) == ("Notes", composition.ABSENT.format("a page"))


def test_of_very_many_pages_below_a_report_the_rest_is_left() -> None:
    pages: Files = {
        path(DOWN, (f"Note {number}", 100 + number)): f"# Note {number}\n\nWords.\n"
        for number in range(composition.MOST_BELOW + 5)
    }
    found, left = reports({path(DOWN): REPORT, **pages})

    assert len(found) == 1
    assert list(left.reasons.values()) == [composition.MANY.format(composition.MOST_BELOW)] * 5


NOT_OURS: dict[str, Files] = {
    "Markdown": {"a.md": REPORT, "b.md": REPORT},
    "one name with an id among others": {path(DOWN): REPORT, "a.md": "", "b.md": "", "c.md": ""},
    "pages of HTML": {"a.html": "<html><h1>a</h1></html>"},
    "nothing": {},
}


@pytest.mark.parametrize("files", NOT_OURS.values(), ids=NOT_OURS.keys())
def test_other_folders_are_no_download(files: Files) -> None:
    assert registry.reports("x", list(files), lambda name: str(files[name]).encode(), Left()) is None


BROKEN: dict[str, tuple[Files, str]] = {
    "a page that is no text": ({path(DOWN): b"\xff\xfe\x00"}, "half a character"),
    "a page of bytes": ({path(DOWN): b"a\n\0"}, ":2: a NUL byte"),
    "a database that is cut off": (
        {path(DOWN): REPORT, f"To do {hex_of(3)}.csv": 'Task,Owner\n"Al'},
        "no database of Notion's",
    ),
    "an empty database": (
        {path(DOWN): REPORT, path(DOWN, ("To do", 3), ending=".csv"): ""},
        "an empty database",
    ),
    "a page below that is no text": (
        {path(DOWN): REPORT, path(DOWN, ("Notes", 3)): b"\xe9"},
        "byte 0xe9",
    ),
}


@pytest.mark.parametrize("files, why", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken_is_told_and_stops_no_other(files: Files, why: str) -> None:
    found, left = reports(files)

    told = [file.trouble for file in found.values()]
    told += [warned.text for file in found.values() for warned in file.stored.missing]
    assert any(why in each for each in (*told, *left.reasons.values()))
    assert "Down.md" in found


def zipped(files: Files) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def test_the_parts_of_a_download_are_one() -> None:
    one: Files = {path(DOWN): f"{REPORT}\n[Notes]({link(DOWN, ('Notes', 3))})\n"}
    two: Files = {path(DOWN, ("Notes", 3)): "# Notes\n\nWords.\n"}
    outer = zipped({"Export-1-Part-1.zip": zipped(one), "Export-1-Part-2.zip": zipped(two)})

    (report,) = zip_files.in_zip(io.BytesIO(outer), "x.zip", Left())

    assert "Words." in parser.write(document(report))
    assert not report.stored.missing


def test_a_part_that_is_not_there_is_named_and_the_others_come_in() -> None:
    parts = {f"Export-1-Part-{number}.zip": zipped({path(DOWN): REPORT}) for number in (2, 4)}

    *troubles, report = zip_files.in_zip(io.BytesIO(zipped(parts)), "x.zip", Left())

    assert [each.name for each in troubles] == ["Export-1-Part-1.zip", "Export-1-Part-3.zip"]
    assert all("give all its parts as one zip" in each.trouble for each in troubles)
    assert not report.trouble
