"""A Confluence on loopback, as far as we call it: version 2 of its API, of the cloud, and 1, of a server.

It refuses what its manual does not know, numbers what it stores as Confluence does, and gives pages versions.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema

TOKEN, ACCOUNT = "token-made-for-this-test", "ada@example.org"
SPACE, SPACE_ID, PARENT = "OPS", "163842", "98304"
STORAGE = {
    "type": "object",
    "properties": {"value": {"type": "string"}, "representation": {"const": "storage"}},
    "required": ["value", "representation"],
    "additionalProperties": False,
}
VERSION = {
    "type": "object",
    "properties": {"number": {"type": "integer", "minimum": 2}, "message": {"type": "string"}},
    "required": ["number"],
    "additionalProperties": False,
}
TITLE = {"type": "string", "minLength": 1, "maxLength": 255}


def _shape(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


# By API and act: what the body must be, as the manuals say.
BODIES = {
    ("cloud", "POST"): _shape(
        ["spaceId", "title", "body", "status"],
        spaceId={"const": SPACE_ID},
        status={"const": "current"},
        title=TITLE,
        parentId={"type": "string"},
        body=STORAGE,
    ),
    ("cloud", "PUT"): _shape(
        ["id", "status", "title", "body", "version"],
        id={"type": "string"},
        status={"const": "current"},
        title=TITLE,
        body=STORAGE,
        version=VERSION,
    ),
    ("server", "POST"): _shape(
        ["type", "title", "space", "body"],
        type={"const": "page"},
        title=TITLE,
        space=_shape(["key"], key={"const": SPACE}),
        ancestors={"type": "array", "items": _shape(["id"], id={"type": "string"})},
        body=_shape(["storage"], storage=STORAGE),
    ),
    ("server", "PUT"): _shape(
        ["id", "type", "title", "version", "body"],
        id={"type": "string"},
        type={"const": "page"},
        title=TITLE,
        version=VERSION,
        body=_shape(["storage"], storage=STORAGE),
    ),
}


@dataclass
class File:
    """An attachment: what it holds now, and all that was written over."""

    key: str
    content: bytes
    comment: str = ""
    before: list[bytes] = field(default_factory=list)


@dataclass
class Stored:
    title: str
    body: str
    version: int = 1
    parent: str = ""
    is_there: bool = True
    files: dict[str, File] = field(default_factory=dict)


@dataclass
class Wiki:
    """A Confluence that is up. `answers` come first, whatever is asked: (status, body), after the work is
    done where `does_work`; `waits` is the Retry-After of each refusal. `calls` are
    method and path of all requests, `wrong` what it did not know.
    """

    url: str
    edition: str
    pages: dict[str, Stored] = field(default_factory=dict)
    answers: list[tuple[int, str]] = field(default_factory=list)
    does_work: bool = False
    waits: str = ""
    calls: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def api(self) -> str:
        return f"{self.url}/wiki/api/v2" if self.edition == "cloud" else f"{self.url}/rest/api"

    @property
    def account(self) -> str:
        return ACCOUNT if self.edition == "cloud" else ""

    def edit(self, key: str, body: str) -> None:
        """Somebody saves a page there."""
        self.pages[key].body, self.pages[key].version = body, self.pages[key].version + 1

    def shown(self, key: str) -> dict[str, Any]:
        page = self.pages[key]
        storage = {"storage": {"value": page.body, "representation": "storage"}}
        said = {"id": key, "status": "current", "title": page.title, "version": {"number": page.version}}
        links = {"webui": f"/pages/{key}", "base": self.url}
        return {**said, "body": storage, "_links": links}


def numbered(body: str) -> str:
    """What Confluence makes of what it is given: each macro and task has a number of its own."""
    count = iter(range(1, 10_000))
    body = re.sub(
        "<ac:structured-macro ", lambda _: f'<ac:structured-macro ac:macro-id="m{next(count)}" ', body
    )
    return re.sub("<ac:task>", lambda _: f"<ac:task>\n<ac:task-id>{next(count)}</ac:task-id>", body)


class _Refused(Exception):
    pass


def _handled(wiki: Wiki, method: str, path: str, body: Any) -> tuple[int, Any]:
    parts = urlsplit(path)
    if isinstance(body, bytes):
        return _sent(wiki, method, parts.path, body)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    base = urlsplit(wiki.api).path
    if not parts.path.startswith(base):
        return 404, {"message": "no such path"}
    rest = parts.path.removeprefix(base)
    of_pages = "/pages" if wiki.edition == "cloud" else "/content"
    if rest == "/spaces" and wiki.edition == "cloud" and method == "GET":
        return 200, {"results": [{"id": SPACE_ID, "key": SPACE}] if query.get("keys") == SPACE else []}
    if rest == of_pages:
        return _found(wiki, query) if method == "GET" else _made(wiki, body)
    listed = "/pages/(\\d+)/attachments" if wiki.edition == "cloud" else "/content/(\\d+)/child/attachment"
    if (found := re.fullmatch(listed, rest)) and method == "GET":
        return _files(wiki, found[1], query)
    removed = "/attachments/(att\\d+)" if wiki.edition == "cloud" else "/content/(att\\d+)"
    if (found := re.fullmatch(removed, rest)) and method == "DELETE":
        for page in wiki.pages.values():
            page.files = {name: file for name, file in page.files.items() if file.key != found[1]}
        return 204, ""
    match = re.fullmatch(rf"{of_pages}/(\d+)", rest)
    if not match:
        raise _Refused(f"{method} {path}")
    return _one(wiki, method, match[1], query, body)


def _found(wiki: Wiki, query: dict[str, str]) -> tuple[int, Any]:
    wanted = (
        {"title", "space-id", "body-format"} if wiki.edition == "cloud" else {"title", "spaceKey", "expand"}
    )
    if set(query) != wanted:
        raise _Refused(f"a search by {sorted(query)}")
    found = [key for key, page in wiki.pages.items() if page.is_there and page.title == query["title"]]
    return 200, {"results": [wiki.shown(key) for key in found]}


def _made(wiki: Wiki, body: Any) -> tuple[int, Any]:
    jsonschema.validate(body, BODIES[wiki.edition, "POST"])
    if any(page.title == body["title"] and page.is_there for page in wiki.pages.values()):
        return 400, {"message": "A page with this title already exists"}
    key = str(1_000 + len(wiki.pages))
    parent = body.get("parentId") or (body.get("ancestors") or [{"id": ""}])[0]["id"]
    wiki.pages[key] = Stored(body["title"], numbered(_value(wiki, body)), parent=parent)
    return 200, wiki.shown(key)


def _one(wiki: Wiki, method: str, key: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
    page = wiki.pages.get(key)
    if page is None or not page.is_there:
        return 404, {"message": "no content with this id"}
    if method == "GET":
        asks = query == (
            {"body-format": "storage"} if wiki.edition == "cloud" else {"expand": "body.storage,version"}
        )
        if not asks:
            raise _Refused(f"a reading with {query}")
        return 200, wiki.shown(key)
    jsonschema.validate(body, BODIES[wiki.edition, "PUT"])
    if body["version"]["number"] != page.version + 1:
        return 409, {"message": f"Version must be incremented on update. Current version is: {page.version}"}
    page.title, page.version = body["title"], page.version + 1
    page.body = numbered(_value(wiki, body))
    return 200, wiki.shown(key)


def _files(wiki: Wiki, key: str, query: dict[str, str]) -> tuple[int, Any]:
    """A part of the list of attachments: two rows by a cursor in the cloud, by its start on a server."""
    rows = [
        {"id": file.key, "title": name, "status": "current", "fileSize": len(file.content)}
        | ({"comment": file.comment} if wiki.edition == "cloud" else {"metadata": {"comment": file.comment}})
        for name, file in wiki.pages[key].files.items()
    ]
    if wiki.edition == "server":
        if set(query) != {"limit", "start"}:
            raise _Refused(f"a list of files by {sorted(query)}")
        start = int(query["start"])
        return 200, {"results": rows[start : start + int(query["limit"])], "start": start, "_links": {}}
    start = int(query.get("cursor", "0"))
    links = {"next": f"/wiki/api/v2/pages/{key}/attachments?limit=2&cursor={start + 2}"}
    return 200, {"results": rows[start : start + 2], "_links": links if len(rows) > start + 2 else {}}


def _sent(wiki: Wiki, method: str, path: str, body: bytes) -> tuple[int, Any]:
    """A file by version 1 of the API, which both editions take: a new one, or the next version of one."""
    base = urlsplit(wiki.url).path + ("/wiki/rest/api" if wiki.edition == "cloud" else "/rest/api")
    match = re.fullmatch(rf"{base}/content/(\d+)/child/attachment(?:/(att\d+)/data)?", path)
    if not match or method != "POST":
        raise _Refused(f"a file by {method} {path}")
    head, _, rest = body.partition(b"\r\n\r\n")
    # As a form is read by a library: the head of the request was put in front.
    parts = list(BytesParser(policy=HTTP).parsebytes(head + b"\r\n\r\n" + rest).iter_parts())
    said = {str(part.get_param("name", header="content-disposition")): part for part in parts}
    if set(said) != {"file", "comment", "minorEdit"}:
        raise _Refused(f"a form with {sorted(said)}")
    name, content = said["file"].get_filename() or "", said["file"].get_payload(decode=True)
    comment = said["comment"].get_content().strip()
    files = wiki.pages[match[1]].files
    if match[2] is None and name in files:
        return 400, {"message": f"Cannot add a new attachment with same file name as an existing: {name}"}
    if match[2] is None:
        files[name] = File(f"att{len(files) + 1}{match[1]}", content, comment)
        return 200, {"results": [{"id": files[name].key, "title": name}]}
    file = next(file for file in files.values() if file.key == match[2])
    file.before, file.content, file.comment = [*file.before, file.content], content, comment
    return 200, {"id": file.key, "title": name}


def _value(wiki: Wiki, body: Any) -> str:
    value: str = (body["body"] if wiki.edition == "cloud" else body["body"]["storage"])["value"]
    return value


@contextmanager
def wiki(edition: str) -> Iterator[Wiki]:
    """Serve on a free port."""
    found: Wiki

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self._read(length)
            found.calls.append(f"{self.command} {self.path}")
            basic = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
            wanted = f"Basic {basic}" if found.edition == "cloud" else f"Bearer {TOKEN}"
            if self.headers.get("Authorization") != wanted:
                self._send(401, {"message": "who are you?"})
                return
            if found.answers and not found.does_work:
                self._send(*found.answers.pop(0))
                return
            try:
                status, said = _handled(found, self.command, self.path, body)
            except (_Refused, jsonschema.ValidationError) as wrong:
                found.wrong.append(str(wrong).splitlines()[0])
                status, said = 400, {"message": str(wrong).splitlines()[0]}
            if found.answers and self.command != "GET":
                status, said = found.answers.pop(0)
            self._send(status, said)

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def _read(self, length: int) -> Any:
            content, kind = self.rfile.read(length), self.headers.get("Content-Type", "")
            if not kind.startswith("multipart/form-data"):
                return json.loads(content) if content else None
            if self.headers.get("X-Atlassian-Token") not in ("nocheck", "no-check"):
                found.wrong.append("a form without X-Atlassian-Token")
            return f"Content-Type: {kind}\r\n\r\n".encode() + content

        def _send(self, status: int, said: Any) -> None:
            content = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if found.waits and status >= 400:
                self.send_header("Retry-After", found.waits)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Wiki(f"http://127.0.0.1:{server.server_port}", edition)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
