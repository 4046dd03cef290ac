"""How the Python client sends, tries again, and says what was refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from postmortems_client import AsyncClient, Client, Patience, calls, errors, exchange
from postmortems_client.client import PATIENCE

from tests.event_loops import in_a_thread
from tests.loopback import Asked, Reply, answering

JSON = {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json"}
AT_ONCE = Patience(pause_s=0)
READ, WRITE = calls.incidents.show("x"), calls.incidents.create({"title": "It fell"})
ASK = calls.gate.ask({"service": "data8"})
KEYED = calls.gate.ask({"service": "data8"}, idempotency_key="once")


def replies(*given: Reply) -> Callable[[Asked], Reply]:
    """One after the other, the last one for ever."""
    left: Iterator[Reply] = iter(given)
    last = given[-1]
    return lambda asked: next(left, last)


def client(url: str, patience: Patience = AT_ONCE) -> Client:
    return Client(url, "pm_secret", patience=patience, transport=httpx.HTTPTransport())


def refusal(status: int, **members: Any) -> Reply:
    problem = {"type": "x", "title": "No", "status": status, "detail": "it is so", **members}
    return status, PROBLEM, json.dumps(problem).encode()


GOOD: Reply = (200, JSON, b'{"title": "It fell"}')
LATER: Reply = (503, {**PROBLEM, "Retry-After": "0"}, b"{}")
AT_ANY_TIME: Reply = (503, PROBLEM, b"{}")
MUCH_LATER: Reply = (429, {**PROBLEM, "Retry-After": "3600"}, b"{}")
BEING_ANSWERED: Reply = (409, {**PROBLEM, "Retry-After": "0"}, b"{}")
BAD_GATEWAY: Reply = (502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>")
YESTERDAY: Reply = (503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, b"")

TRIED = [
    ("a server that says when is asked again", WRITE, LATER, 2),
    ("a date that is past is now", WRITE, YESTERDAY, 2),
    ("what reads is asked again", READ, AT_ANY_TIME, 2),
    ("what writes is not, where nobody knows if it arrived", WRITE, AT_ANY_TIME, 1),
    ("a question to the gate that has a key is", KEYED, AT_ANY_TIME, 2),
    ("one that has none is not", ASK, AT_ANY_TIME, 1),
    ("one that is being answered is asked again", KEYED, BEING_ANSWERED, 2),
    ("a proxy that fails is asked again for what reads", READ, BAD_GATEWAY, 2),
    ("and not for what writes", WRITE, BAD_GATEWAY, 1),
    ("an hour is not waited", READ, MUCH_LATER, 1),
    ("a refusal stays one", READ, refusal(404), 1),
    ("a conflict stays one", WRITE, refusal(409), 1),
    ("a failure stays one", READ, refusal(500), 1),
]


@pytest.mark.parametrize("call, first, times", [row[1:] for row in TRIED], ids=[row[0] for row in TRIED])
def test_it_tries_again_where_that_does_no_harm(call: Any, first: Reply, times: int) -> None:
    with answering(replies(first, GOOD)) as server, client(server.url("")) as asking:
        if times == 1:
            with pytest.raises(errors.Refused):
                asking.send(call)
        else:
            assert asking.send(call)["title"] == "It fell"

    assert len(server.asked) == times


def test_it_gives_up_after_so_many_tries() -> None:
    with answering(replies(LATER)) as server, client(server.url("")) as asking, pytest.raises(errors.Failed):
        asking.send(READ)

    assert len(server.asked) == PATIENCE.tries


def test_nobody_who_answers_is_out_of_reach() -> None:
    with answering(replies(GOOD)) as server:
        url = server.url("")
    with client(url) as asking, pytest.raises(errors.Unreachable, match="no answer"):
        asking.send(READ)


def test_it_waits_as_long_as_the_server_says_and_no_longer_than_its_patience() -> None:
    said = httpx.Response(503, headers={"Retry-After": "7"})

    assert Patience().wait_s(1, WRITE, said) == 7
    assert Patience(longest_s=5).wait_s(1, WRITE, said) is None
    assert Patience(tries=1).wait_s(1, WRITE, said) is None
    assert [Patience().wait_s(tried, READ, httpx.ReadTimeout("")) for tried in (1, 2, 3)] == [0.5, 1.0, None]


REFUSED = [
    (refusal(400), errors.Malformed),
    (refusal(401), errors.NotSignedIn),
    (refusal(403), errors.NotAllowed),
    (refusal(404), errors.NotFound),
    (refusal(409), errors.Conflict),
    (refusal(409, version=3, theirs="# It fell"), errors.Changed),
    (refusal(412, version=3, theirs="# It fell"), errors.Changed),
    (refusal(413), errors.TooLarge),
    (refusal(422), errors.Invalid),
    (refusal(429), errors.TooMany),
    (refusal(418), errors.Refused),
    (refusal(500), errors.Failed),
    ((500, {"Content-Type": "text/html"}, b"<h1>Oops</h1>"), errors.Failed),
    ((403, {}, b""), errors.NotAllowed),
    ((422, JSON, b"[]"), errors.Invalid),
]


@pytest.mark.parametrize("reply, kind", REFUSED)
def test_each_refusal_is_an_error_of_its_kind(reply: Reply, kind: type[errors.Refused]) -> None:
    with (
        answering(replies(reply)) as server,
        client(server.url("")) as asking,
        pytest.raises(errors.Refused) as refused,
    ):
        asking.send(READ)

    assert type(refused.value) is kind
    assert refused.value.status == reply[0]


def test_the_words_for_each_field_are_in_the_error() -> None:
    remedy = {"code": "choose_attestable", "do": "People confirm it", "field": "guardability"}
    wrong = [
        {"pointer": "/title", "detail": "Missing data for required field."},
        {"pointer": "", "detail": "is no JSON", "line": 3, "column": 7},
        {"pointer": "/status", "detail": "not proven", "reason_code": "unproven", "remedies": [remedy]},
    ]
    with (
        answering(replies(refusal(422, errors=wrong))) as server,
        client(server.url("")) as asking,
        pytest.raises(errors.Invalid) as refused,
    ):
        asking.send(WRITE)

    assert str(refused.value) == (
        "422 No: /title: Missing data for required field.; the request, line 3: is no JSON; "
        "/status: not proven"
    )
    assert refused.value.of("/title") == ["Missing data for required field."]
    assert refused.value.errors[2].remedies == (
        errors.Remedy("choose_attestable", "People confirm it", "guardability"),
    )


ODD: list[tuple[Reply, str]] = [
    ((200, {"Content-Type": "text/html"}, b"<h1>Sign in</h1>"), "text/html and no JSON"),
    ((200, JSON, b"{"), "calls itself JSON"),
    ((302, {"Location": "https://elsewhere.example/"}, b""), "leads to https://elsewhere.example/"),
]


@pytest.mark.parametrize("reply, told", ODD)
def test_an_answer_that_is_not_the_services_is_said_to_be_none(reply: Reply, told: str) -> None:
    with (
        answering(replies(reply)) as server,
        client(server.url("")) as asking,
        pytest.raises(errors.NotJson, match=told),
    ):
        asking.send(READ)


def test_the_token_goes_to_the_server_and_into_no_words() -> None:
    with (
        answering(replies(refusal(401))) as server,
        client(server.url("")) as asking,
        pytest.raises(errors.NotSignedIn) as refused,
    ):
        asking.send(READ)

    assert server.asked[0].headers["Authorization"] == "Bearer pm_secret"
    assert "pm_secret" not in f"{refused.value!r}{refused.value}{asking!r}{READ!r}"


def test_what_is_not_given_is_not_sent() -> None:
    page: Reply = (200, JSON, b'{"incidents": [], "next": ""}')
    with answering(replies(page)) as server, client(server.url("")) as asking:
        asking.send(calls.incidents.index(service="data8", repeats=True))

    assert server.asked[0].path == "/api/v1/incidents?service=data8&repeats=true"


def test_pages_are_fetched_as_they_are_wanted() -> None:
    pages: list[Reply] = [
        (200, JSON, b'{"comments": [{"id": 1}, {"id": 2}], "next": 2}'),
        (200, JSON, b'{"comments": [], "next": 5}'),
        (200, JSON, b'{"comments": [{"id": 9}], "next": null}'),
    ]
    with answering(replies(*pages)) as server, client(server.url("")) as asking:
        rows = asking.each(calls.comments.index("x"))
        first = next(rows)
        fetched = len(server.asked)
        rest = [row["id"] for row in rows]

    assert (first["id"], fetched, rest) == (1, 1, [2, 9])
    assert [asked.path.partition("?")[2] for asked in server.asked] == ["", "after=2", "after=5"]


def test_the_client_for_asyncio_does_the_same() -> None:
    async def ask(url: str) -> str:
        async with AsyncClient(url, patience=AT_ONCE, transport=httpx.AsyncHTTPTransport()) as asking:
            return (await asking.send(READ))["title"]

    with answering(replies(LATER, GOOD)) as server:
        assert in_a_thread(asyncio.run, ask(server.url(""))) == "It fell"
    assert "Authorization" not in server.asked[0].headers


@pytest.mark.parametrize(
    "url", ["", "example.org", "ftp://example.org", "https://", "https://example.org?x=1"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="such as https://"):
        Client(url)


@pytest.mark.parametrize("token", ["pm_one\npm_two", "pm_one two", "pm_ü", "pm_\x00", "pm_\x7f"])
@pytest.mark.parametrize("made", [Client, AsyncClient])
def test_a_broken_token_is_refused_and_not_repeated(made: type[Client | AsyncClient], token: str) -> None:
    with pytest.raises(ValueError, match="the token is broken") as refused:
        made("https://postmortems.example.org", token)

    assert "pm_" not in str(refused.value)


def test_a_token_from_a_file_comes_without_the_end_of_its_line() -> None:
    assert exchange.headers("pm_one\n")["Authorization"] == "Bearer pm_one"
