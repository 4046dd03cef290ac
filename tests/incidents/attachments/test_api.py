"""Attachments through the API: what comes in, who sees it, how it is served, and what becomes of it."""

from __future__ import annotations

import errno
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from postmortems import limits
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.incidents.attachments import file_store, operations
from postmortems.incidents.attachments.models import Attachment, AttachmentUse, StoredFile
from tests.apps import app_on
from tests.conftest import Clock
from tests.incidents.attachments import samples
from tests.world import World

PLACE = "/api/v1/attachments"
PICTURE = samples.picture("PNG")


class Api:
    """Somebody's requests."""

    def __init__(self, client: FlaskClient, world: World) -> None:
        self.client, self.world = client, world

    def __call__(self, method: str, path: str, name: str = "ada", **options: Any) -> TestResponse:
        return self.client.open(path, method=method, headers=self.world.headers(name), **options)

    def upload(self, content: bytes, file: str, name: str = "ada", **fields: str) -> TestResponse:
        return self("POST", PLACE, name, **form_of({**fields, "file": (content, file)}))

    def added(self, content: bytes = PICTURE, file: str = "graph.png", name: str = "ada") -> dict[str, Any]:
        answer = self.upload(content, file, name)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json
        return body

    def incident(self, text: str, name: str = "ada", **front: object) -> str:
        body = {
            "title": "It fell over",
            "sections": [{"heading": "Summary", "blocks": [prose(text)]}],
            **front,
        }
        answer = self("POST", "/api/v1/incidents", name, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json["slug"])

    def save(self, slug: str, text: str, name: str = "ada", **front: object) -> TestResponse:
        body = self("GET", f"/api/v1/incidents/{slug}", name).json
        body["sections"] = [{"heading": "Summary", "blocks": [prose(text)]}]
        return self("PUT", f"/api/v1/incidents/{slug}", name, json=body | front)

    def served(self, url: str, name: str = "ada") -> TestResponse:
        return self.world.browser(name).get(url)


def form_of(fields: dict[str, Any]) -> dict[str, Any]:
    """A form as bytes: what the test client would keep of a large file is closed by nobody."""
    parts = []
    for name, value in fields.items():
        content, file = value if isinstance(value, tuple) else (value.encode(), None)
        named = f'; filename="{file}"' if file is not None else ""
        parts.append(
            f'--x\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content
        )
    body = b"\r\n".join([*parts, b"--x--\r\n"])
    return {"data": body, "content_type": "multipart/form-data; boundary=x"}


def prose(text: str) -> dict[str, str]:
    return {"type": "prose", "text": text}


@pytest.fixture
def api(client: FlaskClient, world: World) -> Api:
    return Api(client, world)


def stored() -> tuple[int, int, int]:
    with db.reading():
        tables = (StoredFile, Attachment, AttachmentUse)
        counts = [session().scalar(select(func.count()).select_from(table)) or 0 for table in tables]
    return counts[0], counts[1], counts[2]


def test_a_picture_comes_in_and_is_shown_where_it_is_written(api: Api) -> None:
    body = api.added(samples.picture("JPEG", exif=samples.exif()), "dash board.PNG")
    assert body["markdown"] == f"![dash board]({body['url']})"
    assert body["url"] == f"/attachments/{body['id']}/dash%20board.jpg"
    assert (body["type"], body["width"], body["height"]) == ("image/jpeg", 40, 20)

    slug = api.incident(f"Look: {body['markdown']}")
    page = api.served(f"/incidents/{slug}").text
    assert f'<img src="{body["url"]}" alt="dash board" loading="lazy"' in page
    assert 'width="40" height="20"' in page
    shown = api.served(body["url"], "cy")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert hashlib.sha256(shown.data).hexdigest() == body["sha256"]
    assert not any(secret in shown.data for secret in samples.SECRETS)


