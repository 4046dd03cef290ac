"""Files of reports and lists: PDF by name and by Accept, and CSV with a byte order mark for who asks."""

from __future__ import annotations

import pytest

from postmortems.db import session as db
from postmortems.document.model import Item
from postmortems.web.pdf import pdf
from tests.conftest import Clock
from tests.gate import founding
from tests.shown import with_demo
from tests.world import World

CSV = (
    "incidents",
    "action-items",
    "coverage",
    "reports/process-fixes",
    "reports/flow",
    "reports/monthly",
)
PDF = ("coverage", "reports/process-fixes", "reports/funnel", "reports/monthly")


@pytest.fixture
def shown(world: World) -> World:
    return with_demo(world)


@pytest.mark.parametrize("path", CSV)
def test_csv_has_a_byte_order_mark_where_it_is_asked_for(path: str, shown: World) -> None:
    browser = shown.browser("cy")
    plain, marked = (browser.get(f"/api/v1/{path}?format=csv{bom}").data for bom in ("", "&bom=1"))

    assert not plain.startswith(b"\xef\xbb\xbf")
    assert marked == b"\xef\xbb\xbf" + plain
    assert browser.get(f"/api/v1/{path}?format=csv&bom=perhaps").status_code == 422


@pytest.mark.parametrize("path", PDF)
def test_pdf_is_made_of_what_the_page_says(path: str, shown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(pdf, "pdf", lambda html: made.append(html) or b"%PDF-1.7 made")
    browser = shown.browser("cy")

    by_name = browser.get(f"/api/v1/{path}?format=pdf")
    by_accept = browser.get(f"/api/v1/{path}", headers={"Accept": "application/pdf"})

    assert by_name.mimetype == by_accept.mimetype == "application/pdf"
    assert by_name.headers["Content-Disposition"].endswith('.pdf"')
    assert by_name.data == b"%PDF-1.7 made"
    assert "<script" not in made[0]
    assert ("<svg" in made[0]) is (path in {"reports/funnel", "reports/monthly"})


@pytest.mark.parametrize("form", ["json", "csv", "markdown"])
@pytest.mark.parametrize("path", ["coverage", "reports/process-fixes", "reports/flow", "reports/monthly"])
def test_who_has_a_report_is_told_so_until_it_says_something_else(
    path: str, form: str, shown: World, clock: Clock
) -> None:
    browser = shown.browser("ada")
    address = f"/api/v1/{path}?format={form}"
    known = {"If-None-Match": browser.get(address).headers["ETag"]}
    clock.advance(seconds=50)

    again = browser.get(address, headers=known)
    assert (again.status_code, again.data) == (304, b"")

    with db.transaction():
        founding.add_incident(Item("Watch it.", due=clock.now().date()), title="Disk")
    assert browser.get(address, headers=known).status_code == 200


def test_a_page_of_the_fixes_has_a_tag_of_its_own(shown: World) -> None:
    browser = shown.browser("cy")
    tags = {
        browser.get(f"/api/v1/reports/process-fixes?{query}").headers["ETag"]
        for query in ("limit=1", "limit=2", "service=data8", "format=markdown", "format=markdown&group=age")
    }
    assert len(tags) == 5


@pytest.mark.skipif(not pdf.is_installed(), reason="WeasyPrint is not installed")
def test_a_report_with_its_chart_becomes_a_pdf(shown: World) -> None:
    answer = shown.browser("cy").get("/api/v1/reports/funnel?format=pdf")

    assert answer.data.startswith(b"%PDF-")
    known = {"If-None-Match": answer.headers["ETag"]}
    assert shown.browser("cy").get("/api/v1/reports/funnel?format=pdf", headers=known).status_code == 304
