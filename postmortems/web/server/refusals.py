"""Refusals by the server itself, in the shape of all error responses."""

from __future__ import annotations

import html
import json

from werkzeug.http import HTTP_STATUS_CODES

from postmortems import limits

API = "/api/"
IN_OUR_WORDS = {
    400: "This is not a request that can be read: its first line, a header or its length is wrong.",
    413: f"That is more than this server takes in one request: {limits.in_mb(limits.BODY)}, and "
    f"{limits.in_mb(limits.FILES)} where files are imported.",
    414: "The address of this request is too long.",
    431: f"The headers of this request are longer than {limits.HEAD // 1024} kB.",
    500: "That was our fault, not yours. What happened is in the server's log.",
    501: "This server cannot read a body that is sent so; send it with Content-Length, or chunked.",
    503: "This server has as much to do as it can; ask again in a moment.",
}
# What a page says besides: how what was typed is sent all the same. The browser has it still.
WAYS_ON = {
    413: "What you typed is not lost: go back in your browser, take out what is long, and send it again. "
    "Where the form is empty then, it is offered there again.",
    500: "Load this page again to send what you sent once more.",
    503: "Load this page again then: your browser sends what you sent once more.",
}
LONG_MESSAGE = (
    f"That is more than this server takes of one message: {limits.in_mb(limits.ASSISTANTS)}. Bring long "
    "texts in by the API or as files."
)
# What JSON-RPC 2.0 calls a request that is none, and a failure within.
INVALID_REQUEST, INTERNAL_ERROR = -32600, -32603
Headers = list[tuple[str, str]]


def answer(status: int, line: str, *, detail: str = "", retry_after_s: int = 0) -> tuple[str, Headers, bytes]:
    """Status line, headers and body for the request whose first line is `line`.

    A problem (RFC 9457) wherever a person's browser did not clearly ask for a page.
    """
    phrase = HTTP_STATUS_CODES[status]
    detail = detail or IN_OUR_WORDS.get(status, f"{phrase}.")
    headers = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
    if retry_after_s:
        headers.append(("Retry-After", str(retry_after_s)))
    if path_of(line).rstrip("/") == limits.ASSISTANTS_PATH:
        told = LONG_MESSAGE if status == 413 else detail
        body = of_message(status, told).encode()
        return f"{status} {phrase}", [("Content-Type", "application/json"), *headers], body
    if is_for_people(line):
        told = " ".join([f"{status}: {detail}", *([WAYS_ON[status]] if status in WAYS_ON else [])])
        body = f"<!doctype html><title>{html.escape(phrase)}</title><p>{html.escape(told)}</p>\n".encode()
        return f"{status} {phrase}", [("Content-Type", "text/html; charset=utf-8"), *headers], body
    slug = phrase.lower().replace(" ", "-")
    problem = {
        "type": f"/api/docs#problem-{slug}",
        "title": phrase.capitalize(),
        "status": status,
        "detail": detail,
    }
    headers = [("Content-Type", "application/problem+json"), *headers]
    return f"{status} {phrase}", headers, json.dumps(problem).encode()


def of_message(status: int, detail: str) -> str:
    """A refusal to an assistant, whose client shows errors of JSON-RPC and no others."""
    code = INTERNAL_ERROR if status >= 500 else INVALID_REQUEST
    return json.dumps({"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": detail}})


def is_for_people(line: str) -> bool:
    """Whether the first line of a request asks for a page: it names a path, and none of the API."""
    path = path_of(line)
    return path.startswith("/") and not path.startswith(API)


def path_of(line: str) -> str:
    """The path in the first line of a request, with its query; "" where there is none."""
    words = line.split(" ")
    path = words[1] if len(words) > 1 else ""
    if path.lower().startswith(("http://", "https://")):
        path = f"/{path.split('/', 3)[3]}" if path.count("/") > 2 else "/"
    return path
