"""Imports by browser and by API: seen first, then applied, left and come back to, and never half done."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select, update

from postmortems import visibility
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import server_clock
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.exchange.imports import jobs as imports_jobs
from postmortems.exchange.imports import queries as imports_queries
from postmortems.exchange.imports import staging
from postmortems.exchange.imports.files import ImportFile, Left
from postmortems.exchange.imports.import_file import Report
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.models import Run, RunFile
from postmortems.incidents.models import Incident
from tests.apps import LOOPBACK
from tests.conftest import Clock
from tests.exchange.bad_inputs import zipped
from tests.exchange.repositories import bare, served
from tests.statements import counted
from tests.world import World

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

ONE = b"""\
---
title: Disk full
date: 2020-02-01
---

## Timeline

### 10:00

Full.

### 09:00

Seen.
"""
TWO = b"# Certificate expired on 2021-03-04\n\nNobody renewed it.\n"


def stage(actor: Actor, *found: ImportFile, is_dry_run: bool = True) -> int:
    number = staging.begin(ImportDefaults(), "reports", actor=actor)
    staging.stage(number, found, Left(), is_dry_run=is_dry_run, actor=actor)
    return number


def texts(count: int) -> list[ImportFile]:
    return [
        ImportFile(f"{2000 + n}-01-01-outage.md", b"# Outage\n\nIt was out, %d.\n" % n) for n in range(count)
    ]


def runs() -> int:
    with db.reading():
        return session().scalar(select(func.count()).select_from(Run)) or 0


def form_of(content: bytes) -> dict[str, Any]:
    """A form with one file, as bytes: what the test client would keep of a large one is closed by nobody."""
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.md"\r\n\r\n'
    return {"data": head + content + b"\r\n--x--\r\n", "content_type": "multipart/form-data; boundary=x"}


def incidents() -> int:
    with db.reading():
        return session().scalar(select(func.count()).select_from(Incident)) or 0


def results(number: int) -> dict[str, int]:
    with db.reading():
        return imports_queries.progress([number])[number].results


def test_a_dry_run_in_the_browser_stores_nothing_until_it_is_applied(any_database: str, world: World) -> None:
    browser = world.browser()
    files = [
        (io.BytesIO(ONE), "one.md"),
        (io.BytesIO(zipped(("two.md", TWO), ("bad.md", b"\0"))), "reports.zip"),
    ]

    given = browser.send("/import", {"files": files, "service": "data8"}, follow_redirects=True)

    assert incidents() == 0
    assert given.request.path == "/import/1"
    assert "Markdown: 2 entries, 0 action items, 1 section" in given.text
    assert "line 12" in given.text
    assert "“09:00”: earlier than the entry above it" in given.text
    assert "reports.zip: bad.md:1: a NUL byte" in given.text
    assert "Nothing is stored yet" in given.text

    applied = browser.send("/import/1/apply", follow_redirects=True)

    assert incidents() == 2
    assert "3 files, done" in applied.text
    assert results(1) == {"new": 2, "failed": 1}
    with db.reading():
        verbs = set(session().scalars(select(Event.verb)))
        assert {"import_run.begun", "import_run.applied", "import.done", "incident.created"} <= verbs
        assert session().scalars(select(Incident.services)).all() == [["data8"], ["data8"]]
        assert session().scalar(select(func.count()).where(RunFile.content.is_not(None))) == 0


def test_again_is_a_no_op_and_a_changed_file_shows_what_differs(any_database: str, world: World) -> None:
    browser = world.browser()
    for name, content in (("one.md", ONE), ("one.md", ONE), ("one.md", ONE.replace(b"Full.", b"Very full."))):
        browser.send("/import", {"files": (io.BytesIO(content), name)})
        with db.reading():
            number = session().scalar(select(func.max(Run.id)))
        browser.send(f"/import/{number}/apply")

    assert [results(number) for number in (1, 2, 3)] == [{"new": 1}, {"same": 1}, {"changed": 1}]
    told = browser.get("/import/3/files/0").text
    assert "-Full." in told
    assert "+Very full." in told
    assert incidents() == 1


def test_a_conflict_keeps_both_texts_to_look_at(world: World) -> None:
    ada, headers = world.ada, world.headers()
    imports_jobs.some(stage(ada, ImportFile("2020-02-01-x.md", ONE), is_dry_run=False))
    edit = world.app.test_client().put(  # type: ignore[union-attr]
        "/api/v1/incidents/2020-02-01-x",
        data=ONE.replace(b"Disk full", b"Ours"),
        headers={**headers, "Content-Type": "text/markdown", "If-Match": '"1"'},
    )
    assert edit.status_code == 200
    number = stage(ada, ImportFile("2020-02-01-x.md", ONE.replace(b"Disk full", b"Theirs")))
    imports_jobs.some(number)

    page = world.browser().get(f"/import/{number}/files/0").text

    assert results(number) == {"conflict": 1}
    assert "title: Ours" in page
    assert "title: Theirs" in page


def test_an_applied_conflict_is_brought_together_on_a_page_of_its_own(
    any_database: str, world: World
) -> None:
    browser, headers = world.browser(), world.headers()
    theirs = ONE.replace(b"Disk full", b"Theirs")
    imports_jobs.some(stage(world.ada, ImportFile("2020-02-01-x.md", ONE), is_dry_run=False))
    world.app.test_client().put(  # type: ignore[union-attr]
        "/api/v1/incidents/2020-02-01-x",
        data=ONE.replace(b"Disk full", b"Ours"),
        headers={**headers, "Content-Type": "text/markdown", "If-Match": '"1"'},
    )

    browser.send("/import", {"files": (io.BytesIO(theirs), "2020-02-01-x.md")})
    seen = browser.get("/import/2/files/0").text
    applied = browser.send("/import/2/apply", follow_redirects=True).text

    place = "/incidents/2020-02-01-x/reviews/1"
    assert "once the import is applied, there is a page" in seen
    assert f'href="{place}"' in applied
    assert f'href="{place}"' in browser.get("/import/2/files/0").text
    assert browser.get("/api/v1/imports/2").json["reports"][0]["review"] == place
    assert "was edited before it was imported again" in browser.get(place).text

    chosen = browser.send(place, {"take": "file", "version": "2"}, follow_redirects=True).text
    assert "Brought together." in chosen
    assert "next sync" not in chosen
    assert "Theirs" in chosen
    imports_jobs.some(stage(world.ada, ImportFile("2020-02-01-x.md", theirs), is_dry_run=False))
    assert results(3) == {"same": 1}


class TestFromGit:
    """A repository on loopback, read as anybody's would be."""

    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        return {"egress_allow": LOOPBACK}

    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[str]:
        bare(tmp_path, {"incidents/one.md": ONE, "incidents/bad.md": b"\0", "other/two.md": TWO})
        with served(tmp_path) as server:
            yield f"{server.url}/incidents.git"

    def test_it_is_seen_and_applied_in_the_browser(self, world: World, place: str) -> None:
        browser = world.browser()

        given = browser.send(
            "/import", {"git": place, "branch": "main", "folder_of": "incidents"}, follow_redirects=True
        )
        assert given.request.path == "/import/1"
        assert f"{place}: one.md" in given.text
        browser.send("/import/1/apply")

        assert results(1) == {"new": 1, "failed": 1}
        assert incidents() == 1

    def test_the_api_takes_its_address(self, world: World, place: str) -> None:
        asked = world.app.test_client().post(  # type: ignore[union-attr]
            "/api/v1/imports", json={"git": place, "dry_run": False}, headers=world.headers()
        )

        assert asked.status_code == 202, asked.json
        assert asked.json["results"] == {"new": 2, "failed": 1}
        assert incidents() == 2


