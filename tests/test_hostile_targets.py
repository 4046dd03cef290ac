"""Everything that a guard's author, a name server or a probed server can think of, against the way out.

Two tables. Targets that must not be reached: not one connection is made, which the interpreter itself tells.
Servers that misbehave: each call ends by its own deadline, in an answer, `Refused` or `Unreachable`.
"""

from __future__ import annotations

import gzip
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from postmortems.egress.client import Answer, Egress, Refused, Unreachable
from tests.authority import Authority
from tests.loopback import Conversation, drip, flood, http, listening

EVERYTHING = ("0.0.0.0/0", "::/0", "*")
LOOPBACK = ("127.0.0.0/8",)
DEADLINE_S = 0.5
# No bound of ours but a safeguard: what has not ended by then hangs.
KILL_AFTER_S = 30.0

# Whom this process connects to, or sends a datagram, while somebody listens. An audit hook stays for good.
_told: list[list[Any]] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        for told in _told:
            told.append(args[1])


sys.addaudithook(_hook)


@pytest.fixture
def connections() -> Iterator[list[Any]]:
    """Every address that was connected to during the test. Looking up names is not counted."""
    told: list[Any] = []
    _told.append(told)
    yield told
    _told.remove(told)


@pytest.fixture(scope="module")
def trap() -> Iterator[int]:
    """A port that listens on every address of this machine."""
    with socket.create_server(("", 0)) as server:
        yield server.getsockname()[1]


def ended(call: Callable[[], Answer]) -> Answer | Exception:
    """The call's answer or what it raised; fails where it does not end."""
    result: list[Answer | Exception] = []

    def run() -> None:
        try:
            result.append(call())
        except Exception as raised:
            result.append(raised)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(KILL_AFTER_S)
    assert result, "the call did not end"
    return result[0]


# Targets.

HOSTS = [
    # Loopback in every notation that a C library, a browser or an IDNA library takes.
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1",
    "0x7F.0.0.0x1", "0177.0.0.1", "017700000001", "00000177.0.0.1", "localhost", "LOCALHOST", "localhost.",
    "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "%31%32%37.0.0.1", "0", "0.0.0.0", "0.1.2.3",
    "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::FFFF:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]", "[::ffff:0.0.0.0]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2001:0:7f00:1::]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2606:2800:220:1:0:5efe:7f00:1]",
    # Zones.
    "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]", "[fe80::1%1]", "[::1%25lo]", "[::1%lo]",
    # Metadata.
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
    "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[::169.254.169.254]", "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]", "[fd00:ec2::254]", "[fd20:ce::254]", "168.63.129.16", "100.100.100.200",
    "192.0.0.192", "169.254.170.2",
    # What is private, reserved or not one machine.
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "198.18.0.1", "192.0.2.1",
    "192.88.99.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "[fc00::1]", "[fd12::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]",
    # No hosts at all.
    "", ".", "..", "[", "[]", "[::1", "::1", "[gggg::1]", "a b", "-", "1.2.3.4.5", "256.256.256.256", "*",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_no_notation_reaches_what_is_not_public(host: str, trap: int, connections: list[Any]) -> None:
    told = ended(lambda: Egress().request("GET", f"http://{host}:{trap}/", timeout_s=DEADLINE_S))

    assert isinstance(told, Refused | Unreachable), told
    assert connections == []


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]", "[::169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "[fd00:ec2::254]", "[fd20:ce::254]",
        "168.63.129.16", "100.100.100.200", "192.0.0.192", "0.0.0.0", "[::]", "[fe80::1]", "[ff02::1]",
        "224.0.0.1", "255.255.255.255", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2001:0:7f00:1::]",
    ],
)  # fmt: skip
def test_no_rule_allows_what_is_never_allowed(host: str, trap: int, connections: list[Any]) -> None:
    told = ended(lambda: Egress(EVERYTHING).request("GET", f"http://{host}:{trap}/", timeout_s=DEADLINE_S))

    assert isinstance(told, Refused | Unreachable), told
    assert connections == []


PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([["127.0.0.1"]], id="a name for loopback"),
        pytest.param([["169.254.169.254"]], id="a name for metadata"),
        pytest.param([["10.0.0.1"]], id="a name for the inside"),
        pytest.param([[PUBLIC, "127.0.0.1"]], id="mixed, the bad one last"),
        pytest.param([["127.0.0.1", PUBLIC]], id="mixed, the bad one first"),
        pytest.param([[PUBLIC] * 20 + ["10.0.0.1"]], id="mixed, behind many good ones"),
        pytest.param([[PUBLIC, "::1"]], id="mixed families"),
        pytest.param([["::ffff:127.0.0.1"]], id="mapped"),
        pytest.param([["64:ff9b::7f00:1"]], id="NAT64"),
        pytest.param([["2002:7f00:1::"]], id="6to4"),
        pytest.param([["2001:0:7f00:1::"]], id="Teredo"),
        pytest.param([["2606:2800:220:1:0:5efe:7f00:1"]], id="ISATAP"),
        pytest.param([["fe80::1%lo"]], id="a zone"),
        pytest.param([["::1%1"]], id="loopback with a zone"),
        pytest.param([["127.0.0.1"], [PUBLIC]], id="rebinding to the outside"),
        pytest.param([["not an address"]], id="no address"),
        pytest.param([["127.0.0.1/8"]], id="a network"),
        pytest.param([["2130706433"]], id="a number"),
        pytest.param([[""]], id="an empty address"),
        pytest.param([[]], id="no answer"),
    ],
)
def test_no_name_reaches_what_is_not_public(
    answers: list[list[str]], trap: int, connections: list[Any]
) -> None:
    left = iter(answers)
    way_out = Egress(resolve=lambda host, port: next(left))
    told = ended(lambda: way_out.request("GET", f"http://evil.example.org:{trap}/", timeout_s=DEADLINE_S))

    assert isinstance(told, Refused | Unreachable), told
    assert connections == []


def test_a_name_that_answers_differently_the_second_time_is_not_asked_twice(connections: list[Any]) -> None:
    """The first answer is checked and called; nothing but it."""
    with listening(http(b"first")) as place:
        answers = iter([["127.0.0.1"], ["127.0.0.2"], ["169.254.169.254"]])
        way_out = Egress(("127.0.0.1",), resolve=lambda host, port: next(answers))
        answer = ended(lambda: way_out.request("GET", place.url(host="rebind.example.org")))

    assert isinstance(answer, Answer)
    assert connections == [("127.0.0.1", place.port)]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org@127.0.0.1:{port}/", "http://127.0.0.1:{port}@example.org/",
        "http://ada:pw@127.0.0.1:{port}/", "http://example.org:80@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}\\@example.org/", "http://example.org\\@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}#@example.org/", "http://127.0.0.1:{port}?@example.org/",
        "http:///127.0.0.1:{port}/", "http:127.0.0.1:{port}/", "http:/127.0.0.1:{port}/",
        "//127.0.0.1:{port}/", "\thttp://127.0.0.1:{port}/", " http://127.0.0.1:{port}/",
        "http://127.0.0.1\t:{port}/", "http://127.0.0.1\n:{port}/", "http://127.0.0.1%00:{port}/",
        "http://127.0.0.1\x00.example.org:{port}/", "HTTP://127.0.0.1:{port}/", "hTTp://LOCALHOST:{port}/",
        "ftp://127.0.0.1:{port}/", "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "unix:///run/a.sock",
        "http+unix://%2Frun%2Fa.sock/", "gopher://127.0.0.1:{port}/_GET", "dict://127.0.0.1:{port}/", "ws://127.0.0.1:{port}/",
        "data:text/plain,hello", "javascript:alert(1)", "jar:http://127.0.0.1:{port}!/", "http://",
        "http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://127.0.0.1:-1/", "http://127.0.0.1:port/",
        "http://127.0.0.1:{port}/\r\nX-Injected: 1", "http://127.0.0.1:{port}/ HTTP/1.1\r\nX: 1\r\n\r\n",
    ],
)  # fmt: skip
def test_no_way_of_writing_an_address_hides_another(url: str, trap: int, connections: list[Any]) -> None:
    told = ended(lambda: Egress().request("GET", url.format(port=trap), timeout_s=DEADLINE_S))

    assert isinstance(told, Refused | Unreachable), told
    assert connections == []