def test_what_is_served_never_runs_and_is_kept_by_no_cache_of_many(api: Api) -> None:
    page = b"<html><script>alert(1)</script></html>"
    for body in (api.added(), api.added(page, "evil.html"), api.added(b"%PDF-1.7", "a.pdf")):
        answer = api.served(body["url"])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"] == "private, no-cache"
        is_picture = body["type"] == "image/png"
        assert answer.mimetype == ("image/png" if is_picture else "application/octet-stream")
        assert answer.headers.get("Content-Disposition", "").startswith("attachment; ") is not is_picture
        again = api.world.browser("ada").get(body["url"], headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_other_files_go_out_as_they_came(api: Api) -> None:
    content = "14:30 it fell over\r\n\0\xff".encode("latin-1")
    body = api.added(content, "Größe.log")

    assert body["markdown"] == f"[Größe.log]({body['url']})"
    answer = api.served(body["url"])
    assert answer.data == content
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe.log" in answer.headers["Content-Disposition"]


def test_until_it_is_saved_only_who_uploaded_it_sees_it(api: Api) -> None:
    body = api.added()
    places = (body["url"], f"{PLACE}/{body['id']}")

    def seen(name: str) -> list[int]:
        return [api.served(places[0], name).status_code, api("GET", places[1], name).status_code]

    assert (seen("ada"), seen("ben"), seen("cy")) == ([200, 200], [404, 404], [404, 404])
    api.incident(body["markdown"])
    assert (seen("ada"), seen("ben"), seen("cy")) == ([200, 200], [200, 200], [200, 200])


def test_a_picture_of_a_restricted_incident_is_shown_to_nobody_else(api: Api) -> None:
    body = api.added()
    slug = api.incident(body["markdown"], restricted=["ada"])

    assert api.served(body["url"], "ada").status_code == 200
    for name in ("ben", "cy"):
        assert api.served(body["url"], name).status_code == 404
        assert api("GET", f"{PLACE}/{body['id']}", name).status_code == 404
        assert api("GET", f"{PLACE}?incident={slug}", name).status_code == 404
    # Nor by its content's hash, nor by uploading the same, nor by writing its link into a text of one's own.
    assert api.served(f"/attachments/{body['sha256']}", "ben").status_code == 404
    assert api.added(name="ben")["id"] != body["id"]
    mine = api.incident(body["markdown"], "ben", title="Look at this")
    assert api.served(body["url"], "ben").status_code == 404
    assert api("GET", f"{PLACE}?incident={mine}", "ben").json["attachments"] == []


def test_what_is_restricted_later_is_hidden_from_then_on_and_from_its_uploader_too(api: Api) -> None:
    body = api.added(name="ada")
    slug = api.incident(body["markdown"], "ben")
    assert api.served(body["url"], "ben").status_code == 404, "not his to bring to light"
    assert api.save(slug, body["markdown"] + " again", "ada").status_code == 200
    assert api.served(body["url"], "ben").status_code == 200

    assert api.save(slug, body["markdown"], "ben", restricted=["ben"]).status_code == 200

    assert api.served(body["url"], "ben").status_code == 200
    assert api.served(body["url"], "ada").status_code == 404
    assert api("DELETE", f"{PLACE}/{body['id']}", "ada").status_code == 404


def test_an_older_version_keeps_its_pictures(api: Api) -> None:
    body = api.added()
    slug = api.incident(body["markdown"])
    api.save(slug, "Nothing to see.")

    assert api.served(body["url"], "cy").status_code == 200
    assert [one["id"] for one in api("GET", f"{PLACE}?incident={slug}").json["attachments"]] == [body["id"]]


@pytest.mark.usefixtures("any_database")
def test_the_same_content_is_stored_once(api: Api) -> None:
    one, two = api.added(), api.added()
    other = api.added(name="ben")

    assert one == two
    assert other["id"] != one["id"]
    assert stored() == (1, 2, 0)


@pytest.mark.usefixtures("any_database")
def test_two_at_once_are_both_there(api: Api, world: World) -> None:
    assert world.app is not None
    app = world.app

    def upload(name: str) -> int:
        return Api(app.test_client(), world).upload(PICTURE, "graph.png", name).status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(upload, ["ada", "ben", "ada", "ben"])) == [201] * 4
    assert stored()[0] == 1


BAD = [
    ({}, "choose a file"),
    ({"file": (b"", "")}, "choose a file"),
    ({"file": (b"", "a.png")}, "a.png is empty"),
    ({"file": (b"words", "a.png")}, "a.png is no picture"),
    ({"file": (samples.SVG, "a.svg")}, "a.svg is an SVG"),
    ({"file": (PICTURE[:60], "a.png")}, "a.png is broken or cut off"),
    ({"file": (samples.large_header(10_000, 5_000), "a.png")}, "a.png has 10000 × 5000 pixels"),
    ({"file": (b"x" * (limits.MB * 10 + 1), "a.log")}, "a.log is larger than 10 MB"),
    ({"file": (b"x", "a.log"), "unknown": "1"}, "Unknown field"),
    ({"file": (b"x", "a.log"), "incident": "x" * 300}, "Longer than maximum length"),
]


@pytest.mark.parametrize("fields, said", BAD)
def test_what_is_wrong_is_said_and_nothing_is_stored(api: Api, fields: dict[str, Any], said: str) -> None:
    answer = api("POST", PLACE, **form_of(fields))

    assert answer.status_code == 422
    assert said in answer.text
    assert stored() == (0, 0, 0)


