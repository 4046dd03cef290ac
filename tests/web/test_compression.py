"""Answers are compressed for whoever takes it, and what must not be is left alone."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from postmortems.web import compression, csrf
from postmortems.web.compression import zstd
from tests.shown import FOUNDING, with_demo
from tests.world import World

GZIP, ZSTD = {"Accept-Encoding": "gzip, deflate, br"}, {"Accept-Encoding": "gzip, deflate, br, zstd"}
UNPACKED: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "zstd": zstd.decompress}
CODINGS = pytest.mark.parametrize("wanted, coding", [(GZIP, "gzip"), (ZSTD, "zstd")], ids=str)
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
WRITTEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def shown(world: World) -> World:
    return with_demo(world)


@CODINGS
@pytest.mark.parametrize("path", ["/incidents", FOUNDING, f"{FOUNDING}.md", "/action-items", "/feed.atom"])
def test_a_page_is_small_on_the_wire_and_the_same_when_opened(
    shown: World, path: str, wanted: dict[str, str], coding: str
) -> None:
    browser = shown.browser()
    plain = browser.get(path)

    packed = browser.get(path, headers=wanted)

    assert packed.headers["Content-Encoding"] == coding
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) * 0.6
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    opened = UNPACKED[coding](packed.data).decode()
    told = [TOKEN.sub("", WRITTEN.sub("", text)) for text in (opened, plain.text)]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept-Encoding": "identity"},
        {"Accept-Encoding": "br"},
        {"Accept-Encoding": "gzip;q=0"},
        {"Accept-Encoding": "zstd;q=0, gzip;q=0, *;q=0"},
        GZIP | {"Sec-Fetch-Site": "cross-site"},
        GZIP | {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_page_stays_plain_where_nobody_takes_it_or_another_site_asks(
    shown: World, headers: dict[str, str]
) -> None:
    assert "Content-Encoding" not in shown.browser().get("/incidents", headers=headers).headers


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/action-items?format=csv",
        "/api/v1/incidents?format=zip",
        "/api/v1/incidents/2018-01-25-accidental-merge-to-prod",
        "/livez",
    ],
)
def test_streams_short_answers_and_exact_tags_stay_as_they_are(shown: World, path: str) -> None:
    assert "Content-Encoding" not in shown.browser().get(path, headers=GZIP).headers


def test_what_changes_something_is_answered_plainly(shown: World) -> None:
    answer = shown.browser().send("/action-items/AI-3", {"due": "tomorrow"}, headers=GZIP)

    assert answer.status_code == 422
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "accepted, coding",
    [
        ("zstd", "zstd"),
        ("gzip, zstd", "zstd"),
        ("gzip, zstd;q=0.5", "gzip"),
        ("gzip;q=0.2, zstd;q=0.5", "zstd"),
        ("gzip, zstd;q=0", "gzip"),
        ("*", "zstd"),
    ],
)
def test_a_client_gets_the_coding_that_it_likes_best(shown: World, accepted: str, coding: str) -> None:
    answer = shown.browser().get("/incidents", headers={"Accept-Encoding": accepted})

    assert answer.headers["Content-Encoding"] == coding


@CODINGS
def test_a_file_is_compressed_and_still_known_by_its_tag(
    client: FlaskClient, wanted: dict[str, str], coding: str
) -> None:
    packed = client.get("/static/app.css", headers=wanted)
    with client.get("/static/app.css") as plain:
        assert UNPACKED[coding](packed.data) == plain.data
    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    known = wanted | {"If-None-Match": packed.headers["ETag"]}
    with client.get("/static/app.css", headers=known) as again:
        assert (again.status_code, again.data) == (304, b"")


def test_a_part_of_a_file_is_that_part(client: FlaskClient) -> None:
    with client.get("/static/app.css", headers=GZIP | {"Range": "bytes=0-9"}) as part:
        assert (part.status_code, len(part.data)) == (206, 10)
        assert "Content-Encoding" not in part.headers


@CODINGS
def test_the_same_page_is_never_twice_as_long(app: Flask, wanted: dict[str, str], coding: str) -> None:
    with app.test_request_context("/", headers=wanted):
        lengths = set()
        for _ in range(60):
            answer = Response("the same words again " * 200, mimetype="text/html")
            lengths.add(len(app.process_response(answer).data))
            assert answer.headers["Content-Encoding"] == coding

    assert len(lengths) > 10


@pytest.mark.parametrize("padding", [0, 1, 99])
@pytest.mark.parametrize("data", [b"", b"a", b"words " * 5_000])
def test_what_is_packed_is_unpacked_the_same(data: bytes, padding: int) -> None:
    for coding, pack in compression.PACKED.items():
        assert UNPACKED[coding](pack(data, padding)) == data


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126)))
def test_a_masked_token_is_itself_below_and_never_looks_the_same(token: str) -> None:
    said = {csrf.masked(token) for _ in range(4)}

    assert {csrf.unmasked(one) for one in said} == {token}
    assert len(token) < 8 or len(said) == 4


@pytest.mark.parametrize("sent", ["", "x", "====", "ÿ", "a.b.c", "AAAA", "A" * 1000, "gID_"])
def test_what_was_never_masked_is_taken_as_it_stands_and_refused(shown: World, sent: str) -> None:
    answer = shown.browser().post("/action-items/AI-3", data={"csrf_token": sent, "due": "2030-01-01"})

    assert answer.status_code == 403


def test_a_token_says_nothing_twice_and_each_is_taken(shown: World) -> None:
    browser = shown.browser()
    pages = [browser.get("/action-items/AI-3").text for _ in range(2)]
    tokens = [TOKEN.findall(html)[0] for html in pages]

    assert tokens[0] != tokens[1]
    assert set(WRITTEN.findall(pages[0])) == {tokens[0]}
    for token in tokens:
        data = {"csrf_token": token, "owner": "@kai", "status": "open"}
        assert browser.post("/action-items/AI-3", data=data).status_code == 303
