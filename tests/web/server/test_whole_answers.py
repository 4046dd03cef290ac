"""Head and body of an answer leave together, as gunicorn writes them."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.wsgi import FileWrapper, Response

from postmortems.web.server.whole_answers import LONGEST_BODY, AnswerSocket

LONG = b"x" * (LONGEST_BODY + 1)


class Line:
    """A socket that remembers what was sent by each call."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.sent.append(data)

    def sendfile(self, file: io.BufferedIOBase, offset: int = 0, count: int | None = None) -> None:
        self.sent.append(file.read() if count is None else file.read(count))


def answered(
    write: Callable[[Response], object], length: int | None, *, method: str = "GET", status: str = "200 OK"
) -> tuple[bytes, list[bytes]]:
    """What gunicorn sends on a plain socket, all together, and each packet by ours."""
    lines = []
    for wrapped in (lambda line: line, AnswerSocket):
        line = Line()
        sock = wrapped(line)
        request = SimpleNamespace(method=method, version=(1, 1), should_close=lambda: False)
        response = Response(request, sock, Config())
        headers = [("Content-Type", "text/plain"), ("X-Last", "HTTP/1.1 content-length: 7")]
        response.start_response(
            status, headers + ([] if length is None else [("Content-Length", str(length))])
        )
        write(response)
        response.close()
        if isinstance(sock, AnswerSocket):
            sock.flush()
        lines.append(line.sent)
    return _undated(b"".join(lines[0])), [_undated(part) for part in lines[1]]


def _undated(sent: bytes) -> bytes:
    return b"\r\n".join(line for line in sent.split(b"\r\n") if not line.startswith(b"Date: "))


def parts(*several: bytes) -> Callable[[Response], object]:
    return lambda response: [response.write(part) for part in several]


TOGETHER: dict[str, tuple[dict[str, Any], int]] = {
    "a short body goes with its head": ({"write": parts(b"done"), "length": 4}, 1),
    "of a body in parts the first one does": ({"write": parts(b"do", b"ne"), "length": 4}, 2),
    "an empty body has its head alone": ({"write": parts(), "length": 0}, 1),
    "an empty part sends the head on": ({"write": parts(b"", b"done"), "length": 4}, 2),
    "a long body is not put together anew": ({"write": parts(LONG), "length": len(LONG)}, 2),
    "HEAD is told its length and no body": ({"write": parts(b"done"), "length": 4, "method": "HEAD"}, 1),
    "204 has neither": ({"write": parts(), "length": 0, "status": "204 No Content"}, 1),
    "304 has its length alone": ({"write": parts(), "length": 9, "status": "304 Not Modified"}, 1),
    # Its first part may come long after the head of it; what ends it is the last.
    "a body of no known length is not waited for": ({"write": parts(b"a", b"b"), "length": None}, 4),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_what_is_sent_is_the_same_in_fewer_packets(name: str) -> None:
    asked, packets = TOGETHER[name]
    whole, sent = answered(**asked)

    assert b"".join(sent) == whole
    assert len(sent) == packets


def test_a_file_that_the_system_sends_comes_behind_its_head(tmp_path: Any) -> None:
    (tmp_path / "file").write_bytes(b"of a file")
    with (tmp_path / "file").open("rb") as file:
        whole, sent = answered(lambda one: one.write_file(FileWrapper(_rewound(file))), 9)

    assert sent[-1] == b"of a file"
    assert b"".join(sent) == whole


def _rewound(file: io.BufferedReader) -> io.BufferedReader:
    file.seek(0)
    return file


def test_hints_before_the_head_are_not_taken_for_it() -> None:
    line = Line()
    sock = AnswerSocket(line)

    sock.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
    sock.sendall(b"done")

    assert [part[:12] for part in line.sent] == [b"HTTP/1.1 103", b"HTTP/1.1 200"]
    assert line.sent[1].endswith(b"\r\n\r\ndone")


def test_a_body_that_reads_like_a_head_is_sent_at_once() -> None:
    line = Line()
    sock = AnswerSocket(line)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    for part in (head, head, head):
        sock.sendall(part)

    assert line.sent == [head + head, head]


def test_all_else_is_the_connections_own() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert AnswerSocket(ours).fileno() == ours.fileno()
