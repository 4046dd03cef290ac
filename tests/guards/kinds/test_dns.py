"""Names: what was answered is judged, and a real server on loopback is asked, over UDP and TCP."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from postmortems.egress.client import Egress
from postmortems.errors import Invalid
from postmortems.guards.judgement import Judgement
from postmortems.guards.kinds.dns import Dns
from tests.guards.asking import observed, question
from tests.ports import free_port

KIND = Dns()
NAME = {"name": "hub.example.org", "resolver": "192.0.2.53"}
LOOPBACK = Egress(("127.0.0.0/8",))
ADDRESS = "203.0.113.10"
ANY, ALL = {"expect_any": [ADDRESS, "203.0.113.11"]}, {"expect_all": [ADDRESS, "203.0.113.11"]}
THERE = {"rcode": "NOERROR", "count": 1, "ttl_s": 300}


def judged(config: dict[str, Any], data: dict[str, Any]) -> Judgement:
    whole = KIND.configured({**NAME, **config})
    looked_at = {name: whole[name] for name in ("name", "rtype", "resolver")}
    return KIND.judge(whole, [observed(**looked_at, **data)], question())


@pytest.mark.parametrize(
    "config, data, verdict, code",
    [
        ({}, THERE, "pass", "as_expected"),
        (ANY, {**THERE, "found": {ADDRESS: True}}, "pass", "as_expected"),
        (ALL, {**THERE, "found": {ADDRESS: True, "203.0.113.11": True}}, "pass", "as_expected"),
        ({"max_ttl_s": 300}, THERE, "pass", "as_expected"),
        ({"valid_rcodes": ["NXDOMAIN"]}, {"rcode": "NXDOMAIN", "count": 0}, "pass", "as_expected"),
        ({}, {"rcode": "NXDOMAIN", "count": 0}, "fail", "wrong_rcode"),
        ({"valid_rcodes": ["NXDOMAIN"]}, THERE, "fail", "wrong_rcode"),
        ({}, {"rcode": "NOERROR", "count": 0}, "fail", "no_answer"),
        (ANY, THERE, "fail", "not_among_them"),
        (ALL, {**THERE, "found": {ADDRESS: True, "203.0.113.11": False}}, "fail", "not_among_them"),
        ({"max_ttl_s": 299}, THERE, "fail", "kept_too_long"),
        ({}, {"rcode": "SERVFAIL", "count": 0}, "inconclusive", "server_failed"),
        ({}, {"rcode": "REFUSED", "count": 0}, "inconclusive", "server_failed"),
        ({}, {"unreachable": "no answer within 5 s"}, "inconclusive", "unreachable"),
        ({}, {"refused": "it cannot be reached from here"}, "error", "egress_refused"),
    ],
)
def test_what_was_answered_is_judged(
    config: dict[str, Any], data: dict[str, Any], verdict: str, code: str
) -> None:
    judgement = judged(config, data)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


# A server of our own.

ZONE = {
    ("hub.example.org.", "A"): [ADDRESS, "203.0.113.12"],
    ("hub.example.org.", "AAAA"): ["2001:db8::10"],
    ("www.example.org.", "CNAME"): ["Hub.Example.org."],
    ("example.org.", "TXT"): ['"v=spf1 -all"'],
    ("example.org.", "MX"): ["10 mail.example.org."],
    ("many.example.org.", "A"): [f"203.0.113.{number}" for number in range(200)],
}
KNOWN = {name for name, _ in ZONE} | {"empty.example.org."}


def _answer(wire: bytes, *, most: int = 65535) -> bytes:
    query = dns.message.from_wire(wire)
    response = dns.message.make_response(query)
    asked = query.question[0]
    name, rtype = asked.name.to_text(), asked.to_text().split()[-1]
    if name == "failing.example.org.":
        response.set_rcode(dns.rcode.SERVFAIL)
    elif name not in KNOWN:
        response.set_rcode(dns.rcode.NXDOMAIN)
    elif (name, rtype) in ZONE:
        response.answer.append(dns.rrset.from_text(name, 300, "IN", rtype, *ZONE[name, rtype]))
    whole = response.to_wire()
    if len(whole) <= most:
        return whole
    cut = dns.message.make_response(query)
    cut.flags |= dns.flags.TC
    return cut.to_wire()


class OverUdp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, connection = self.request
        # Forged ones come first: another id, another question, and noise.
        forged = bytes([wire[0] ^ 1]) + _answer(wire)[1:]
        for text in (b"", b"noise", forged, _answer(wire, most=512)):
            connection.sendto(text, self.client_address)


class OverTcp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        length = int.from_bytes(self.request.recv(2), "big")
        answer = _answer(self.request.recv(length))
        self.request.sendall(len(answer).to_bytes(2, "big") + answer)


@contextmanager
def name_server() -> Iterator[str]:
    """A DNS server on loopback, over UDP and TCP; the value is how a guard names it."""
    place = ("127.0.0.1", free_port())
    with (
        socketserver.ThreadingUDPServer(place, OverUdp) as udp,
        socketserver.ThreadingTCPServer(place, OverTcp) as tcp,
    ):
        for server in (udp, tcp):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield f"127.0.0.1#{place[1]}"
        finally:
            udp.shutdown()
            tcp.shutdown()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with name_server() as place:
        yield place


@pytest.mark.parametrize(
    "config, verdict",
    [
        ({"name": "hub.example.org", "expect_any": [ADDRESS]}, "pass"),
        ({"name": "hub.example.org", "expect_all": [ADDRESS, "203.0.113.12"], "max_ttl_s": 300}, "pass"),
        ({"name": "hub.example.org", "rtype": "AAAA", "expect_any": ["2001:db8::10"]}, "pass"),
        ({"name": "www.example.org", "rtype": "CNAME", "expect_any": ["hub.example.org"]}, "pass"),
        ({"name": "example.org", "rtype": "TXT", "expect_any": ["v=spf1 -all"]}, "pass"),
        ({"name": "example.org", "rtype": "MX", "expect_any": ["10 mail.example.org"]}, "pass"),
        ({"name": "many.example.org", "expect_all": ["203.0.113.199"]}, "pass"),
        ({"name": "gone.example.org", "valid_rcodes": ["NXDOMAIN"]}, "pass"),
        ({"name": "hub.example.org", "expect_any": ["203.0.113.99"]}, "fail"),
        ({"name": "hub.example.org", "max_ttl_s": 60}, "fail"),
        ({"name": "gone.example.org"}, "fail"),
        ({"name": "empty.example.org"}, "fail"),
        ({"name": "failing.example.org"}, "inconclusive"),
    ],
)
def test_a_real_server_is_asked(server: str, config: dict[str, Any], verdict: str) -> None:
    whole = KIND.configured({**config, "resolver": server})
    data = KIND.observe(whole, question(), LOOPBACK)

    assert KIND.judge(whole, [observed(**data)], question()).verdict == verdict
    assert "203.0.113.12" not in str(data.get("found")) or "203.0.113.12" in config.get("expect_all", [])


def test_a_server_that_is_silent_tells_nothing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        config = KIND.configured(
            {"name": "a.org", "resolver": f"127.0.0.1#{silent.getsockname()[1]}", "timeout_s": 1}
        )
        data = KIND.observe(config, question(), LOOPBACK)

    assert KIND.judge(config, [observed(**data)], question()).verdict == "inconclusive"


def test_a_server_that_the_operator_does_not_allow_is_an_error(server: str) -> None:
    config = KIND.configured({"name": "a.org", "resolver": server})
    data = KIND.observe(config, question(), Egress())

    assert KIND.judge(config, [observed(**data)], question()).verdict == "error"


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({}, "/config/name"),
        ({"name": ""}, "/config/name"),
        ({"name": "a..org"}, "/config/name"),
        ({"name": "a" * 64 + ".org"}, "/config/name"),
        ({"name": "a.org", "rtype": "ANY"}, "/config/rtype"),
        ({"name": "a.org", "rtype": "AXFR"}, "/config/rtype"),
        ({"name": "a.org", "resolver": "ns.example.org"}, "/config/resolver"),
        ({"name": "a.org", "resolver": "10.0.0.53#0"}, "/config/resolver"),
        ({"name": "a.org", "resolver": "10.0.0.53#dns"}, "/config/resolver"),
        ({"name": "a.org", "valid_rcodes": []}, "/config/valid_rcodes"),
        ({"name": "a.org", "valid_rcodes": ["SERVFAIL"]}, "/config/valid_rcodes/0"),
        ({"name": "a.org", "max_ttl_s": -1}, "/config/max_ttl_s"),
        ({"name": "a.org", "expect_any": [""]}, "/config/expect_any/0"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured(config)

    assert {problem.pointer for problem in told.value.problems} == {pointer}