def test_pasted_text_is_known_again_by_its_date_and_title(world: World) -> None:
    browser = world.browser()
    for _ in range(2):
        browser.send("/import", {"text": TWO.decode()})
    browser.send("/import/1/apply")
    browser.send("/import/2/apply")

    assert (results(1), results(2)) == ({"new": 1}, {"same": 1})
    assert "2021-03-04-certificate-expired-on-2021-03-04.md" in browser.get("/import/1").text


def test_a_folder_gives_its_reports_and_nothing_else(world: World) -> None:
    names = (
        "incidents/one.md",
        "incidents/README.md",
        "incidents/.git/x.md",
        "incidents/a/two.md",
        "incidents/p.png",
    )
    folder = [(io.BytesIO(ONE), name) for name in names]

    world.browser().send("/import", {"folder": folder})

    with db.reading():
        assert session().scalars(select(RunFile.name).order_by(RunFile.position)).all() == [
            "one.md",
            "a/two.md",
        ]
    assert "2 files left out: 1 README.md, 1 .png" in world.browser().get("/import/1").text


def test_a_template_is_listed_apart_and_imported_where_asked(world: World) -> None:
    form = b"# [Title]\n\n## Timeline\n\n- HH:MM text\n"
    for said in ({}, {"templates": "true"}):
        world.browser().send("/import", {"files": (io.BytesIO(form), "form.md"), **said})

    assert (results(1), results(2)) == ({"template": 1}, {"new": 1})
    shown = world.browser().get("/import/1").text
    assert "a template that nobody has filled in" in shown
    assert "/import/1/apply" not in shown, "as there is nothing to store"