def test_one_file_at_a_time(api: Api) -> None:
    two = [(io.BytesIO(b"1"), "1.txt"), (io.BytesIO(b"2"), "2.txt")]

    assert "send one file" in api("POST", PLACE, data={"file": two}).text


def test_it_takes_a_form_with_a_file_and_somebody_who_may_write(api: Api) -> None:
    assert api("POST", PLACE, json={"file": "x"}).status_code == 415
    assert api.upload(PICTURE, "graph.png", "cy").status_code == 403
    assert api.client.post(PLACE, data={"file": (io.BytesIO(PICTURE), "a.png")}).status_code == 401
    assert api.upload(PICTURE, "graph.png", incident="2018-01-25-nothing").status_code == 404


def test_files_of_one_incident_have_a_limit_together(world: World, database: str) -> None:
    app = app_on(database, incident_files_mb=1)
    api = Api(app.test_client(), world)
    half = b"x" * (limits.MB // 2)
    first = api.added(half, "1.log")
    slug = api.incident(first["markdown"])
    assert api.upload(half[:-1] + b"y", "2.log", incident=slug).status_code == 201

    answer = api.upload(b"one more", "3.log", incident=slug)

    assert answer.status_code == 422
    assert (
        "3.log is too much: this incident's files and those you have not saved yet" in answer.json["detail"]
    )
    # Without naming the incident, the limit holds when its text is saved.
    with db.transaction():
        session().add(
            Attachment(
                id="A" * 22, sha256=first["sha256"], name="x", size=limits.MB, created_by="ada",
                created_at=operations.clock.now(),
            )
        )  # fmt: skip
    assert "are more than 1 MB together" in api.save(slug, f"[x](/attachments/{'A' * 22})").json["detail"]


def test_a_file_is_removed_for_good_once_no_text_has_it(api: Api) -> None:
    body = api.added()
    slug = api.incident(body["markdown"])
    place = f"{PLACE}/{body['id']}"
    assert "the text of an incident has it" in api("DELETE", place).json["detail"]
    assert api("DELETE", place, "cy").status_code == 403

    api.save(slug, "Taken out.")

    assert api("DELETE", place).status_code == 204
    assert (api.served(body["url"]).status_code, api("DELETE", place).status_code) == (404, 404)
    assert stored() == (0, 0, 0)


def test_the_list_goes_page_by_page(api: Api) -> None:
    bodies = [api.added(bytes([65 + n]) * 9, f"{n}.txt") for n in range(5)]
    waiting = [one["id"] for one in api("GET", PLACE).json["attachments"]]
    assert set(waiting) == {body["id"] for body in bodies}
    slug = api.incident(" ".join(body["markdown"] for body in bodies))

    found, after = [], ""
    while True:
        page = api("GET", f"{PLACE}?incident={slug}&limit=2&after={after}").json
        found += [one["name"] for one in page["attachments"]]
        after = page["next"]
        if not after:
            break

    assert sorted(found) == [f"{n}.txt" for n in range(5)]
    assert api("GET", PLACE).json["attachments"] == []


def test_a_list_takes_as_many_queries_for_many_as_for_few(api: Api, count_queries: Any) -> None:
    bodies = [api.added(bytes([65 + n]) * 9, f"{n}.txt") for n in range(12)]
    few = api.incident(bodies[0]["markdown"])
    many = api.incident(" ".join(body["markdown"] for body in bodies), title="Another")

    counts = []
    for slug in (few, many):
        with count_queries() as statements:
            api("GET", f"{PLACE}?incident={slug}&limit=200")
        counts.append(len(statements))

    assert counts[0] == counts[1]


@pytest.mark.usefixtures("any_database")
def test_what_comes_into_no_document_is_forgotten_in_time(api: Api, clock: Clock) -> None:
    kept, lost = api.added(), api.added(b"words", "a.log")
    api.incident(kept["markdown"])
    clock.advance(days=89)
    operations.forget_unused(clock.now(), 90)
    assert stored() == (2, 2, 1)

    clock.advance(days=2)
    operations.forget_unused(clock.now(), 0)
    assert stored() == (2, 2, 1)
    operations.forget_unused(clock.now(), 90)

    assert stored() == (1, 1, 1)
    assert api("GET", f"{PLACE}/{lost['id']}").status_code == 404


@pytest.mark.usefixtures("any_database")
def test_the_files_of_a_deleted_incident_go_with_it(api: Api, clock: Clock) -> None:
    body, shared = api.added(), api.added(b"words", "a.log")
    slug = api.incident(body["markdown"] + shared["markdown"])
    api.incident(shared["markdown"], title="Another")
    assert api("DELETE", f"/api/v1/incidents/{slug}", "ben").status_code == 204

    assert api.served(body["url"]).status_code == 404
    assert api.served(shared["url"]).status_code == 200
    clock.advance(days=91)
    operations.forget_unused(clock.now(), 90)
    assert stored() == (1, 1, 1)


# ── In a folder ──


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def kept_in_folder(world: World, database: str, folder: Path) -> Api:
    app = app_on(database, files_dir=str(folder))
    return Api(app.test_client(), World(**{**vars(world), "app": app}))


def lying(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_folder_holds_each_content_once_and_whole(kept_in_folder: Api, folder: Path) -> None:
    body = kept_in_folder.added()
    kept_in_folder.added(name="ben")

    assert lying(folder) == [body["sha256"]]
    assert kept_in_folder.served(body["url"]).status_code == 200
    with db.reading():
        assert session().scalar(select(StoredFile.content)) is None


@pytest.mark.parametrize("failing", ["open", "replace", "mkdir"])
def test_a_full_folder_is_said_and_leaves_nothing_half_written(
    kept_in_folder: Api, folder: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, failing, full)
        answer = kept_in_folder.upload(PICTURE, "graph.png")

    assert answer.status_code == 501
    assert "POSTMORTEMS_FILES_DIR cannot be written (no space left on device)" in answer.json["detail"]
    assert (lying(folder), stored()) == ([], (0, 0, 0))
    assert kept_in_folder.added()["width"] == 40


def test_a_file_that_was_lost_from_the_folder_is_named(kept_in_folder: Api, folder: Path) -> None:
    body = kept_in_folder.added()
    next(path for path in folder.rglob("*") if path.is_file()).unlink()

    answer = kept_in_folder.served(body["url"])

    assert answer.status_code == 501
    assert "is not where POSTMORTEMS_FILES_DIR says" in answer.text
    assert kept_in_folder.added()["id"] == body["id"], "uploading it again mends it"
    assert kept_in_folder.served(body["url"]).status_code == 200


def test_a_folder_is_swept_of_what_nobody_has(kept_in_folder: Api, folder: Path) -> None:
    import os

    body = kept_in_folder.added()
    part = folder / body["sha256"][:2]
    for name in (f"{body['sha256'][:2]}{'0' * 62}", f"{body['sha256']}.0011.part"):
        (part / name).write_bytes(b"left by somebody who died")
        os.utime(part / name, (0, 0))
    now = operations.clock.now()
    assert file_store.sweep(now) == 2
    assert lying(folder) == [body["sha256"]]

    kept_in_folder("DELETE", f"{PLACE}/{body['id']}")
    os.utime(part / body["sha256"], (0, 0))
    file_store.sweep(now)

    assert lying(folder) == []


def test_what_the_database_holds_is_found_after_a_folder_is_set(
    api: Api, folder: Path, database: str
) -> None:
    body = api.added()
    app_on(database, files_dir=str(folder))

    assert api.served(body["url"]).status_code == 200


# ── Pages ──


def test_without_a_script_a_page_takes_a_file_and_says_what_to_paste(api: Api) -> None:
    slug = api.incident("Words.")
    browser = api.world.browser("ada")
    sent = browser.send(
        "/attachments",
        {"file": (io.BytesIO(PICTURE), "graph.png"), "incident": slug},
        content_type="multipart/form-data",
    )
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/attachments?incident={slug}")

    page = browser.get(sent.headers["Location"]).text
    body = api("GET", PLACE).json["attachments"][0]
    assert f'<code class="attached-line">{body["markdown"]}</code>' in page
    assert "In no saved text yet" in page
    api.save(slug, body["markdown"])
    assert "Of this incident" in browser.get(f"/attachments?incident={slug}").text
    assert browser.send(f"/attachments/{body['id']}/remove").status_code == 409


@pytest.mark.parametrize("fields, said", [BAD[0], BAD[2], BAD[4], BAD[6], BAD[7]])
def test_the_page_says_what_is_wrong_beside_the_field(api: Api, fields: dict[str, Any], said: str) -> None:
    browser = api.world.browser("ada")
    answer = browser.post("/attachments", **form_of({"csrf_token": browser.form_token(), **fields}))

    assert answer.status_code == 422
    assert said in answer.text
    assert stored() == (0, 0, 0)


def test_who_only_reads_has_nothing_to_upload(api: Api) -> None:
    assert api.world.browser("cy").get("/attachments").status_code == 403
