"""Flask as we need it finds the same address as Flask itself, and trusts the same hosts."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response, url_for
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import BuildError, Rule

from postmortems.web.server.plain_flask import SHORT, PlainFlask, PlainResponse

TRUSTED = ["pm.example.org", "localhost", "127.0.0.1"]
PLAIN = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/incidents/one",
    "QUERY_STRING": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "HTTP_HOST": "pm.example.org",
    "wsgi.url_scheme": "https",
}
# (what it is, what differs in it)
ASKED: list[tuple[str, dict[str, str]]] = [
    ("as nearly all", {}),
    ("with a port", {"HTTP_HOST": "localhost:8000"}),
    ("with the port that goes without saying", {"HTTP_HOST": "pm.example.org:443"}),
    ("to an address", {"HTTP_HOST": "127.0.0.1:8000", "wsgi.url_scheme": "http"}),
    ("with a query in letters of its own", {"QUERY_STRING": "q=\xc3\xbcber&x=%20"}),
    ("with a query that is no UTF-8", {"QUERY_STRING": "q=\xff"}),
    ("with a path in letters of its own", {"PATH_INFO": "/incidents/\xc3\xbcber"}),
    ("with a path that is no UTF-8", {"PATH_INFO": "/incidents/\xff"}),
    ("with two slashes", {"PATH_INFO": "//incidents/one"}),
    ("with no path", {"PATH_INFO": ""}),
    ("by another method", {"REQUEST_METHOD": "post"}),
    ("below a prefix", {"SCRIPT_NAME": "/pm"}),
    ("for a web socket", {"HTTP_CONNECTION": "Upgrade", "HTTP_UPGRADE": "websocket"}),
]
UNTRUSTED = [
    "evil.example.org",
    "pm.example.org.evil.org",
    "pm.example.org:99999",
    "a b",
    "",
    "PM.example.org",
]


def made(kind: type[Flask], environ: dict[str, Any]) -> Any:
    app = kind("small")
    app.config["TRUSTED_HOSTS"] = TRUSTED
    app.url_map.add(Rule("/incidents/<slug>", endpoint="show"))
    return app.create_url_adapter(app.request_class({**PLAIN, **environ}))


@pytest.mark.parametrize("differs", [row[1] for row in ASKED], ids=[row[0] for row in ASKED])
def test_a_request_is_found_at_the_same_address(differs: dict[str, str]) -> None:
    ours, flasks = made(PlainFlask, differs), made(Flask, differs)
    names = ("server_name", "script_name", "subdomain", "url_scheme", "path_info", "default_method")
    said = [[getattr(one, name) for name in (*names, "query_args", "websocket")] for one in (ours, flasks)]
    said[1][5] = said[1][5].upper()
    assert said[0] == said[1]


@pytest.mark.parametrize("host", UNTRUSTED)
def test_hosts_that_are_not_ours_are_not_trusted(host: str) -> None:
    for kind in (PlainFlask, Flask):
        with pytest.raises(SecurityError):
            made(kind, {"HTTP_HOST": host})


def test_a_host_is_trusted_only_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    made(PlainFlask, {"HTTP_HOST": "localhost"})
    monkeypatch.setattr("tests.web.server.test_plain_flask.TRUSTED", ["pm.example.org"])
    with pytest.raises(SecurityError):
        made(PlainFlask, {"HTTP_HOST": "localhost"})


def test_templates_share_what_they_may_name() -> None:
    app = PlainFlask("small")
    app.jinja_env.globals["greeting"] = "hello"
    template = app.jinja_env.from_string("{{ greeting }} {{ name }}")
    other = app.jinja_env.from_string("{{ greeting }} {{ name }}", globals={"name": "ada"})
    app.jinja_env.globals["greeting"] = "good day"
    assert (template.render(name="ben"), other.render()) == ("good day ben", "good day ada")
    assert "name" not in app.jinja_env.globals


ROUTES = ("/", "/incidents/<slug>", "/incidents/<slug>/<int:number>.svg")


def test_what_writes_an_address_is_made_when_one_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    usual = Rule._compile_builder
    monkeypatch.setattr(
        Rule,
        "_compile_builder",
        lambda rule, *unknown: made.append(rule.rule) or usual(rule, *unknown),  # type: ignore[func-returns-value]
    )
    app = PlainFlask(__name__, static_folder=None)
    for route in ROUTES:
        app.add_url_rule(route, endpoint=route)

    with app.test_request_context(base_url="http://localhost"):
        assert made == []
        for _ in range(2):
            assert url_for(ROUTES[1], slug="a b") == "/incidents/a%20b"
        assert url_for(ROUTES[2], slug="ü", number=3, shown="all") == "/incidents/%C3%BC/3.svg?shown=all"
        assert made == [ROUTES[1], ROUTES[2]]
        with pytest.raises(BuildError):
            url_for(ROUTES[2], slug="a")


# (what it is, what it is made of, the method that is asked by)
ANSWERS: list[tuple[str, dict[str, Any], str]] = [
    ("a text", {"response": "done"}, "POST"),
    ("bytes", {"response": b"done", "mimetype": "application/json"}, "GET"),
    ("nothing", {"response": ""}, "GET"),
    ("a refusal", {"response": "no", "status": 404}, "GET"),
    ("what was made", {"response": "{}", "status": "201 CREATED"}, "POST"),
    ("what HEAD asks for", {"response": "done"}, "HEAD"),
    ("what is gone", {"response": "", "status": 204}, "DELETE"),
    ("what did not change", {"response": "done", "status": 304, "headers": {"ETag": '"1"'}}, "GET"),
    ("an early word", {"response": "", "status": 103}, "GET"),
    ("a way on", {"response": "", "status": 303, "headers": {"Location": "/incidents/ü?x=1 2"}}, "GET"),
    ("a place", {"response": "{}", "headers": {"Content-Location": "/items/ü"}}, "GET"),
    ("a place in other letters", {"response": "{}", "status": 201, "headers": {"lOCATION": "/ü"}}, "POST"),
    ("a header twice", {"response": "{}", "headers": [("Link", "<a>"), ("Link", "<b>")]}, "GET"),
    ("parts of no told length", {"response": [b"do", b"ne"]}, "GET"),
    ("texts", {"response": ["dö", "ne"], "headers": {"Content-Length": "5"}}, "GET"),
    ("parts that come", {"response": (b"do", b"ne"), "headers": {"Content-Length": "4"}}, "GET"),
]


@pytest.mark.parametrize("made_of, method", [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_a_response_goes_out_as_flask_sends_it(made_of: dict[str, Any], method: str) -> None:
    def sent(kind: type[Response]) -> tuple[Any, ...]:
        heads: list[Any] = []
        body = kind(**made_of)({**PLAIN, "REQUEST_METHOD": method}, lambda *head: heads.append(head))
        return heads, list(body)

    assert sent(PlainResponse) == sent(Response)


def test_what_is_to_be_done_as_a_response_ends_is_done() -> None:
    done: list[str] = []
    response = PlainResponse("done")
    response.call_on_close(lambda: done.append("closed"))
    answer = response({**PLAIN}, lambda *_: None)
    assert list(answer) == [b"done"]
    answer.close()  # type: ignore[attr-defined]
    assert done == ["closed"]


def test_what_views_return_becomes_a_plain_response() -> None:
    app = PlainFlask("small")
    made = {"text": lambda: "done", "flask": lambda: Response("done", 201), "json": lambda: {"done": True}}
    for name, view in made.items():
        app.add_url_rule(f"/{name}", name, view)
    with app.test_request_context():
        assert {type(app.make_response(view())) for view in made.values()} == {PlainResponse}


class Line(io.BytesIO):
    """What comes from a client, so many bytes at a time, until it breaks off."""

    def __init__(self, sent: bytes, *, at_once: int = 1 << 20, breaks: bool = False) -> None:
        super().__init__(sent)
        self.at_once, self.breaks = at_once, breaks

    def read(self, size: int | None = -1) -> bytes:
        wanted = self.at_once if size is None or size < 0 else min(size, self.at_once)
        if (part := super().read(wanted)) or not self.breaks:
            return part
        raise OSError("timed out")

    def readinto(self, into: Any) -> int:
        part = self.read(len(into))
        into[: len(part)] = part
        return len(part)


BODY = b"x" * (SHORT + 1)
# (what it is, its headers, what comes)
BODIES: list[tuple[str, dict[str, Any], Callable[[], Line]]] = [
    ("a short one", {"CONTENT_LENGTH": "4"}, lambda: Line(b"done")),
    ("none", {"CONTENT_LENGTH": "0"}, lambda: Line(b"")),
    ("none, of which nothing is told", {}, lambda: Line(b"")),
    ("the longest short one", {"CONTENT_LENGTH": f"{SHORT}"}, lambda: Line(BODY[:-1])),
    ("a long one", {"CONTENT_LENGTH": f"{SHORT + 1}"}, lambda: Line(BODY)),
    ("one that is too long", {"CONTENT_LENGTH": "99999"}, lambda: Line(b"x" * 99_999)),
    ("one that says it is endless", {"CONTENT_LENGTH": "9" * 50}, lambda: Line(b"x")),
    ("one that comes bit by bit", {"CONTENT_LENGTH": "4"}, lambda: Line(b"done", at_once=1)),
    ("one that is cut off", {"CONTENT_LENGTH": "9"}, lambda: Line(b"done")),
    ("one that breaks off", {"CONTENT_LENGTH": "9"}, lambda: Line(b"done", breaks=True)),
    ("one that never comes", {"CONTENT_LENGTH": "9"}, lambda: Line(b"", breaks=True)),
    ("one in chunks", {"HTTP_TRANSFER_ENCODING": "chunked"}, lambda: Line(b"done")),
    (
        "one in chunks with a length",
        {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "2"},
        lambda: Line(b"done"),
    ),
    ("a length below zero", {"CONTENT_LENGTH": "-4"}, lambda: Line(b"done")),
    ("a length that is none", {"CONTENT_LENGTH": "four"}, lambda: Line(b"done")),
    ("a length in other digits", {"CONTENT_LENGTH": "\u0664"}, lambda: Line(b"done")),
]
READS: dict[str, Callable[[Any], Any]] = {
    "once": lambda asked: asked.get_data(),
    "twice": lambda asked: (asked.get_data(), asked.get_data()),
    "without keeping it": lambda asked: (asked.get_data(cache=False), asked.get_data(cache=False)),
    "kept, then not": lambda asked: (asked.get_data(), asked.get_data(cache=False), asked.get_data()),
    "as text": lambda asked: (asked.get_data(as_text=True), asked.get_data()),
    "from the stream": lambda asked: (asked.stream.read(3), asked.get_data()),
    "then the stream": lambda asked: (asked.get_data(cache=False), asked.stream.read()),
    "as a form": lambda asked: (asked.get_data(), asked.form.to_dict()),
}


@pytest.mark.parametrize("is_ended", [True, False], ids=["ended by the server", "not ended"])
@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("said, line", [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_a_body_is_read_as_flask_reads_it(
    said: dict[str, Any], line: Callable[[], Line], read: str, is_ended: bool
) -> None:
    def outcome(kind: type[Flask]) -> Any:
        app = kind("small")
        app.config.update(TRUSTED_HOSTS=TRUSTED, MAX_CONTENT_LENGTH=50_000)
        ended = {"wsgi.input_terminated": True} if is_ended else {}
        asked = {**PLAIN, "REQUEST_METHOD": "POST", **ended, **said, "wsgi.input": line()}
        with app.app_context():
            try:
                return READS[read](app.request_class({**asked, "CONTENT_TYPE": "text/plain"}))
            except HTTPException as refused:
                return type(refused)

    assert outcome(PlainFlask) == outcome(Flask)