def test_the_api_tells_what_a_zip_left(world: World) -> None:
    names = ("a/one.md", "a/b.xlsx", "a/c.xlsx", "a/.git/d.md", "a/e.adoc", "a/f")
    content = zipped(*((name, ONE) for name in names))

    answer = world.browser().send("/import", {"files": (io.BytesIO(content), "a.zip")})
    assert answer.status_code == 303
    assert world.app is not None
    told = world.app.test_client().get("/api/v1/imports/1", headers=world.headers()).get_json()

    assert told["left"] == "4 files left out: 2 .xlsx, 1 .adoc, 1 without an ending"
    assert [each["file"] for each in told["left_files"]] == ["a/b.xlsx", "a/c.xlsx", "a/e.adoc", "a/f"]
    assert told["left_files"][2]["reason"] == (
        "AsciiDoc, which is not read; convert it: asciidoctor e.adoc -o e.html"
    )
    assert told["templates"] is False
    shown = " ".join(world.browser().get("/import/1").text.split())
    assert "a/e.adoc</dt><dd>AsciiDoc, which is not read" in shown


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "choose files or a folder"),
    "no report": ({"folder": [(io.BytesIO(b""), "x/a.png")]}, "there is no report in this"),
    "only what is not read": (
        {"folder": [(io.BytesIO(b"* x"), "x/a.wiki")]},
        "a.wiki: MediaWiki, which is not read; convert it: pandoc -f mediawiki",
    ),
    "no zip": ({"files": [(io.BytesIO(b"x"), "a.zip")]}, "a.zip: this is no zip"),
    "no zone": ({"text": "x", "timezone": "PST"}, "is no zone"),
    "a folder of the server": ({"git": "/etc"}, "only https addresses"),
    "SSH": ({"git": "git@host:x/y"}, "only https addresses"),
    "a private address": ({"git": "https://127.0.0.1/x.git"}, "127.0.0.1"),
}


