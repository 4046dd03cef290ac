"""The `tcp` kind of guard: real ports on loopback are probed, and what they answer is judged."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from postmortems.egress.client import Egress
from postmortems.errors import Invalid
from postmortems.guards.judgement import Judgement
from postmortems.guards.kinds.tcp import Tcp
from tests.authority import Authority
from tests.guards.asking import observed, question
from tests.loopback import Conversation, drip, listening

KIND = Tcp()
PLACE = {"host": "db.staging.example.org", "port": 5432}
TALK = {"talk": ["send: PING\\r\\n", "expect: PONG"]}
LOOPBACK = ("127.0.0.0/8",)


def judged(config: dict[str, Any], data: dict[str, Any], **asked: Any) -> Judgement:
    whole = KIND.configured({**PLACE, **config})
    looked_at = {name: whole[name] for name in ("host", "port", "tls", "talk")}
    return KIND.judge(whole, [observed(**looked_at, **data)], question(**asked))


@pytest.mark.parametrize(
    "config, data, verdict, code",
    [
        ({}, {}, "pass", "as_expected"),
        (TALK, {"heard": [True]}, "pass", "as_expected"),
        ({"tls": True, "tls_min_days": 14}, {"tls_days_left": 14}, "pass", "as_expected"),
        (TALK, {"heard": [False]}, "fail", "not_heard"),
        (TALK, {"heard": []}, "fail", "not_heard"),
        ({"talk": ["expect: a", "expect: b"]}, {"heard": [True, False]}, "fail", "not_heard"),
        ({"tls": True, "tls_min_days": 14}, {"tls_days_left": 13}, "fail", "certificate_ends"),
        ({"tls": True, "tls_min_days": 14}, {}, "fail", "certificate_ends"),
        ({}, {"unreachable": "it cannot be reached from here"}, "fail", "unreachable"),
        ({}, {"refused": "it cannot be reached from here"}, "error", "egress_refused"),
    ],
)
def test_what_was_heard_is_judged(
    config: dict[str, Any], data: dict[str, Any], verdict: str, code: str
) -> None:
    judgement = judged(config, data)

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


def test_another_place_says_nothing() -> None:
    config = KIND.configured(PLACE)
    elsewhere = observed(host="other", port=5432, tls=False, talk=[])

    assert KIND.judge(config, [elsewhere], question()).verdict == "inconclusive"
    assert KIND.judge(config, [], question(is_replay=True)).verdict == "not_applicable"
    assert KIND.judge(config, [observed(heard=[])], question(is_replay=True)).verdict == "pass"


def greeting(connection: socket.socket, over: threading.Event) -> None:
    """Greets, and answers PING."""
    connection.sendall(b"220 ready \xff\r\n")
    if connection.recv(100) == b"PING\r\n":
        connection.sendall(b"PO")
        connection.sendall(b"NG\r\n")


def looked(server: Conversation | bytes, *talk: str) -> Judgement:
    with listening(server) as place:
        config = KIND.configured(
            {"host": "127.0.0.1", "port": place.port, "talk": list(talk), "timeout_s": 2}
        )
        data = KIND.observe(config, question(), Egress(LOOPBACK))
    return KIND.judge(config, [observed(**data)], question())


# The fixture's server reads before it talks, so each talk begins by sending.
@pytest.mark.parametrize(
    "talk, verdict",
    [
        ([], "pass"),
        (["send: hello", "expect: 220 ready"], "pass"),
        (["send: hello", "matches: ^220 [a-z]+"], "pass"),
        (["send: hello", "expect: 220", "send: PING\\r\\n", "expect: PONG\\r\\n"], "pass"),
        (["send: hello", "expect: 221"], "fail"),
        (["send: hello", "matches: ^221"], "fail"),
        (["send: hello", "expect: 220", "send: PING\\r\\n", "expect: PANG"], "fail"),
    ],
)
def test_real_servers_are_listened_to(talk: list[str], verdict: str) -> None:
    assert looked(greeting, *talk).verdict == verdict


def test_a_server_that_drips_what_is_not_expected_is_given_up() -> None:
    assert looked(drip(b""), "send: hello", "expect: ready").verdict == "fail"


def test_a_closed_port_fails() -> None:
    with listening(b"") as place:
        pass
    config = KIND.configured({"host": "127.0.0.1", "port": place.port})

    data = KIND.observe(config, question(), Egress(LOOPBACK))

    assert KIND.judge(config, [observed(**data)], question()).verdict == "fail"


@pytest.mark.parametrize("days, verdict", [(40, "pass"), (13, "fail")])
def test_a_certificate_that_ends_soon_fails(authority: Authority, days: int, verdict: str) -> None:
    with listening(b"", tls=authority.server("hub.internal", days=days)) as place:
        config = KIND.configured(
            {"host": "hub.internal", "port": place.port, "tls": True, "tls_min_days": 14}
        )
        way_out = Egress(
            LOOPBACK, resolve=lambda host, port: ["127.0.0.1"], ca_file=str(authority.certificate)
        )
        data = KIND.observe(config, question(), way_out)

    assert KIND.judge(config, [observed(**data)], question()).verdict == verdict


@pytest.mark.parametrize(
    "config, pointer",
    [
        ({"port": 1}, "/config/host"),
        ({"host": "a b", "port": 1}, "/config/host"),
        ({"host": "http://a", "port": 1}, "/config/host"),
        ({"host": "a"}, "/config/port"),
        ({"host": "a", "port": 0}, "/config/port"),
        ({"host": "a", "port": 65536}, "/config/port"),
        ({"host": "a", "port": "1"}, "/config/port"),
        ({"host": "a", "port": 1, "talk": ["PING"]}, "/config/talk/0"),
        ({"host": "a", "port": 1, "talk": ["send:"]}, "/config/talk/0"),
        ({"host": "a", "port": 1, "talk": ["matches: ("]}, "/config/talk/0"),
        ({"host": "a", "port": 1, "talk": ["matches: (?=a)"]}, "/config/talk/0"),
        ({"host": "a", "port": 1, "talk": ["send: a"] * 9}, "/config/talk"),
        ({"host": "a", "port": 1, "tls_min_days": 3}, "/config/tls_min_days"),
        ({"host": "a", "port": 1, "timeout_s": 21}, "/config/timeout_s"),
        ({"host": "a", "port": 1, "timeout": 5}, "/config/timeout"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured(config)

    assert {problem.pointer for problem in told.value.problems} == {pointer}