@pytest.mark.parametrize("path", ["/a%0d%0aX-Injected:%201", "/a%20HTTP/1.1%0d%0a", "/%00", "/ä?ö#ü", "/a b"])
def test_no_path_ends_the_request_line(path: str) -> None:
    with listening(http()) as place:
        ended(lambda: Egress(LOOPBACK).request("GET", place.url(path)))

    for visit in place.visits:
        assert visit.count(b"\r\n\r\n") == 1
        assert b"\r\nX-Injected" not in visit


# Servers.


def then_silence(head: bytes) -> Conversation:
    """Send this, and nothing more, without hanging up."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        over.wait()

    return talk


def for_ever(head: bytes, again: bytes) -> Conversation:
    """Send `head`, then the rest again and again, as fast as it is taken."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.is_set():
            connection.sendall(again * 100)

    return talk


def slammed(connection: socket.socket, over: threading.Event) -> None:
    """End the connection with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(b"\0" * 20_000_000)
# What a server does, and whether anything but `Unreachable` may come of it.
SERVERS: dict[str, tuple[Conversation | bytes, bool]] = {
    "hangs up": (b"", False),
    "slams the door": (slammed, False),
    "says nothing": (then_silence(b""), False),
    "drips a status line": (drip(b""), False),
    "drips a header": (drip(OK + b"X-Slow: "), False),
    "drips headers": (drip(OK + b"X-A: b\r\nX-B"), False),
    "drips a body": (drip(OK + b"Content-Length: 100000\r\n\r\n"), False),
    "drips a body without end": (drip(OK + b"\r\n"), False),
    "drips a chunk's size": (drip(CHUNKED), False),
    "stops inside a header": (then_silence(OK + b"X-A"), False),
    "stops inside a body": (then_silence(OK + b"Content-Length: 10\r\n\r\nhalf"), False),
    "stops inside a chunk": (then_silence(CHUNKED + b"a\r\nhalf"), False),
    "hangs up inside a body": (OK + b"Content-Length: 10\r\n\r\nhalf", False),
    "hangs up inside a chunk": (CHUNKED + b"a\r\nhalf", False),
    "floods the body": (flood, True),
    "floods chunks": (for_ever(CHUNKED, b"5\r\nhello\r\n"), True),
    "floods empty lines": (for_ever(b"", b"\r\n"), False),
    "floods headers": (for_ever(OK, b"X-A: b\r\n"), False),
    "floods one header": (for_ever(OK + b"X-A: ", b"bbbbbbbb"), False),
    "floods the status line": (for_ever(b"HTTP/1.1 200 ", b"OKOKOKOK"), False),
    "floods a chunk's extension": (for_ever(CHUNKED + b"5;", b"aaaaaaaa"), False),
    "floods trailers": (for_ever(CHUNKED + b"0\r\n", b"X-A: b\r\n"), False),
    "goes on with 100": (for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), False),
    "goes on with 102": (for_ever(b"", b"HTTP/1.1 102 Processing\r\n\r\n"), False),
    "goes on with 103": (for_ever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), False),
    "drips 100": (drip(b"HTTP/1.1 100 Continue\r\n\r\n"), False),
    "switches protocols": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", True),
    "sends a gzip bomb": (http(BOMB, "200 OK", "Content-Encoding: gzip"), True),
    "sends a deflate bomb": (http(BOMB, "200 OK", "Content-Encoding: deflate"), True),
    "sends layers of encodings": (http(BOMB, "200 OK", "Content-Encoding: " + "gzip, " * 200 + "gzip"), True),
    "speaks HTTP/0.9": (b"<html>hello</html>", False),
    "speaks HTTP/2": (b"\0\0\0\4\0\0\0\0\0", False),
    "speaks HTTP/9.9": (b"HTTP/9.9 200 OK\r\n\r\n", True),
    "speaks SMTP": (b"220 mail.example.org ESMTP\r\n", False),
    "speaks SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", False),
    "speaks TLS": (b"\x15\x03\x01\0\2\2\x28", False),
    "speaks noise": (bytes(range(256)) * 64, False),
    "says a status of letters": (b"HTTP/1.1 abc OK\r\n\r\n", False),
    "says a status of four digits": (b"HTTP/1.1 2000 OK\r\n\r\n", False),
    "says a status of one digit": (b"HTTP/1.1 2 OK\r\n\r\n", False),
    "says status 999": (b"HTTP/1.1 999 Hello\r\nContent-Length: 0\r\n\r\n", True),
    "says two lengths": (OK + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello", False),
    "says a list of lengths": (OK + b"Content-Length: 5, 50\r\n\r\nhello", False),
    "says a length and chunks": (CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n0\r\n\r\n", True),
    "says a negative length": (OK + b"Content-Length: -5\r\n\r\nhello", False),
    "says a length in hexadecimal": (OK + b"Content-Length: 0x5\r\n\r\nhello", False),
    "says an endless length": (OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nhello", False),
    "says an unknown transfer": (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", False),
    "says a chunk of no size": (CHUNKED + b"zz\r\nhello\r\n", False),
    "says a huge chunk": (CHUNKED + b"f" * 30 + b"\r\nhello\r\n", False),
    "says a negative chunk": (CHUNKED + b"-5\r\nhello\r\n", False),
    "says a chunk and more": (CHUNKED + b"5\r\nhello, world\r\n0\r\n\r\n", False),
    "says a header without a name": (OK + b": b\r\n\r\n", False),
    "says a header with a blank name": (OK + b"X A: b\r\n\r\n", False),
    "says a header without a colon": (OK + b"hello\r\n\r\n", False),
    "says a header with a NUL": (OK + b"X-A: b\0c\r\n\r\n", False),
    "folds a header": (OK + b"X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n", True),
    "ends lines with LF alone": (b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", True),
    "ends lines with CR alone": (b"HTTP/1.1 200 OK\rContent-Length: 0\r\r", False),
    "answers twice": (http(b"one") + http(b"two", "500 No"), True),
    "sends a body with 204": (b"HTTP/1.1 204 No Content\r\n\r\nhello", True),
    "redirects to itself": (http(b"", "302 Found", "Location: /"), True),
    "redirects to metadata": (http(b"", "302 Found", "Location: http://169.254.169.254/"), False),
    "redirects to metadata by number": (http(b"", "307 Go", "Location: http://2852039166/"), False),
    "redirects to a file": (http(b"", "302 Found", "Location: file:///etc/passwd"), False),
    "redirects with a name in it": (http(b"", "302 Found", "Location: http://a:b@127.0.0.1/"), False),
    "redirects to nonsense": (http(b"", "302 Found", "Location: http://[::1"), False),
    "redirects with a long address": (http(b"", "302 Found", "Location: /" + "a" * 70_000), False),
}  # fmt: skip


@pytest.mark.parametrize("does", SERVERS)
def test_a_server_that_misbehaves_ends_by_the_deadline(does: str, connections: list[Any]) -> None:
    answer, may_be_one = SERVERS[does]
    with listening(answer) as place:
        told = ended(lambda: Egress(LOOPBACK).request("GET", place.url(), timeout_s=DEADLINE_S, redirects=3))

    assert isinstance(told, Unreachable | Refused) or (may_be_one and isinstance(told, Answer)), told
    assert not isinstance(told, Answer) or len(told.body) <= 64 * 1024
    assert {where for where, _ in connections} <= {"127.0.0.1"}


def test_a_server_that_takes_a_body_by_the_byte_ends_by_the_deadline() -> None:
    def sip(connection: socket.socket, over: threading.Event) -> None:
        while not over.wait(0.05):
            connection.recv(1)

    with listening(sip) as place:
        told = ended(
            lambda: Egress(LOOPBACK).request("POST", place.url(), body=b"x" * 8_000_000, timeout_s=DEADLINE_S)
        )

    assert isinstance(told, Unreachable)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(then_silence(b""), id="says nothing"),
        pytest.param(drip(b""), id="drips a handshake"),
        pytest.param(drip(b"\x16\x03\x03\x40\x00\x02"), id="drips a long record"),
        pytest.param(http(b"plain"), id="speaks plain HTTP"),
        pytest.param(b"\x15\x03\x03\0\2\2\x28", id="sends an alert"),
        pytest.param(for_ever(b"", b"\x16\x03\x03\x40\x00"), id="floods records"),
    ],
)
def test_a_server_that_spoils_the_handshake_ends_by_the_deadline(answer: Conversation | bytes) -> None:
    with listening(answer) as place:
        told = ended(lambda: Egress(LOOPBACK).request("GET", place.url(scheme="https"), timeout_s=DEADLINE_S))

    assert isinstance(told, Unreachable)


@pytest.mark.parametrize(
    "host, days, is_own, tells",
    [
        pytest.param("other.internal", 30, False, "not valid for this name", id="for another name"),
        pytest.param("*.internal.example.org", 30, False, "not valid", id="for other names"),
        pytest.param("hub.internal", -1, False, "expired", id="expired"),
        pytest.param("hub.internal", 30, True, "self-signed", id="signed by itself"),
        pytest.param("hub.internal.", 30, False, "not valid", id="for a name with a dot"),
    ],
)
def test_no_bad_certificate_is_taken(
    authority: Authority, host: str, days: float, is_own: bool, tells: str
) -> None:
    way_out = Egress(LOOPBACK, resolve=lambda *_: ["127.0.0.1"], ca_file=str(authority.certificate))
    with listening(http(b"secret"), tls=authority.server(host, days, is_own=is_own)) as place:
        told = ended(lambda: way_out.request("GET", place.url(host="hub.internal", scheme="https")))

    assert isinstance(told, Unreachable)
    assert tells in str(told)


def test_no_certificate_of_an_unknown_authority_is_taken(authority: Authority) -> None:
    way_out = Egress(LOOPBACK, resolve=lambda *_: ["127.0.0.1"])
    with listening(http(b"secret"), tls=authority.server("hub.internal")) as place:
        told = ended(lambda: way_out.request("GET", place.url(host="hub.internal", scheme="https")))

    assert isinstance(told, Unreachable)


def test_a_name_server_that_hangs_ends_by_the_deadline(connections: list[Any]) -> None:
    released = threading.Event()
    way_out = Egress(resolve=lambda *_: [str(released.wait())])
    told = ended(lambda: way_out.request("GET", "http://slow.example.org/", timeout_s=DEADLINE_S))
    released.set()

    assert isinstance(told, Unreachable)
    assert connections == []


def test_many_calls_to_one_host_that_hangs_end_by_their_deadlines() -> None:
    with listening(then_silence(b"")) as place:
        way_out = Egress(LOOPBACK)
        told: list[Answer | Exception] = []
        calls = [
            threading.Thread(
                target=lambda: told.append(
                    ended(lambda: way_out.request("GET", place.url(), timeout_s=DEADLINE_S))
                )
            )
            for _ in range(20)
        ]
        for call in calls:
            call.start()
        for call in calls:
            call.join(KILL_AFTER_S)

    assert len(told) == 20
    assert all(isinstance(one, Refused | Unreachable) for one in told)