@pytest.mark.parametrize("form, said", WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_taken_is_said_and_leaves_no_import(
    form: dict[str, Any], said: str, world: World
) -> None:
    answer = world.browser().send("/import", form)

    assert answer.status_code == 422
    assert said in answer.text
    with db.reading():
        assert session().scalar(select(func.count()).select_from(Run)) == 0


def test_viewers_import_nothing_and_others_see_only_their_own(world: World) -> None:
    number = stage(world.ada, ImportFile("one.md", ONE))

    assert world.browser("cy").send("/import", {"text": "x"}).status_code == 403
    assert world.browser("cy").get("/import").status_code == 403
    assert world.browser("ben").get(f"/import/{number}").status_code == 404
    with db.transaction():
        session().execute(update(User).where(User.name == "cy").values(role="author"))
    assert world.browser("cy").get(f"/import/{number}").status_code == 404
    assert world.browser("cy").get(f"/import/{number}/files/0").status_code == 404
    assert world.browser("cy").send(f"/import/{number}/apply").status_code == 404


def end_leases() -> None:
    """Whoever held a file has not been heard of for long."""
    with db.transaction():
        session().execute(update(RunFile).values(leased_until=LONG_AGO))


def test_the_worker_goes_on_where_a_request_stopped(any_database: str, world: World, clock: Clock) -> None:
    number = stage(world.ada, *texts(5), is_dry_run=False)

    imports_jobs.some(number, 2)
    with db.reading():
        page_says = imports_queries.progress([number])[number]
    assert (page_says.done, page_says.waiting) == (2, 3)
    assert "2 of 5" in world.browser().get(f"/import/{number}").text
    assert imports_jobs.work(clock.now()) == 3

    assert results(number) == {"new": 5}
    with db.reading():
        assert imports_queries.run(number, world.ada).ended_at == clock.now()


def test_a_worker_that_was_killed_loses_no_file_and_stores_none_twice(
    any_database: str, world: World, clock: Clock
) -> None:
    number = stage(world.ada, *texts(2), is_dry_run=False)
    assert imports_jobs._claimed(number) is not None  # And then it is gone.

    imports_jobs.some(number)
    assert results(number) == {"new": 1}
    end_leases()
    imports_jobs.some(number)

    assert results(number) == {"new": 2}
    assert incidents() == 2


class _Killed(BaseException):
    """What nobody catches."""


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_a_request_that_is_killed_with_its_first_file_loses_none(
    any_database: str, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch, is_dry_run: bool
) -> None:
    def die(*_args: object, **_words: object) -> None:
        raise _Killed

    number = staging.begin(ImportDefaults(), "reports", actor=world.ada)
    with monkeypatch.context() as patched:
        patched.setattr(imports_jobs.import_file, "bring", die)
        with pytest.raises(_Killed):
            imports_jobs.staged(number, texts(2), Left(), is_dry_run=is_dry_run, actor=world.ada)

    imports_jobs.some(number)
    assert results(number) == {"new": 1}
    end_leases()
    imports_jobs.some(number)

    assert results(number) == {"new": 2}
    assert incidents() == (0 if is_dry_run else 2)


def test_the_files_are_kept_and_the_first_is_taken_by_one_unit(world: World) -> None:
    number = staging.begin(ImportDefaults(), "reports", actor=world.ada)
    with counted() as statements:
        imports_jobs.staged(number, texts(1), Left(), is_dry_run=False, actor=world.ada)

    assert results(number) == {"new": 1}
    # The other one stores what is in it.
    assert statements.count("BEGIN IMMEDIATE") == 2


@pytest.mark.parametrize("begins_at_once", [True, False])
def test_an_import_in_which_there_is_nothing_leaves_none(
    any_database: str, world: World, begins_at_once: bool
) -> None:
    begun = (staging.beginning if begins_at_once else staging.begin)(ImportDefaults(), "x", actor=world.ada)

    with pytest.raises(Invalid):
        imports_jobs.staged(begun, [], Left(), is_dry_run=True, actor=world.ada)

    assert runs() == 0


def test_an_import_that_is_begun_with_its_files_goes_with_the_unit_that_keeps_them(
    any_database: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_number: int | None) -> None:
        raise Conflict("not now")

    begun, other = staging.beginning(ImportDefaults(), "x", actor=world.ada), list[int]()

    def begun_by_two() -> int:
        # Its number may be another's as soon as it is taken back.
        return other[0] if other else begun()

    with monkeypatch.context() as patched:
        patched.setattr(imports_jobs, "_taken", refuse)
        with pytest.raises(Conflict):
            imports_jobs.staged(begun_by_two, texts(1), Left(), is_dry_run=True, actor=world.ada)
        assert runs() == 0
        other.append(staging.begin(ImportDefaults(), "y", actor=world.ada))
        with pytest.raises(Conflict):
            imports_jobs.staged(begun_by_two, texts(1), Left(), is_dry_run=True, actor=world.ada)

    assert runs() == 1
    assert results(imports_jobs.staged(begun, texts(1), Left(), is_dry_run=True, actor=world.ada)) == {
        "new": 1
    }


def test_more_files_than_are_kept_at_once_are_of_the_import_that_was_begun_with_the_first(
    any_database: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "BATCH_FILES", 2)
    begun = staging.beginning(ImportDefaults(), "x", actor=world.ada)

    number = imports_jobs.staged(begun, texts(5), Left(), is_dry_run=True, actor=world.ada)

    assert (runs(), results(number)) == (1, {"new": 5})


def test_files_of_which_none_can_be_taken_are_told_of_all_the_same(world: World) -> None:
    number = staging.begin(ImportDefaults(), "reports", actor=world.ada)
    broken = ImportFile("one.md", b"", trouble="it is empty")
    imports_jobs.staged(number, [broken], Left(), is_dry_run=True, actor=world.ada)
    assert results(number) == {"failed": 1}


def test_a_file_that_ends_its_worker_again_and_again_is_given_up(world: World, clock: Clock) -> None:
    number = stage(world.ada, *texts(1), is_dry_run=False)
    for _ in range(imports_jobs.MOST_ATTEMPTS):
        assert imports_jobs._claimed(number) is not None
        clock.advance(minutes=3)

    imports_jobs.some(number)

    assert results(number) == {"failed": 1}
    assert incidents() == 0


def test_an_account_that_was_switched_off_imports_no_more(world: World) -> None:
    number = stage(world.ada, *texts(1), is_dry_run=False)
    with db.transaction():
        session().execute(update(User).where(User.name == "ada").values(is_active=False))

    imports_jobs.some(number)

    assert (results(number), incidents()) == ({"failed": 1}, 0)


def test_an_import_is_discarded_with_its_files(world: World) -> None:
    number = stage(world.ada, ImportFile("one.md", ONE))

    world.browser().send(f"/import/{number}/discard")

    with db.reading():
        assert session().scalar(select(func.count()).select_from(RunFile)) == 0
        with pytest.raises(NotFound):
            imports_queries.run(number, world.ada)


def test_bytes_that_nobody_goes_on_with_are_dropped_after_a_week(world: World, clock: Clock) -> None:
    number = stage(world.ada, ImportFile("one.md", ONE))
    imports_jobs.some(number)
    clock.advance(days=8)

    imports_jobs.work(clock.now())

    with db.reading():
        assert session().scalar(select(RunFile.content)) is None
        assert results_of_one(number) == "new"


def results_of_one(number: int) -> str:
    return imports_queries.file(number, 0).result


def test_nobody_piles_up_imports(world: World) -> None:
    for _ in range(staging.MOST_OPEN):
        stage(world.ada, ImportFile("one.md", ONE))

    answer = world.browser().send("/import", {"text": "x"})

    assert "apply or discard one first" in answer.text
    assert answer.status_code == 422


def test_the_page_of_an_import_asks_the_same_whatever_its_size(
    world: World, count_queries: Callable[[], Any]
) -> None:
    counts = []
    for size in (10, 1_000):
        number = stage(world.ada, *texts(size))
        with count_queries() as statements:
            assert world.browser().get(f"/import/{number}").status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_the_api_tells_of_files_that_failed(any_database: str, world: World) -> None:
    client = world.app.test_client()  # type: ignore[union-attr]
    body = {"texts": [{"name": "no.ending-of-ours", "text": "What is this?"}], "dry_run": True}

    begun = client.post("/api/v1/imports", json=body, headers=world.headers())
    told = client.get("/api/v1/imports/1", headers=world.headers())

    assert (begun.status_code, told.status_code) == (202, 200)
    [report] = told.json["reports"]
    assert (report["result"], report["entries"], report["items"]) == ("failed", 0, 0)


def test_the_api_takes_texts_and_tells_of_each(any_database: str, world: World) -> None:
    client = world.app.test_client()  # type: ignore[union-attr]
    body = {"texts": [{"name": "one.md", "text": ONE.decode()}, {"text": TWO.decode()}], "dry_run": True}

    begun = client.post("/api/v1/imports", json=body, headers=world.headers())

    assert (begun.status_code, begun.headers["Location"]) == (202, "/api/v1/imports/1")
    assert begun.json["results"] == {"new": 2}
    assert datetime.fromisoformat(begun.json["created_at"]).tzinfo is not None
    [odd] = begun.json["reports"][0]["warnings"]
    assert odd == {"kind": "time", "line": 12, "words": "09:00", "text": "earlier than the entry above it"}
    assert incidents() == 0

    applied = client.post("/api/v1/imports/1/apply", headers=world.headers())

    assert (applied.status_code, incidents()) == (202, 2)
    assert client.post("/api/v1/imports/1/apply", headers=world.headers()).status_code == 409
    told = client.get("/api/v1/imports/1?limit=1", headers=world.headers()).json
    assert (len(told["reports"]), told["next"], told["ended_at"] is not None) == (1, "0", True)
    assert [run["id"] for run in client.get("/api/v1/imports", headers=world.headers()).json["imports"]] == [
        1
    ]
    assert client.delete("/api/v1/imports/1", headers=world.headers()).status_code == 204
    assert client.get("/api/v1/imports/1", headers=world.headers()).status_code == 404


def test_the_api_takes_files_and_zips(world: World) -> None:
    client = world.app.test_client()  # type: ignore[union-attr]
    form = {
        "files": [(io.BytesIO(ONE), "one.md"), (io.BytesIO(zipped(("two.md", TWO))), "reports.zip")],
        "service": "data8",
    }

    begun = client.post("/api/v1/imports", data=form, headers=world.headers())

    assert begun.status_code == 202, begun.text
    assert begun.json["results"] == {"new": 2}
    assert [report["at"] for report in begun.json["reports"]] == ["one.md", "reports.zip: two.md"]


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "nothing": ({"json": {}}, 422),
    "a name that is none": ({"json": {"texts": [{"text": "x", "name": 7}]}}, 422),
    "what it does not know": ({"json": {"texts": [], "colour": "red"}}, 422),
    "no JSON": ({"data": b"{", "content_type": "application/json"}, 400),
    "another type": ({"data": b"x", "content_type": "text/plain"}, 415),
    "a folder of the server": ({"json": {"git": "/etc"}}, 422),
    "more than is taken": (form_of(b"0" * (65 * 1024 * 1024)), 413),
}


