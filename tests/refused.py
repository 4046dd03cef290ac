"""Requests that a server refuses before, or instead of, asking the application; sent as bytes by a socket."""

from __future__ import annotations

import socket
from contextlib import closing, suppress

from postmortems import limits

HOST = b"Host: 127.0.0.1\r\n"
JSON = HOST + b"Content-Type: application/json\r\nConnection: close\r\n"


def get(path: bytes, headers: bytes = HOST + b"Connection: close\r\n", version: bytes = b"HTTP/1.1") -> bytes:
    return b"GET " + path + b" " + version + b"\r\n" + headers + b"\r\n"


def post(path: bytes, headers: bytes, body: bytes = b"") -> bytes:
    return b"POST " + path + b" HTTP/1.1\r\n" + JSON + headers + b"\r\n" + body


def long_by(size: int) -> bytes:
    return b"Content-Length: %d\r\n" % size


API, PAGE = b"/api/v1/incidents", b"/incidents"
# What is sent; the statuses that fit (the servers differ); whether the answer is a problem.
ROWS: dict[str, tuple[bytes, set[int], bool]] = {
    "no request at all": (b"\x16\x03\x01 nothing\r\n\r\n", {400}, True),
    "a line of two words": (b"GET " + API + b"\r\n\r\n", {400, 401}, True),
    "a line of four words": (b"GET " + API + b" HTTP/1.1 x\r\n\r\n", {400}, True),
    "no path": (b"GET  HTTP/1.1\r\n" + HOST + b"\r\n", {400}, True),
    "another version": (get(API, version=b"HTTP/9.9"), {400, 401}, True),
    "a method in small letters": (b"get " + API + b" HTTP/1.1\r\n" + HOST + b"\r\n", {400}, True),
    "a method that nobody knows": (b"BREW " + API + b" HTTP/1.1\r\n" + JSON + b"\r\n", {405}, True),
    "a header without a colon": (get(API, HOST + b"no colon\r\n"), {400}, True),
    "the same for a page": (get(PAGE, HOST + b"no colon\r\n"), {400}, False),
    "a long address": (get(b"/api/v1/" + b"a" * limits.HEAD), {414, 431}, True),
    "a long header": (get(API, HOST + b"X: " + b"a" * limits.HEAD + b"\r\n"), {431}, True),
    "many headers": (get(API, HOST + b"X: a\r\n" * 15_000), {431}, True),
    "a length in letters": (post(API, b"Content-Length: x\r\n"), {400}, True),
    "a length below zero": (post(API, b"Content-Length: -1\r\n"), {400}, True),
    "a body too long by one": (post(API, long_by(limits.BODY + 1)), {401, 413}, True),
    "files too long by one": (post(b"/api/v1/imports", long_by(limits.FILES + 1)), {401, 413}, True),
    "the same for the page": (post(b"/import", long_by(limits.FILES + 1)), {413}, False),
    "a coding that we do not know": (post(API, b"Transfer-Encoding: gzip\r\n"), {400, 501}, True),
    "a chunk without its length": (post(API, b"Transfer-Encoding: chunked\r\n", b"zz\r\n"), {400, 401}, True),
    "another host": (get(API, b"Host: example.org\r\nConnection: close\r\n"), {400}, True),
    "nothing there": (get(b"/api/v9/nothing"), {404}, True),
    "nothing there, with its host": (get(b"http://127.0.0.1/api/v9/nothing"), {404}, True),
    "nobody": (post(API, long_by(2), b"{}"), {401}, True),
}


def answer(port: int, sent: bytes) -> tuple[int, str, bytes]:
    """Status, content type and body of what comes back on a connection of its own."""
    came = b""
    with closing(socket.create_connection(("127.0.0.1", port), 30)) as connection:
        # A server may stop listening to a head that is too long, and answer.
        with suppress(OSError):
            connection.sendall(sent)
        with suppress(OSError):
            while part := connection.recv(65536):
                came += part
    head, _, body = came.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return int(lines[0].split(" ")[1]), headers.get("content-type", "").partition(";")[0], body
