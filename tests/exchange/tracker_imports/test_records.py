"""Files of trackers and incident tools by the way of any file: divided, stored, known again, and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.exchange.imports import import_file, parts
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.models import Source
from postmortems.incidents.models import Incident
from postmortems.visibility import Viewer
from tests.document.cases import load
from tests.world import World

ADA = Actor("person", "ada", role="author", user_id=1)
CASES = Path(__file__).parents[2] / "document" / "readers" / "records" / "cases"


def issue(number: int, title: str, **said: object) -> dict[str, object]:
    url = f"https://github.com/acme/hub/issues/{number}"
    body = "## Timeline\n\n- 10:00 UTC began\n- 10:30 UTC ended\n"
    base = {"number": number, "title": title, "url": url, "author": {"login": "ada"}, "body": body}
    return {**base, "createdAt": "2024-03-01T12:00:00Z", **said}


def divided(name: str, content: object) -> list[ImportFile]:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return list(parts.divided([ImportFile(name, data)], Left()))


def bring(name: str, content: object) -> list[tuple[str, str]]:
    found = (import_file.bring(file, ImportDefaults(), actor=ADA) for file in divided(name, content))
    return [(report.result, report.slug) for report in found]


@pytest.mark.parametrize("path", sorted(CASES.glob("*.md")), ids=lambda path: path.stem)
def test_each_tools_file_is_stored_and_again_is_the_same(database: str, path: Path) -> None:
    case = load(path)
    ending = (
        ".xml" if case.input.lstrip().startswith("<") else ".csv" if "Summary," in case.input else ".json"
    )

    first = bring(f"export{ending}", case.input.encode())
    again = bring(f"export{ending}", case.input.encode())

    assert [result for result, _ in first] == ["new"]
    assert again == [("same", slug) for _, slug in first]
    with db.reading() as session:
        source = session.scalars(select(Source)).one()
        assert source.identity
        assert source.format == case.name.rpartition(".")[2]


def test_a_file_of_many_issues_is_a_report_for_each(database: str) -> None:
    found = bring("issues.json", [issue(1, "Hub down"), issue(2, "Disk full")])

    assert found == [("new", "2024-03-01-hub-down"), ("new", "2024-03-01-disk-full")]


def test_an_issue_is_known_again_by_its_own_name_under_another_title(database: str) -> None:
    bring("issues.json", [issue(1, "Hub down"), issue(2, "Disk full")])
    found = bring("later/other.json", issue(1, "Hub was down for an hour"))

    assert found == [("changed", "2024-03-01-hub-down")]
    with db.reading() as session:
        assert list(session.scalars(select(Incident.title).order_by(Incident.id))) == [
            "Hub was down for an hour",
            "Disk full",
        ]


def confidential(title: str = "Leak") -> dict[str, object]:
    url = "https://gitlab.com/acme/hub/-/issues/4"
    return {"iid": 4, "title": title, "description": "Words.", "web_url": url, "confidential": True}


def test_what_is_private_there_is_restricted_to_whoever_brings_it_in(world: World) -> None:
    [file] = divided("issues.json", confidential())

    [later] = divided("issues.json", confidential("Leak of addresses"))

    with visibility.seen_by(Viewer("ada")):
        first = import_file.bring(file, ImportDefaults(), actor=world.ada)
        again = import_file.bring(later, ImportDefaults(), actor=world.ada)

    assert (first.result, again.result) == ("new", "changed")
    with visibility.seen_by(visibility.NOBODY), db.reading() as session:
        assert session.scalars(select(Incident.slug)).all() == []
    assert world.browser("ada").get(f"/incidents/{first.slug}").status_code == 200
    assert world.browser("cy").get(f"/incidents/{first.slug}").status_code == 404


def test_what_is_private_there_is_not_taken_by_nobody(database: str) -> None:
    [file] = divided("issues.json", confidential())

    report = import_file.bring(file, ImportDefaults(), actor=Actor.system("cli"))

    assert report.result == "failed"
    assert "private where it comes from" in report.detail