@pytest.mark.parametrize("sent, status", REFUSED.values(), ids=REFUSED.keys())
def test_the_api_refuses_what_it_cannot_take(sent: dict[str, Any], status: int, world: World) -> None:
    client = world.app.test_client()  # type: ignore[union-attr]

    answer = client.post("/api/v1/imports", headers=world.headers(), **sent)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_larger_bodies_are_taken_from_people_we_know_and_only_where_files_go(world: World) -> None:
    # Longer than a report may be, so that it is kept and not read.
    large = form_of(b"a " * (5 * 1024 * 1024 + 1))
    client = world.app.test_client()  # type: ignore[union-attr]

    known = client.post("/api/v1/imports", headers=world.headers(), **large)
    unknown = client.post("/api/v1/imports", **large)
    text = {"data": b"a " * (5 * 1024 * 1024), "content_type": "text/markdown"}
    elsewhere = client.post("/api/v1/incidents", headers=world.headers(), **text)

    assert (known.status_code, unknown.status_code) == (202, 401)
    assert elsewhere.status_code == 413


def test_a_token_without_the_scope_imports_nothing(world: World) -> None:
    token = world.token("ada", "read")
    client = world.app.test_client()  # type: ignore[union-attr]

    answer = client.post(
        "/api/v1/imports", json={"texts": [{"text": "x"}]}, headers={"Authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 403


def test_what_a_token_began_is_done_with_its_scopes(world: World) -> None:
    narrow = Actor("token", "ada", "author", world.ada.user_id, 1, frozenset({"write"}))
    number = stage(narrow, *texts(1), is_dry_run=False)
    with db.transaction():
        session().execute(update(Run).values(scopes=["read"]))

    imports_jobs.some(number)

    assert (results(number), incidents()) == ({"failed": 1}, 0)


def test_of_two_at_work_each_file_is_done_by_one(any_database: str, world: World, clock: Clock) -> None:
    number = stage(world.ada, *texts(1), is_dry_run=False)

    first, second = imports_jobs._claimed(number), imports_jobs._claimed(number)

    assert first is not None
    assert second is None
    end_leases()
    assert imports_jobs._claimed(number) is not None


def test_a_worker_that_was_thought_dead_says_nothing_of_what_is_to_be_applied(
    any_database: str, world: World
) -> None:
    number = stage(world.ada, *texts(1))
    slow = imports_jobs._claimed(number)
    assert slow is not None
    end_leases()
    imports_jobs.some(number)
    with db.transaction():
        staging.apply(number, actor=world.ada)

    with db.transaction():
        imports_jobs._noting(slow)(Report("same"))

    with db.reading():
        assert imports_queries.progress([number])[number].waiting == 1
    imports_jobs.some(number)
    assert (results(number), incidents()) == ({"new": 1}, 1)


def test_two_who_take_files_at_once_take_different_ones(any_database: str, world: World) -> None:
    number, together, taken = stage(world.ada, *texts(6), is_dry_run=False), Barrier(2), list[int]()

    def take() -> None:
        together.wait()
        taken.extend(job.id for _ in range(3) if (job := imports_jobs._claimed(number)) is not None)

    threads = [Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(set(taken)) == 6
    assert imports_jobs._claimed(number) is None


def test_a_lease_holds_for_a_machine_whose_clock_is_wrong(
    any_database: str, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_database = clock.now()
    monkeypatch.setattr(server_clock, "ahead", lambda: at_the_database - clock.now())
    number = stage(world.ada, *texts(1), is_dry_run=False)
    assert imports_jobs._claimed(number) is not None

    clock.advance(hours=1)

    assert imports_jobs._claimed(number) is None


def test_an_import_keeps_its_own_rows_in_few_statements(world: World) -> None:
    """Beside what is stored of the report: its run and its file, each told how far it is."""
    client, headers = world.app.test_client(), world.headers()  # type: ignore[union-attr]
    # That the token was used is noted by the first.
    client.get("/api/v1/imports", headers=headers)

    with counted() as statements:
        text = {"name": "2020-02-01-x.md", "text": ONE.decode()}
        answer = client.post("/api/v1/imports", json={"texts": [text]}, headers=headers)

    assert answer.json["reports"][0]["result"] == "new"  # type: ignore[index]
    of_ours = [one for one in statements if "import_files" in one or "import_runs" in one]
    # How many are open, two new rows; all are there; taken, and for whom; done, held, ended; the answer.
    verbs = "SELECT INSERT INSERT UPDATE UPDATE SELECT UPDATE SELECT UPDATE SELECT SELECT SELECT"
    assert [one.split()[0] for one in of_ours] == verbs.split()
    # Who asks, the run with its file and the taking of it, the report stored, the answer.
    assert len([one for one in statements if one.startswith("BEGIN")]) == 4


def test_an_incident_gives_the_file_that_it_came_from_and_nothing_runs_in_it(world: World) -> None:
    output = {"output_type": "display_data", "data": {"text/html": "<script>alert(1)</script>"}}
    cells = [
        {"cell_type": "markdown", "source": "# Outage\n\nIt was out."},
        {"cell_type": "code", "source": "plot()", "outputs": [output]},
    ]
    content = json.dumps({"cells": cells, "nbformat": 4}).encode()
    imports_jobs.some(stage(world.ada, ImportFile("2021-01-01-é.ipynb", content), is_dry_run=False))
    browser = world.browser("cy")

    answer = browser.get("/incidents/2021-01-01-e/file")

    assert "/incidents/2021-01-01-e/file" in browser.get("/incidents/2021-01-01-e").text
    assert answer.data == content
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="2021-01-01-e.ipynb"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert browser.get("/incidents/none/file").status_code == 404


def test_the_file_of_a_restricted_incident_is_there_for_those_it_names_alone(world: World) -> None:
    text = b"---\ntitle: Leak\ndate: 2021-01-01\nrestricted: ['@ada']\n---\n\nIt leaked.\n"
    imports_jobs.some(stage(world.ada, ImportFile("leak.md", text), is_dry_run=False))
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        slug = session().scalars(select(Incident.slug)).one()

    assert world.browser("ada").get(f"/incidents/{slug}/file").status_code == 200
    assert world.browser("ben").get(f"/incidents/{slug}/file").status_code == 404
